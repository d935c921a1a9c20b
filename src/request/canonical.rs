//! The one spelling of a request.

use super::encoding::{in_filters, in_signature};
use super::scan::Scanner;
use super::segment::PRESET;
use super::{Access, Corner, ImageRequest, Trim};
use crate::geometry::{Dimension, FitIn, HAlign, Rect, Request, VAlign};
use std::fmt::{self, Display, Formatter};

/// The canonical path, without a leading slash: [`super::parse`] reads it as the same request.
impl Display for ImageRequest {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.access, self.cache_key())
    }
}

/// The first segment of the canonical path.
impl Display for Access {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            // Others than who vouches for a path need leave to ask it.
            Self::Unsafe | Self::Vouched => f.write_str("unsafe"),
            // Whoever wrote a signature that decodes to this word must not get the right that the plain word gives.
            Self::Signed(signature) if signature == "unsafe" => f.write_str("%75nsafe"),
            Self::Signed(signature) => in_signature(signature).fmt(f),
        }
    }
}

impl ImageRequest {
    /// The canonical path without its first segment, so that signed and unsafe requests share results.
    ///
    /// Options stand in the order of libthumbor's builders: this is also the text to make a signature of.
    pub fn cache_key(&self) -> String {
        let mut path = Head(self).to_string();
        let image = self.image.as_str();
        let start = path.len();
        path.push_str(image);
        // An image named `300x200/a.jpg` where a size may stand would be read as a size: one escape hides it.
        if image_in(&path).len() < image.len() {
            path.replace_range(start..=start, &format!("%{:02X}", image.as_bytes()[0]));
        }
        path
    }
}

/// What a parser takes for the image in `path`, which has no first segment.
pub(super) fn image_in(path: &str) -> &str {
    let mut scanner = Scanner::new(path);
    scanner.by_ref().for_each(drop);
    scanner.filters();
    scanner.image()
}

/// All of a request between its first segment and its image, each part with the slash that ends it.
pub(super) struct Head<'a>(pub(super) &'a ImageRequest);

impl Display for Head<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let request = self.0;
        if let Some(name) = &request.preset {
            write!(f, "{PRESET}{name}/")?;
        }
        if request.debug {
            f.write_str("debug/")?;
        }
        if request.meta {
            f.write_str("meta/")?;
        }
        if let Some(trim) = request.trim {
            write_trim(trim, f)?;
        }
        if let Some(Rect { left, top, right, bottom, .. }) = request.crop {
            write!(f, "{left}x{top}:{right}x{bottom}/")?;
        }
        if let Some(FitIn { adaptive, full }) = request.fit {
            let (adaptive, full) = (if adaptive { "adaptive-" } else { "" }, if full { "full-" } else { "" });
            write!(f, "{adaptive}{full}fit-in/")?;
        }
        if request.size != Request::default() || request.flip_x || request.flip_y {
            write_side(request.flip_x, request.size.width, f)?;
            f.write_str("x")?;
            write_side(request.flip_y, request.size.height, f)?;
            f.write_str("/")?;
        }
        f.write_str(match request.align.horizontal {
            HAlign::Left => "left/",
            HAlign::Center => "",
            HAlign::Right => "right/",
        })?;
        f.write_str(match request.align.vertical {
            VAlign::Top => "top/",
            VAlign::Middle => "",
            VAlign::Bottom => "bottom/",
        })?;
        if request.smart {
            f.write_str("smart/")?;
        }
        write_filters(request, f)
    }
}

fn write_trim(trim: Trim, f: &mut Formatter<'_>) -> fmt::Result {
    match (trim.corner, trim.tolerance) {
        (Corner::TopLeft, 0) => f.write_str("trim/"),
        (Corner::TopLeft, tolerance) => write!(f, "trim:top-left:{tolerance}/"),
        (Corner::BottomRight, 0) => f.write_str("trim:bottom-right/"),
        (Corner::BottomRight, tolerance) => write!(f, "trim:bottom-right:{tolerance}/"),
    }
}

