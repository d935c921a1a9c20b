//! Moves between SIMD lanes. Written as array shuffles, which compile to single instructions.

use wide::i16x8;

/// The first halves in turns.
#[inline(always)]
pub(super) fn interleave_low(a: i16x8, b: i16x8) -> i16x8 {
    let ([a0, a1, a2, a3, ..], [b0, b1, b2, b3, ..]) = (a.to_array(), b.to_array());
    i16x8::new([a0, b0, a1, b1, a2, b2, a3, b3])
}

/// The second halves in turns.
#[inline(always)]
pub(super) fn interleave_high(a: i16x8, b: i16x8) -> i16x8 {
    let ([.., a4, a5, a6, a7], [.., b4, b5, b6, b7]) = (a.to_array(), b.to_array());
    i16x8::new([a4, b4, a5, b5, a6, b6, a7, b7])
}

/// `a` and `b` in turns.
#[inline(always)]
pub(super) fn pair(a: i16, b: i16) -> i16x8 {
    i16x8::new([a, b, a, b, a, b, a, b])
}
