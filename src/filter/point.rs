//! Point filters: each pixel changes by itself, so that several of them are done in one pass.

use crate::geometry::Canvas;
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::{PointChain, PointStep};

/// Adds a point filter to the recipe.
pub(super) fn push(recipe: &mut Recipe, step: PointStep) {
    recipe.effects.push(Box::new(Point(PointChain::new(vec![step]))));
}

/// The same effects, with those made one that are point filters next to each other, and the calls that each does. Comes
/// with the call that each was made for, if it was for one.
pub(super) fn fused(
    effects: impl Iterator<Item = (Box<dyn Effect>, Option<usize>)>,
) -> (Vec<Box<dyn Effect>>, Vec<Vec<usize>>) {
    let (mut fused, mut calls): (Vec<Box<dyn Effect>>, Vec<Vec<usize>>) = Default::default();
    for (effect, call) in effects {
        match (fused.last_mut(), calls.last_mut()) {
            (Some(last), Some(done)) if !last.point_steps().is_empty() && !effect.point_steps().is_empty() => {
                let steps = [last.point_steps(), effect.point_steps()].concat();
                *last = Box::new(Point(PointChain::new(steps)));
                done.extend(call);
            }
            _ => {
                fused.push(effect);
                calls.push(call.into_iter().collect());
            }
        }
    }
    (fused, calls)
}

#[derive(Debug)]
struct Point(PointChain);

impl Effect for Point {
    fn wants(&self, current: PixelFormat) -> PixelFormat {
        self.0.wants(current)
    }

    fn gives(&self, wanted: PixelFormat) -> PixelFormat {
        self.0.gives(wanted)
    }

    fn point_steps(&self) -> &[PointStep] {
        self.0.steps()
    }

    fn apply(&self, frame: PixelBuffer<Canvas>, _scene: &Scene) -> PixelBuffer<Canvas> {
        self.0.apply(frame)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::filter::tests::recipe;
    use crate::geometry::Size;
    use crate::transform::color;

    /// RGB pixels whose answers by Thumbor are known.
    const SOURCE: &str = "000ac8 17432d 2e7c92 45b5f7 5cee5c 7327c1 8a6026 a1998b b8d2f0 cf0b55 e644ba fd7d1f";

    /// `call` makes the pixels `expected` of [`SOURCE`], opaque or not; of gray pictures it makes what it makes of
    /// them as RGB, and alpha stays.
    #[track_caller]
    pub(in crate::filter) fn check(call: &str, expected: &str) {
        let (source, expected) = (samples(SOURCE), samples(expected));
        assert_eq!(apply(call, PixelFormat::Rgb, source.clone()), expected, "{call} RGB");
        assert_eq!(apply(call, PixelFormat::Rgba, with_alpha(&source, 3)), with_alpha(&expected, 3), "{call} RGBA");
        for (gray, rgb) in [(PixelFormat::Gray, PixelFormat::Rgb), (PixelFormat::GrayAlpha, PixelFormat::Rgba)] {
            let shades = if gray.has_alpha() { with_alpha(&source, 1) } else { source.clone() };
            let expected = picture(call, color::convert(row(gray, shades.clone()), rgb));
            let found = color::convert(picture(call, row(gray, shades)), rgb);
            assert_eq!(found, color::convert(expected, rgb), "{call} {gray:?}");
        }
    }

    /// The samples of one row in `format` after `call`.
    pub(in crate::filter) fn apply(call: &str, format: PixelFormat, data: Vec<u8>) -> Vec<u8> {
        picture(call, row(format, data)).into_first()
    }

    fn picture(call: &str, frame: PixelBuffer<Canvas>) -> PixelBuffer<Canvas> {
        let scene = Scene::default();
        let effect = recipe(call).unwrap().effects.remove(0);
        let wanted = effect.wants(frame.format());
        assert_eq!(wanted, frame.format());
        let made = effect.apply(frame, &scene);
        assert_eq!(made.format(), effect.gives(wanted));
        made
    }

    fn row(format: PixelFormat, data: Vec<u8>) -> PixelBuffer<Canvas> {
        let width = u32::try_from(data.len() / format.channels()).unwrap();
        PixelBuffer::from_vec(format, Size::new(width, 1), data)
    }

    fn samples(pixels: &str) -> Vec<u8> {
        let digits: String = pixels.split(' ').collect();
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
    }

    fn with_alpha(samples: &[u8], color: usize) -> Vec<u8> {
        let alphas = (0..=255).rev().step_by(7);
        samples.chunks(color).zip(alphas).flat_map(|(pixel, alpha)| [pixel, &[alpha]].concat()).collect()
    }

    #[test]
    fn point_filters_next_to_each_other_are_one_effect() {
        let effects =
            |filters| recipe(filters).unwrap().effects.iter().map(|e| e.point_steps().len()).collect::<Vec<_>>();
        let check = |filters, expected: &[usize]| assert_eq!(effects(filters), expected, "{filters}");
        check("brightness(1):contrast(2):quality(3):grayscale():saturation(2)", &[4]);
        check("brightness(1):rotate(90):contrast(2):rgb(1,2,3)", &[1, 0, 2]);
        check("noise(3,1):noise(3,1)", &[0, 0]);
    }
}
