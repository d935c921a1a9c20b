//! `focal`: what a crop must keep.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::geometry::{Focal, Origin};
use crate::recipe::Recipe;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "focal",
    about: "an area that a crop keeps: left x top : right x bottom",
    example: "focal(10x20:110x90)",
    params: &[Param { name: "area", kind: Kind::Text, default: None, about: "LxT:RxB in pixels of the source" }],
    compile,
};

/// Text of another form and empty areas say nothing, as in Thumbor.
fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let focal = area(args.text(0)).ok_or_else(|| args.mismatch(0, "an area such as 10x20:110x90"))?;
    recipe.geometry.focal.push(focal);
    Ok(())
}

fn area(text: &str) -> Option<Focal> {
    let corner = |text: &str| {
        let (x, y) = text.split_once('x')?;
        let number = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?;
        Some((number(x)?, number(y)?))
    };
    let (start, end) = text.split_once(':')?;
    let ((left, top), (right, bottom)) = (corner(start)?, corner(end)?);
    Focal::of_rect(left, top, right, bottom, Origin::Explicit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::tests::recipe;

    #[test]
    fn an_area_becomes_its_center_weighing_its_pixels() {
        let focal = recipe("focal(10x20:111x90):focal(0x0:2x2)").unwrap().geometry.focal;
        let expected = |x, y, width, height| {
            let weight = u64::from(width) * u64::from(height);
            Focal { x, y, width, height, weight, origin: Origin::Explicit }
        };
        assert_eq!(focal, [expected(60, 55, 101, 70), expected(1, 1, 2, 2)]);
    }

    #[test]
    fn other_text_and_empty_areas_say_nothing() {
        for text in ["abc", "10x10:10x90", "90x10:10x20", "1x1:2", "+1x1:2x2", "1x1:99999999999x2"] {
            let recipe = recipe(&format!("focal({text})")).unwrap();
            assert_eq!((recipe.geometry.focal.len(), recipe.ignored_filters), (0, vec!["focal".to_owned()]), "{text}");
        }
    }
}
