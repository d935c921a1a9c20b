//! `colorize`: red, green and blue blended to those of a color, each by its own share.

use super::{Args, ArgsError, FilterDef, Kind, Param, point};
use crate::recipe::Recipe;
use crate::transform::Tables;

const PERCENT: Kind = Kind::Within(&Kind::Natural, 0, 100);

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "colorize",
    about: "blends the picture to a color",
    example: "colorize(30,50,70,ff8010)",
    params: &[
        Param { name: "red", kind: PERCENT, default: None, about: "percent of the color in red" },
        Param { name: "green", kind: PERCENT, default: None, about: "percent of the color in green" },
        Param { name: "blue", kind: PERCENT, default: None, about: "percent of the color in blue" },
        Param { name: "color", kind: Kind::Text, default: None, about: "six hex digits" },
    ],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let fill = fill(args.text(3)).ok_or_else(|| args.refused(3, "a color of six hex digits"))?;
    // A hundred thousand percent take every other sample beyond black or white already.
    let percents = [0, 1, 2].map(|index| args.number(index).min(100_000));
    let blend = |(percent, fill)| move |sample: i64| (sample * (100 - percent) + i64::from(fill) * percent) / 100;
    let [red, green, blue] = fill;
    let [of_red, of_green, of_blue] = percents;
    point::push(recipe, Tables::new([(of_red, red), (of_green, green), (of_blue, blue)].map(blend)).into());
    Ok(())
}

fn fill(digits: &str) -> Option<[u8; 3]> {
    let are_hex = digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let [_, fill @ ..] = u32::from_str_radix(digits, 16).ok().filter(|_| are_hex)?.to_be_bytes();
    Some(fill)
}

#[cfg(test)]
mod tests {
    use super::super::point::tests::{apply, check};
    use crate::filter::tests::recipe;
    use crate::raster::PixelFormat;

    #[test]
    fn samples_are_those_of_thumbor() {
        check(
            "colorize(30,50,70,ff8010)",
            "4c4547 5c6118 6c7e37 7c9a55 8cb726 9d5345 ad7016 bd8c34 cda953 dd4524 ed6243 fd7e14",
        );
    }

    #[test]
    fn gray_pictures_get_color() {
        assert_eq!(apply("colorize(100,50,0,FF0000)", PixelFormat::GrayAlpha, vec![100, 9]), [255, 50, 100, 9]);
    }

    #[test]
    fn more_than_all_of_the_color_goes_on_to_black_and_white() {
        let call = format!("colorize({0},{0},{0},808080)", i64::MAX);
        assert_eq!(apply(&call, PixelFormat::Rgb, vec![127, 128, 129]), [255, 128, 0]);
    }

    #[test]
    fn a_color_of_another_form_is_an_error_that_names_it() {
        for wrong in ["fff", "ff80100", "red", "zzzzzz", "+f8010"] {
            let error = recipe(&format!("colorize(1,2,3,{wrong})")).unwrap_err();
            assert_eq!(error.to_string(), format!("colorize: color `{wrong}` is not a color of six hex digits"));
        }
    }
}
