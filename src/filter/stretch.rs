//! `stretch`: distort instead of cropping.

use super::{Args, ArgsError, FilterDef};
use crate::recipe::Recipe;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "stretch",
    about: "the picture is distorted to the size asked for instead of cropped",
    example: "stretch()",
    params: &[],
    compile,
};

fn compile(_args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.geometry.stretch = true;
    Ok(())
}
