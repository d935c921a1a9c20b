//! `blur`: a Gaussian.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::geometry::{Canvas, Size};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::{self, Gaussian};

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "blur",
    about: "blurs the picture",
    example: "blur(7)",
    params: &[
        Param {
            name: "radius",
            kind: Kind::Within(&Kind::Natural, 1, 150),
            default: None,
            about: "how far pixels are mixed, in pixels; beyond 150 it is 150",
        },
        Param {
            name: "sigma",
            kind: Kind::Decimal,
            default: Some("0"),
            about: "standard deviation in pixels; 0: as the radius",
        },
    ],
    compile,
};

/// No pixel farther away than this is mixed in.
const MAX_RADIUS: u32 = 150;

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let (radius, sigma) = (args.natural(0)?, args.decimal(1));
    if radius == 0 {
        return Err(args.mismatch(0, "a number above 0"));
    }
    let sigma = if sigma == 0.0 { f64::from(radius) } else { sigma };
    recipe.effects.push(Box::new(Blur(Gaussian::new(radius.min(MAX_RADIUS), sigma))));
    Ok(())
}

#[derive(Debug)]
struct Blur(Gaussian);

impl Effect for Blur {
    fn wants(&self, current: PixelFormat) -> PixelFormat {
        if matches!(current, PixelFormat::YCbCr(_)) { PixelFormat::Rgb } else { current }
    }

    fn work(&self, input: Size<Canvas>, _scene: &Scene) -> u64 {
        input.area_px().saturating_mul(self.0.work_per_px())
    }

    fn apply(&self, frame: PixelBuffer<Canvas>, scene: &Scene) -> PixelBuffer<Canvas> {
        transform::blur(frame, &self.0, &scene.cancel)
    }
}

#[cfg(test)]
mod tests {
    use crate::filter::tests::{golden, recipe};
    use crate::geometry::Size;
    use crate::recipe::Scene;

    #[test]
    fn samples_are_those_of_thumbor() {
        golden("blur(1)", "1f4492 304e74 477487 579dbd 628496 735981 8a6078 9a8982 a4a2af b55891 cc4b71 dc7453");
        golden("blur(2,1.5)", "355296 445b8c 567292 658ba5 66739d 75678c 876c83 957d83 968bab a56e91 b76477 c66e63");
    }

    #[test]
    fn a_radius_of_nothing_is_skipped_and_a_large_one_is_held() {
        assert_eq!(recipe("blur(0)").unwrap().ignored_filters, ["blur"]);
        assert_eq!(recipe("blur(-3)").unwrap().ignored_filters, ["blur"]);
        let work = |call| recipe(call).unwrap().effects[0].work(Size::new(10, 10), &Scene::default());
        assert_eq!(work("blur(4000000000,150)"), work("blur(150)"));
    }
}
