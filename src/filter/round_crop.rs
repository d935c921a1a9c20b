//! `round_crop`: what lies inside an ellipse, the rest transparent and cut off.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::geometry::{Canvas, Size};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "round_crop",
    about: "cuts out an ellipse and makes what is around it transparent",
    example: "round_crop(40,30)",
    params: &[
        Param {
            name: "rx",
            kind: Kind::Text,
            default: Some("auto"),
            about: "radius across in pixels; auto: half the shorter side",
        },
        Param {
            name: "ry",
            kind: Kind::Text,
            default: Some("auto"),
            about: "radius down; auto: half the shorter side",
        },
        Param {
            name: "x",
            kind: Kind::Text,
            default: Some("auto"),
            about: "its middle from the left; auto: that of the picture",
        },
        Param {
            name: "y",
            kind: Kind::Text,
            default: Some("auto"),
            about: "its middle from the top; auto: that of the picture",
        },
    ],
    compile,
};

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let radius = |index| match number(args, index)? {
        Some(0) => Err(args.refused(index, "a radius above 0")),
        radius => Ok(radius),
    };
    let effect = RoundCrop { radii: (radius(0)?, radius(1)?), middle: (number(args, 2)?, number(args, 3)?) };
    recipe.effects.push(Box::new(effect));
    Ok(())
}

/// Pixels, `None` for `auto`.
fn number(args: &Args, index: usize) -> Result<Option<u32>, ArgsError> {
    let text = args.text(index);
    if text == "auto" {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| args.mismatch(index, "a whole number or auto"))
}

#[derive(Debug)]
struct RoundCrop {
    radii: (Option<u32>, Option<u32>),
    middle: (Option<u32>, Option<u32>),
}

/// An ellipse on a canvas, in pixels.
struct Ellipse {
    middle: (f64, f64),
    radii: (f64, f64),
    /// The columns and rows of the canvas that it touches, which are kept.
    left: u32,
    top: u32,
    size: Size<Canvas>,
}

impl RoundCrop {
    fn on(&self, canvas: Size<Canvas>) -> Ellipse {
        let usual = f64::from(canvas.width.min(canvas.height)) / 2.0;
        let (rx, ry) = (self.radii.0.map_or(usual, f64::from), self.radii.1.map_or(usual, f64::from));
        let (left, width, x) = kept(canvas.width, self.middle.0, rx);
        let (top, height, y) = kept(canvas.height, self.middle.1, ry);
        Ellipse { middle: (x, y), radii: (rx, ry), left, top, size: Size::new(width, height) }
    }
}

/// Of a side of a canvas: the first pixel that an ellipse touches, how many, at least one, and its middle.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within the side")]
fn kept(side: u32, middle: Option<u32>, radius: f64) -> (u32, u32, f64) {
    let length = f64::from(side);
    let middle = middle.map_or(length / 2.0, f64::from);
    let first = (middle - radius).floor().clamp(0.0, length - 1.0);
    let end = (middle + radius).ceil().clamp(first + 1.0, length);
    (first as u32, (end - first) as u32, middle)
}

impl Ellipse {
    /// How much of a pixel of the canvas lies inside, 0 to 1: the edge is as soft as a pixel is wide.
    fn share(&self, x: u32, y: u32) -> f64 {
        let (dx, dy) = (f64::from(x) + 0.5 - self.middle.0, f64::from(y) + 0.5 - self.middle.1);
        let (rx, ry) = self.radii;
        let (nx, ny) = (dx / rx, dy / ry);
        let far = nx.hypot(ny);
        // The distance to the edge, from how quickly the ellipse's equation grows here.
        let growth = (nx / rx).hypot(ny / ry);
        if growth == 0.0 { 1.0 } else { (0.5 + (1.0 - far) * far / growth).clamp(0.0, 1.0) }
    }
}

impl Effect for RoundCrop {
    fn output_size(&self, input: Size<Canvas>, _scene: &Scene) -> Size<Canvas> {
        self.on(input).size
    }

    fn wants(&self, _current: PixelFormat) -> PixelFormat {
        PixelFormat::Rgba
    }

    fn apply(&self, frame: PixelBuffer<Canvas>, _scene: &Scene) -> PixelBuffer<Canvas> {
        let ellipse = self.on(frame.size());
        let mut inside = PixelBuffer::new(PixelFormat::Rgba, ellipse.size);
        let source = frame.first();
        for (y, row) in (ellipse.top..).zip(inside.first_mut().rows_mut()) {
            let from = &source.row(y as usize)[ellipse.left as usize * 4..];
            for ((x, pixel), from) in (ellipse.left..).zip(row.chunks_exact_mut(4)).zip(from.chunks_exact(4)) {
                pixel.copy_from_slice(from);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
                let alpha = (f64::from(pixel[3]) * ellipse.share(x, y)).round() as u8;
                pixel[3] = alpha;
            }
        }
        inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::tests::recipe;

    fn cropped(call: &str, width: u32, height: u32) -> PixelBuffer<Canvas> {
        let recipe = recipe(call).unwrap();
        let frame = PixelBuffer::from_vec(
            PixelFormat::Rgba,
            Size::new(width, height),
            vec![200; (width * height * 4) as usize],
        );
        recipe.effects[0].apply(frame, &Scene::default())
    }

    #[test]
    fn what_is_left_is_as_large_as_the_ellipse_and_ends_at_the_picture() {
        let check = |call: &str, expected: (u32, u32)| {
            let size = cropped(call, 60, 40).size();
            assert_eq!((size.width, size.height), expected, "{call}");
            let planned = recipe(call).unwrap().effects[0].output_size(Size::new(60, 40), &Scene::default());
            assert_eq!(planned, size, "{call}");
        };
        check("round_crop()", (40, 40));
        check("round_crop(10,5)", (20, 10));
        check("round_crop(10,10,5,20)", (15, 20));
        check("round_crop(100,100)", (60, 40));
        check("round_crop(10,10,500,500)", (1, 1));
    }

    #[test]
    fn the_edge_is_soft_and_nothing_is_outside() {
        let picture = cropped("round_crop()", 40, 40);
        let alpha = |x: usize, y: usize| picture.first().row(y)[x * 4 + 3];
        assert_eq!((alpha(0, 0), alpha(20, 20), alpha(20, 1)), (0, 200, 200));
        let edge = (0..40).map(|x| alpha(x, 6)).filter(|alpha| (1..200).contains(alpha)).count();
        assert!((2..=6).contains(&edge), "{edge}");
    }

    #[test]
    fn a_radius_is_more_than_nothing() {
        let error = recipe("round_crop(0,5)").unwrap_err();
        assert_eq!(error.to_string(), "round_crop: rx `0` is not a radius above 0");
        assert_eq!(recipe("round_crop(wide)").unwrap().ignored_filters, ["round_crop"]);
    }
}
