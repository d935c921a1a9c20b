//! Weighted sums of rows of samples, cut off to bytes: the inner loop of every convolution.
//!
//! The sum that counts is the one in double precision, in the order of the taps, rounding errors included: that is
//! what Thumbor computes. It is formed only where the one in single precision cannot tell what the byte is.
//! All loops run over arrays of a fixed length, which the compiler turns into vectors.

#![expect(clippy::inline_always, reason = "parts of a kernel must be compiled for the same instructions as itself")]

use multiversion::multiversion;

/// The samples of a row from where the first sum needs them, and how much they count.
#[derive(Clone, Copy)]
pub(super) struct Tap<'a> {
    pub(super) samples: &'a [f32],
    pub(super) weight: f64,
    /// `weight`, rounded.
    pub(super) rough: f32,
}

/// How well sums in single precision do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Precision {
    /// They are exact.
    Exact,
    /// They are off by less than this.
    Within(f32),
    /// They are of no use.
    Useless,
}

impl Precision {
    /// What sums of bytes have that count `weights`.
    pub(super) fn of(weights: &[f64]) -> Self {
        let total: f64 = weights.iter().map(|weight| weight.abs()).sum();
        let sixty_fourths = weights.iter().all(|weight| (weight * 64.0).fract() == 0.0);
        if sixty_fourths && total * 64.0 * 255.0 < WHOLE_F32 {
            return Self::Exact;
        }
        // Each product, each sum and each weight is off by half of the last of 24 bits.
        let taps = f64::from(u32::try_from(weights.len()).expect("kernels are small"));
        let error = 255.0 * total * (taps + 2.0) / WHOLE_F32;
        if error < 1.0 / 128.0 { Self::Within(rough(error)) } else { Self::Useless }
    }
}

/// Whole numbers up to here are exact in single precision.
const WHOLE_F32: f64 = 16_777_216.0;

#[expect(clippy::cast_possible_truncation, reason = "rounding is what is asked for")]
pub(super) fn rough(number: f64) -> f32 {
    number as f32
}

/// Samples that are summed side by side: in single precision, half the registers of the oldest x86-64.
const BLOCK: usize = 32;

/// So many blocks from one in doubt on are summed in double precision at once.
const UNTRIED: usize = 8;

