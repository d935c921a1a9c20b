//! The name under which a picture is saved.

use crate::config::Disposition;
use crate::request::ImageId;
use axum::http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt::Write as _;

/// Longer names are cut.
const MAX_NAME_CHARS: usize = 100;
/// The name of a picture whose address has none.
const NAMELESS: &str = "image";
/// What may stand unescaped in `filename*`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'-').remove(b'~');

/// `Content-Disposition` for a picture of this type made from `image`; none where the settings say so, or it is no
/// picture.
pub(super) fn header(disposition: Disposition, image: &ImageId, mime: &str) -> Option<HeaderValue> {
    let kind = match disposition {
        Disposition::Inline => "inline",
        Disposition::Attachment => "attachment",
        Disposition::Off => return None,
    };
    let extension = extension(mime.strip_prefix("image/")?);
    let path = image.decoded();
    let stem = stem(&path);
    let harmless = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ' ') { c } else { '_' };
    let mut text = String::with_capacity(2 * MAX_NAME_CHARS); // one allocation for most names: this is in every answer
    text.extend([kind, "; filename=\""]);
    text.extend(stem.chars().map(harmless));
    text.extend([".", extension, "\""]);
    if stem.chars().any(|c| harmless(c) != c) && !stem.chars().any(char::is_control) {
        let exact = utf8_percent_encode(stem, PLAIN);
        let _ = write!(text, "; filename*=UTF-8''{exact}.{extension}"); // a string takes any text
    }
    HeaderValue::try_from(text).ok()
}

/// The last part of a path or address, without query and extension.
fn stem(path: &str) -> &str {
    let path = if path.starts_with("http") { path.split(['?', '#']).next().unwrap_or_default() } else { path };
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let stem = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 5 => stem,
        _ => name,
    };
    let end = stem.char_indices().nth(MAX_NAME_CHARS).map_or(stem.len(), |(end, _)| end);
    let stem = stem[..end].trim_matches(['.', ' ']);
    if stem.is_empty() { NAMELESS } else { stem }
}

fn extension(subtype: &str) -> &str {
    match subtype {
        "jpeg" => "jpg",
        "svg+xml" => "svg",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_the_original_with_the_answers_extension() {
        let check = |image: &str, mime: &str, expected: &str| {
            let header = header(Disposition::Inline, &ImageId::of(image), mime).unwrap();
            assert_eq!(header.to_str().unwrap(), format!("inline; {expected}"), "{image}");
        };
        check("photo.jpg", "image/webp", "filename=\"photo.webp\"");
        check("a/b/summer photo.png", "image/jpeg", "filename=\"summer photo.jpg\"");
        check("http://h/a/b.jpg?x=/1.png", "image/png", "filename=\"b.png\"");
        check("http://h/", "image/png", "filename=\"h.png\"");
        check("archive.tar.gz", "image/png", "filename=\"archive.tar.png\"");
        check("v1.withoutextension", "image/png", "filename=\"v1.withoutextension.png\"");
        check("grün.jpg", "image/jpeg", "filename=\"gr_n.jpg\"; filename*=UTF-8''gr%C3%BCn.jpg");
        check("a\"b;c\\d.jpg", "image/jpeg", "filename=\"a_b_c_d.jpg\"; filename*=UTF-8''a%22b%3Bc%5Cd.jpg");
        check("a\r\nSet-Cookie: x.jpg", "image/jpeg", "filename=\"a__Set-Cookie_ x.jpg\"");
        check("...", "image/gif", "filename=\"image.gif\"");
        check(&"x".repeat(999), "image/gif", &format!("filename=\"{}.gif\"", "x".repeat(100)));
    }

    #[test]
    fn settings_decide_whether_and_how_it_is_said() {
        let of = |disposition, mime| header(disposition, &ImageId::of("a.jpg"), mime);
        assert_eq!(of(Disposition::Attachment, "image/png").unwrap(), "attachment; filename=\"a.png\"");
        assert_eq!(of(Disposition::Off, "image/png"), None);
        assert_eq!(of(Disposition::Inline, "application/json"), None);
    }
}
