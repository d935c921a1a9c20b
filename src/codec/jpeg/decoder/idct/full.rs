//! The 8x8 transform: Loeffler, Ligtenberg and Moschytz (1989) in fixed point, with the roundings of libjpeg's
//! accurate integer transform, so that the samples are the same.
//!
//! The factored odd part is multiplied out: each term is a sum of two products, which is one instruction for 16-bit
//! lanes, and the sums stay the same numbers.

use super::super::lanes::{interleave_high, interleave_low, pair};
use super::{Block, narrow};
use bytemuck::cast;
use wide::{i16x8, i32x4, u8x16};

/// Fraction bits of the cosines.
const COSINE_BITS: i32 = 13;
/// Fraction bits kept between the passes.
const BETWEEN_BITS: i32 = 2;
const ONE: i16 = 1 << COSINE_BITS;

/// 8x8 samples, row by row.
#[inline(always)]
pub(in super::super) fn full(block: &Block) -> [[u8; 8]; 8] {
    let columns = pass::<false, false>(block, COSINE_BITS - BETWEEN_BITS);
    to_samples(pass::<false, false>(&transpose(&columns), COSINE_BITS + BETWEEN_BITS + 3))
}

/// The same where only the first four rows and columns have coefficients.
#[inline(always)]
pub(in super::super) fn full_of_corner(block: &Block) -> [[u8; 8]; 8] {
    let columns = pass::<true, true>(block, COSINE_BITS - BETWEEN_BITS);
    to_samples(pass::<true, false>(&transpose(&columns), COSINE_BITS + BETWEEN_BITS + 3))
}

/// Moves columns of samples around 0 to rows around 128.
#[inline(always)]
fn to_samples(columns: [i16x8; 8]) -> [[u8; 8]; 8] {
    let rows = transpose(&columns);
    let middle = i16x8::splat(128);
    let two = |row: usize| -> [[u8; 8]; 2] {
        cast(u8x16::narrow_i16x8(rows[row].saturating_add(middle), rows[row + 1].saturating_add(middle)))
    };
    cast([two(0), two(2), two(4), two(6)])
}

/// Transforms down each of eight columns.
///
/// With `FOUR_IN` the last four rows are taken for zero, with `FOUR_LANES` the last four columns.
#[inline(always)]
fn pass<const FOUR_IN: bool, const FOUR_LANES: bool>(rows: &[i16x8; 8], shift: i32) -> [i16x8; 8] {
    let zero = i16x8::splat(0);
    let from = |row: usize| if FOUR_IN { zero } else { rows[row] };
    let low = eight_points::<FOUR_IN>(
        [
            interleave_low(rows[0], from(4)),
            interleave_low(rows[2], from(6)),
            interleave_low(rows[1], rows[3]),
            interleave_low(from(5), from(7)),
        ],
        shift,
    );
    let high = if FOUR_LANES {
        [i32x4::splat(0); 8]
    } else {
        eight_points::<FOUR_IN>(
            [
                interleave_high(rows[0], from(4)),
                interleave_high(rows[2], from(6)),
                interleave_high(rows[1], rows[3]),
                interleave_high(from(5), from(7)),
            ],
            shift,
        )
    };
    let mut both = [zero; 8];
    for ((both, low), high) in both.iter_mut().zip(low).zip(high) {
        *both = narrow(low, high);
    }
    both
}

/// The inverse transform of eight points: of pairs of the points 0 and 4, 2 and 6, 1 and 3, 5 and 7.
#[inline(always)]
fn eight_points<const FOUR_IN: bool>([p04, p26, p13, p57]: [i16x8; 4], shift: i32) -> [i32x4; 8] {
    let bias = i32x4::splat(1 << (shift - 1));
    let sum = p04.dot(pair(ONE, ONE)) + bias;
    let difference = if FOUR_IN { sum } else { p04.dot(pair(ONE, -ONE)) + bias };
    let two = p26.dot(pair(10703, 4433));
    let six = p26.dot(pair(4433, -10704));
    let even = [sum + two, difference + six, difference - six, sum - two];
    let odd = |of_1_3: (i16, i16), of_5_7: (i16, i16)| {
        let first = p13.dot(pair(of_1_3.0, of_1_3.1));
        if FOUR_IN { first } else { first + p57.dot(pair(of_5_7.0, of_5_7.1)) }
    };
    let odd = [
        odd((11363, 9633), (6437, 2260)),
        odd((9633, -2259), (-11362, -6436)),
        odd((6437, -11362), (2261, 9633)),
        odd((2260, -6436), (9633, -11363)),
    ];
    let mut outputs = [
        even[0] + odd[0],
        even[1] + odd[1],
        even[2] + odd[2],
        even[3] + odd[3],
        even[3] - odd[3],
        even[2] - odd[2],
        even[1] - odd[1],
        even[0] - odd[0],
    ];
    for output in &mut outputs {
        *output >>= shift;
    }
    outputs
}

/// Rows become columns, in three rounds of interleaving the first half of the rows with the second.
#[inline(always)]
fn transpose(rows: &[i16x8; 8]) -> [i16x8; 8] {
    let mut rows = *rows;
    for _ in 0..3 {
        rows = [
            interleave_low(rows[0], rows[4]),
            interleave_high(rows[0], rows[4]),
            interleave_low(rows[1], rows[5]),
            interleave_high(rows[1], rows[5]),
            interleave_low(rows[2], rows[6]),
            interleave_high(rows[2], rows[6]),
            interleave_low(rows[3], rows[7]),
            interleave_high(rows[3], rows[7]),
        ];
    }
    rows
}