fn write_side(flip: bool, side: Dimension, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_str(if flip { "-" } else { "" })?;
    match side {
        Dimension::Auto => f.write_str("0"),
        Dimension::Px(px) => px.fmt(f),
        Dimension::Original => f.write_str("orig"),
    }
}

fn write_filters(request: &ImageRequest, f: &mut Formatter<'_>) -> fmt::Result {
    if request.filters.is_empty() {
        return Ok(());
    }
    let mut before = "filters:";
    for call in &request.filters {
        f.write_str(before)?;
        // Plain, `)/` would end the filter text.
        let mut parts = call.text.split(")/");
        in_filters(parts.next().unwrap_or_default()).fmt(f)?;
        for part in parts {
            write!(f, "%29/{}", in_filters(part))?;
        }
        before = ":";
    }
    f.write_str("/")
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[test]
    fn spellings_of_one_request_have_one_canonical_form() {
        let check = |spelled: &str, canonical: &str| {
            let request = parse(spelled).unwrap();
            assert_eq!(request.to_string(), canonical, "{spelled}");
            assert_eq!(parse(canonical), Ok(request), "{spelled}");
        };
        check("/unsafe/x/i.jpg", "unsafe/i.jpg");
        check("/unsafe/0x0:0x0/000x0/center/middle/i.jpg", "unsafe/i.jpg");
        check("/unsafe/-x-/i.jpg", "unsafe/-0x-0/i.jpg");
        check("/unsafe/origx/i.jpg", "unsafe/origx0/i.jpg");
        check("/unsafe/trim:top-left:0/i.jpg", "unsafe/trim/i.jpg");
        check("/unsafe/trim:10/i.jpg", "unsafe/trim:bottom-right/i.jpg");
        check("/unsafe/0300x0200/i%2ejpg", "unsafe/300x200/i.jpg");
        check("/unsafe/filters:fill(%72ed):blur%287%29)/i.jpg", "unsafe/filters:fill(red):blur(7))/i.jpg");
        check("/unsafe/filters:f(a%29%2Fb)/i.jpg", "unsafe/filters:f(a%29/b)/i.jpg");
        check("/unsafe/filters:f(%2529/%3f%e9%80%94)/i.jpg", "unsafe/filters:f(%2529/%3F%E9%80%94)/i.jpg");
        check("/unsafe/http://h/a.jpg%3Fx=1", "unsafe/http%3A//h/a.jpg%3Fx%3D1");
        check("/a%2Fb%3D/i.jpg", "a%2Fb=/i.jpg");
        check("//unsafe/i.jpg", "%2Funsafe/i.jpg");
        check("/%75nsafe/i.jpg", "%75nsafe/i.jpg");
        check("/preset:thumb/9x9/i.jpg", "unsafe/preset:thumb/9x9/i.jpg");
        check("/preset%3Athumb/i.jpg", "preset%3Athumb/i.jpg");
    }

    #[test]
    fn an_image_named_like_an_option_stays_an_image() {
        let check = |spelled: &str, canonical: &str| {
            let request = parse(spelled).unwrap();
            assert_eq!(request.to_string(), canonical, "{spelled}");
            assert_eq!(parse(canonical), Ok(request), "{spelled}");
        };
        check("/unsafe/0x0/300x200/i.jpg", "unsafe/%3300x200/i.jpg");
        check("/unsafe/10x10/300x200/i.jpg", "unsafe/10x10/300x200/i.jpg"); // a second size is none
        check("/unsafe/%64ebug/debug/i.jpg", "unsafe/%64ebug/debug/i.jpg");
        check("/unsafe/center/smart/i.jpg", "unsafe/smart/i.jpg");
        check("/unsafe/%73mart/", "unsafe/smart/"); // nothing would be left for the image
        check("/unsafe/-%78-/x", "unsafe/%2Dx-/x");
    }
}
