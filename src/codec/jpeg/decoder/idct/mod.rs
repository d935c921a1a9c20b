//! Inverse transforms: whole, and reduced to the low frequencies (T.81, A.3.3).
//!
//! Reduced to N samples on each axis, a block is what the N-point inverse transform makes of its N x N lowest
//! coefficients F(v, u):
//!
//! ```text
//! f(y, x) = 128 + N/8 * sum over v, u < N of c(v) c(u) F(v, u) cos((2y+1) v pi / 2N) cos((2x+1) u pi / 2N)
//! c(0) = sqrt(1/N), c(others) = sqrt(2/N)
//! ```
//!
//! That is the block with everything above the new Nyquist frequency cut off, sampled at the new centers.
//! All take dequantized coefficients in the order of [`Scale::slot`](super::scale::Scale::slot).

mod full;
mod half;
mod quarter;

pub(super) use full::{full, full_of_corner};
pub(super) use half::half;
pub(super) use quarter::{quarter, quarter_of_eight};

use bytemuck::cast;
use wide::{i16x8, i32x4, i32x8};

/// Coefficients of a block; only as many as the scale keeps mean something.
pub(super) type Block = [i16x8; 8];

/// The samples of a block that has nothing but a DC coefficient, whatever the scale.
#[inline(always)]
pub(super) fn flat(dc: i16) -> u8 {
    (((i32::from(dc) + 4) >> 3) + 128).clamp(0, 255) as u8
}

/// Both vectors divided by powers of two (the rounding was added before) as one of 16 bits.
#[inline(always)]
fn narrow(low: i32x4, high: i32x4) -> i16x8 {
    i16x8::from_i32x8_saturate(cast::<[i32x4; 2], i32x8>([low, high]))
}
