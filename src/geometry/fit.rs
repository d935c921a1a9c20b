//! Target sizes: what `WxH`, `orig`, a missing side and the fit-in family mean for a picture of a known size.
//!
//! The rules and roundings are Thumbor's.

use super::{Canvas, Size, round_half_even, trunc_to_u32};

/// One side of the size that a URL asks for.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Dimension {
    /// Not given, or 0: follows from the other side.
    #[default]
    Auto,
    /// So many pixels, at least 1.
    Px(u32),
    /// `orig`: as the source has it.
    Original,
}

impl Dimension {
    /// From a number, where 0 means not given.
    pub fn from_px(px: u32) -> Self {
        if px == 0 { Self::Auto } else { Self::Px(px) }
    }

    /// Pixels, with `original` for `orig`; `None` if not given.
    fn resolve(self, original: u32) -> Option<u32> {
        match self {
            Self::Auto => None,
            Self::Px(px) => Some(px),
            Self::Original => Some(original),
        }
    }

    /// At most `limit`, where it is a number; 0 is no limit.
    #[must_use]
    pub fn at_most(self, limit: u32) -> Self {
        match self {
            Self::Px(px) if limit > 0 => Self::Px(px.min(limit)),
            other => other,
        }
    }
}

/// Width and height as asked for.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Request {
    /// Width asked for.
    pub width: Dimension,
    /// Height asked for.
    pub height: Dimension,
}

impl Request {
    /// Both sides in pixels, `current` standing for `orig`; 0 where not given.
    pub fn px(self, current: Size<Canvas>) -> (u32, u32) {
        (self.width.resolve(current.width).unwrap_or(0), self.height.resolve(current.height).unwrap_or(0))
    }

    /// The size to make of a picture that is now `current`: a missing side follows the ratio, and none is 0.
    pub fn target(self, current: Size<Canvas>) -> Size<Canvas> {
        let (w, h) = (f64::from(current.width), f64::from(current.height));
        let wide = |height: u32| round_half_even(f64::from(height) * w / h).max(1);
        let high = |width: u32| round_half_even(f64::from(width) * h / w).max(1);
        match self.px(current) {
            (0, 0) => current,
            (0, height) => Size::new(wide(height), height),
            (width, 0) => Size::new(width, high(width)),
            (width, height) => Size::new(width, height),
        }
    }
}

/// How the fit-in family chooses.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct FitIn {
    /// Width and height of the box are swapped when the picture lies the other way.
    pub adaptive: bool,
    /// The box is covered instead of kept to, and a small picture grows.
    pub full: bool,
}

/// What fitting into a box came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fitted {
    /// The size to resize to; `None` when the picture stays as it is.
    pub size: Option<Size<Canvas>>,
    /// The width is the box's and the height follows from it; otherwise the other way round.
    pub by_width: bool,
    /// The box that padding and enlarging filters see, 0 for a side that was never given.
    pub frame: (u32, u32),
}

impl FitIn {
    /// Fits a picture of `current` size into what `request` asks for.
    pub fn fit(self, request: Request, current: Size<Canvas>) -> Fitted {
        let mut target = request.target(current);
        let mut frame = request.px(current);
        let lies_across = (current.width < current.height && target.width > target.height)
            || (current.width > current.height && target.width < target.height);
        if self.adaptive && lies_across {
            target = target.transposed();
            frame = (frame.1, frame.0);
        }
        if !self.full && target.width >= current.width && target.height >= current.height {
            return Fitted { size: None, by_width: true, frame };
        }
        let (w, h) = (f64::from(current.width), f64::from(current.height));
        let (tw, th) = (f64::from(target.width), f64::from(target.height));
        let bound_by_width = if self.full { w / tw <= h / th } else { w / tw >= h / th };
        // The small term lets exact halves round up, as Thumbor's users see them.
        let size = if bound_by_width {
            Size::new(target.width, round_half_even(h * tw / w + 1e-5).max(1))
        } else {
            Size::new(round_half_even(w * th / h + 1e-5).max(1), target.height)
        };
        let frame = (frame.0.max(size.width), frame.1.max(size.height));
        Fitted { size: Some(size), by_width: bound_by_width, frame }
    }
}

/// The size of a picture of `current` size grown until it fills the box `frame`, keeping its ratio.
///
/// Unchanged unless it is smaller than the box on both sides, so also when a side of the box was not given (0).
pub fn grow_into(frame: (u32, u32), current: Size<Canvas>) -> Size<Canvas> {
    if current.width >= frame.0 || current.height >= frame.1 {
        return current;
    }
    let (w, h) = (f64::from(current.width), f64::from(current.height));
    let (fw, fh) = (f64::from(frame.0), f64::from(frame.1));
    if w / fw >= h / fh {
        Size::new(frame.0, trunc_to_u32(h * fw / w).max(1))
    } else {
        Size::new(trunc_to_u32(w * fh / h).max(1), frame.1)
    }
}

