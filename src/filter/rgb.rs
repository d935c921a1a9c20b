//! `rgb`: each of red, green and blue lighter or darker.

use super::{Args, ArgsError, FilterDef, Kind, Param, point};
use crate::recipe::Recipe;
use crate::transform::Tables;

const PERCENT: Kind = Kind::Within(&Kind::Integer, -100, 100);

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "rgb",
    about: "adds to red, green and blue, or takes away",
    example: "rgb(20,-20,40)",
    params: &[
        Param { name: "red", kind: PERCENT, default: None, about: "percent of full red to add" },
        Param { name: "green", kind: PERCENT, default: None, about: "percent of full green to add" },
        Param { name: "blue", kind: PERCENT, default: None, about: "percent of full blue to add" },
    ],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    // Beyond 100 percent nothing changes any more.
    let deltas = [0, 1, 2].map(|index| 255 * args.number(index).clamp(-100, 100) / 100);
    point::push(recipe, Tables::new(deltas.map(|delta| move |sample| sample + delta)).into());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::point::tests::{apply, check};
    use crate::raster::PixelFormat;

    #[test]
    fn samples_are_those_of_thumbor() {
        check("rgb(10,-20,30)", "1900ff 301079 4749de 5e82ff 75bba8 8c00ff a32d72 ba66d7 d19fff e800a1 ff11ff ff4a6b");
    }

    #[test]
    fn gray_pictures_get_color_unless_all_amounts_are_the_same() {
        assert_eq!(apply("rgb(10,-20,30)", PixelFormat::Gray, vec![100]), [125, 49, 176]);
        assert_eq!(apply("rgb(10,10,10)", PixelFormat::Gray, vec![100]), [125]);
    }

    #[test]
    fn absurd_amounts_make_full_channels_or_empty_ones() {
        let call = format!("rgb({},{},0)", i64::MAX, i64::MIN);
        assert_eq!(apply(&call, PixelFormat::Rgb, vec![7, 7, 7]), [255, 0, 7]);
    }
}
