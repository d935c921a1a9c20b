//! Alpha in and out.

use super::{convert, map_pixels};
use crate::raster::{PixelBuffer, PixelFormat};

/// The picture with an opaque alpha, unless it has one: gray becomes gray with alpha, everything else RGBA.
#[must_use]
pub fn add_alpha<S>(buffer: PixelBuffer<S>) -> PixelBuffer<S> {
    match buffer.format() {
        PixelFormat::GrayAlpha | PixelFormat::Rgba => buffer,
        PixelFormat::Gray => map_pixels(&buffer, PixelFormat::GrayAlpha, |[gray]| [gray, 255]),
        PixelFormat::Rgb => map_pixels(&buffer, PixelFormat::Rgba, |[red, green, blue]| [red, green, blue, 255]),
        PixelFormat::Cmyk | PixelFormat::YCbCr(_) => add_alpha(convert(buffer, PixelFormat::Rgb)),
    }
}

/// Alpha dropped and the colors below it laid bare, without blending; as it is if there is no alpha.
///
/// What Thumbor does to transparent pictures that become JPEG.
#[must_use]
pub fn discard_alpha<S>(buffer: PixelBuffer<S>) -> PixelBuffer<S> {
    match buffer.format() {
        PixelFormat::GrayAlpha => map_pixels(&buffer, PixelFormat::Gray, |[gray, _]| [gray]),
        PixelFormat::Rgba => map_pixels(&buffer, PixelFormat::Rgb, |[red, green, blue, _]| [red, green, blue]),
        _ => buffer,
    }
}

/// The picture laid onto an opaque `background` of RGB; as it is if there is no alpha.
///
/// Gray stays gray on a gray background and becomes RGB on any other.
#[must_use]
pub fn flatten<S>(buffer: PixelBuffer<S>, background: [u8; 3]) -> PixelBuffer<S> {
    let [below, green, blue] = background;
    match buffer.format() {
        PixelFormat::GrayAlpha if below == green && green == blue => {
            map_pixels(&buffer, PixelFormat::Gray, |[gray, alpha]| [blend(gray, alpha, below)])
        }
        PixelFormat::GrayAlpha => {
            map_pixels(&buffer, PixelFormat::Rgb, |[gray, alpha]| background.map(|below| blend(gray, alpha, below)))
        }
        PixelFormat::Rgba => map_pixels(&buffer, PixelFormat::Rgb, |[r, g, b, alpha]: [u8; 4]| {
            [blend(r, alpha, background[0]), blend(g, alpha, background[1]), blend(b, alpha, background[2])]
        }),
        _ => buffer,
    }
}

/// `above` over `below`, rounded to the nearest.
#[inline(always)]
fn blend(above: u8, alpha: u8, below: u8) -> u8 {
    let sum = u16::from(above) * u16::from(alpha) + u16::from(below) * u16::from(255 - alpha) + 128;
    // The quotient of 255, rounded: exact for every weighted mean of bytes, and never beyond 16 bits.
    ((sum + (sum >> 8)) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Canvas, Size};

    #[test]
    fn blending_rounds_to_the_nearest() {
        for above in 0..=255_u8 {
            for alpha in 0..=255_u8 {
                for below in [0, 1, 100, 254, 255_u8] {
                    let (a, b) = (f64::from(above), f64::from(below));
                    let exact = (a * f64::from(alpha) + b * f64::from(255 - alpha)) / 255.0;
                    let got = f64::from(blend(above, alpha, below));
                    assert!((got - exact).abs() < 0.5, "{above} over {below} by {alpha}: {got}");
                }
            }
        }
    }

    #[test]
    fn alpha_is_blended_dropped_or_added() {
        let pixels = |format, data: &[u8]| PixelBuffer::<Canvas>::from_vec(format, Size::new(1, 1), data.to_vec());
        let check = |result: PixelBuffer<Canvas>, format, data: &[u8]| assert_eq!(result, pixels(format, data));
        let rgba = || pixels(PixelFormat::Rgba, &[200, 100, 0, 51]);
        check(flatten(rgba(), [255, 0, 10]), PixelFormat::Rgb, &[244, 20, 8]);
        check(discard_alpha(rgba()), PixelFormat::Rgb, &[200, 100, 0]);
        let gray = || pixels(PixelFormat::GrayAlpha, &[100, 51]);
        check(flatten(gray(), [0, 0, 0]), PixelFormat::Gray, &[20]);
        check(flatten(gray(), [0, 0, 255]), PixelFormat::Rgb, &[20, 20, 224]);
        check(discard_alpha(gray()), PixelFormat::Gray, &[100]);
        check(add_alpha(pixels(PixelFormat::Gray, &[9])), PixelFormat::GrayAlpha, &[9, 255]);
        check(flatten(pixels(PixelFormat::Rgb, &[1, 2, 3]), [9, 9, 9]), PixelFormat::Rgb, &[1, 2, 3]);
    }
}
