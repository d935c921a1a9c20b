//! Colors in filter arguments.

use super::{Args, ArgsError};
use crate::geometry::Canvas;
use crate::raster::PixelBuffer;

/// A color as an argument gives it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Color {
    /// Straight RGBA.
    Fixed([u8; 4]),
    /// `auto`: the mean of the picture.
    Mean,
}

impl Color {
    /// Argument `index`, a word: a CSS color name, 3, 4, 6 or 8 hex digits without `#`, `transparent` or `auto`.
    pub(super) fn parse(args: &Args, index: usize) -> Result<Self, ArgsError> {
        let text = args.text(index);
        if text == "auto" {
            return Ok(Self::Mean);
        }
        match csscolorparser::parse(text) {
            Ok(color) => Ok(Self::Fixed(color.to_rgba8())),
            Err(_) => Err(ArgsError::Color { filter: args.filter(), value: text.chars().take(40).collect() }),
        }
    }

    /// Whether nothing shines through it.
    pub(super) fn is_opaque(self) -> bool {
        match self {
            Self::Fixed([.., alpha]) => alpha == 255,
            Self::Mean => true,
        }
    }

    /// The color for this RGB or RGBA picture.
    pub(super) fn resolve(self, picture: &PixelBuffer<Canvas>) -> [u8; 4] {
        match self {
            Self::Fixed(color) => color,
            Self::Mean => mean(picture),
        }
    }
}

/// Mean of red, green and blue over all pixels, rounded down; transparency does not count.
fn mean(picture: &PixelBuffer<Canvas>) -> [u8; 4] {
    let mut sums = [0_u64; 3];
    for pixel in picture.first().data.chunks_exact(picture.format().channels()) {
        for (sum, sample) in sums.iter_mut().zip(pixel) {
            *sum += u64::from(*sample);
        }
    }
    let [r, g, b] = sums.map(|sum| u8::try_from(sum / picture.size().area_px()).expect("a mean of bytes is a byte"));
    [r, g, b, 255]
}
