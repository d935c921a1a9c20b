//! `no_upscale`: no side larger than the source's.

use super::{Args, ArgsError, FilterDef};
use crate::recipe::Recipe;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "no_upscale",
    about: "the size asked for is held to the source's",
    example: "no_upscale()",
    params: &[],
    compile,
};

fn compile(_args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.geometry.no_upscale = true;
    Ok(())
}
