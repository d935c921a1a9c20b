//! `fill`: the picture in the middle of the box asked for, the rest in a color.

use super::color::Color;
use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::geometry::{Canvas, Size};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::{Gaussian, Paste, blur, lay, pad, resize};

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
            about: "name, hex digits, transparent, auto (the mean) or blur (the picture, blurred)",
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
    let ground = match args.text(0) {
        "blur" => Ground::Blurred(Gaussian::new(BLUR_RADIUS, f64::from(BLUR_RADIUS))),
        _ => Ground::Plain(Color::parse(args, 0)?),
    };
    recipe.effects.push(Box::new(Fill { ground, paste }));
    Ok(())
}

/// Radius of the blur in pixels.
const BLUR_RADIUS: u32 = 50;

#[derive(Debug)]
struct Fill {
    ground: Ground,
    paste: Paste,
}

/// What is seen where the picture is not.
#[derive(Debug)]
enum Ground {
    Plain(Color),
    /// The picture, blurred and then distorted to the box.
    Blurred(Gaussian),
}

impl Effect for Fill {
    /// The box asked for; a side that was not given stays.
    fn output_size(&self, input: Size<Canvas>, scene: &Scene) -> Size<Canvas> {
        let side = |asked: u32, current: u32| if asked == 0 { current } else { asked };
        Size::new(side(scene.frame.0, input.width), side(scene.frame.1, input.height))
    }

    fn wants(&self, current: PixelFormat) -> PixelFormat {
        let opaque = match &self.ground {
            Ground::Plain(color) => color.is_opaque(),
            Ground::Blurred(_) => true,
        };
        if current.has_alpha() || !opaque { PixelFormat::Rgba } else { PixelFormat::Rgb }
    }

    fn work(&self, input: Size<Canvas>, scene: &Scene) -> u64 {
        let (before, after) = (input.area_px(), self.output_size(input, scene).area_px());
        match &self.ground {
            Ground::Plain(_) => before.saturating_add(after.saturating_mul(10)),
            Ground::Blurred(gaussian) => {
                let blur = before.saturating_mul(gaussian.work_per_px() + 10);
                blur.saturating_add(after.saturating_mul(20))
            }
        }
    }

    fn apply(&self, frame: PixelBuffer<Canvas>, scene: &Scene) -> PixelBuffer<Canvas> {
        let size = self.output_size(frame.size(), scene);
        match &self.ground {
            Ground::Plain(color) => pad(&frame, size, color.resolve(&frame), self.paste),
            Ground::Blurred(gaussian) => {
                // Without color where nothing is seen, so that such places lend none to their neighbours.
                let visible = pad(&frame, frame.size(), [0; 4], Paste::Over);
                let ground = blur(visible, gaussian, &scene.cancel);
                let ground = if size == ground.size() { ground } else { resize(&ground, size, scene.kernel) };
                lay(&frame, ground, self.paste)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::tests::recipe;
    use crate::transform::color;

    /// One row of pixels filled up to `width`.
    fn filled(call: &str, format: PixelFormat, data: &[u8], width: u32) -> Vec<u8> {
        let scene = Scene { frame: (width, 0), ..Scene::default() };
        let length = u32::try_from(data.len() / format.channels()).unwrap();
        let effect = recipe(call).unwrap().effects.remove(0);
        let frame = PixelBuffer::from_vec(format, Size::new(length, 1), data.to_vec());
        effect.apply(color::convert(frame, effect.wants(format)), &scene).into_first()
    }

    #[test]
    fn auto_is_the_mean_rounded_down_without_regard_to_alpha() {
        let rgb = filled("fill(auto)", PixelFormat::Rgb, &[0, 10, 255, 255, 11, 0], 3);
        assert_eq!(rgb, [0, 10, 255, 255, 11, 0, 127, 10, 127]);
        let rgba = filled("fill(auto)", PixelFormat::Rgba, &[0, 10, 255, 0, 255, 11, 0, 9], 3);
        assert_eq!(rgba, [0, 10, 255, 0, 255, 11, 0, 9, 127, 10, 127, 255]);
        assert_eq!(filled("fill(auto)", PixelFormat::Gray, &[100], 2), [100; 6]);
    }

    #[test]
    fn transparent_pixels_stay_unless_the_color_goes_behind_them() {
        let half = [200, 100, 0, 51];
        assert_eq!(filled("fill(00f)", PixelFormat::Rgba, &half, 2)[..4], half);
        assert_eq!(filled("fill(00f,true)", PixelFormat::Rgba, &half, 2)[..4], [40, 20, 204, 255]);
        assert_eq!(filled("fill(transparent)", PixelFormat::Rgb, &[1, 2, 3], 2), [1, 2, 3, 255, 0, 0, 0, 0]);
        assert_eq!(filled("fill(transparent,true)", PixelFormat::Rgba, &[1, 2, 3, 0], 1), [0; 4]);
    }

    #[test]
    fn a_blurred_picture_fills_the_box_behind_the_sharp_one() {
        let rgb = filled("fill(blur)", PixelFormat::Rgb, &[10, 200, 30, 10, 200, 30], 6);
        assert_eq!(rgb, [10, 200, 30].repeat(6));
        let sharp = [0, 0, 0, 255, 255, 255];
        let rgb = filled("fill(blur)", PixelFormat::Rgb, &sharp, 6);
        assert_eq!(rgb[6..12], sharp);
        assert!(rgb[..6].iter().chain(&rgb[12..]).all(|sample| (100..156).contains(sample)), "{rgb:?}");
        let clear = filled("fill(blur)", PixelFormat::Rgba, &[255, 0, 0, 0, 0, 0, 255, 255], 4);
        assert_eq!(clear[4..12], [255, 0, 0, 0, 0, 0, 255, 255]);
        assert_eq!(clear[0], 0, "what is not seen lends no color: {clear:?}");
    }

    #[test]
    fn a_color_that_is_none_is_an_error_that_names_it() {
        let error = recipe("fill(nocolor)").unwrap_err();
        assert_eq!(error.to_string(), "fill: `nocolor` is not a color name or 3, 4, 6 or 8 hex digits");
        for good in [
            "fill(blue)",
            "fill(f80)",
            "fill(ff8000)",
            "fill(ff800080,true)",
            "fill(transparent)",
            "fill(auto)",
            "fill(blur)",
        ] {
            assert!(recipe(good).is_ok(), "{good}");
        }
    }
}
