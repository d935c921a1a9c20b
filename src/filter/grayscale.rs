//! `grayscale`: without color, by Rec. 601 luma.

use super::{Args, ArgsError, FilterDef, point};
use crate::recipe::Recipe;
use crate::transform::PointStep;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "grayscale",
    about: "takes the color away and keeps transparency",
    example: "grayscale()",
    params: &[],
    compile,
};

fn compile(_args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    point::push(recipe, PointStep::Grayscale);
    Ok(())
}
