//! Which part is kept when a picture is cropped to another ratio.

use super::{Canvas, Rect, Size, ceil_to_u32, round_half_even};

/// Horizontal alignment.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum HAlign {
    /// Keep the left.
    Left,
    /// Keep the middle.
    #[default]
    Center,
    /// Keep the right.
    Right,
}

/// Vertical alignment.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum VAlign {
    /// Keep the top.
    Top,
    /// Keep the middle.
    #[default]
    Middle,
    /// Keep the bottom.
    Bottom,
}

/// Both alignments.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Align {
    /// Horizontal.
    pub horizontal: HAlign,
    /// Vertical.
    pub vertical: VAlign,
}

/// The largest part of `size` with the ratio of `target`, as near to `center` as the edges allow.
///
/// `None` when the ratios agree to two decimals: then Thumbor resizes the whole with a little distortion.
pub fn auto_crop(size: Size<Canvas>, target: Size<Canvas>, center: (u32, u32)) -> Option<Rect<Canvas>> {
    let (w, h) = (f64::from(size.width), f64::from(size.height));
    let (tw, th) = (f64::from(target.width), f64::from(target.height));
    if two_decimals(w / h) == two_decimals(tw / th) {
        return None;
    }
    let (crop_w, crop_h) = if tw / w > th / h {
        (size.width, round_half_even(w * th / tw).clamp(1, size.height))
    } else {
        (ceil_to_u32(tw * h / th).clamp(1, size.width), size.height)
    };
    let start = |center: u32, crop: u32, side: u32| {
        round_half_even((f64::from(center) - f64::from(crop) / 2.0).clamp(0.0, f64::from(side - crop)))
    };
    let (left, top) = (start(center.0, crop_w, size.width), start(center.1, crop_h, size.height));
    Some(Rect::new(left, top, (left + crop_w).min(size.width), (top + crop_h).min(size.height)))
}

/// Python's `round(value, 2)` as text: correctly rounded from the exact binary value, as the formatter does.
fn two_decimals(value: f64) -> String {
    format!("{value:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::focal_center;

    #[test]
    fn the_worked_crops_of_a_300x400_source() {
        let center = focal_center(&[], Align::default(), Size::new(300, 400));
        let crop = |w, h| auto_crop(Size::new(300, 400), Size::new(w, h), center);
        assert_eq!(crop(200, 300), Some(Rect::new(16, 0, 283, 400)));
        assert_eq!(crop(300, 200), Some(Rect::new(0, 100, 300, 300)));
        assert_eq!(crop(150, 200), None);
    }

    #[test]
    fn an_extreme_ratio_still_keeps_a_pixel() {
        assert_eq!(auto_crop(Size::new(1, 1), Size::new(70_000, 1), (0, 0)), Some(Rect::new(0, 0, 1, 1)));
    }
}
