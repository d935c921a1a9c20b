//! From options as they are typed on a command line to an [`ImageRequest`]: the way of `tintype sign`.

use super::encoding::decode;
use super::segment::{PRESET, Segment};
use super::{Access, FilterCall, ImageId, ImageRequest, Part, RequestError};

/// Options of a path, as text where the path has text.
///
/// The order in the path is that of libthumbor's builders, whatever the order here.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct PathOptions {
    /// Name of a transformation that the server knows; what else is given wins over it.
    pub preset: Option<String>,
    /// Show focal points instead of resizing.
    pub debug: bool,
    /// Answer what would be done, as JSON.
    pub meta: bool,
    /// Corner and tolerance as in `top-left:10`; empty for the plain word `trim`.
    pub trim: Option<String>,
    /// Edges in pixels as in `10x20:110x220`: left, top, right, bottom.
    pub crop: Option<String>,
    /// Fit into the size instead of cropping to its ratio.
    pub fit_in: bool,
    /// Cover the size; implies `fit_in`.
    pub full: bool,
    /// Turn the size to lie as the picture does; implies `fit_in`.
    pub adaptive: bool,
    /// Pixels, `orig`, or empty for "follows from the height"; a minus before it mirrors left to right.
    pub width: String,
    /// Pixels, `orig`, or empty for "follows from the width"; a minus before it mirrors top to bottom.
    pub height: String,
    /// Mirror left to right.
    pub flip_x: bool,
    /// Mirror top to bottom.
    pub flip_y: bool,
    /// `left`, `center` or `right`.
    pub halign: Option<String>,
    /// `top`, `middle` or `bottom`.
    pub valign: Option<String>,
    /// Look for what matters.
    pub smart: bool,
    /// Filter calls such as `blur(2)`, each one or several joined by `:`, percent-encoded where Thumbor wants that.
    pub filters: Vec<String>,
    /// Path or address of the picture in plain text.
    pub image: String,
}

/// Options that make no path.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ComposeError {
    /// An option whose text means nothing.
    #[error("`{value}` is no {option}")]
    Invalid {
        /// Which option.
        option: &'static str,
        /// Its text.
        value: String,
    },
    /// Fit-in without a width and a height fits into nothing.
    #[error("fit-in needs a width or a height")]
    FitInWithoutSize,
    /// Text that no path can hold.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl PathOptions {
    /// The request that these options describe, unsafe until signed: see [`ImageRequest::signed_path`].
    ///
    /// # Errors
    /// [`ComposeError`], naming the option.
    pub fn compose(&self) -> Result<ImageRequest, ComposeError> {
        if self.image.is_empty() {
            return Err(RequestError::EmptyImage.into());
        }
        if self.image.contains('\0') {
            return Err(RequestError::Nul { part: Part::Image }.into());
        }
        let mut request = ImageRequest::new(Access::Unsafe, ImageId::of(&self.image));
        (request.debug, request.meta, request.smart) = (self.debug, self.meta, self.smart);
        self.apply_texts(&mut request)?;
        request.flip_x |= self.flip_x;
        request.flip_y |= self.flip_y;
        if self.fit_in || self.full || self.adaptive {
            if request.size == crate::geometry::Request::default() {
                return Err(ComposeError::FitInWithoutSize);
            }
            request.fit = Some(crate::geometry::FitIn { adaptive: self.adaptive, full: self.full });
        }
        for text in &self.filters {
            request.filters.extend(calls(text)?);
        }
        Ok(request)
    }

    /// The options that are read as the segment that they become.
    fn apply_texts(&self, request: &mut ImageRequest) -> Result<(), ComposeError> {
        let mut apply = |option, value: &str, segment: &str, fits: fn(&Segment) -> bool| {
            let read = Segment::read(segment).filter(fits);
            let read = read.ok_or_else(|| ComposeError::Invalid { option, value: value.to_owned() })?;
            read.apply(request).map_err(ComposeError::from)
        };
        if let Some(name) = &self.preset {
            let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
            let segment =
                if name.chars().all(is_name) && !name.is_empty() { format!("{PRESET}{name}") } else { String::new() };
            apply("preset", name, &segment, |segment| matches!(segment, Segment::Preset(_)))?;
        }
        if let Some(trim) = &self.trim {
            let segment = match trim.as_str() {
                "" => "trim".to_owned(),
                // Read by Thumbor's rules this would not be the tolerance that was meant.
                digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => String::new(),
                corner => format!("trim:{corner}"),
            };
            apply("trim", trim, &segment, |segment| matches!(segment, Segment::Trim(_)))?;
        }
        if let Some(crop) = &self.crop {
            apply("crop", crop, crop, |segment| matches!(segment, Segment::Crop(_)))?;
        }
        let is_size = |segment: &Segment<'_>| matches!(segment, Segment::Size { .. });
        apply("width", &self.width, &format!("{}x", self.width), is_size)?;
        apply("height", &self.height, &format!("{}x{}", self.width, self.height), is_size)?;
        if let Some(align) = &self.halign {
            apply("horizontal alignment", align, align, |segment| matches!(segment, Segment::Horizontal(_)))?;
        }
        if let Some(align) = &self.valign {
            apply("vertical alignment", align, align, |segment| matches!(segment, Segment::Vertical(_)))?;
        }
        Ok(())
    }
}

