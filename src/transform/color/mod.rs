//! Colors and channels: from one pixel layout to another, alpha in and out, profiles applied.
//!
//! No function here removes alpha or applies a profile unless it is its very purpose.

#![expect(clippy::inline_always, reason = "parts of a kernel must be compiled for the same instructions as itself")]

mod alpha;
mod gray;
mod icc;
mod ycbcr;

pub use alpha::{add_alpha, discard_alpha, flatten};
pub(super) use gray::luma;
pub use gray::{gray_from, rgb_from_gray};
pub use icc::{ColorSpace, icc_color_space, icc_is_of_device, icc_name, rgb_from_cmyk, to_srgb};
pub use ycbcr::rgb_from_ycbcr;

use crate::raster::{PixelBuffer, PixelFormat};
use multiversion::multiversion;

/// The picture in an interleaved layout.
///
/// Alpha is never removed: asked for gray or RGB, a picture with alpha becomes gray or RGB with alpha. Where alpha is
/// asked for and there is none, it is opaque. CMYK goes to RGB without a profile, gray to RGB as it is, color to gray
/// by its luma. Asked for CMYK or planes, a picture stays what it is.
#[must_use]
pub fn convert<S>(buffer: PixelBuffer<S>, format: PixelFormat) -> PixelBuffer<S> {
    match format {
        PixelFormat::Gray => gray_from(buffer),
        PixelFormat::GrayAlpha => add_alpha(gray_from(buffer)),
        PixelFormat::Rgb => rgb_from(buffer),
        PixelFormat::Rgba => add_alpha(rgb_from(buffer)),
        PixelFormat::Cmyk | PixelFormat::YCbCr(_) => buffer,
    }
}

/// RGB, or RGBA of what has alpha.
fn rgb_from<S>(buffer: PixelBuffer<S>) -> PixelBuffer<S> {
    match buffer.format() {
        PixelFormat::Rgb | PixelFormat::Rgba => buffer,
        PixelFormat::Gray | PixelFormat::GrayAlpha => rgb_from_gray(buffer),
        PixelFormat::Cmyk => rgb_from_cmyk(buffer, None),
        PixelFormat::YCbCr(_) => rgb_from_ycbcr(buffer),
    }
}

/// The picture in another interleaved layout, pixel by pixel.
pub(super) fn map_pixels<const FROM: usize, const TO: usize, S>(
    buffer: &PixelBuffer<S>,
    format: PixelFormat,
    pixel: impl Fn([u8; FROM]) -> [u8; TO],
) -> PixelBuffer<S> {
    debug_assert_eq!((buffer.format().channels(), format.channels()), (FROM, TO), "pixels are as wide as told");
    let (pixels, _) = buffer.first().data.as_chunks::<FROM>();
    let mut data = vec![0; pixels.len() * TO];
    map(pixels, data.as_chunks_mut::<TO>().0, pixel);
    PixelBuffer::from_vec(format, buffer.size(), data)
}

#[multiversion(targets("x86_64+avx2"))]
fn map<const FROM: usize, const TO: usize, P: Fn([u8; FROM]) -> [u8; TO]>(
    from: &[[u8; FROM]],
    to: &mut [[u8; TO]],
    pixel: P,
) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = pixel(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Canvas, Size};
    use crate::raster::Subsampling;

    #[test]
    fn every_format_goes_to_every_interleaved_one_and_keeps_its_alpha() {
        use PixelFormat::{Cmyk, Gray, GrayAlpha, Rgb, Rgba, YCbCr};
        for from in [Gray, GrayAlpha, Rgb, Rgba, Cmyk, YCbCr(Subsampling::NONE), YCbCr(Subsampling::HALF)] {
            for to in [Gray, GrayAlpha, Rgb, Rgba] {
                let expected = match to {
                    Gray if from.has_alpha() => GrayAlpha,
                    Rgb if from.has_alpha() => Rgba,
                    to => to,
                };
                let converted = convert(PixelBuffer::<Canvas>::new(from, Size::new(3, 2)), to);
                assert_eq!(converted.format(), expected, "{from:?} to {to:?}");
                if to.has_alpha() {
                    let alpha = converted.first().data.chunks(to.channels()).map(|pixel| pixel[to.channels() - 1]);
                    let expected = if from.has_alpha() { 0 } else { 255 };
                    assert!(alpha.into_iter().all(|alpha| alpha == expected), "{from:?} to {to:?}");
                }
            }
        }
    }

    #[test]
    fn samples_go_where_they_belong() {
        let check = |from, pixel: &[u8], to, expected: &[u8]| {
            let buffer = PixelBuffer::<Canvas>::from_vec(from, Size::new(1, 1), pixel.to_vec());
            assert_eq!(convert(buffer, to).into_first(), expected, "{from:?} to {to:?}");
        };
        check(PixelFormat::Gray, &[7], PixelFormat::Rgba, &[7, 7, 7, 255]);
        check(PixelFormat::GrayAlpha, &[7, 9], PixelFormat::Rgb, &[7, 7, 7, 9]);
        check(PixelFormat::Rgb, &[1, 2, 3], PixelFormat::Rgba, &[1, 2, 3, 255]);
        check(PixelFormat::Rgba, &[255, 0, 0, 9], PixelFormat::Gray, &[76, 9]);
        check(PixelFormat::Cmyk, &[0, 255, 0, 0], PixelFormat::Rgb, &[255, 0, 255]);
    }
}
