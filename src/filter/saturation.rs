//! `saturation`: stronger or weaker colors.

use super::{Args, ArgsError, FilterDef, Kind, Param, point};
use crate::recipe::Recipe;
use crate::transform::PointStep;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "saturation",
    about: "makes colors stronger or weaker",
    example: "saturation(1.8)",
    params: &[Param {
        name: "factor",
        kind: Kind::Decimal,
        default: None,
        about: "0 is gray, 1 changes nothing, 2 doubles the colors; less than 0 gives their complements",
    }],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    // Within these bounds no product is infinite.
    #[expect(clippy::cast_possible_truncation, reason = "the arithmetic is one of single precision")]
    let factor = args.decimal(0).clamp(-1e9, 1e9) as f32;
    point::push(recipe, PointStep::Saturate(factor));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::point::tests::{apply, check};
    use crate::raster::PixelFormat;

    #[test]
    fn samples_are_those_of_thumbor() {
        check("saturation(0)", "434343 363636 6d6d6d a6a6a6 bfbfbf 5f5f5f 6a6a6a 999999 cecece 757575 959595 a8a8a8");
        check("saturation(2.5)", "0000ff 00551e 0091c8 00cbff 00ff00 9000ff b95000 ab9774 96d7ff ff0024 ff00f0 ff3b00");
    }

    #[test]
    fn gray_pictures_stay_gray() {
        assert_eq!(apply("saturation(1)", PixelFormat::Gray, vec![0, 100, 255]), [0, 100, 255]);
    }

    #[test]
    fn absurd_factors_leave_pure_colors() {
        let call = format!("saturation({})", "9".repeat(40));
        assert_eq!(apply(&call, PixelFormat::Rgb, vec![200, 100, 20]), [255, 0, 0]);
    }
}
