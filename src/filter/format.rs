//! `format`: which format the answer has.

use super::{Args, ArgsError, FilterDef, Kind, Param, placeholder};
use crate::codec;
use crate::recipe::Recipe;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "format",
    about: "output format: jpeg, jpg, png, webp, gif or avif; or a text to show until the picture has come: blurhash, thumbhash, lqip or color",
    example: "format(webp)",
    params: &[Param { name: "format", kind: Kind::Text, default: None, about: "name of the format" }],
    compile,
};

/// A name that is no format takes back what an earlier call said, as in Thumbor.
fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let name = args.text(0).to_lowercase();
    recipe.output.format = codec::by_name(&name).map(|def| def.format);
    recipe.output.placeholder = placeholder::by_name(&name);
    if recipe.output.format.is_none() && recipe.output.placeholder.is_none() {
        return Err(args.mismatch(0, "a format that this server writes"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::codec::Format;
    use crate::filter::tests::recipe;

    #[test]
    fn names_are_compared_without_case_and_the_last_call_counts() {
        let check = |filters, expected| assert_eq!(recipe(filters).unwrap().output.format, expected, "{filters}");
        check("format(PNG)", Some(Format::Png));
        check("format(jpg)", Some(Format::Jpeg));
        check("format(jpeg):format(webp)", Some(Format::WebP));
        check("format(png):format(tga)", None);
    }
}
