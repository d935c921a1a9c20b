//! Gray from color and back.

use super::{map_pixels, rgb_from_cmyk};
use crate::raster::{PixelBuffer, PixelFormat};

/// The luma of a picture, with its alpha if it has one; gray stays as it is.
///
/// Weights of Rec. 601 in fixed point of 16 bits, as Pillow has them. Of YCbCr the luma plane.
#[must_use]
pub fn gray_from<S>(buffer: PixelBuffer<S>) -> PixelBuffer<S> {
    match buffer.format() {
        PixelFormat::Gray | PixelFormat::GrayAlpha => buffer,
        PixelFormat::YCbCr(_) => buffer.into_luma(),
        PixelFormat::Rgb => map_pixels(&buffer, PixelFormat::Gray, |rgb: [u8; 3]| [luma(rgb)]),
        PixelFormat::Rgba => {
            map_pixels(&buffer, PixelFormat::GrayAlpha, |[red, green, blue, alpha]| [luma([red, green, blue]), alpha])
        }
        PixelFormat::Cmyk => gray_from(rgb_from_cmyk(buffer, None)),
    }
}

/// Gray as RGB, gray with alpha as RGBA; everything else stays as it is.
#[must_use]
pub fn rgb_from_gray<S>(buffer: PixelBuffer<S>) -> PixelBuffer<S> {
    match buffer.format() {
        PixelFormat::Gray => map_pixels(&buffer, PixelFormat::Rgb, |[gray]| [gray; 3]),
        PixelFormat::GrayAlpha => map_pixels(&buffer, PixelFormat::Rgba, |[gray, alpha]| [gray, gray, gray, alpha]),
        _ => buffer,
    }
}

/// Rec. 601 luma of a pixel, as [`gray_from`] has it.
#[inline(always)]
pub(in crate::transform) fn luma(rgb: [u8; 3]) -> u8 {
    let [red, green, blue] = rgb.map(u32::from);
    (19595 * red + 38470 * green + 7471 * blue + 32768).to_le_bytes()[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luma_is_weighted_by_rec_601() {
        let check = |rgb, expected| assert_eq!(luma(rgb), expected, "{rgb:?}");
        check([0, 0, 0], 0);
        check([255, 255, 255], 255);
        check([255, 0, 0], 76);
        check([0, 255, 0], 150);
        check([0, 0, 255], 29);
        check([10, 100, 200], 84);
    }
}
