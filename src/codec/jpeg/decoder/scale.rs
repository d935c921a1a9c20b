//! How much smaller than stored a picture is decoded, and which coefficients that takes.

use super::quantization::ZIGZAG;

/// By how much width and height are divided.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(in crate::codec) enum Scale {
    /// A block becomes 8x8 samples.
    Full,
    /// A block becomes 4x4 samples.
    Half,
    /// A block becomes 2x2 samples.
    Quarter,
    /// A block becomes one sample.
    Eighth,
}

impl Scale {
    /// The scale that divides both sides by `divisor`, if there is one.
    pub(in crate::codec) fn of(divisor: u32) -> Option<Self> {
        [Self::Full, Self::Half, Self::Quarter, Self::Eighth].into_iter().find(|scale| scale.divisor() == divisor)
    }

    /// By how much both sides are divided.
    pub(in crate::codec) fn divisor(self) -> u32 {
        1 << self as u32
    }

    /// Samples a block on each axis.
    pub(super) fn samples(self) -> usize {
        8 >> self as u32
    }

    /// Coefficients that are kept of a block: as many rows and columns as it has samples.
    pub(super) fn coefficients(self) -> usize {
        self.samples() * self.samples()
    }

    /// The coefficients that are kept, as bits in zigzag order.
    pub(super) fn kept(self) -> u64 {
        (0..64).filter(|&k| self.slot(k).is_some()).fold(0, |bits, k| bits | 1 << k)
    }

    /// Where the inverse transform wants the coefficient with index `k` in zigzag order; `None` if it is not kept.
    pub(super) fn slot(self, k: usize) -> Option<usize> {
        let place = usize::from(*ZIGZAG.get(k)?);
        let (row, column) = (place / 8, place % 8);
        if row.max(column) >= self.samples() {
            return None;
        }
        Some(match self {
            Self::Full => place,
            // Pairs of columns 0 and 2, then of columns 1 and 3; within both the rows 0, 2, 1, 3.
            Self::Half => column % 2 * 8 + [0, 2, 1, 3][row] * 2 + column / 2,
            Self::Quarter => row * 2 + column,
            Self::Eighth => 0,
        })
    }
}
