//! `cover`: the first frame of an animation.

use super::{Args, ArgsError, FilterDef};
use crate::recipe::Recipe;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "cover",
    about: "shows the first frame of an animation only",
    example: "cover()",
    params: &[],
    compile,
};

fn compile(_args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.output.cover = true;
    Ok(())
}
