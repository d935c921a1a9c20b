//! `background_color`: a color behind transparent pixels.

use super::color::Color;
use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::geometry::Canvas;
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::{Paste, pad};

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "background_color",
    about: "puts a color behind transparent pixels",
    example: "background_color(white)",
    params: &[Param {
        name: "color",
        kind: Kind::Word,
        default: None,
        about: "name, hex digits, transparent or auto (the mean)",
    }],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.effects.push(Box::new(Background(Color::parse(args, 0)?)));
    Ok(())
}

#[derive(Debug)]
struct Background(Color);

impl Effect for Background {
    /// Pictures without transparency hide any background, so they stay as they are.
    fn wants(&self, current: PixelFormat) -> PixelFormat {
        if current.has_alpha() { PixelFormat::Rgba } else { current }
    }

    fn apply(&self, frame: PixelBuffer<Canvas>, _scene: &Scene) -> PixelBuffer<Canvas> {
        if !frame.format().has_alpha() {
            return frame;
        }
        let color = self.0.resolve(&frame);
        pad(&frame, frame.size(), color, Paste::Over)
    }
}
