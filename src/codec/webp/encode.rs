//! Pictures into WebP files.

use super::{container, ffi, refused};
use crate::cancel::CancelToken;
use crate::codec::{CodecError, EncodeOptions};
use crate::geometry::Canvas;
use crate::raster::{Image, Loops, PixelBuffer, PixelFormat, Plane, Subsampling};

/// Longest time a frame can be shown, in milliseconds.
const MAX_DELAY_MS: u32 = (1 << 24) - 1;

/// Of lossless files, how hard the encoder tries: beyond it time grows much faster than files shrink.
const LOSSLESS_EFFORT: u8 = 75;

/// Quality 100 is lossless, as in Thumbor. Equal neighboring frames of an animation become one.
pub(super) fn encode(image: &Image, options: &EncodeOptions, cancel: &CancelToken) -> Result<Vec<u8>, CodecError> {
    let lossless = options.quality >= 100;
    let quality = if lossless { LOSSLESS_EFFORT } else { options.quality };
    let settings = ffi::Settings::new(quality, options.webp_method, lossless)?;
    let file = if image.is_animated() {
        animation(image, &settings, cancel)?
    } else {
        ffi::encode(picture(image.first(), lossless)?, &settings, cancel)?
    };
    container::embed(file, options.icc, options.exif)
}

fn animation(image: &Image, settings: &ffi::Settings, cancel: &CancelToken) -> Result<Vec<u8>, CodecError> {
    let loops = match image.loops {
        Loops::Forever => 0,
        Loops::Times(times) => times,
    };
    let mut encoder = ffi::AnimationEncoder::new(image.first().size(), loops)?;
    let mut at_ms = 0_i32;
    for frame in &image.frames {
        cancel.check()?;
        encoder.add(picture(&frame.pixels, true)?, at_ms, settings)?;
        at_ms = at_ms
            .checked_add_unsigned(frame.delay_ms.min(MAX_DELAY_MS))
            .ok_or_else(|| refused("animation of more than 24 days"))?;
    }
    cancel.check()?;
    encoder.finish(at_ms)
}

fn picture(pixels: &PixelBuffer<Canvas>, exact_color: bool) -> Result<ffi::Picture, CodecError> {
    let (size, data) = (pixels.size(), &pixels.first().data);
    let interleaved = |data: &[u8], layout| ffi::Picture::interleaved(data, layout, size, exact_color);
    match pixels.format() {
        PixelFormat::Rgb => interleaved(data, ffi::Layout::Rgb),
        PixelFormat::Rgba => interleaved(data, ffi::Layout::Rgba),
        PixelFormat::Gray => {
            let rgb: Vec<u8> = data.iter().flat_map(|&gray| [gray; 3]).collect();
            interleaved(&rgb, ffi::Layout::Rgb)
        }
        PixelFormat::GrayAlpha => {
            let rgba: Vec<u8> = data.chunks_exact(2).flat_map(|pair| [pair[0], pair[0], pair[0], pair[1]]).collect();
            interleaved(&rgba, ffi::Layout::Rgba)
        }
        PixelFormat::YCbCr(Subsampling::HALF) => {
            let [y, cb, cr] = pixels.planes() else { return Err(refused("planes are missing")) };
            ffi::Picture::planar([limited(y, luma), limited(cb, chroma), limited(cr, chroma)], size)
        }
        other => Err(refused(format!("pixels are `{other:?}`"))),
    }
}

fn limited(plane: &Plane, sample: impl Fn(u8) -> u8) -> Vec<u8> {
    plane.data.iter().map(|&full| sample(full)).collect()
}

/// Luma of 0..=255 in 16..=235, after BT.601: `16 + full * 219 / 255` rounded, in fixed point of 16 bits.
fn luma(full: u8) -> u8 {
    third_byte(u32::from(full) * 56284 + (16 << 16) + (1 << 15))
}

/// Chroma around 128 in 16..=240: `128 + (full - 128) * 224 / 255` rounded.
fn chroma(full: u8) -> u8 {
    // 128 - 128 * 224 / 255 is 1019792 / 65536.
    third_byte(u32::from(full) * 57569 + 1_019_792 + (1 << 15))
}

fn third_byte(number: u32) -> u8 {
    number.to_le_bytes()[2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_is_limited_as_the_formulas_say() {
        for full in 0..=255_u8 {
            let exact = 16.0 + f64::from(full) * 219.0 / 255.0;
            assert!((f64::from(luma(full)) - exact).abs() <= 0.5, "luma {full}");
            let exact = 128.0 + (f64::from(full) - 128.0) * 224.0 / 255.0;
            assert!((f64::from(chroma(full)) - exact).abs() <= 0.5, "chroma {full}");
        }
    }
}
