//! `blurhash`: a few letters that stand for the picture until it has come.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::recipe::{Placeholder, Recipe};

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "blurhash",
    about: "answers with the picture's BlurHash as text, like format(blurhash)",
    example: "blurhash(4,3)",
    params: &[
        Param {
            name: "across",
            kind: Kind::Within(&Kind::Natural, 1, 9),
            default: Some("4"),
            about: "waves from left to right",
        },
        Param {
            name: "down",
            kind: Kind::Within(&Kind::Natural, 1, 9),
            default: Some("3"),
            about: "waves from top to bottom",
        },
    ],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let waves = |index| match u8::try_from(args.number(index)) {
        Ok(waves @ 1..=9) => Ok(waves),
        _ => Err(args.refused(index, "a number from 1 to 9")),
    };
    recipe.output.placeholder = Some(Placeholder::BlurHash(waves(0)?, waves(1)?));
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::filter::tests::recipe;
    use crate::recipe::Placeholder;

    #[test]
    fn waves_are_counted_from_one_to_nine() {
        assert_eq!(recipe("blurhash(9,1)").unwrap().output.placeholder, Some(Placeholder::BlurHash(9, 1)));
        let error = recipe("blurhash(4,0)").unwrap_err();
        assert_eq!(error.to_string(), "blurhash: down `0` is not a number from 1 to 9");
    }
}
