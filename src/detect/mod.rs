//! Where in a picture something is that a crop should keep: pixels in, regions out.
//!
//! One file (or folder) a detector, one line in [`DETECTORS`]. A detector gets a small upright copy in RGB, of which it
//! says itself how small it may be, and tells what it finds in fractions of the sides. What becomes of that is decided
//! by the plan; which detectors look, and in which order, by the settings.

mod attention;
mod face;
mod feature;

use crate::cancel::{CancelToken, Cancelled};
use crate::geometry::{Canvas, Focal, Origin, Size, Upright, Window, round_half_even, trunc_to_u32};
use crate::raster::PixelBuffer;
use std::fmt;

/// All detectors that look at pixels themselves.
pub static DETECTORS: &[&dyn Detector] = &[&face::FaceDetector, &feature::FeatureDetector, &attention::Attention];

/// Finds what matters in a picture.
pub trait Detector: fmt::Display + fmt::Debug + Send + Sync {
    /// Pixels of the longer side of the copy that it wants to see. Smaller pictures are not enlarged.
    fn side_px(&self) -> u32;

    /// What it finds in an opaque RGB picture, weightiest first. The same picture always gives the same.
    ///
    /// # Errors
    /// When the work is cancelled: asked at least every few milliseconds.
    fn detect(&self, picture: &PixelBuffer<Canvas>, cancel: &CancelToken) -> Result<Vec<Region>, Cancelled>;
}

/// The detector that is called `name`.
pub fn by_name(name: &str) -> Option<&'static dyn Detector> {
    DETECTORS.iter().copied().find(|detector| detector.to_string() == name)
}

/// Pixels of the longer side of the copy that [`eyes`] wants to see.
pub const EYES_SIDE_PX: u32 = face::SIDE_PX;

/// Squares around the eyes of all faces in an opaque RGB picture, in fractions of its sides. They may reach over edges.
///
/// # Errors
/// When the work is cancelled: asked every few milliseconds.
pub fn eyes(picture: &PixelBuffer<Canvas>, cancel: &CancelToken) -> Result<Vec<Window>, Cancelled> {
    face::eyes(picture, cancel)
}

/// A part of a picture that matters. A width and a height of 0 make it a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// In fractions of the picture's sides.
    pub area: Window,
    /// Who says so.
    pub origin: Origin,
}

impl Region {
    /// The middle of pixel `x`, `y` of a picture of `size`.
    fn of_pixel((x, y): (u32, u32), size: Size<Canvas>, origin: Origin) -> Self {
        let fraction = |at: u32, side: u32| (f64::from(at) + 0.5) / f64::from(side);
        Self { area: Window::new(fraction(x, size.width), fraction(y, size.height), 0.0, 0.0), origin }
    }

    /// Some pixels of a picture of `size`, cut to it; `None` if nothing is left.
    fn of_pixels(left: f64, top: f64, right: f64, bottom: f64, size: Size<Canvas>, origin: Origin) -> Option<Self> {
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        let (left, right) = (left.clamp(0.0, width), right.clamp(0.0, width));
        let (top, bottom) = (top.clamp(0.0, height), bottom.clamp(0.0, height));
        let area = Window::new(left, top, right - left, bottom - top).scaled(1.0 / width, 1.0 / height);
        (area.width > 0.0 && area.height > 0.0).then_some(Self { area, origin })
    }

    /// The point that a crop is to keep, in pixels of a picture of which this is a region.
    ///
    /// Points weigh 1, areas what they measure.
    pub fn focal(&self, size: Size<Upright>) -> Focal {
        let Window { left, top, width, height } = self.area.scaled(f64::from(size.width), f64::from(size.height));
        let point = Focal::point(
            trunc_to_u32(left + width / 2.0).min(size.width - 1),
            trunc_to_u32(top + height / 2.0).min(size.height - 1),
            self.origin,
        );
        let (left, top) = (round_half_even(left), round_half_even(top));
        Focal::of_rect(left, top, left + round_half_even(width), top + round_half_even(height), self.origin)
            .unwrap_or(point)
    }
}

#[cfg(test)]
mod conformance;
