//! `strip_exif`: no EXIF block in the answer.

use super::{Args, ArgsError, FilterDef};
use crate::recipe::Recipe;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "strip_exif",
    about: "drops the EXIF block where the server's settings keep it",
    example: "strip_exif()",
    params: &[],
    compile,
};

fn compile(_args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.output.strip_exif = true;
    Ok(())
}
