//! `sharpen`: details made stronger.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::geometry::{Canvas, Size};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::{self, Gains, Sharpened};

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "sharpen",
    about: "sharpens the picture",
    example: "sharpen(2,1.0,true)",
    params: &[
        Param { name: "amount", kind: Kind::Decimal, default: None, about: "how much details gain; 0: nothing" },
        Param {
            name: "radius",
            kind: Kind::Decimal,
            default: None,
            about: "size of the details that gain most: 0 the finest, each whole number twice as large, to 4",
        },
        Param { name: "luminance", kind: Kind::Boolean, default: None, about: "sharpen lightness only" },
    ],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    // Beyond, nothing changes any more, and within, no product is infinite.
    let [amount, radius] = [0, 1].map(|index| args.decimal(index).clamp(-1e6, 1e6));
    let sharpened = if args.boolean(2) { Sharpened::Lightness } else { Sharpened::Channels };
    recipe.effects.push(Box::new(Sharpen { gains: Gains::around(radius, amount), sharpened }));
    Ok(())
}

#[derive(Debug)]
struct Sharpen {
    gains: Gains,
    sharpened: Sharpened,
}

impl Effect for Sharpen {
    fn wants(&self, current: PixelFormat) -> PixelFormat {
        if matches!(current, PixelFormat::YCbCr(_)) { PixelFormat::Rgb } else { current }
    }

    fn work(&self, input: Size<Canvas>, _scene: &Scene) -> u64 {
        input.area_px().saturating_mul(Gains::WORK_PER_PX)
    }

    fn apply(&self, frame: PixelBuffer<Canvas>, scene: &Scene) -> PixelBuffer<Canvas> {
        transform::sharpen(&frame, self.gains, self.sharpened, &scene.cancel)
    }
}

#[cfg(test)]
mod tests {
    use crate::filter::tests::recipe;

    #[test]
    fn all_three_arguments_are_required() {
        assert_eq!(recipe("sharpen(2,1.0)").unwrap().ignored_filters, ["sharpen"]);
        assert_eq!(recipe("sharpen(6,2,1)").unwrap().effects.len(), 1);
    }
}
