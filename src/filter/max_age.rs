//! `max_age`: how long the answer may be kept.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::recipe::Recipe;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "max_age",
    about: "seconds that the answer may be kept; 0 = not at all",
    example: "max_age(3600)",
    params: &[Param { name: "seconds", kind: Kind::Natural, default: None, about: "age in seconds" }],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.output.max_age_s = Some(args.natural(0)?);
    Ok(())
}
