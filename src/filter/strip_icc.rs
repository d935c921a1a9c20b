//! `strip_icc`: colors converted to sRGB and the profile dropped.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::recipe::Recipe;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "strip_icc",
    about: "colors are converted to sRGB and the ICC profile is dropped",
    example: "strip_icc()",
    params: &[Param {
        name: "anything",
        kind: Kind::Text,
        default: Some("none"),
        about: "ignored: an old guide writes strip_icc(10)",
    }],
    compile,
};

fn compile(_args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.output.strip_icc = true;
    Ok(())
}
