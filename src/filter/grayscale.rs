//! `grayscale`: without color, by Rec. 601 luma.

use super::{Args, ArgsError, FilterDef};
use crate::geometry::Canvas;
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::color;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "grayscale",
    about: "takes the color away and keeps transparency",
    example: "grayscale()",
    params: &[],
    compile,
};

fn compile(_args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.effects.push(Box::new(Grayscale));
    Ok(())
}

#[derive(Debug)]
struct Grayscale;

impl Effect for Grayscale {
    /// Any layout will do: the luma plane of YCbCr is the very luma asked for.
    fn wants(&self, current: PixelFormat) -> PixelFormat {
        current
    }

    fn gives(&self, wanted: PixelFormat) -> PixelFormat {
        if wanted.has_alpha() { PixelFormat::GrayAlpha } else { PixelFormat::Gray }
    }

    fn apply(&self, frame: PixelBuffer<Canvas>, _scene: &Scene) -> PixelBuffer<Canvas> {
        color::gray_from(frame)
    }
}
