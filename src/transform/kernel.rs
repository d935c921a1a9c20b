//! Resampling kernels.

use crate::geometry::trunc_to_u32;
use fast_image_resize::{Filter, FilterType, ResizeAlg};
use std::f64::consts::PI;
use std::sync::LazyLock;

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
            Self::Lanczos => (ResizeAlg::Convolution(FilterType::Custom(*LANCZOS)), LOBES),
        }
    }
}

/// Lobes of the Lanczos kernel on either side.
const LOBES: f64 = 3.0;
/// Steps of the table between two whole numbers. Between steps it is off by less than a millionth, far below what
/// 8-bit samples show.
const STEPS: f64 = 1024.0;

/// Lanczos from a table: for small pictures computing the sines of all weights takes longer than using them.
static LANCZOS: LazyLock<Filter> =
    LazyLock::new(|| Filter::new("Lanczos3 from a table", lanczos_from_table, LOBES).expect("the support is positive"));

/// The kernel at 0, 1/`STEPS` and so on, to one step beyond its end.
static TABLE: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let end = trunc_to_u32(LOBES * STEPS) + 1;
    (0..=end).map(|step| lanczos(f64::from(step) / STEPS)).collect()
});

/// The windowed sinc by its definition.
fn lanczos(x: f64) -> f64 {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (x * PI).sin() / (x * PI) };
    if x.abs() < LOBES { sinc(x) * sinc(x / LOBES) } else { 0.0 }
}

fn lanczos_from_table(x: f64) -> f64 {
    let at = x.abs() * STEPS;
    let step = trunc_to_u32(at);
    match TABLE.get(step as usize..step as usize + 2) {
        Some(&[here, next]) => here + (next - here) * (at - f64::from(step)),
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_kernel() {
        for i in -40_000..=40_000 {
            let x = f64::from(i) / 10_000.0;
            let (exact, found) = (lanczos(x), lanczos_from_table(x));
            assert!((exact - found).abs() < 1e-6, "{x}: {found} for {exact}");
        }
    }
}
