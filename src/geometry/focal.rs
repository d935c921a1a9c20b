//! Points that a crop is to keep, and the one point that they come to.

use super::{Align, Canvas, HAlign, Rect, Size, VAlign, trunc_to_u32};

/// A point that matters, with its extent and weight; pixels of the picture as it is when cropping starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Focal {
    /// Center, from the left.
    pub x: u32,
    /// Center, from the top.
    pub y: u32,
    /// Width of the area around it, 1 for a mere point.
    pub width: u32,
    /// Height of the area around it, 1 for a mere point.
    pub height: u32,
    /// How much it counts; an area in pixels for rectangles.
    pub weight: u64,
    /// Who says that it matters.
    pub origin: Origin,
}

/// Who says that a point matters.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Origin {
    /// Nobody: it is where the alignment points to.
    Alignment,
    /// The URL.
    Explicit,
    /// A detector of faces.
    Face,
    /// A detector of corners.
    Feature,
    /// A detector of what the eye is drawn to.
    Attention,
    /// Amazon Rekognition.
    Rekognition,
    /// A detector of another program that left its findings.
    Other,
}

impl Origin {
    /// As Thumbor writes it, which has no word for corners.
    pub fn name(self) -> &'static str {
        match self {
            Self::Alignment | Self::Feature => "alignment",
            Self::Explicit => "Explicit",
            Self::Face => "Face Detection",
            Self::Attention => "attention",
            Self::Rekognition => "RekognitionDetector",
            Self::Other => "detection",
        }
    }

    /// In our own words.
    pub fn finder(self) -> &'static str {
        match self {
            Self::Alignment => "alignment",
            Self::Explicit => "url",
            Self::Face => "face",
            Self::Feature => "feature",
            Self::Attention => "attention",
            Self::Rekognition => "rekognition",
            Self::Other => "stored",
        }
    }

    /// The detector that wrote this name.
    pub fn of_detector(name: &str) -> Self {
        let detectors = [Self::Face, Self::Feature, Self::Attention, Self::Rekognition];
        detectors.into_iter().find(|origin| origin.name() == name).unwrap_or(Self::Other)
    }

    /// Whether it tells of a face.
    pub fn is_face(self) -> bool {
        matches!(self, Self::Face | Self::Rekognition | Self::Other)
    }
}

impl Focal {
    /// A point without an extent that counts as little as can be.
    pub fn point(x: u32, y: u32, origin: Origin) -> Self {
        Self { x, y, width: 1, height: 1, weight: 1, origin }
    }

    /// The center of a rectangle, weighing its area; `None` if it is empty.
    pub fn of_rect(left: u32, top: u32, right: u32, bottom: u32, origin: Origin) -> Option<Self> {
        let (width, height) = (right.checked_sub(left)?, bottom.checked_sub(top)?);
        let weight = u64::from(width) * u64::from(height);
        (weight > 0).then_some(Self { x: left + width / 2, y: top + height / 2, width, height, weight, origin })
    }

    /// The area around the point. It may reach over the far edges of the picture.
    pub fn area(self) -> Rect<Canvas> {
        let (left, top) = (self.x.saturating_sub(self.width / 2), self.y.saturating_sub(self.height / 2));
        Rect::new(left, top, left.saturating_add(self.width), top.saturating_add(self.height))
    }

    /// The same point seen from a crop; `None` if it lies outside (the far edges count as inside).
    pub fn within(self, crop: Rect<Canvas>) -> Option<Self> {
        let inside = (crop.left..=crop.right).contains(&self.x) && (crop.top..=crop.bottom).contains(&self.y);
        inside.then(|| Self { x: self.x - crop.left, y: self.y - crop.top, ..self })
    }

