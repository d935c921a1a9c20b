//! `max_bytes`: quality falls until the file is small enough.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::recipe::Recipe;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "max_bytes",
    about: "lowers the quality of JPEG and WebP until the file is small enough, or as small as it gets",
    example: "max_bytes(40000)",
    params: &[Param { name: "bytes", kind: Kind::Natural, default: None, about: "size of the file" }],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.output.max_bytes = Some(args.number(0).unsigned_abs());
    Ok(())
}
