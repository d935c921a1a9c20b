//! `brightness`: all colors lighter or darker by the same amount.

use super::{Args, ArgsError, FilterDef, Kind, Param, point};
use crate::recipe::Recipe;
use crate::transform::Tables;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "brightness",
    about: "makes the picture lighter or darker",
    example: "brightness(20)",
    params: &[Param {
        name: "amount",
        kind: Kind::Within(&Kind::Integer, -100, 100),
        default: None,
        about: "percent of white to add, from -100 (black) to 100 (white)",
    }],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    // Beyond 100 percent nothing changes any more.
    let delta = 255 * args.number(0).clamp(-100, 100) / 100;
    point::push(recipe, Tables::alike(|sample| sample + delta).into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::point::tests::{apply, check};
    use crate::raster::PixelFormat;

    #[test]
    fn samples_are_those_of_thumbor() {
        check("brightness(20)", "333dfb 4a7660 61afc5 78e8ff 8fff8f a65af4 bd9359 d4ccbe ebffff ff3e88 ff77ed ffb052");
        check("brightness(-35)", "00006f 000000 002339 005c9e 039503 1a0068 310700 484032 5f7997 760000 8d0061 a42400");
    }

    #[test]
    fn absurd_amounts_make_white_or_black() {
        for (amount, expected) in [(100, 255), (i64::MAX, 255), (-100, 0), (i64::MIN, 0)] {
            let call = format!("brightness({amount})");
            assert_eq!(apply(&call, PixelFormat::Gray, vec![0, 128, 255]), [expected; 3], "{call}");
        }
    }
}
