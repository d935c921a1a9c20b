//! What the first element of a drawing says about its size, read without parsing the rest.

use crate::geometry::{Size, Stored};

/// Pixels an inch, Thumbor's `SVG_DPI`.
pub(super) const DPI: f64 = 150.0;

/// Size of a drawing that tells none: that of replaced elements in CSS.
pub(super) const DEFAULT_SIZE: (f64, f64) = (300.0, 150.0);

/// What stands before the first element, and that element with all that follows.
pub(super) struct Prolog<'a> {
    /// What the document type says, its own declarations included; empty if there is none.
    pub(super) doctype: &'a [u8],
    /// From the first element on.
    pub(super) root: &'a [u8],
}

/// Passes over a byte order mark, white space, declarations, comments and at most one document type.
pub(super) fn prolog(text: &[u8]) -> Option<Prolog<'_>> {
    let mut rest = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut doctype: &[u8] = &[];
    loop {
        rest = rest.trim_ascii_start();
        if let Some(after) = rest.strip_prefix(b"<?") {
            rest = past(after, b"?>")?;
        } else if let Some(after) = rest.strip_prefix(b"<!--") {
            rest = past(after, b"-->")?;
        } else if let Some(after) = rest.strip_prefix(b"<!DOCTYPE").filter(|_| doctype.is_empty()) {
            rest = past_doctype(after)?;
            doctype = &after[..after.len() - rest.len()];
        } else {
            return Some(Prolog { doctype, root: rest });
        }
    }
}

/// The attributes of the first element, if that is `svg`.
///
/// Any other element at that place means that this is no SVG, though one may be inside.
pub(super) fn root_tag(text: &[u8]) -> Option<&[u8]> {
    let rest = prolog(text)?.root;
    let name_end = rest.iter().position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))?;
    let name = rest[..name_end].strip_prefix(b"<")?;
    let local = name.iter().rposition(|byte| *byte == b':').map_or(name, |colon| &name[colon + 1..]);
    if local != b"svg" {
        return None;
    }
    let attributes = &rest[name_end..];
    let mut quote = None;
    let end = attributes.iter().position(|byte| {
        match quote {
            Some(open) if *byte == open => quote = None,
            None if matches!(byte, b'"' | b'\'') => quote = Some(*byte),
            _ => {}
        }
        quote.is_none() && *byte == b'>'
    });
    Some(&attributes[..end?])
}

fn past<'a>(text: &'a [u8], close: &[u8]) -> Option<&'a [u8]> {
    let at = text.windows(close.len()).position(|window| window == close)?;
    Some(&text[at + close.len()..])
}

/// What follows a document type, whose own declarations may stand in brackets. Texts in quotes and comments may hold
/// anything.
fn past_doctype(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    let mut inside = false;
    loop {
        let (&byte, after) = rest.split_first()?;
        rest = match byte {
            b'"' | b'\'' => past(after, &[byte])?,
            b'<' if after.starts_with(b"!--") => past(after, b"-->")?,
            b'<' if after.starts_with(b"?") => past(after, b"?>")?,
            b'>' if !inside => return Some(after),
            _ => {
                inside = (inside || byte == b'[') && byte != b']';
                after
            }
        };
    }
}

/// Width and height of a drawing with these attributes in whole pixels; `None` if they are not positive or beyond all
/// measure.
pub(super) fn size(attributes: &[u8]) -> Option<Size<Stored>> {
    let (width, height) = natural_size(attributes);
    Some(Size::new(pixels(width)?, pixels(height)?))
}

/// Width and height of a drawing with these attributes.
///
/// What is missing or a percentage comes from the view box, or from the other side and the view box's shape.
pub(super) fn natural_size(attributes: &[u8]) -> (f64, f64) {
    let view = attribute(attributes, b"viewBox").and_then(view_box);
    let side = |name: &[u8]| attribute(attributes, name).and_then(length);
    match (side(b"width"), side(b"height"), view) {
        (Some(width), Some(height), _) => (width, height),
        (Some(width), None, Some(view)) => (width, width * view.1 / view.0),
        (None, Some(height), Some(view)) => (height * view.0 / view.1, height),
        (None, None, Some(view)) => view,
        (width, height, None) => (width.unwrap_or(DEFAULT_SIZE.0), height.unwrap_or(DEFAULT_SIZE.1)),
    }
}

