//! `upscale`: a picture smaller than the box asked for grows into it.

use super::{Args, ArgsError, FilterDef};
use crate::geometry::{Canvas, Size, grow_into};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::resize;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "upscale",
    about: "with fit-in: enlarges a picture that is smaller than the box",
    example: "upscale()",
    params: &[],
    compile,
};

fn compile(_args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.effects.push(Box::new(Upscale));
    Ok(())
}

#[derive(Debug)]
struct Upscale;

impl Effect for Upscale {
    fn output_size(&self, input: Size<Canvas>, scene: &Scene) -> Size<Canvas> {
        grow_into(scene.frame, input)
    }

    fn wants(&self, current: PixelFormat) -> PixelFormat {
        current
    }

    fn is_resize(&self) -> bool {
        true
    }

    fn work(&self, input: Size<Canvas>, scene: &Scene) -> u64 {
        input.area_px().saturating_add(self.output_size(input, scene).area_px()).saturating_mul(10)
    }

    fn apply(&self, frame: PixelBuffer<Canvas>, scene: &Scene) -> PixelBuffer<Canvas> {
        let size = self.output_size(frame.size(), scene);
        if size == frame.size() { frame } else { resize(&frame, size, scene.kernel) }
    }
}
