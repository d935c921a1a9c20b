//! `red_eye`: the red that a flash leaves in pupils taken out.

use super::{Args, ArgsError, FilterDef};
use crate::detect;
use crate::geometry::{Canvas, Rect, Size, round_half_even};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::{color, correct_red_eye, reduced};

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "red_eye",
    about: "takes the red of flashes out of the eyes of faces",
    example: "red_eye()",
    params: &[],
    compile,
};

/// Pixel operations that the search for faces takes, at most.
const SEARCH: u64 = 30_000_000;
/// Those that a pixel of the picture takes.
const WORK_PER_PX: u64 = 10;

fn compile(_args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.effects.push(Box::new(RedEye));
    Ok(())
}

/// As in Thumbor, only eyes in faces that are found are touched, never areas from the URL. Thumbor takes the faces that
/// `smart` has found in the original; here they are looked for in the picture that is shown, where they are by then.
#[derive(Debug)]
struct RedEye;

impl Effect for RedEye {
    /// Gray has no red.
    fn wants(&self, current: PixelFormat) -> PixelFormat {
        match current {
            PixelFormat::Gray | PixelFormat::GrayAlpha => current,
            _ if current.has_alpha() => PixelFormat::Rgba,
            _ => PixelFormat::Rgb,
        }
    }

    fn work(&self, input: Size<Canvas>, _scene: &Scene) -> u64 {
        SEARCH.saturating_add(input.area_px().saturating_mul(WORK_PER_PX))
    }

    fn apply(&self, mut frame: PixelBuffer<Canvas>, scene: &Scene) -> PixelBuffer<Canvas> {
        if matches!(frame.format(), PixelFormat::Gray | PixelFormat::GrayAlpha) {
            return frame;
        }
        let copy = color::flatten(reduced(&frame, detect::EYES_SIDE_PX).into_owned(), [255; 3]);
        let eyes = detect::eyes(&copy, &scene.cancel).unwrap_or_default();
        let Size { width, height, .. } = frame.size();
        for eye in eyes {
            let eye = eye.scaled(width.into(), height.into());
            let [left, top, right, bottom] = [eye.left, eye.top, eye.left + eye.width, eye.top + eye.height]
                .map(|edge| round_half_even(edge.max(0.0)));
            correct_red_eye(&mut frame, Rect::new(left, top, right, bottom));
        }
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::tests::recipe;

    #[test]
    fn areas_from_the_url_are_no_eyes_and_gray_has_no_red() {
        let recipe = recipe("focal(1x1:9x9):red_eye()").unwrap();
        let effect = &recipe.effects[0];
        let red = PixelBuffer::from_vec(PixelFormat::Rgb, Size::new(9, 9), [200, 20, 20].repeat(81));
        assert_eq!(effect.apply(red.clone(), &Scene::default()), red);
        let gray = PixelBuffer::new(PixelFormat::GrayAlpha, Size::new(9, 9));
        assert_eq!(effect.wants(gray.format()), gray.format());
        assert_eq!(effect.apply(gray.clone(), &Scene::default()), gray);
    }
}
