//! What the bytes of a buffer mean. All samples are 8 bit.

/// How the samples of a picture are laid out.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PixelFormat {
    /// One plane, 1 byte a pixel.
    Gray,
    /// One plane, 2 bytes a pixel, straight alpha last.
    GrayAlpha,
    /// One plane, 3 bytes a pixel.
    Rgb,
    /// One plane, 4 bytes a pixel, straight alpha last.
    Rgba,
    /// One plane, 4 bytes a pixel, 0 = no ink. Decoders have already undone Adobe's inversion.
    Cmyk,
    /// Three planes Y, Cb, Cr of full range (JFIF), chroma possibly smaller.
    YCbCr(Subsampling),
}

/// By how much the chroma planes are smaller than the luma plane; 1, 2 or 4 on each axis.
///
/// Chroma planes hold `ceil(width / x)` by `ceil(height / y)` samples, sited at the center of the luma samples they cover.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Subsampling {
    /// Horizontal divisor.
    pub x: u8,
    /// Vertical divisor.
    pub y: u8,
}

impl Subsampling {
    /// 4:4:4, chroma as fine as luma.
    pub const NONE: Self = Self { x: 1, y: 1 };
    /// 4:2:0, half in both directions.
    pub const HALF: Self = Self { x: 2, y: 2 };
}

impl PixelFormat {
    /// Bytes a pixel of the one plane, or of each of the three planes.
    pub fn channels(self) -> usize {
        match self {
            Self::Gray | Self::YCbCr(_) => 1,
            Self::GrayAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }

    /// Number of planes: 3 for YCbCr, else 1.
    pub fn planes(self) -> usize {
        if matches!(self, Self::YCbCr(_)) { 3 } else { 1 }
    }

    /// Whether the last channel is alpha.
    pub fn has_alpha(self) -> bool {
        matches!(self, Self::GrayAlpha | Self::Rgba)
    }

    /// By how much plane `index` is smaller than the picture, (x, y).
    pub fn divisors(self, index: usize) -> (u32, u32) {
        match self {
            Self::YCbCr(chroma) if index > 0 => (u32::from(chroma.x), u32::from(chroma.y)),
            _ => (1, 1),
        }
    }

    /// The same format with a subsampling of `chroma`, where it has any.
    #[must_use]
    pub fn with_subsampling(self, chroma: Subsampling) -> Self {
        if let Self::YCbCr(_) = self { Self::YCbCr(chroma) } else { self }
    }
}
