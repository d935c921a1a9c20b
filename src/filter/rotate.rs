//! `rotate`: quarter turns, counter-clockwise.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::geometry::{Canvas, Orientation, Size};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::orient;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "rotate",
    about: "turns the picture counter-clockwise by a multiple of 90 degrees",
    example: "rotate(90)",
    params: &[Param {
        name: "degrees",
        kind: Kind::Integer,
        default: None,
        about: "a multiple of 90; others do nothing",
    }],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let turn = Orientation::from_rotation(args.number(0)).ok_or_else(|| args.mismatch(0, "a multiple of 90"))?;
    recipe.effects.push(Box::new(Rotate(turn)));
    Ok(())
}

#[derive(Debug)]
struct Rotate(Orientation);

impl Effect for Rotate {
    fn output_size(&self, input: Size<Canvas>, _scene: &Scene) -> Size<Canvas> {
        self.0.apply_to(input)
    }

    /// Planes whose chroma is smaller would move against each other where a side is odd.
    fn wants(&self, current: PixelFormat) -> PixelFormat {
        if matches!(current, PixelFormat::YCbCr(_)) { PixelFormat::Rgb } else { current }
    }

    fn apply(&self, frame: PixelBuffer<Canvas>, _scene: &Scene) -> PixelBuffer<Canvas> {
        orient(frame, self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::tests::recipe;

    #[test]
    fn ninety_degrees_bring_the_right_side_to_the_top() {
        let recipe = recipe("rotate(90)").unwrap();
        let scene = Scene::default();
        let picture = PixelBuffer::from_vec(PixelFormat::Gray, Size::new(2, 3), vec![1, 2, 3, 4, 5, 6]);
        let turned = recipe.effects[0].apply(picture, &scene);
        assert_eq!(turned.size(), recipe.effects[0].output_size(Size::new(2, 3), &scene));
        assert_eq!(turned.into_first(), [2, 4, 6, 1, 3, 5]);
    }

    #[test]
    fn other_angles_are_skipped() {
        assert_eq!(recipe("rotate(45)").unwrap().ignored_filters, ["rotate"]);
    }
}
