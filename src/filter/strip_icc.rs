//! `strip_icc`: the profile dropped, and colors converted to sRGB.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::recipe::Recipe;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "strip_icc",
    about: "drops the ICC profile; colors of a device are converted to sRGB",
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
