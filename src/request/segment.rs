//! The option segments of a path: what one of them says.

use super::{Corner, ImageRequest, RequestError, Trim};
use crate::geometry::{Dimension, FitIn, HAlign, Rect, Request, Upright, VAlign};

/// What begins the segment of a preset.
pub(super) const PRESET: &str = "preset:";

/// One option. No text is two of them, so a segment is read without knowing its neighbors.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Segment<'a> {
    Preset(&'a str),
    Debug,
    Meta,
    Trim(Trim),
    Crop(Rect<Upright>),
    FitIn(FitIn),
    Size { flip_x: bool, width: &'a str, flip_y: bool, height: &'a str },
    Horizontal(HAlign),
    Vertical(VAlign),
    Smart,
}

impl<'a> Segment<'a> {
    /// What `text` (without slashes) says; `None` if it is no option, and so belongs to the image.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        Some(match text {
            "debug" => Self::Debug,
            "meta" => Self::Meta,
            "fit-in" => Self::FitIn(FitIn { adaptive: false, full: false }),
            "adaptive-fit-in" => Self::FitIn(FitIn { adaptive: true, full: false }),
            "full-fit-in" => Self::FitIn(FitIn { adaptive: false, full: true }),
            "adaptive-full-fit-in" => Self::FitIn(FitIn { adaptive: true, full: true }),
            "left" => Self::Horizontal(HAlign::Left),
            "center" => Self::Horizontal(HAlign::Center),
            "right" => Self::Horizontal(HAlign::Right),
            "top" => Self::Vertical(VAlign::Top),
            "middle" => Self::Vertical(VAlign::Middle),
            "bottom" => Self::Vertical(VAlign::Bottom),
            "smart" => Self::Smart,
            _ if text.starts_with(PRESET) => Self::Preset(&text[PRESET.len()..]),
            _ => return trim(text).or_else(|| size(text)).or_else(|| crop(text)),
        })
    }

    /// Its place in the order of segments: only later ones may follow.
    pub(super) fn place(self) -> u8 {
        match self {
            Self::Preset(_) => 1,
            Self::Debug => 2,
            Self::Meta => 3,
            Self::Trim(_) => 4,
            Self::Crop(_) => 5,
            Self::FitIn(_) => 6,
            Self::Size { .. } => 7,
            Self::Horizontal(_) => 8,
            Self::Vertical(_) => 9,
            Self::Smart => 10,
        }
    }

    /// Writes itself into `request`.
    ///
    /// # Errors
    /// [`RequestError::NumberTooLarge`] for a width or height.
    pub(super) fn apply(self, request: &mut ImageRequest) -> Result<(), RequestError> {
        match self {
            Self::Preset(name) => request.preset = Some(name.to_owned()),
            Self::Debug => request.debug = true,
            Self::Meta => request.meta = true,
            Self::Trim(trim) => request.trim = Some(trim),
            Self::Crop(crop) => {
                let active = crop != Rect::new(0, 0, 0, 0);
                request.crop = active.then_some(crop);
            }
            Self::FitIn(fit) => request.fit = Some(fit),
            Self::Size { flip_x, width, flip_y, height } => {
                request.size = Request { width: dimension(width)?, height: dimension(height)? };
                (request.flip_x, request.flip_y) = (flip_x, flip_y);
            }
            Self::Horizontal(align) => request.align.horizontal = align,
            Self::Vertical(align) => request.align.vertical = align,
            Self::Smart => request.smart = true,
        }
        Ok(())
    }
}

/// `trim`, `trim:top-left:10` ... Thumbor takes `trim:10` for a corner named `10`, and every corner whose name
/// is not `top-left` for the bottom right one.
fn trim(text: &str) -> Option<Segment<'_>> {
    let rest = text.strip_prefix("trim")?;
    let (corner, tolerance) = if let Some(rest) = rest.strip_prefix(":top-left") {
        (Corner::TopLeft, rest)
    } else if let Some(rest) = rest.strip_prefix(":bottom-right") {
        (Corner::BottomRight, rest)
    } else if let Some(name) = rest.strip_prefix(':') {
        number(name)?;
        (Corner::BottomRight, "")
    } else {
        (Corner::TopLeft, rest)
    };
    let tolerance = match tolerance.strip_prefix(':') {
        Some(digits) => number(digits)?,
        None if tolerance.is_empty() => 0,
        None => return None,
    };
    Some(Segment::Trim(Trim { corner, tolerance }))
}

/// `10x20:110x220`: left, top, right, bottom.
fn crop(text: &str) -> Option<Segment<'_>> {
    let (start, end) = text.split_once(':')?;
    let point = |text: &str| {
        let (x, y) = text.split_once('x')?;
        Some((number(x)?, number(y)?))
    };
    let ((left, top), (right, bottom)) = (point(start)?, point(end)?);
    Some(Segment::Crop(Rect::new(left, top, right, bottom)))
}

/// `300x200`, `-300x`, `origx-0` ...
fn size(text: &str) -> Option<Segment<'_>> {
    fn side(text: &str) -> Option<(bool, &str)> {
        let (flip, side) = text.strip_prefix('-').map_or((false, text), |side| (true, side));
        (side == "orig" || side.bytes().all(|byte| byte.is_ascii_digit())).then_some((flip, side))
    }
    let (width, height) = text.split_once('x')?;
    let ((flip_x, width), (flip_y, height)) = (side(width)?, side(height)?);
    Some(Segment::Size { flip_x, width, flip_y, height })
}