    /// The same point of the picture at another size. Areas stay areas, and weigh what they measure.
    #[must_use]
    pub fn scaled<S>(self, from: Size<S>, to: Size<Canvas>) -> Self {
        let along = |at: u32, from: u32, to: u32| {
            let scaled = u64::from(at) * u64::from(to) / u64::from(from);
            u32::try_from(scaled).unwrap_or(u32::MAX)
        };
        let (x, y) = (along(self.x, from.width, to.width), along(self.y, from.height, to.height));
        if (self.width, self.height) == (1, 1) {
            return Self { x, y, ..self };
        }
        let width = along(self.width, from.width, to.width).max(1);
        let height = along(self.height, from.height, to.height).max(1);
        Self { x, y, width, height, weight: u64::from(width) * u64::from(height), ..self }
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

/// A crop moved as little as possible so that the weightiest area lies in it as a whole, and of the others, weightier
/// ones first, as many as there is room for beside those before them.
///
/// An area that is larger than the crop is centered.
#[must_use]
pub fn keeping_whole(crop: Rect<Canvas>, points: &[Focal], size: Size<Canvas>) -> Rect<Canvas> {
    let mut areas: Vec<Focal> = points.iter().copied().filter(|point| point.width > 1 || point.height > 1).collect();
    areas.sort_by_key(|area| std::cmp::Reverse(area.weight));
    let areas: Vec<Rect<Canvas>> = areas.into_iter().filter_map(|focal| focal.area().clamped(size)).collect();
    let columns = areas.iter().map(|area| (area.left, area.right));
    let rows = areas.iter().map(|area| (area.top, area.bottom));
    let left = moved((crop.left, crop.right), columns, size.width);
    let top = moved((crop.top, crop.bottom), rows, size.height);
    let cropped = crop.size();
    Rect::new(left, top, left + cropped.width, top + cropped.height)
}

/// Where a stretch from `start` to `end` of a side has to start to hold the spans.
fn moved((start, end): (u32, u32), spans: impl Iterator<Item = (u32, u32)>, side: u32) -> u32 {
    let length = end - start;
    let mut held: Option<(u32, u32)> = None;
    for (from, to) in spans {
        let with = held.map_or((from, to), |(first, last)| (first.min(from), last.max(to)));
        match held {
            None if to - from > length => return from.midpoint(to).saturating_sub(length / 2).min(side - length),
            _ if with.1 - with.0 <= length => held = Some(with),
            _ => {}
        }
    }
    let Some((first, last)) = held else { return start };
    start.clamp(last.saturating_sub(length), first.max(last.saturating_sub(length))).min(side - length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(left: u32, top: u32, right: u32, bottom: u32) -> Focal {
        Focal::of_rect(left, top, right, bottom, Origin::Face).unwrap()
    }

    #[test]
    fn the_center_of_mass_is_weighted_and_floored() {
        let point = |x, y, weight| Focal { weight, ..Focal::point(x, y, Origin::Explicit) };
        let points = [point(10, 10, 1), point(21, 11, 2)];
        assert_eq!(focal_center(&points, Align::default(), Size::new(99, 99)), (17, 10));
    }

    #[test]
    fn a_focal_point_outside_the_crop_is_dropped_and_one_inside_moves() {
        let crop = Rect::new(10, 20, 30, 40);
        let point = |x, y| Focal::point(x, y, Origin::Explicit);
        assert_eq!(point(9, 25).within(crop), None);
        assert_eq!(point(30, 40).within(crop), Some(point(20, 20)));
    }

    #[test]
    fn points_scale_with_their_picture() {
        let (from, to) = (Size::<Canvas>::new(400, 300), Size::new(100, 75));
        assert_eq!(face(40, 40, 80, 100).scaled(from, to), face(10, 10, 20, 25));
        let point = Focal::point(399, 299, Origin::Feature);
        assert_eq!(point.scaled(from, to), Focal::point(99, 74, Origin::Feature));
    }

    #[test]
    fn origins_are_read_as_they_are_written() {
        for origin in [Origin::Face, Origin::Feature, Origin::Attention, Origin::Rekognition, Origin::Other] {
            assert_eq!(Origin::of_detector(origin.name()), origin);
        }
    }

    #[test]
    fn a_crop_moves_until_the_weightiest_areas_are_whole() {
        let size = Size::new(1000, 200);
        let check = |faces: &[Focal], expected: u32| {
            let kept = keeping_whole(Rect::new(400, 0, 600, 200), faces, size);
            assert_eq!(kept, Rect::new(expected, 0, expected + 200, 200), "{faces:?}");
        };
        check(&[], 400);
        check(&[face(450, 20, 550, 120)], 400); // whole already
        check(&[face(350, 20, 450, 120)], 350);
        check(&[face(350, 20, 450, 120), face(560, 0, 660, 99)], 350); // both do not fit: the larger
        check(&[face(350, 20, 450, 120), face(451, 0, 550, 99)], 350); // both fit
        check(&[face(560, 0, 660, 101), face(350, 20, 450, 120)], 460);
        check(&[face(100, 0, 500, 200)], 200); // larger than the crop: its middle
        check(&[face(950, 0, 1000, 100)], 800);
        check(&[Focal::point(10, 10, Origin::Feature)], 400); // points have nothing to keep whole
    }
}