/// The nearest whole number of pixels, at least one.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
fn pixels(side: f64) -> Option<u32> {
    (side > 0.0 && side <= 1e9).then(|| side.round().max(1.0) as u32)
}

/// The value of an attribute.
fn attribute<'a>(attributes: &'a [u8], name: &[u8]) -> Option<&'a str> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_ascii_start();
        let equals = rest.iter().position(|byte| *byte == b'=')?;
        let found = rest[..equals].trim_ascii();
        let (&quote, value) = rest[equals + 1..].trim_ascii_start().split_first()?;
        let end = value.iter().position(|byte| *byte == quote)?;
        if found == name {
            return std::str::from_utf8(&value[..end]).ok();
        }
        rest = &value[end + 1..];
    }
}

/// A length in pixels; `None` for a percentage and what is no length.
fn length(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit_at = text.rfind(|c: char| c.is_ascii_digit() || c == '.')? + 1;
    let number: f64 = text[..unit_at].parse().ok()?;
    let font = 12.0;
    let unit = match &text[unit_at..] {
        "" | "px" => 1.0,
        "in" => DPI,
        "cm" => DPI / 2.54,
        "mm" => DPI / 25.4,
        "pt" => DPI / 72.0,
        "pc" => DPI / 6.0,
        "em" => font,
        "ex" => font / 2.0,
        _ => return None,
    };
    Some(number * unit)
}

/// Width and height of a view box.
fn view_box(text: &str) -> Option<(f64, f64)> {
    let mut numbers = text.split([' ', ',', '\t', '\n', '\r']).filter(|part| !part.is_empty()).map(str::parse::<f64>);
    let (_, _, width, height) = (numbers.next()?, numbers.next()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
    (width > 0.0 && height > 0.0).then_some((width, height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_whose_first_element_is_svg_is_one() {
        let check = |text: &str, expected| assert_eq!(root_tag(text.as_bytes()).is_some(), expected, "{text}");
        check("<svg>", true);
        check("<svg/>", true);
        check(
            "\u{feff} \n<?xml version='1.0'?><!-- <html> --><!DOCTYPE svg PUBLIC '-//W3C' 'x'>\n<svg a='>' b=\"'\">",
            true,
        );
        check("<!DOCTYPE svg [ <!ENTITY ns 'http://x'> ] ><svg xmlns='&ns;'>", true);
        check("<!DOCTYPE svg [ <!ENTITY a ']><html>'> <!-- ' ] --> <?x ]?> ] ><svg>", true);
        check("<!DOCTYPE svg><!DOCTYPE svg><svg>", false);
        check("<s:svg xmlns:s='x'>", true);
        check("<html><svg></svg></html>", false);
        check("<!DOCTYPE html><svg2>", false);
        check("<!doctype html><svg>", false);
        check("<svg", false);
        check("<svg a='>", false);
        check("svg>", false);
        check("<!-- <svg>", false);
        check("", false);
        check("x<svg>", false);
    }

    #[test]
    fn sizes_are_read_in_all_units() {
        let check = |attributes: &str, expected: Option<(u32, u32)>| {
            let found = size(attributes.as_bytes()).map(|size| (size.width, size.height));
            assert_eq!(found, expected, "{attributes}");
        };
        check("width='30' height=\"20px\"", Some((30, 20)));
        check("width='10in' height='13in' viewBox='-305 -516 610 820'", Some((1500, 1950)));
        check("width='25.4mm' height='2.54cm'", Some((150, 150)));
        check("width='72pt' height='6pc'", Some((150, 150)));
        check("viewBox='0,0,100 50'", Some((100, 50)));
        check("width='200' viewBox='0 0 100 50'", Some((200, 100)));
        check("height='200' viewBox='0 0 100 50'", Some((400, 200)));
        check("width='100%' height='100%' viewBox='0 0 100 50'", Some((100, 50)));
        check("", Some((300, 150)));
        check("height='7'", Some((300, 7)));
        check("data-width='7' width = '1e1' height='0.2'", Some((10, 1)));
        check("width='-3' height='4'", None);
        check("width='0' height='4'", None);
        check("width='1e12' height='4'", None);
        check("viewBox='0 0 0 50'", Some((300, 150)));
    }
}