/// The filter calls in `text`, which is percent-encoded as in a path.
fn calls(text: &str) -> Result<Vec<FilterCall>, ComposeError> {
    let calls = FilterCall::split(&decode(text, Part::Filters)?);
    // In a path, text that is not `name(...)` to its end would be taken for the image's.
    let whole = calls.iter().all(|call| !call.name.is_empty() && call.text.contains('(') && call.text.ends_with(')'));
    if whole { Ok(calls) } else { Err(ComposeError::Invalid { option: "filter", value: text.to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::super::{Scheme, parse, sign};
    use super::*;

    fn of(image: &str) -> PathOptions {
        PathOptions { image: image.to_owned(), ..PathOptions::default() }
    }

    #[test]
    fn paths_are_those_of_thumbors_own_tool() {
        let sized = PathOptions { width: "120".into(), height: "90".into(), ..of("example.com/pic.jpg") };
        let path = sized.compose().unwrap().signed_path(b"s3cr3t", Scheme::default());
        assert_eq!(path, "/_4MFzHga10zwVWkflHwVkTWnHKc=/120x90/example.com/pic.jpg");

        let trimmed = PathOptions {
            trim: Some(String::new()),
            smart: true,
            width: "10".into(),
            filters: vec!["blur(2)".into(), "grayscale()".into()],
            ..of("http://a.b/c?d=1")
        };
        let path = trimmed.compose().unwrap().signed_path(b"K", Scheme::default());
        let expected =
            "/e6aDcrEKaeuD8tO_6Ssj8_Uxpi0=/trim/10x0/smart/filters:blur(2):grayscale()/http%3A//a.b/c%3Fd%3D1";
        assert_eq!(path, expected);
        assert!(path.starts_with(&format!("/{}/", sign(b"K", &path[30..]))));
    }

    #[test]
    fn every_option_finds_its_place() {
        let all = PathOptions {
            debug: true,
            preset: Some("thumb".into()),
            meta: true,
            trim: Some("bottom-right:7".into()),
            crop: Some("1x2:3x4".into()),
            full: true,
            adaptive: true,
            width: "orig".into(),
            height: "-20".into(),
            flip_x: true,
            halign: Some("right".into()),
            valign: Some("top".into()),
            smart: true,
            filters: vec!["fill(%23fff)".into(), "a(b c):d()".into()],
            ..of("300x200/ü (1).jpg")
        };
        let request = all.compose().unwrap();
        let expected = "unsafe/preset:thumb/debug/meta/trim:bottom-right:7/1x2:3x4/adaptive-full-fit-in/-origx-20/right/top/smart/\
            filters:fill(%23fff):a(b%20c):d()/300x200/%C3%BC%20%281%29.jpg";
        assert_eq!(request.to_string(), expected);
        assert_eq!(parse(expected), Ok(request));
        assert_eq!(of("300x200/a.jpg").compose().unwrap().cache_key(), "%3300x200/a.jpg");
    }

    #[test]
    fn an_option_that_means_nothing_is_named() {
        let check = |options: PathOptions, expected: &str| {
            assert_eq!(options.compose().unwrap_err().to_string(), expected);
        };
        check(PathOptions { preset: Some("a/b".into()), ..of("i") }, "`a/b` is no preset");
        check(of(""), "the path names no image");
        check(of("a\0"), "the image holds a NUL character");
        check(PathOptions { width: "ten".into(), ..of("i") }, "`ten` is no width");
        check(PathOptions { width: "1x2:3".into(), height: "4".into(), ..of("i") }, "`1x2:3` is no width");
        check(PathOptions { height: "1x1".into(), ..of("i") }, "`1x1` is no height");
        check(PathOptions { width: "9".repeat(11), ..of("i") }, "`99999999999` is too large a number of pixels");
        check(PathOptions { trim: Some("10".into()), ..of("i") }, "`10` is no trim");
        check(PathOptions { crop: Some("10x10".into()), ..of("i") }, "`10x10` is no crop");
        check(PathOptions { halign: Some("top".into()), ..of("i") }, "`top` is no horizontal alignment");
        check(PathOptions { valign: Some("left".into()), ..of("i") }, "`left` is no vertical alignment");
        check(PathOptions { fit_in: true, flip_x: true, ..of("i") }, "fit-in needs a width or a height");
        check(PathOptions { filters: vec!["blur".into()], ..of("i") }, "`blur` is no filter");
        check(PathOptions { filters: vec!["blur(1".into()], ..of("i") }, "`blur(1` is no filter");
        check(PathOptions { filters: vec![String::new()], ..of("i") }, "`` is no filter");
        check(
            PathOptions { filters: vec!["f(%ff)".into()], ..of("i") },
            "the filter text is not UTF-8 when percent-decoded",
        );
    }
}