/// The size that a source of `size` is reduced to before anything else, by `MAX_WIDTH` and `MAX_HEIGHT` (0 = no limit).
///
/// Like Thumbor it reduces once, by the side that exceeds its limit by more pixels. Unlike there a source is also
/// reduced when both sides exceed alike, or when only one side has a limit and the other is larger.
pub fn normalize(size: Size<Canvas>, max_width: u32, max_height: u32) -> Option<Size<Canvas>> {
    let over_width = max_width > 0 && size.width > max_width;
    let over_height = max_height > 0 && size.height > max_height;
    if !over_width && !over_height {
        return None;
    }
    let (w, h) = (f64::from(size.width), f64::from(size.height));
    let beyond = |side: u32, max: u32| i64::from(side) - i64::from(max);
    let by_width = over_width && (!over_height || beyond(size.width, max_width) >= beyond(size.height, max_height));
    Some(if by_width {
        Size::new(max_width, round_half_even(f64::from(max_width) * h / w).max(1))
    } else {
        Size::new(round_half_even(f64::from(max_height) * w / h).max(1), max_height)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(width: u32, height: u32) -> Request {
        Request { width: Dimension::from_px(width), height: Dimension::from_px(height) }
    }

    #[test]
    fn a_missing_side_follows_the_ratio() {
        let original = Request { width: Dimension::Original, height: Dimension::Px(100) };
        let only_original = Request { width: Dimension::Auto, height: Dimension::Original };
        let check = |request: Request, (w, h), expected| {
            let size = request.target(Size::new(w, h));
            assert_eq!((size.width, size.height), expected, "{request:?} of {w}x{h}");
        };
        check(request(0, 0), (300, 400), (300, 400));
        check(request(30, 0), (300, 400), (30, 40));
        check(request(0, 201), (800, 600), (268, 201));
        check(request(10, 0), (500, 1), (10, 1)); // never 0
        check(original, (300, 400), (300, 100));
        check(only_original, (300, 400), (300, 400)); // Thumbor breaks down here
    }

    #[test]
    fn fit_in_family_of_a_300x400_source() {
        let check = |adaptive, full, request: Request, expected, frame| {
            let fitted = FitIn { adaptive, full }.fit(request, Size::new(300, 400));
            assert_eq!((fitted.size.map(|s| (s.width, s.height)), fitted.frame), (expected, frame), "{request:?}");
        };
        check(false, false, request(100, 0), Some((100, 133)), (100, 133));
        check(false, false, request(500, 500), None, (500, 500));
        check(false, true, request(500, 500), Some((500, 667)), (500, 667));
        check(true, false, request(200, 100), Some((100, 133)), (100, 200));
        check(true, true, request(200, 100), Some((150, 200)), (150, 200));
        let original = Request { width: Dimension::Original, height: Dimension::Px(100) };
        check(false, false, original, Some((75, 100)), (300, 100));
        check(false, false, request(0, 0), None, (0, 0));
    }

    #[test]
    fn growing_needs_both_sides_smaller() {
        let check = |frame, expected: (u32, u32)| {
            let size = grow_into(frame, Size::new(300, 400));
            assert_eq!((size.width, size.height), expected, "{frame:?}");
        };
        check((700, 1000), (700, 933));
        check((1000, 0), (300, 400));
        check((300, 1000), (300, 400));
        check((1000, 500), (375, 500));
    }

    #[test]
    fn fit_in_never_gives_an_empty_side() {
        let fitted = FitIn::default().fit(request(90, 90), Size::new(900, 2));
        assert_eq!(fitted.size, Some(Size::new(90, 1)));
    }

    #[test]
    fn normalization_goes_by_the_side_that_exceeds_its_limit_by_more() {
        let check = |(w, h), (max_w, max_h), expected: Option<(u32, u32)>| {
            let size = normalize(Size::new(w, h), max_w, max_h);
            assert_eq!(size.map(|s| (s.width, s.height)), expected, "{w}x{h} under {max_w}x{max_h}");
        };
        check((4000, 3000), (1000, 1000), Some((1000, 750)));
        check((3000, 4000), (1000, 1000), Some((750, 1000)));
        check((4000, 3000), (0, 0), None);
        check((900, 700), (1000, 1000), None);
        check((2000, 2000), (1000, 1000), Some((1000, 1000))); // Thumbor: not reduced
        check((4000, 900), (0, 300), Some((1333, 300))); // Thumbor: not reduced
    }
}
