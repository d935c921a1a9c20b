//! `noise`: every pixel a little lighter or darker, by chance.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::geometry::Canvas;
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use std::hash::{BuildHasher as _, RandomState};

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "noise",
    about: "makes the picture grainy",
    example: "noise(60,1)",
    params: &[
        Param {
            name: "amount",
            kind: Kind::Within(&Kind::Natural, 0, 255),
            default: None,
            about: "levels between the darkest and the lightest grain",
        },
        Param {
            name: "seed",
            kind: Kind::Natural,
            default: Some("0"),
            about: "grains of this number are always the same; 0: other ones each time the picture is made",
        },
    ],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let (amount, seed) = (args.natural(0)?, args.natural(1)?);
    if amount > 0 {
        recipe.effects.push(Box::new(Noise { amount, seed }));
    }
    Ok(())
}

/// Grains of the sequence that `seed` begins.
///
/// Frames begin it anew. Without a seed every frame gets a sequence of its own. That does no harm to caches: an answer
/// that is kept stays what it is, and one that is made again is named after its bytes, so gets another entity tag.
#[derive(Debug)]
struct Noise {
    amount: u32,
    /// 0 = none.
    seed: u32,
}

impl Effect for Noise {
    /// Gray stays gray; the samples of YCbCr are no amounts of light.
    fn wants(&self, current: PixelFormat) -> PixelFormat {
        if matches!(current, PixelFormat::YCbCr(_)) { PixelFormat::Rgb } else { current }
    }

    fn is_repeatable(&self) -> bool {
        self.seed != 0
    }

    fn apply(&self, mut frame: PixelBuffer<Canvas>, _scene: &Scene) -> PixelBuffer<Canvas> {
        let mut random = Random::new(if self.seed == 0 { fresh_seed() } else { self.seed });
        let format = frame.format();
        let data = &mut frame.first_mut().data;
        let grain = || i64::from(random.next() % self.amount) - i64::from(self.amount >> 1);
        match format {
            PixelFormat::Gray => add::<1, 1>(data, grain),
            PixelFormat::GrayAlpha => add::<2, 1>(data, grain),
            PixelFormat::Rgba => add::<4, 3>(data, grain),
            _ => add::<3, 3>(data, grain),
        }
        frame
    }
}

/// Adds one grain to the first `COLORS` of the `CHANNELS` of each pixel.
fn add<const CHANNELS: usize, const COLORS: usize>(data: &mut [u8], mut grain: impl FnMut() -> i64) {
    for pixel in data.as_chunks_mut::<CHANNELS>().0 {
        let grain = grain();
        for sample in &mut pixel[..COLORS] {
            let sum = (i64::from(*sample) + grain).clamp(0, 255);
            *sample = u8::try_from(sum).expect("clamped to a byte");
        }
    }
}

fn fresh_seed() -> u32 {
    let [.., a, b, c, d] = RandomState::new().hash_one(()).to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// The additive generator of the C library that Thumbor runs on, which is `random()` there.
///
/// Each number is the sum of those 3 and 31 before it, the first 31 being powers of 16807; the lowest bit is dropped.
#[derive(Debug)]
struct Random {
    /// The last 31 numbers, the oldest at `oldest`.
    state: [u32; 31],
    oldest: usize,
}

impl Random {
    /// The sequence after `srandom(seed)`.
    fn new(seed: u32) -> Self {
        // 0 is no seed there either.
        let mut power = i64::from(seed.max(1).cast_signed());
        let mut state = [0; 31];
        for number in &mut state {
            *number = low_bits(power);
            power = (power * 16807) % 0x7fff_ffff;
            power += if power < 0 { 0x7fff_ffff } else { 0 };
        }
        // The first three of the numbers that follow repeat the first three of these, which saves copying them.
        let mut random = Self { state, oldest: 3 };
        for _ in 0..310 {
            random.next();
        }
        random
    }

    /// 31 bits.
    fn next(&mut self) -> u32 {
        let before = if self.oldest < 3 { self.oldest + 28 } else { self.oldest - 3 };
        let sum = self.state[self.oldest].wrapping_add(self.state[before]);
        self.state[self.oldest] = sum;
        self.oldest = if self.oldest == 30 { 0 } else { self.oldest + 1 };
        sum >> 1
    }
}

/// The lower half, as the C library's `int` holds it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "that is what it is for")]
fn low_bits(number: i64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use super::super::point::tests::{apply, check};
    use super::*;
    use crate::filter::tests::recipe;

    #[test]
    fn samples_are_those_of_thumbor() {
        check("noise(40,7)", "111bd9 16422c 2d7b91 50c0ff 4ddf4d 6216b0 90662c 9e9688 a4bedc dc1862 f553c9 ea6a0c");
    }

    #[test]
    fn the_generator_is_that_of_glibc() {
        let check = |seed, first: [u32; 4], thousand_and_first: u32| {
            let mut random = Random::new(seed);
            assert_eq!([(); 4].map(|()| random.next()), first, "{seed}");
            let later = (4..1001).map(|_| random.next()).last();
            assert_eq!(later, Some(thousand_and_first), "{seed}");
        };
        check(1, [1_804_289_383, 846_930_886, 1_681_692_777, 1_714_636_915], 981_914_693);
        check(42, [71_876_166, 708_592_740, 1_483_128_881, 907_283_241], 1_963_050_744);
        check(2_147_483_647, [1_065_668_062, 2_142_264_300, 1_066_566_375, 1_064_012_770], 1_446_597_600);
        check(4_294_967_295, [254_925_627, 1_205_188_300, 366_127_624, 1_401_405_153], 1_216_673_817);
    }

    #[test]
    fn without_a_seed_it_is_another_one_each_time() {
        let grains = || apply("noise(200)", PixelFormat::Gray, vec![128; 1000]);
        assert_ne!(grains(), grains());
    }

    #[test]
    fn no_amount_is_no_effect_and_any_other_is_bounded() {
        assert!(recipe("noise(0,7)").unwrap().effects.is_empty());
        let extremes = apply("noise(4294967295,7)", PixelFormat::Gray, vec![128; 100]);
        assert!(extremes.iter().all(|sample| [0, 255].contains(sample)));
        assert_eq!(
            recipe("noise(1,4294967296)").unwrap_err().to_string(),
            "noise: seed `4294967296` is not a 32-bit number"
        );
    }
}
