//! A picture in a few bytes, to be shown until it has come: `BlurHash`, `ThumbHash`, its main colors.
//!
//! Small RGB pictures in, text or bytes out. What size is small enough, the recipe knows.

mod blurhash;
mod palette;
mod thumbhash;

pub use blurhash::blurhash;
pub use palette::{css_color, palette};
pub use thumbhash::thumbhash;

use crate::geometry::{Canvas, Size};
use crate::raster::{PixelBuffer, PixelFormat};

/// The pixels of an RGB or RGBA picture, with alpha.
fn rgba(picture: &PixelBuffer<Canvas>) -> (Size<Canvas>, Vec<[u8; 4]>) {
    let data = &picture.first().data;
    let pixels = match picture.format() {
        PixelFormat::Rgba => data.as_chunks::<4>().0.to_vec(),
        format => {
            debug_assert_eq!(format, PixelFormat::Rgb, "the caller has converted it");
            data.as_chunks::<3>().0.iter().map(|[r, g, b]| [*r, *g, *b, 255]).collect()
        }
    };
    (picture.size(), pixels)
}

/// Small whole numbers as they are.
#[expect(clippy::cast_precision_loss, reason = "sides and counts of small pictures")]
fn float(number: usize) -> f32 {
    number as f32
}

/// The nearest whole number from 0 to `most`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped, and `as` saturates")]
fn rounded(number: f32, most: u32) -> u32 {
    (number.round().max(0.0) as u32).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;

    /// A disc on slopes, in translucent arcs if asked. (No wave of it is 0, which rounding would push either way.)
    pub(super) fn drawn(width: u32, height: u32, translucent: bool) -> PixelBuffer<Canvas> {
        let pixel = |x: u32, y: u32| {
            let from_middle = (2 * x).abs_diff(width).pow(2) + (2 * y).abs_diff(height).pow(2);
            let [r, g, b] = if from_middle < height * height / 4 {
                [230, 40, 30]
            } else {
                [x * 255 / width, y * 200 / height, (x * 7 + y * 13) % 64]
            };
            [r, g, b, if translucent { 255 - (x * x * 3 + y * y * 2 + x * y) % 200 } else { 255 }]
        };
        let pixels = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y)));
        let data = pixels.map(|sample| u8::try_from(sample).unwrap()).collect();
        PixelBuffer::from_vec(PixelFormat::Rgba, Size::new(width, height), data)
    }
}
