//! Crops and resizes in a row, folded into one: which part of the source becomes a picture of which size.

use super::{Canvas, Rect, Size};

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
    fn crop_resize_crop_is_one_window() {
        let view = View::whole(Size::<Canvas>::new(400, 300))
            .resize(Size::new(200, 150))
            .crop(Rect::new(50, 50, 150, 100))
            .resize(Size::new(10, 5));
        assert_eq!(view, View { window: Window::new(100.0, 100.0, 200.0, 100.0), size: Size::new(10, 5) });
    }
}
