//! Resampling kernels.

use fast_image_resize::{FilterType, ResizeAlg};

/// Resampling kernels, always antialiased.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Kernel {
    /// The nearest pixel.
    Nearest,
    /// Triangle.
    Bilinear,
    /// Raised cosine.
    Hamming,
    /// Cubic, a = -0.5.
    Bicubic,
    /// Windowed sinc of three lobes.
    #[default]
    Lanczos,
}

impl Kernel {
    /// The resampling crate's name for it, and how many source pixels it reaches at scale 1.
    pub(super) fn algorithm(self) -> (ResizeAlg, f64) {
        match self {
            Self::Nearest => (ResizeAlg::Nearest, 1.0),
            Self::Bilinear => (ResizeAlg::Convolution(FilterType::Bilinear), 1.0),
            Self::Hamming => (ResizeAlg::Convolution(FilterType::Hamming), 1.0),
            Self::Bicubic => (ResizeAlg::Convolution(FilterType::CatmullRom), 2.0),
            Self::Lanczos => (ResizeAlg::Convolution(FilterType::Lanczos3), 3.0),
        }
    }
}
