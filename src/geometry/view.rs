//! Crops and resizes in a row, folded into one: which part of the source becomes a picture of which size.

use super::{Canvas, Rect, Size, ceil_to_u32, trunc_to_u32};

/// A rectangle with fractions of pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Left edge.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Width, more than 0.
    pub width: f64,
    /// Height, more than 0.
    pub height: f64,
}

impl Window {
    /// The window with these edges.
    pub const fn new(left: f64, top: f64, width: f64, height: f64) -> Self {
        Self { left, top, width, height }
    }

    /// The whole of a picture.
    pub fn whole<S>(size: Size<S>) -> Self {
        Self::new(0.0, 0.0, f64::from(size.width), f64::from(size.height))
    }

    /// The same window on a picture of another resolution.
    #[must_use]
    pub fn scaled(self, x: f64, y: f64) -> Self {
        Self::new(self.left * x, self.top * y, self.width * x, self.height * y)
    }

    /// The pixels of a picture of `size` that it touches, and those less than `margin` away from it.
    pub fn outwards<S>(self, margin: f64, size: Size<S>) -> Rect<S> {
        let end = |start: f64, length: f64, side: u32| ceil_to_u32(start + length + margin).min(side);
        Rect::new(
            trunc_to_u32(self.left - margin),
            trunc_to_u32(self.top - margin),
            end(self.left, self.width, size.width),
            end(self.top, self.height, size.height),
        )
    }
}

/// A window of the source and the size it is to be shown at.
///
/// Thumbor crops and resizes pixels step by step; folding the steps first means that pixels are resampled once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Part of the upright source, in its pixels.
    pub window: Window,
    /// Size of the picture made of it.
    pub size: Size<Canvas>,
}

impl View {
    /// The whole source at its own size.
    pub fn whole<S>(size: Size<S>) -> Self {
        Self { window: Window::whole(size), size: size.into_space() }
    }

    /// A part of what is in view, in its pixels. `rect` lies inside and is not empty.
    #[must_use]
    pub fn crop(self, rect: Rect<Canvas>) -> Self {
        let x = self.window.width / f64::from(self.size.width);
        let y = self.window.height / f64::from(self.size.height);
        let size = rect.size();
        let window = Window::new(
            self.window.left + f64::from(rect.left) * x,
            self.window.top + f64::from(rect.top) * y,
            f64::from(size.width) * x,
            f64::from(size.height) * y,
        );
        Self { window, size }
    }

    /// The same part at another size.
    #[must_use]
    pub fn resize(self, size: Size<Canvas>) -> Self {
        Self { size, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_pixels_around_a_window_stay_in_the_picture() {
        let window = Window::new(2.5, 1.0, 3.0, 2.2);
        let check = |margin, (width, height), expected| {
            let rect: Rect<Canvas> = window.outwards(margin, Size::new(width, height));
            assert_eq!((rect.left, rect.top, rect.right, rect.bottom), expected);
        };
        check(0.0, (9, 9), (2, 1, 6, 4));
        check(1.5, (9, 9), (1, 0, 7, 5));
        check(1.5, (6, 4), (1, 0, 6, 4));
        check(99.0, (9, 9), (0, 0, 9, 9));
    }

    #[test]
    fn crop_resize_crop_is_one_window() {
        let view = View::whole(Size::<Canvas>::new(400, 300))
            .resize(Size::new(200, 150))
            .crop(Rect::new(50, 50, 150, 100))
            .resize(Size::new(10, 5));
        assert_eq!(view, View { window: Window::new(100.0, 100.0, 200.0, 100.0), size: Size::new(10, 5) });
    }
}
