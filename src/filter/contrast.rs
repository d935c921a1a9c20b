//! `contrast`: colors further away from the middle, or nearer to it.

use super::{Args, ArgsError, FilterDef, Kind, Param, point};
use crate::recipe::Recipe;
use crate::transform::Tables;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "contrast",
    about: "makes the picture richer or poorer in contrast",
    example: "contrast(40)",
    params: &[Param {
        name: "amount",
        kind: Kind::Within(&Kind::Integer, -100, 100),
        default: None,
        about: "-100 gives plain gray, 0 changes nothing, 100 is four times the contrast",
    }],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    // Long before these bounds every sample but the middle one is black or white.
    let amount = args.number(0).clamp(-10_000, 10_000);
    let factor = (amount + 100).pow(2) / 100;
    point::push(recipe, Tables::alike(|sample| factor * (sample - 128) / 100 + 128).into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::point::tests::{apply, check};
    use crate::raster::PixelFormat;

    #[test]
    fn samples_are_those_of_thumbor() {
        check("contrast(40)", "0000ff 000900 0079a3 0de7ff 3aff3a 6700ff 934200 c0b195 edffff ff002c ff0bf1 ff7b00");
        check("contrast(-60)", "6c6e8b 707773 738082 778893 7b917b 7e728a 817b72 858481 888d91 8c6e7a 907789 948071");
    }

    #[test]
    fn absurd_amounts_leave_black_white_and_the_middle() {
        for amount in [10_000, -10_000, i64::MAX, i64::MIN] {
            let call = format!("contrast({amount})");
            assert_eq!(apply(&call, PixelFormat::Gray, vec![0, 127, 128, 129, 255]), [0, 0, 128, 255, 255], "{call}");
        }
    }

    #[test]
    fn minus_a_hundred_is_plain_gray() {
        assert_eq!(apply("contrast(-100)", PixelFormat::Gray, vec![0, 100, 255]), [128; 3]);
    }
}
