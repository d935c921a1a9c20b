//! Pictures and files for the tests of this room, drawn and written by code.

use super::DEF;
use crate::cancel::CancelToken;
use crate::codec::{CodecError, DecodeOptions, EncodeOptions};
use crate::geometry::{Canvas, Decoded, Size};
use crate::raster::{Image, PixelBuffer, PixelFormat, Subsampling};
use std::fmt::Write;

/// 4:4:4, 4:2:2, 4:2:0, 4:4:0, 4:1:1 and its rarer relatives.
pub(super) const SUBSAMPLINGS: [Subsampling; 7] = [
    Subsampling::NONE,
    Subsampling { x: 2, y: 1 },
    Subsampling::HALF,
    Subsampling { x: 1, y: 2 },
    Subsampling { x: 4, y: 1 },
    Subsampling { x: 1, y: 4 },
    Subsampling { x: 4, y: 2 },
];
/// Settings that change nothing about a picture.
pub(super) const PLAIN: EncodeOptions<'static> = EncodeOptions {
    quality: 95,
    progressive: false,
    chroma: Subsampling::HALF,
    indexed: false,
    png_level: 6,
    webp_method: 2,
    avif_speed: 8,
    icc: None,
    exif: None,
    iptc: None,
};
pub(super) const FULL: DecodeOptions = DecodeOptions { shrink: 1, rgb: false };

/// Slow waves, different in every channel.
pub(super) fn waves(format: PixelFormat, width: u32, height: u32) -> PixelBuffer<Canvas> {
    let mut picture = PixelBuffer::new(format, Size::new(width, height));
    let channels = format.channels();
    for (index, plane) in picture.planes_mut().iter_mut().enumerate() {
        let (x_divisor, y_divisor) = format.divisors(index);
        for (y, row) in plane.rows_mut().enumerate() {
            for (x, sample) in row.iter_mut().enumerate() {
                let channel = f64::from(u32::try_from(index + x % channels).unwrap());
                let x = f64::from(u32::try_from(x / channels).unwrap() * x_divisor);
                let y = f64::from(u32::try_from(y).unwrap() * y_divisor);
                let wave = (x / (23.0 + 5.0 * channel)).sin() + (y / (31.0 - 4.0 * channel)).cos();
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 0 and 255")]
                let value = (127.0 + 60.0 * wave) as u8;
                *sample = value;
            }
        }
    }
    picture
}

/// A file of these pixels.
pub(super) fn file(picture: PixelBuffer<Canvas>, options: &EncodeOptions) -> Vec<u8> {
    (DEF.encode)(&Image::still(picture), options, &CancelToken::never()).unwrap()
}

/// All that a decoder hands out, and the numbers of rows of the first plane's bands.
pub(super) fn read_bands(
    data: &[u8],
    options: DecodeOptions,
) -> Result<(PixelBuffer<Decoded>, Vec<usize>), CodecError> {
    let info = (DEF.probe)(data)?;
    let mut decoder = (DEF.open)(data, &info, options)?;
    let mut picture = PixelBuffer::new(decoder.format(), decoder.size());
    let mut bands = Vec::new();
    assert_eq!(decoder.next_frame()?, Some(0));
    let mut at = [0; 3];
    while let Some(band) = decoder.next_band()? {
        // Bands without rows only mean that work goes on.
        bands.extend(Some(band.planes()[0].rows().len()).filter(|&rows| rows > 0));
        for ((target, rows), at) in picture.planes_mut().iter_mut().zip(band.planes()).zip(&mut at) {
            for row in rows.rows() {
                let stride = target.stride;
                target.data[*at * stride..][..stride].copy_from_slice(&row[..stride]);
                *at += 1;
            }
        }
    }
    for (plane, at) in picture.planes().iter().zip(at) {
        assert_eq!(plane.rows().len(), at, "every row is handed out");
    }
    assert_eq!(decoder.next_frame()?, None);
    Ok((picture, bands))
}

pub(super) fn read(data: &[u8], options: DecodeOptions) -> Result<PixelBuffer<Decoded>, CodecError> {
    read_bands(data, options).map(|(picture, _)| picture)
}

/// Largest difference between two runs of samples.
pub(super) fn max_diff(left: &[u8], right: &[u8]) -> u8 {
    assert_eq!(left.len(), right.len());
    left.iter().zip(right).map(|(l, r)| l.abs_diff(*r)).max().unwrap()
}

/// A component of a [`flat`] file: id, sampling factors, value.
pub(super) type FlatComponent = (u8, u8, u8);

/// A baseline file of one MCU, each of whose components has one value everywhere; for the kinds that our encoder
/// does not write.
pub(super) fn flat(tags: &[u8], components: &[FlatComponent]) -> Vec<u8> {
    let segment = |marker: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, marker], &length[..], body].concat()
    };
    let widest = components.iter().map(|component| component.1 >> 4).max().unwrap();
    let highest = components.iter().map(|component| component.1 & 15).max().unwrap();
    let count = u8::try_from(components.len()).unwrap();
    let mut frame = vec![8, 0, 8 * highest, 0, 8 * widest, count];
    frame.extend(components.iter().flat_map(|&(id, factors, _)| [id, factors, 0]));
    let mut scan = vec![count];
    scan.extend(components.iter().flat_map(|&(id, ..)| [id, 0]));
    scan.extend([0, 63, 0]);
    // DC: nine codes of four bits, which are the categories; AC: one code of one bit, the end of the block.
    let dc = [&[0x00, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &[0, 1, 2, 3, 4, 5, 6, 7, 8]].concat();
    let ac = [&[0x10, 1][..], &[0; 15], &[0]].concat();
    let quantizers = [&[0][..], &[8; 64]].concat();
    let coded = coded(components);
    let segments = [
        segment(0xDB, &quantizers),
        segment(0xC0, &frame),
        segment(0xC4, &dc),
        segment(0xC4, &ac),
        segment(0xDA, &scan),
    ];
    [&[0xFF, 0xD8], tags, &segments.concat()[..], &coded, &[0xFF, 0xD9]].concat()
}

/// One MCU: for every component the difference from 128, and none for its further blocks.
fn coded(components: &[FlatComponent]) -> Vec<u8> {
    let mut bits = String::new();
    for &(_, factors, value) in components {
        let difference = i32::from(value) - 128;
        for block in 0..(factors >> 4) * (factors & 15) {
            let difference = if block == 0 { difference } else { 0 };
            let category = 32 - difference.unsigned_abs().leading_zeros();
            write!(bits, "{category:04b}").unwrap();
            if category > 0 {
                let extra = if difference < 0 { difference - 1 } else { difference } & ((1 << category) - 1);
                write!(bits, "{extra:0width$b}", width = category as usize).unwrap();
            }
            bits.push('0');
        }
    }
    let byte = |bits: &[u8]| u8::from_str_radix(&format!("{:1<8}", str::from_utf8(bits).unwrap()), 2).unwrap();
    let stuffed = |byte: u8| if byte == 0xFF { vec![0xFF, 0] } else { vec![byte] };
    bits.as_bytes().chunks(8).map(byte).flat_map(stuffed).collect()
}

/// Adobe's segment with this color transform.
pub(super) fn adobe(transform: u8) -> Vec<u8> {
    [&[0xFF, 0xEE, 0, 14][..], b"Adobe\0\x64\0\0\0\0", &[transform]].concat()
}
