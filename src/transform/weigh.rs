//! Weighted sums of rows of samples, cut off to bytes: the inner loop of every convolution.
//!
//! Plain loops over arrays of a fixed length, which the compiler turns into vectors.

use std::ops::{AddAssign, Mul};

/// Samples of one row, and how much each of them counts in the sample of the sum at its place.
pub(super) type Tap<'a, T> = (&'a [T], T);

/// The floating-point type in which sums are formed.
pub(super) trait Real: Copy + From<u8> + Mul<Output = Self> + AddAssign {
    /// Rounded from the type in which weights are computed.
    fn from_f64(value: f64) -> Self;

    /// The byte of the whole number below `self` + `hair`, or the nearest byte where there is none.
    fn cut(self, hair: Self) -> u8;
}

/// The sums at one place after the other, times `scale`, cut off to bytes.
///
/// `hair` is added before the cut, so that whole numbers survive the rounding of the sums. Taps have at least the
/// length of `out`.
pub(super) fn weigh<T: Real>(taps: &[Tap<'_, T>], (scale, hair): (T, T), out: &mut [u8]) {
    let length = out.len();
    let (blocks, tail) = out.as_chunks_mut::<BLOCK>();
    for (index, block) in blocks.iter_mut().enumerate() {
        let mut sums = [T::from(0); BLOCK];
        for (samples, weight) in taps {
            let samples = &samples.as_chunks::<BLOCK>().0[index];
            for (sum, sample) in sums.iter_mut().zip(samples) {
                *sum += *weight * *sample;
            }
        }
        for (byte, sum) in block.iter_mut().zip(sums) {
            *byte = (sum * scale).cut(hair);
        }
    }
    let start = length - tail.len();
    for (place, byte) in (start..).zip(tail) {
        let mut sum = T::from(0);
        for (samples, weight) in taps {
            sum += *weight * samples[place];
        }
        *byte = (sum * scale).cut(hair);
    }
}

/// Samples that are summed side by side: with four-byte sums, half the registers of the oldest x86-64.
const BLOCK: usize = 32;

// Added to a number below 2^22 (2^51) on either side, this leaves the nearest whole number in the lowest bits: a conversion to
// integers that vectorises everywhere, unlike `as`. Rounding half a step lower is cutting off.
const ROUND_F32: f32 = 12_582_912.0;
const ROUND_F64: f64 = 6_755_399_441_055_744.0;

impl Real for f32 {
    #[expect(clippy::cast_possible_truncation, reason = "rounding is what is asked for")]
    fn from_f64(value: f64) -> Self {
        value as Self
    }

    #[inline]
    fn cut(self, hair: Self) -> u8 {
        // Not `clamp`, whose care for NaN does not vectorise.
        let above = if self > 0.0 { self } else { 0.0 };
        let within = if above < 255.0 { above } else { 255.0 };
        (within + (hair - 0.5) + ROUND_F32).to_le_bytes()[0]
    }
}

impl Real for f64 {
    fn from_f64(value: f64) -> Self {
        value
    }

    #[inline]
    fn cut(self, hair: Self) -> u8 {
        let above = if self > 0.0 { self } else { 0.0 };
        let within = if above < 255.0 { above } else { 255.0 };
        (within + (hair - 0.5) + ROUND_F64).to_le_bytes()[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_cut_off_to_bytes_and_whole_ones_survive_a_hair_below() {
        let check = |value: f64, expected: u8| {
            assert_eq!(value.cut(1e-6), expected, "{value}");
            assert_eq!(f32::from_f64(value).cut(1e-3), expected, "{value}");
        };
        for whole in 0..=255_u8 {
            let value = f64::from(whole);
            check(value, whole);
            check(value + 0.5, whole);
            check(value + 0.99, whole);
            check(value - 1e-7, whole);
        }
        check(-1e9, 0);
        check(-0.7, 0);
        check(255.999, 255);
        check(1e30, 255);
    }

    #[test]
    fn sums_are_the_same_in_blocks_and_in_the_tail() {
        let samples: Vec<f32> = (0..140_u8).map(f32::from).collect();
        for length in [1, 31, 32, 33, 64, 100] {
            let mut out = vec![0; length];
            weigh(&[(&samples, 0.5), (&samples[3..], 1.0), (&samples[40..], -0.25)], (2.0, 1e-3), &mut out);
            let expected = (0..length).map(|i| {
                let [here, third, fortieth] = [i, i + 3, i + 40].map(|at| f64::from(samples[at]));
                (2.0 * (0.5 * here + third - 0.25 * fortieth)).cut(1e-6)
            });
            assert!(out.iter().copied().eq(expected), "{length}");
        }
    }
}
