//! `fallback`: what is shown where there is no source.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::recipe::Recipe;
use crate::request::ImageId;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "fallback",
    about: "shows another picture where this one is missing or cannot be read; all else in the URL holds for it, too",
    example: "fallback(photo.jpg)",
    params: &[Param { name: "image", kind: Kind::Text, default: None, about: "name or address of the other picture" }],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.fallback = Some(ImageId::of(args.text(0)));
    Ok(())
}
