//! `quality`: how good the encoder's result has to be.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::recipe::Recipe;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "quality",
    about: "quality of JPEG and WebP",
    example: "quality(60)",
    params: &[Param {
        name: "quality",
        kind: Kind::Within(&Kind::Natural, 0, 100),
        default: None,
        about: "0 (worst) to 100",
    }],
    compile,
};

/// Above 100 counts as 100, as encoders have always taken it.
fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let quality = args.number(0).clamp(0, 100);
    recipe.output.quality = Some(u8::try_from(quality).expect("clamped to 100"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::filter::tests::recipe;

    #[test]
    fn the_last_one_wins_and_100_is_the_most() {
        assert_eq!(recipe("quality(10):quality(150)").unwrap().output.quality, Some(100));
        assert_eq!(recipe("quality(0)").unwrap().output.quality, Some(0));
    }
}
