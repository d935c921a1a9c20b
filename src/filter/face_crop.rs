//! `face_crop`: a face as large as it can be shown.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::recipe::{FaceCrop, Recipe};

/// Beyond this every picture shows as a whole.
const MOST_PADDING: f64 = 1000.0;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "face_crop",
    about: "shows a face that detectors find, or all of them, in the ratio asked for",
    example: "face_crop(1,0.5)",
    params: &[
        Param { name: "face", kind: Kind::Natural, default: Some("1"), about: "1: the largest, 2: the next; 0: all" },
        Param {
            name: "padding",
            kind: Kind::Decimal,
            default: Some("0.5"),
            about: "room on each side, in widths and heights of the face",
        },
        Param {
            name: "pixels",
            kind: Kind::Natural,
            default: Some("0"),
            about: "more room on each side, in pixels of the source",
        },
    ],
    compile,
};

/// Without such a face the picture is what `smart` alone makes of it.
fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let (index, padding) = (args.natural(0)?, args.decimal(1));
    if !(0.0..=MOST_PADDING).contains(&padding) {
        return Err(args.refused(1, "0 to 1000"));
    }
    recipe.geometry.smart = true;
    recipe.geometry.face_crop = Some(FaceCrop { index: index as usize, padding: (padding, args.natural(2)?) });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::tests::recipe;

    #[test]
    fn faces_are_looked_for_even_if_the_url_does_not_say_smart() {
        let geometry = recipe("face_crop()").unwrap().geometry;
        assert!(geometry.smart);
        assert_eq!(geometry.face_crop, Some(FaceCrop { index: 1, padding: (0.5, 0) }));
    }

    #[test]
    fn room_cannot_be_negative() {
        let error = recipe("face_crop(1,-0.5)").unwrap_err();
        assert_eq!(error.to_string(), "face_crop: padding `-0.5` is not 0 to 1000");
    }
}
