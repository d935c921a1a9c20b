//! `fill`: the picture in the middle of the box asked for, the rest in a color.

use super::color::Color;
use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::geometry::{Canvas, Size};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::{Paste, pad};

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "fill",
    about: "pads the picture to the box asked for",
    example: "fill(ff8000)",
    params: &[
        Param {
            name: "color",
            kind: Kind::Word,
            default: None,
            about: "name, hex digits, transparent or auto (the mean)",
        },
        Param {
            name: "fill_transparent",
            kind: Kind::Boolean,
            default: Some("false"),
            about: "also behind transparent pixels",
        },
    ],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let paste = if args.boolean(1) { Paste::Over } else { Paste::Replace };
    recipe.effects.push(Box::new(Fill { color: Color::parse(args, 0)?, paste }));
    Ok(())
}

#[derive(Debug)]
struct Fill {
    color: Color,
    paste: Paste,
}

impl Effect for Fill {
    /// The box asked for; a side that was not given stays.
    fn output_size(&self, input: Size<Canvas>, scene: &Scene) -> Size<Canvas> {
        let side = |asked: u32, current: u32| if asked == 0 { current } else { asked };
        Size::new(side(scene.frame.0, input.width), side(scene.frame.1, input.height))
    }

    fn wants(&self, current: PixelFormat) -> PixelFormat {
        if current.has_alpha() || !self.color.is_opaque() { PixelFormat::Rgba } else { PixelFormat::Rgb }
    }

    fn apply(&self, frame: PixelBuffer<Canvas>, scene: &Scene) -> PixelBuffer<Canvas> {
        let color = self.color.resolve(&frame);
        pad(&frame, self.output_size(frame.size(), scene), color, self.paste)
    }
}

#[cfg(test)]
mod tests {
    use crate::filter::tests::recipe;

    #[test]
    fn a_color_that_is_none_is_an_error_that_names_it() {
        let error = recipe("fill(nocolor)").unwrap_err();
        assert_eq!(error.to_string(), "fill: `nocolor` is not a color name or 3, 4, 6 or 8 hex digits");
        for good in
            ["fill(blue)", "fill(f80)", "fill(ff8000)", "fill(ff800080,true)", "fill(transparent)", "fill(auto)"]
        {
            assert!(recipe(good).is_ok(), "{good}");
        }
    }
}
