//! The `Accept` header, reduced to what decides about a format.

use std::fmt;

/// The picture formats that a client takes; a small set.
///
/// `Display` gives a name for the set (`avif+webp`, `none`) to be part of a cache key.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Accept(u8);

/// Each format's name in a set's name, its bit, its media types, and whether `*/*` stands for it.
const TYPES: [(&str, Accept, &[&str], bool); 5] = [
    ("avif", Accept::AVIF, &["image/avif"], false),
    ("jxl", Accept::JXL, &["image/jxl"], false),
    ("webp", Accept::WEBP, &["image/webp"], false),
    ("jpeg", Accept::JPEG, &["image/jpeg", "image/jpg"], true),
    ("png", Accept::PNG, &["image/png"], false),
];

impl Accept {
    /// No format in particular.
    pub const NONE: Self = Self(0);
    /// AVIF.
    pub const AVIF: Self = Self(1);
    /// JPEG XL.
    pub const JXL: Self = Self(1 << 1);
    /// WebP.
    pub const WEBP: Self = Self(1 << 2);
    /// JPEG.
    pub const JPEG: Self = Self(1 << 3);
    /// PNG.
    pub const PNG: Self = Self(1 << 4);

    /// Reads the values of all `Accept` headers of a request; without any, nothing is accepted in particular.
    ///
    /// A format is accepted if it is listed with a quality above 0. Where it is not listed, `image/*` decides; for JPEG,
    /// where that is not listed either, `*/*`. Of several mentions the highest quality counts. A quality that is no
    /// number from 0 to 1 is 0; a range with another parameter than the quality before it is passed over.
    /// These are the rules of Thumbor after 7.8.
    pub fn parse<'a>(headers: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut listed = Qualities::default();
        for header in headers {
            for range in split_unquoted(header, b',') {
                listed.note(range);
            }
        }
        let mut set = Self::NONE;
        for (at, (_, format, _, by_any)) in TYPES.into_iter().enumerate() {
            let fallback = listed.image.or(if by_any { listed.any } else { None });
            if listed.formats[at].or(fallback).is_some_and(|quality| quality > 0.0) {
                set = set.with(format);
            }
        }
        set
    }

    /// Whether all formats of `other` are in this set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The formats of either set.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The formats that are also in `offered`: what a client takes beyond that makes no difference.
    #[must_use]
    pub const fn among(self, offered: Self) -> Self {
        Self(self.0 & offered.0)
    }
}

/// Names joined by `+`, always in the same order; `none` for the empty set.
impl fmt::Display for Accept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::NONE {
            return f.write_str("none");
        }
        let mut before = "";
        for (name, format, ..) in TYPES {
            if self.contains(format) {
                write!(f, "{before}{name}")?;
                before = "+";
            }
        }
        Ok(())
    }
}

/// The highest quality noted of each range that matters; `None` for those not listed.
#[derive(Default)]
struct Qualities {
    formats: [Option<f64>; TYPES.len()],
    image: Option<f64>,
    any: Option<f64>,
}

impl Qualities {
    /// Takes note of one range, such as `image/webp;q=0.8`.
    fn note(&mut self, range: &[u8]) {
        let mut parts = split_unquoted(range, b';');
        let name = parts.next().unwrap_or_default().trim_ascii();
        let slot = if name == b"*/*" {
            &mut self.any
        } else if name.eq_ignore_ascii_case(b"image/*") {
            &mut self.image
        } else {
            let known = |types: &[&str]| types.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
            match TYPES.iter().position(|(_, _, types, _)| known(types)) {
                Some(at) => &mut self.formats[at],
                None => return,
            }
        };
        let quality = match parts.map(<[u8]>::trim_ascii).find(|parameter| !parameter.is_empty()) {
            None => 1.0,
            Some(parameter) => match quality(parameter) {
                Some(quality) => quality,
                None => return,
            },
        };
        *slot = Some(slot.map_or(quality, |noted| noted.max(quality)));
    }
}

/// The value of a `q` parameter, 0 where it is no number from 0 to 1; `None` for another parameter.
fn quality(parameter: &[u8]) -> Option<f64> {
    let at = parameter.iter().position(|byte| *byte == b'=')?;
    if !parameter[..at].trim_ascii().eq_ignore_ascii_case(b"q") {
        return None;
    }
    let value = std::str::from_utf8(parameter[at + 1..].trim_ascii()).ok().and_then(|value| value.parse().ok());
    Some(value.filter(|value| (0.0..=1.0).contains(value)).unwrap_or(0.0))
}

/// The parts of `text` between separators that stand outside of double quotes.
fn split_unquoted(text: &[u8], separator: u8) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |byte| {
        if escaped {
            escaped = false;
        } else if quoted && *byte == b'\\' {
            escaped = true;
        } else if *byte == b'"' {
            quoted = !quoted;
        } else {
            return !quoted && *byte == separator;
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_becomes_a_set() {
        let check = |header: &str, expected: &str| {
            assert_eq!(Accept::parse([header.as_bytes()]).to_string(), expected, "{header}");
        };
        check("", "none");
        check("text/html", "none");
        check("image/webp", "webp");
        check("image/avif,image/webp,*/*", "avif+webp+jpeg");
        check("IMAGE/WebP ; Q=0.5", "webp");
        check("image/webp;q=0", "none");
        check("image/webp;q=0.001", "webp");
        check("image/webp;q=0, image/webp;q=0.2", "webp");
        check("image/webp;q=0,image/*", "avif+jxl+jpeg+png");
        check("image/*", "avif+jxl+webp+jpeg+png");
        check("image/*;q=0", "none");
        check("*/*", "jpeg");
        check("image/jpg", "jpeg");
        check("image/jpeg;q=0,*/*", "none");
        check("image/*;q=0,*/*", "none");
        check("image/webp;q=abc", "none");
        check("image/webp;q=", "none");
        check("image/webp;q=1.5", "none");
        check("image/webp;q=-1", "none");
        check("image/webp;q=nan", "none");
        check("image/webp;q=inf", "none");
        check("image/webp;v=1;q=1", "none"); // a parameter before q
        check("image/webp;v=1", "none");
        check("image/webp;", "webp");
        check("image/webp; ;q=0", "none");
        check("image/webp;q=1;ext=1", "webp");
        check("image/png;a=\"x,image/webp\",image/jxl", "jxl"); // a comma in quotes separates nothing
        check("text/x;a=\"\\\",image/webp;\",image/jxl", "jxl");
        check("text/x;a=\"image/webp,image/jxl", "none"); // never closed
        check("image/webp image/jxl", "none");
        check(",,;;=,image/webp", "webp");
    }

    #[test]
    fn several_headers_are_one_list() {
        let headers: [&[u8]; 3] = [b"image/webp;q=0", b"\xff\xfe,image/*", b"image/png;q=0"];
        assert_eq!(Accept::parse(headers).to_string(), "avif+jxl+jpeg");
        assert_eq!(Accept::parse([]), Accept::NONE);
    }

    #[test]
    fn only_what_is_offered_makes_a_difference() {
        let offered = Accept::WEBP.with(Accept::PNG);
        let chrome = Accept::parse([b"image/avif,image/webp,image/apng,image/*,*/*;q=0.8".as_slice()]);
        let firefox = Accept::parse([b"image/png,image/webp".as_slice()]);
        assert!(chrome.contains(offered) && chrome != firefox);
        assert_eq!(chrome.among(offered), firefox.among(offered));
        assert_eq!(Accept::JPEG.among(offered), Accept::NONE);
    }
}
