//! `autojpg`: whether PNG pictures without transparency become JPEG.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::recipe::Recipe;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "autojpg",
    about: "JPEG for a PNG source without transparency, or not, whatever the server's settings say",
    example: "autojpg()",
    params: &[Param {
        name: "wanted",
        kind: Kind::Boolean,
        default: Some("true"),
        about: "false keeps PNG where the server would make JPEG",
    }],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.output.png_to_jpg = Some(args.boolean(0));
    Ok(())
}
