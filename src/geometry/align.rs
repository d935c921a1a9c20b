//! Which part is kept when a picture is cropped to another ratio.

use super::{Canvas, Rect, Size, ceil_to_u32, round_half_even, trunc_to_u32};

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

/// A point that matters, with its weight; pixels of the picture as it is when cropping starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Focal {
    /// Center, from the left.
    pub x: u32,
    /// Center, from the top.
    pub y: u32,
    /// How much it counts; an area in pixels for rectangles.
    pub weight: u64,
}

impl Focal {
    /// The center of a rectangle, weighing its area; `None` if it is empty.
    pub fn of_rect(left: u32, top: u32, right: u32, bottom: u32) -> Option<Self> {
        let (width, height) = (right.checked_sub(left)?, bottom.checked_sub(top)?);
        let weight = u64::from(width) * u64::from(height);
        (weight > 0).then_some(Self { x: left + width / 2, y: top + height / 2, weight })
    }

    /// The same point seen from a crop; `None` if it lies outside (the far edges count as inside).
    pub fn within(self, crop: Rect<Canvas>) -> Option<Self> {
        let inside = (crop.left..=crop.right).contains(&self.x) && (crop.top..=crop.bottom).contains(&self.y);
        inside.then(|| Self { x: self.x - crop.left, y: self.y - crop.top, ..self })
    }
}

/// The point that a crop is centered on: the floored center of mass of `points`, or without any the alignment's.
pub fn focal_center(points: &[Focal], align: Align, size: Size<Canvas>) -> (u32, u32) {
    let total: u128 = points.iter().map(|p| u128::from(p.weight)).sum();
    if total == 0 {
        let horizontal = match align.horizontal {
            HAlign::Left => 0.0,
            HAlign::Center => 0.5,
            HAlign::Right => 1.0,
        };
        let vertical = match align.vertical {
            VAlign::Top => 0.0,
            VAlign::Middle => 0.5,
            VAlign::Bottom => 1.0,
        };
        let at = |side: u32, part: f64| trunc_to_u32(f64::from(side) * part);
        return (at(size.width, horizontal), at(size.height, vertical));
    }
    let mean = |coordinate: fn(&Focal) -> u32| {
        let sum: u128 = points.iter().map(|p| u128::from(coordinate(p)) * u128::from(p.weight)).sum();
        u32::try_from(sum / total).unwrap_or(u32::MAX) // a mean lies between its points
    };
    (mean(|p| p.x), mean(|p| p.y))
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

    #[test]
    fn the_worked_crops_of_a_300x400_source() {
        let center = focal_center(&[], Align::default(), Size::new(300, 400));
        let crop = |w, h| auto_crop(Size::new(300, 400), Size::new(w, h), center);
        assert_eq!(crop(200, 300), Some(Rect::new(16, 0, 283, 400)));
        assert_eq!(crop(300, 200), Some(Rect::new(0, 100, 300, 300)));
        assert_eq!(crop(150, 200), None);
    }

    #[test]
    fn the_center_of_mass_is_weighted_and_floored() {
        let points = [Focal { x: 10, y: 10, weight: 1 }, Focal { x: 21, y: 11, weight: 2 }];
        assert_eq!(focal_center(&points, Align::default(), Size::new(99, 99)), (17, 10));
    }

    #[test]
    fn a_focal_point_outside_the_crop_is_dropped_and_one_inside_moves() {
        let crop = Rect::new(10, 20, 30, 40);
        let point = |x, y| Focal { x, y, weight: 5 };
        assert_eq!(point(9, 25).within(crop), None);
        assert_eq!(point(30, 40).within(crop), Some(point(20, 20)));
    }

    #[test]
    fn an_extreme_ratio_still_keeps_a_pixel() {
        assert_eq!(auto_crop(Size::new(1, 1), Size::new(70_000, 1), (0, 0)), Some(Rect::new(0, 0, 1, 1)));
    }
}
