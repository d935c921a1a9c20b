//! Placeholders: a few bytes that stand for the picture until it has come.

use crate::codec::Format;
use crate::geometry::{Canvas, Size, trunc_to_u32};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Placeholder, Recipe, Scene};
use crate::transform::resize;

/// The kind of placeholder that `format(...)` means by `name`.
pub(super) fn by_name(name: &str) -> Option<Placeholder> {
    Some(match name {
        "blurhash" => Placeholder::BlurHash(4, 3),
        "thumbhash" => Placeholder::ThumbHash,
        "lqip" => Placeholder::Lqip,
        "color" => Placeholder::Color,
        _ => return None,
    })
}

/// The last step of a recipe: what a placeholder is made of is small, opaque or not, and not compressed.
pub(super) fn finish(recipe: &mut Recipe) {
    if let Some(placeholder) = recipe.output.placeholder {
        recipe.output.format = Some(Format::Png);
        recipe.output.cover = true;
        recipe.effects.push(Box::new(Within(placeholder.side_px())));
    }
}

/// The picture reduced until its longer side has so many pixels.
#[derive(Debug)]
struct Within(u32);

impl Effect for Within {
    fn output_size(&self, input: Size<Canvas>, _scene: &Scene) -> Size<Canvas> {
        let longer = input.width.max(input.height);
        if longer <= self.0 {
            return input;
        }
        let side = |side: u32| trunc_to_u32(f64::from(side) * f64::from(self.0) / f64::from(longer) + 0.5).max(1);
        Size::new(side(input.width), side(input.height))
    }

    fn wants(&self, current: PixelFormat) -> PixelFormat {
        current
    }

    fn is_resize(&self) -> bool {
        true
    }

    fn apply(&self, frame: PixelBuffer<Canvas>, scene: &Scene) -> PixelBuffer<Canvas> {
        let size = self.output_size(frame.size(), scene);
        if size == frame.size() { frame } else { resize(&frame, size, scene.kernel) }
    }
}

#[cfg(test)]
mod tests {
    use crate::filter::tests::recipe;
    use crate::geometry::Size;
    use crate::recipe::{Placeholder, Scene};

    #[test]
    fn a_placeholder_is_made_of_a_small_picture_whatever_comes_before() {
        let recipe = recipe("format(blurhash):grayscale():format(LQIP)").unwrap();
        assert_eq!(recipe.output.placeholder, Some(Placeholder::Lqip));
        let last = recipe.effects.last().unwrap();
        let size = |width, height| last.output_size(Size::new(width, height), &Scene::default());
        assert_eq!(
            (size(4000, 3000), size(10, 9000), size(8, 4)),
            (Size::new(16, 12), Size::new(1, 16), Size::new(8, 4))
        );
    }

    #[test]
    fn another_format_takes_it_back() {
        let recipe = recipe("format(color):format(webp)").unwrap();
        assert_eq!((recipe.output.placeholder, recipe.effects.len()), (None, 0));
    }
}
