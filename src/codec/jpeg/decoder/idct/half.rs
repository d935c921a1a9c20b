//! The 4x4 transform.

use super::super::lanes::pair;
use super::narrow;
use bytemuck::cast;
use wide::{i16x8, i32x4, u8x16};

/// Fraction bits of the cosines. All are larger by sqrt(8), so that both passes together are larger by just 8.
const COSINE_BITS: i32 = 14;
/// Fraction bits kept between the passes.
const BETWEEN_BITS: i32 = 4;
/// sqrt(2) cos(pi/4)
const C4: i16 = 16384;
/// sqrt(2) cos(pi/8)
const C2: i16 = 21407;
/// sqrt(2) cos(3 pi/8)
const C6: i16 = 8867;

/// 4x4 samples of the sixteen lowest coefficients, row by row.
#[inline(always)]
pub(in super::super) fn half(block: &[i16x8; 2]) -> [[u8; 4]; 4] {
    // Across: lanes are the rows 0, 2, 1, 3, vectors the columns.
    let bias = 1 << (COSINE_BITS - BETWEEN_BITS - 1);
    let columns = four_points(block[0], block[1], bias, COSINE_BITS - BETWEEN_BITS);
    let left: [i32; 4] = cast(narrow(columns[0], columns[1]));
    let right: [i32; 4] = cast(narrow(columns[2], columns[3]));
    let even: i16x8 = cast([left[0], left[2], right[0], right[2]]);
    let odd: i16x8 = cast([left[1], left[3], right[1], right[3]]);
    // Down: lanes are the columns, vectors the rows.
    let shift = COSINE_BITS + BETWEEN_BITS + 3;
    let rows = four_points(even, odd, (1 << (shift - 1)) + (128 << shift), shift);
    let samples = u8x16::narrow_i16x8(narrow(rows[0], rows[1]), narrow(rows[2], rows[3]));
    cast(samples)
}

/// The inverse transform of four points: of pairs of the points 0 and 2, and of the points 1 and 3.
///
/// `bias` is added before the lowest `shift` bits are dropped.
#[inline(always)]
fn four_points(even: i16x8, odd: i16x8, bias: i32, shift: i32) -> [i32x4; 4] {
    let bias = i32x4::splat(bias);
    let outer = even.dot(pair(C4, C4)) + bias;
    let inner = even.dot(pair(C4, -C4)) + bias;
    let outer_odd = odd.dot(pair(C2, C6));
    let inner_odd = odd.dot(pair(C6, -C2));
    [
        (outer + outer_odd) >> shift,
        (inner + inner_odd) >> shift,
        (inner - inner_odd) >> shift,
        (outer - outer_odd) >> shift,
    ]
}