/// A number of one or more digits, the largest there is if it is larger: a crop's edges and a tolerance are
/// brought into the picture's bounds anyway.
fn number(digits: &str) -> Option<u32> {
    saturated(digits).map(|number| u32::try_from(number).unwrap_or(u32::MAX))
}

/// One side of the size; nothing and any number of zeros are the same.
fn dimension(text: &str) -> Result<Dimension, RequestError> {
    match text {
        "" => Ok(Dimension::Auto),
        "orig" => Ok(Dimension::Original),
        digits => saturated(digits)
            .and_then(|px| u32::try_from(px).ok())
            .map(Dimension::from_px)
            .ok_or_else(|| RequestError::NumberTooLarge { digits: shortened(digits) }),
    }
}

/// The value of one or more digits, without overflow; `None` if `digits` are anything else.
fn saturated(digits: &str) -> Option<u64> {
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.bytes().fold(0_u64, |n, d| n.saturating_mul(10).saturating_add(u64::from(d - b'0'))))
}

/// At most 24 characters of `digits`, which are ASCII.
fn shortened(digits: &str) -> String {
    match digits.get(..24) {
        Some(start) if digits.len() > 24 => format!("{start}..."),
        _ => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<'a, T: PartialEq + std::fmt::Debug>(rows: &[(&'a str, Option<T>)], of: impl Fn(Segment<'a>) -> Option<T>) {
        for (text, expected) in rows {
            assert_eq!(Segment::read(text).and_then(&of), *expected, "{text}");
        }
    }

    #[test]
    fn trim_reads_corner_and_tolerance() {
        let trim = |corner, tolerance| Some(Trim { corner, tolerance });
        let rows = [
            ("trim", trim(Corner::TopLeft, 0)),
            ("trim:top-left", trim(Corner::TopLeft, 0)),
            ("trim:top-left:10", trim(Corner::TopLeft, 10)),
            ("trim:bottom-right", trim(Corner::BottomRight, 0)),
            ("trim:bottom-right:442", trim(Corner::BottomRight, 442)),
            ("trim:10", trim(Corner::BottomRight, 0)), // not a tolerance
            ("trim:top-left:99999999999999999999999", trim(Corner::TopLeft, u32::MAX)),
            ("trim:", None),
            ("trim:bottom-left", None),
            ("trim:top-left:", None),
            ("trim:top-left:x", None),
            ("trim:10:20", None),
            ("trim-me", None),
            ("Trim", None),
        ];
        check(&rows, |segment| if let Segment::Trim(trim) = segment { Some(trim) } else { None });
    }

    #[test]
    fn a_crop_is_four_whole_numbers() {
        let rows = [
            ("10x20:110x220", Some((10, 20, 110, 220))),
            ("0x0:0x0", Some((0, 0, 0, 0))),
            ("0010x0:1x0", Some((10, 0, 1, 0))),
            ("1x2:99999999999999999999x4294967296", Some((1, 2, u32::MAX, u32::MAX))),
            ("0.1x0.1:0.5x0.5", None),
            ("10px10p:20px20p", None),
            ("-1x0:5x5", None),
            ("10x10:210", None),
            ("x:x", None),
            ("1x1:1x1:1x1", None),
        ];
        check(&rows, |segment| match segment {
            Segment::Crop(crop) => Some((crop.left, crop.top, crop.right, crop.bottom)),
            _ => None,
        });
    }

    #[test]
    fn a_size_is_two_sides_each_with_or_without_minus() {
        let rows = [
            ("300x200", Some((false, "300", false, "200"))),
            ("300x", Some((false, "300", false, ""))),
            ("x200", Some((false, "", false, "200"))),
            ("x", Some((false, "", false, ""))),
            ("-x-", Some((true, "", true, ""))),
            ("-0x-0", Some((true, "0", true, "0"))),
            ("-300x200", Some((true, "300", false, "200"))),
            ("100x-", Some((false, "100", true, ""))),
            ("origx100", Some((false, "orig", false, "100"))),
            ("-origx-orig", Some((true, "orig", true, "orig"))),
            ("300X200", None),
            ("100x100x100", None),
            ("axb", None),
            ("100.5x100", None),
            ("--1x1", None),
            ("+1x1", None),
            ("300", None),
            ("xorigin", None),
            ("", None),
        ];
        check(&rows, |segment| match segment {
            Segment::Size { flip_x, width, flip_y, height } => Some((flip_x, width, flip_y, height)),
            _ => None,
        });
    }

    #[test]
    fn fit_modes_come_in_one_order_only() {
        let rows = [
            ("fit-in", Some((false, false))),
            ("adaptive-fit-in", Some((true, false))),
            ("full-fit-in", Some((false, true))),
            ("adaptive-full-fit-in", Some((true, true))),
            ("full-adaptive-fit-in", None),
            ("adaptive", None),
            ("fit-in-full", None),
        ];
        check(&rows, |segment| if let Segment::FitIn(fit) = segment { Some((fit.adaptive, fit.full)) } else { None });
    }

    #[test]
    fn a_side_beyond_32_bits_is_an_error_and_zeros_are_none() {
        let check = |text, expected: Result<Dimension, &str>| {
            assert_eq!(dimension(text).map_err(|error| error.to_string()), expected.map_err(str::to_owned), "{text}");
        };
        check("0", Ok(Dimension::Auto));
        check("000000000000000000000000000", Ok(Dimension::Auto));
        check("00000000000000000000000000000300", Ok(Dimension::Px(300)));
        check("4294967295", Ok(Dimension::Px(u32::MAX)));
        check("4294967296", Err("`4294967296` is too large a number of pixels"));
        check("99999999999999999999999999999999", Err("`999999999999999999999999...` is too large a number of pixels"));
    }
}
