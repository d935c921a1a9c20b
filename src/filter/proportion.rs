//! `proportion`: the result made smaller by a factor.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::geometry::{Canvas, Size, trunc_to_u32};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::resize;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "proportion",
    about: "makes the result smaller",
    example: "proportion(0.5)",
    params: &[Param {
        name: "factor",
        kind: Kind::Within(&Kind::Decimal, 0, 1),
        default: None,
        about: "part of each side that is left, more than 0",
    }],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let factor = args.decimal(0);
    if factor <= 0.0 || factor > 1.0 {
        return Err(args.mismatch(0, "a number above 0, at most 1"));
    }
    recipe.effects.push(Box::new(Proportion(factor)));
    Ok(())
}

#[derive(Debug)]
struct Proportion(f64);

impl Effect for Proportion {
    /// Both sides times the factor, rounded down; a picture that would vanish stays as it is.
    fn output_size(&self, input: Size<Canvas>, _scene: &Scene) -> Size<Canvas> {
        let [width, height] = [input.width, input.height].map(|side| trunc_to_u32(f64::from(side) * self.0));
        if width == 0 || height == 0 { input } else { Size::new(width, height) }
    }

    fn wants(&self, current: PixelFormat) -> PixelFormat {
        current
    }

    fn is_resize(&self) -> bool {
        true
    }

    fn work(&self, input: Size<Canvas>, _scene: &Scene) -> u64 {
        input.area_px().saturating_mul(10)
    }

    fn apply(&self, frame: PixelBuffer<Canvas>, scene: &Scene) -> PixelBuffer<Canvas> {
        let size = self.output_size(frame.size(), scene);
        if size == frame.size() { frame } else { resize(&frame, size, scene.kernel) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::tests::recipe;

    #[test]
    fn sides_are_rounded_down_and_never_vanish() {
        let check = |factor: &str, (width, height), expected: (u32, u32)| {
            let effect = recipe(&format!("proportion({factor})")).unwrap().effects.remove(0);
            let size = effect.output_size(Size::new(width, height), &Scene::default());
            assert_eq!((size.width, size.height), expected, "{factor}");
        };
        check("0.5", (301, 199), (150, 99));
        check("1", (301, 199), (301, 199));
        check(".333", (10, 10), (3, 3));
        check("0.05", (301, 19), (301, 19));
    }

    #[test]
    fn other_factors_are_skipped() {
        for wrong in ["0", "1.5", "-0.5", "1.0001", "x"] {
            assert_eq!(recipe(&format!("proportion({wrong})")).unwrap().ignored_filters, ["proportion"], "{wrong}");
        }
    }
}