/// The sums at one place after the other, cut off to bytes. Taps have at least the length of `out`.
#[multiversion(targets("x86_64+avx2"))]
pub(super) fn weigh(taps: &[Tap<'_>], precision: Precision, out: &mut [u8]) {
    let length = out.len();
    let (blocks, tail) = out.as_chunks_mut::<BLOCK>();
    let mut next_try = 0;
    for (index, block) in blocks.iter_mut().enumerate() {
        let known = match precision {
            Precision::Exact => weigh_roughly(taps, index, 0.0, block),
            Precision::Within(error) => index >= next_try && weigh_roughly(taps, index, error, block),
            Precision::Useless => false,
        };
        if !known {
            weigh_exactly(taps, index, block);
            // Doubts come in numbers, in flat areas or by the weights: some blocks are not tried.
            next_try = if index >= next_try { index + UNTRIED } else { next_try };
        }
    }
    let start = length - tail.len();
    for (place, byte) in (start..).zip(tail) {
        let mut sum = 0.0;
        for tap in taps {
            sum += tap.weight * f64::from(tap.samples[place]);
        }
        *byte = cut(sum);
    }
}

/// The block of so many samples at `index`; `false` if a sum is so near to a whole number that it may lie on either
/// side.
#[inline(always)]
fn weigh_roughly(taps: &[Tap<'_>], index: usize, error: f32, block: &mut [u8; BLOCK]) -> bool {
    let mut sums = [0.0_f32; BLOCK];
    for tap in taps {
        for (sum, sample) in sums.iter_mut().zip(&tap.samples.as_chunks::<BLOCK>().0[index]) {
            *sum += tap.rough * *sample;
        }
    }
    // Exact sums are whole or a 64th away from it; others that are whole are in doubt.
    let half = if error > 0.0 { 0.5 } else { 0.5 - 1.0 / 512.0 };
    let mut doubts = 0;
    for (byte, sum) in block.iter_mut().zip(sums) {
        let nearest = (sum + ROUND_F32) - ROUND_F32;
        doubts |= u32::from((sum - nearest).abs() < error);
        *byte = (within(sum) - half + ROUND_F32).to_le_bytes()[0];
    }
    doubts == 0
}

#[multiversion(targets("x86_64+avx2"))]
fn weigh_exactly(taps: &[Tap<'_>], index: usize, block: &mut [u8; BLOCK]) {
    let mut sums = [0.0; BLOCK];
    for tap in taps {
        for (sum, sample) in sums.iter_mut().zip(&tap.samples.as_chunks::<BLOCK>().0[index]) {
            *sum += tap.weight * f64::from(*sample);
        }
    }
    for (byte, sum) in block.iter_mut().zip(sums) {
        *byte = cut(sum);
    }
}

// Added to a number below 2^22 (2^51) on either side, this leaves the nearest whole number in the lowest bits: a
// conversion to integers that vectorises everywhere, unlike `as`.
const ROUND_F32: f32 = 12_582_912.0;
const ROUND_F64: f64 = 6_755_399_441_055_744.0;

/// The byte that is left of a number when its fraction is cut off; the nearest one where there is none.
#[inline(always)]
pub(super) fn cut(number: f64) -> u8 {
    let number = within(number);
    let nearest = (number + ROUND_F64) - ROUND_F64;
    let whole = if nearest > number { nearest - 1.0 } else { nearest };
    (whole + ROUND_F64).to_le_bytes()[0]
}

/// Held to the range of bytes. Not `clamp`, whose care for NaN does not vectorise.
#[inline(always)]
fn within<T: PartialOrd + From<u8>>(number: T) -> T {
    let (black, white) = (T::from(0), T::from(255));
    let above = if number > black { number } else { black };
    if above < white { above } else { white }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_cut_off_and_the_range_is_held() {
        for whole in 0..=255_u8 {
            let value = f64::from(whole);
            assert_eq!([value, value + 0.5, value + 0.999_999].map(cut), [whole; 3]);
            assert_eq!(cut(value - 1e-9), whole.saturating_sub(1));
        }
        assert_eq!([-1e9, -0.7, 255.999, 1e30].map(cut), [0, 0, 255, 255]);
    }

    /// All places by the sums in double precision, one by one.
    #[track_caller]
    fn check(weights: &[f64], precision: Precision) {
        assert_eq!(Precision::of(weights), precision);
        let samples: Vec<f32> = (0..400_u32).map(|i| rough(f64::from(((i * i * 7919) >> 5) % 256))).collect();
        let flat = [200.0; 400];
        for samples in [&samples[..], &flat[..]] {
            let taps: Vec<Tap<'_>> = (0..)
                .zip(weights)
                .map(|(at, &weight)| Tap { samples: &samples[at..], weight, rough: rough(weight) })
                .collect();
            for length in [1, 31, 32, 33, 64, 300] {
                let mut out = vec![0; length];
                weigh(&taps, precision, &mut out);
                let expected = (0..length).map(|at| {
                    let sum: f64 = weights.iter().zip(&samples[at..]).map(|(w, s)| w * f64::from(*s)).sum();
                    (0..=255).rev().find(|byte| f64::from(*byte) <= sum).unwrap_or(0_u8)
                });
                assert!(out.iter().copied().eq(expected), "{weights:?} {length}");
            }
        }
    }

    #[test]
    fn every_byte_is_that_of_the_sum_in_double_precision() {
        check(&[0.0625, 0.125, 0.25, 0.5, 0.0625], Precision::Exact);
        check(&[-1.0, 8.0, -6.0], Precision::Exact);
        check(&[1.0 / 3.0; 3], Precision::Within(rough(255.0 * 5.0 / WHOLE_F32)));
        check(&[1e6 / 3.0, -1e6 / 3.0, 0.7], Precision::Useless);
        let sum: f64 = (1..=9).map(f64::from).sum();
        let weights: Vec<f64> = (1..=9).map(|i| f64::from(i) / sum).collect();
        let total: f64 = weights.iter().sum();
        check(&weights, Precision::Within(rough(255.0 * total * 11.0 / WHOLE_F32)));
    }
}
