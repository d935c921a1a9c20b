//! From components to interleaved pixels (ITU-T T.871, section 7), with the roundings of libjpeg.

use super::frame::ColorModel;
use super::lanes::{interleave_high, interleave_low, pair};
use bytemuck::cast;
use wide::{i16x8, i32x4, i32x8, u8x16};

impl ColorModel {
    /// Bytes a pixel.
    pub(in crate::codec) fn channels(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::YCbCr | Self::Rgb => 3,
            Self::Cmyk | Self::Ycck => 4,
        }
    }

    /// Writes a row of pixels: gray, RGB, or inks of which 255 is the most.
    ///
    /// Inks are stored as what they leave of the paper's light, as Adobe does in every file that matters; here they
    /// are turned round.
    pub(super) fn write_row(self, components: &[&[u8]], pixels: &mut [u8]) {
        match (self, components) {
            (Self::Gray, [gray, ..]) => pixels.copy_from_slice(&gray[..pixels.len()]),
            (Self::Rgb, [red, green, blue, ..]) => rows_of_three(red, green, blue, pixels, |r, g, b| [r, g, b]),
            (Self::YCbCr, [y, cb, cr, ..]) => rows_of_three(y, cb, cr, pixels, to_rgb),
            (Self::Cmyk, [c, m, y, k, ..]) => {
                for ((((pixel, c), m), y), k) in
                    pixels.as_chunks_mut::<4>().0.iter_mut().zip(*c).zip(*m).zip(*y).zip(*k)
                {
                    *pixel = [!c, !m, !y, !k];
                }
            }
            (Self::Ycck, [y, cb, cr, k, ..]) => {
                // What cyan leaves is the red, and so on; it is stored inverted once more.
                let mut rgb = vec![0; pixels.len() / 4 * 3];
                rows_of_three(y, cb, cr, &mut rgb, to_rgb);
                for ((pixel, [r, g, b]), k) in
                    pixels.as_chunks_mut::<4>().0.iter_mut().zip(rgb.as_chunks::<3>().0).zip(*k)
                {
                    *pixel = [*r, *g, *b, !k];
                }
            }
            _ => {}
        }
    }
}

/// Interleaves three rows, eight pixels at a time, after `convert` has changed them.
#[inline(always)]
fn rows_of_three(
    first: &[u8],
    second: &[u8],
    third: &[u8],
    pixels: &mut [u8],
    convert: impl Fn(i16x8, i16x8, i16x8) -> [i16x8; 3],
) {
    let (chunks, rest) = pixels.as_chunks_mut::<24>();
    let eights = |row: &'_ [u8], index: usize| load(&row[index * 8..]);
    let mut done = 0;
    for pixels in chunks {
        *pixels = interleave(convert(eights(first, done), eights(second, done), eights(third, done)));
        done += 1;
    }
    if !rest.is_empty() {
        let last = interleave(convert(eights(first, done), eights(second, done), eights(third, done)));
        rest.copy_from_slice(&last[..rest.len()]);
    }
}

/// The first eight samples, or as many as there are.
#[inline(always)]
fn load(row: &[u8]) -> i16x8 {
    let bytes = match row.first_chunk::<8>() {
        Some(bytes) => *bytes,
        None => std::array::from_fn(|index| row.get(index).copied().unwrap_or(0)),
    };
    i16x8::from_u8x16_low(cast([bytes, [0; 8]]))
}

/// R = Y + 1.402 Cr', G = Y - 0.344136 Cb' - 0.714136 Cr', B = Y + 1.772 Cb', where 128 is subtracted from Cb and Cr.
#[inline(always)]
fn to_rgb(y: i16x8, cb: i16x8, cr: i16x8) -> [i16x8; 3] {
    /// Sums of products of the two lanes, rounded to whole numbers; factors have 16 fraction bits.
    #[inline(always)]
    fn products(a: i16x8, b: i16x8, factors: i16x8, bias: i32) -> i16x8 {
        let half = |lanes: i16x8| (lanes.dot(factors) + i32x4::splat(bias)) >> 16;
        let both = [half(interleave_low(a, b)), half(interleave_high(a, b))];
        i16x8::from_i32x8_saturate(cast::<[i32x4; 2], i32x8>(both))
    }
    let (cb, cr) = (cb - i16x8::splat(128), cr - i16x8::splat(128));
    // Whole parts are added apart, so that the factors fit into 16 bits.
    let red = y + cr + products(cr, cr, pair(26345, 0), 1 << 15);
    let green = y - cr + products(cb, cr, pair(-22554, 18734), 1 << 15);
    let blue = y + cb + cb + products(cb, cb, pair(-14942, 0), 1 << 15);
    [red, green, blue]
}

/// Eight pixels of three bytes from eight of each; values are limited to bytes.
#[inline(always)]
fn interleave([first, second, third]: [i16x8; 3]) -> [u8; 24] {
    let zero = u8x16::splat(0);
    let bytes = |lanes: i16x8| u8x16::narrow_i16x8(lanes, lanes);
    let pairs: i16x8 = cast(u8x16::unpack_low(bytes(first), bytes(second)));
    let singles: i16x8 = cast(u8x16::unpack_low(bytes(third), zero));
    let left: [u64; 2] = cast(interleave_low(pairs, singles));
    let right: [u64; 2] = cast(interleave_high(pairs, singles));
    // Two pixels of four bytes, the last one zero, become one number of six bytes.
    let six = |two: u64| two & 0xFF_FFFF | two >> 8 & 0xFFFF_FF00_0000;
    let sixes = [six(left[0]), six(left[1]), six(right[0]), six(right[1])];
    let words = [sixes[0] | sixes[1] << 48, sixes[1] >> 16 | sixes[2] << 32, sixes[2] >> 32 | sixes[3] << 16];
    cast(words.map(u64::to_le_bytes))
}
