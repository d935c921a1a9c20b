//! The 2x2 transform: sums and differences of the four lowest coefficients.

use super::super::lanes::{interleave_high, interleave_low};
use bytemuck::cast;
use wide::{i16x8, u8x16};

/// 2x2 samples of the four lowest coefficients, row by row.
#[inline(always)]
pub(in super::super) fn quarter(block: [i16; 4]) -> [[u8; 2]; 2] {
    let [dc, across, down, both] = block.map(i32::from);
    // The first term is rounded and moved to the middle for all four.
    let dc = dc + 4 + (128 << 3);
    let sample = |value: i32| (value >> 3).clamp(0, 255) as u8;
    [
        [sample(dc + across + down + both), sample(dc - across + down - both)],
        [sample(dc + across - down - both), sample(dc - across - down + both)],
    ]
}

/// The same for eight blocks that lie side by side.
#[inline(always)]
pub(in super::super) fn quarter_of_eight([first, second, third, fourth]: [i16x8; 4]) -> [[u8; 16]; 2] {
    // Vectors of two blocks each become vectors of one coefficient each.
    let (low, high) = (interleave_low(first, third), interleave_high(first, third));
    let (low_2, high_2) = (interleave_low(second, fourth), interleave_high(second, fourth));
    let (a, b) = (interleave_low(low, low_2), interleave_high(low, low_2));
    let (c, d) = (interleave_low(high, high_2), interleave_high(high, high_2));
    let (dc, across) = (interleave_low(a, c), interleave_high(a, c));
    let (down, both) = (interleave_low(b, d), interleave_high(b, d));
    // Sums that do not fit are those of samples far beyond black and white.
    let dc = dc.saturating_add(i16x8::splat(4));
    let (upper, lower) = (dc.saturating_add(down), dc.saturating_sub(down));
    let (sum, difference) = (across.saturating_add(both), across.saturating_sub(both));
    let samples = |value: i16x8| {
        let value = (value >> 3) + i16x8::splat(128);
        u8x16::narrow_i16x8(value, value)
    };
    let row = |left: i16x8, right: i16x8| cast(u8x16::unpack_low(samples(left), samples(right)));
    [
        row(upper.saturating_add(sum), upper.saturating_sub(sum)),
        row(lower.saturating_add(difference), lower.saturating_sub(difference)),
    ]
}
