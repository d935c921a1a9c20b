//! Samples of any depth as bytes.

use tiff::decoder::DecodingResult;

/// Samples of one byte that use all values. `a_row` tells how many there are in a row, which matters where several share
/// a byte. `None` for types that no picture has.
pub(super) fn of(data: DecodingResult, depth: u8, a_row: usize) -> Option<Vec<u8>> {
    Some(match data {
        DecodingResult::U8(bytes) if depth == 8 => bytes,
        DecodingResult::U8(bytes) => {
            let scale = 255 / (u8::MAX >> (8 - depth));
            let row_bytes = (a_row * usize::from(depth)).div_ceil(8);
            let rows = bytes.chunks(row_bytes.max(1));
            rows.flat_map(|row| unpacked(row, depth).take(a_row)).map(|sample| sample * scale).collect()
        }
        DecodingResult::U16(words) => words.into_iter().map(eight_bits).collect(),
        DecodingResult::F32(floats) => floats.into_iter().map(light).collect(),
        _ => return None,
    })
}

fn unpacked(row: &[u8], depth: u8) -> impl Iterator<Item = u8> {
    let mask = u8::MAX >> (8 - depth);
    row.iter().flat_map(move |byte| (0..8 / depth).rev().map(move |at| byte >> (at * depth) & mask))
}

/// 0 to 65535 as 0 to 255, rounded.
fn eight_bits(word: u16) -> u8 {
    u8::try_from((u32::from(word) + 128) / 257).unwrap_or(u8::MAX)
}

/// 0 to 1 as 0 to 255.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
fn light(float: f32) -> u8 {
    (float * 255.0).round().clamp(0.0, 255.0) as u8
}

/// Pixels of luma and two samples of chroma as RGB.
pub(super) fn rgb_from_ycbcr(samples: &[u8]) -> Vec<u8> {
    samples.as_chunks().0.iter().copied().flat_map(rgb).collect()
}

/// JFIF's equations.
fn rgb([luma, blue, red]: [u8; 3]) -> [u8; 3] {
    let [luma, blue, red] = [f32::from(luma), f32::from(blue) - 128.0, f32::from(red) - 128.0];
    [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue]
        .map(|color| light(color / 255.0))
}
