//! The file in a request: its body, or the part of a form that is called `media`.

use crate::request::ImageId;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::Bytes;
use memchr::memmem;

/// The part of a form that holds the file.
const FIELD: &str = "media";
/// Heads of parts that are longer are no forms of browsers.
const MAX_HEAD_BYTES: usize = 8 << 10;
/// Longer names are cut.
const MAX_NAME_CHARS: usize = 100;

/// A file as it was sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Media {
    /// Its name, if it has one.
    pub(super) name: Option<String>,
    /// What it holds.
    pub(super) bytes: Bytes,
}

impl Media {
    /// The file in this body; `None` where a form has none.
    pub(super) fn of(asked: &HeaderMap, body: Bytes) -> Option<Self> {
        let kind = asked.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if is_form(kind) {
            return in_form(&body, &parameter(kind, "boundary")?);
        }
        let name = asked.get("slug").and_then(|slug| std::str::from_utf8(slug.as_bytes()).ok());
        Some(Self { name: name.and_then(harmless), bytes: body })
    }

    /// The name, quoted for a URL, or `other`.
    pub(super) fn quoted_name(&self, other: &str) -> String {
        ImageId::of(self.name.as_deref().unwrap_or(other)).to_string()
    }
}

fn is_form(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("multipart/form-data")
}

/// The first part called `media`.
fn in_form(body: &Bytes, boundary: &str) -> Option<Media> {
    let delimiter = format!("--{boundary}");
    let mut at = memmem::find(body, delimiter.as_bytes())? + delimiter.len();
    let between = format!("\r\n{delimiter}");
    let between = memmem::Finder::new(&between);
    while !body[at..].starts_with(b"--") {
        let line_end = at + memmem::find(&body[at..], b"\r\n")?;
        let window = &body[line_end..body.len().min(line_end + MAX_HEAD_BYTES)];
        let head_end = line_end + memmem::find(window, b"\r\n\r\n")?;
        let start = head_end + 4;
        // Content that is empty ends with the line break that its head ends with.
        let end = head_end + 2 + between.find(&body[head_end + 2..])?;
        let head = String::from_utf8_lossy(&body[line_end..head_end]);
        if let Some(disposition) = field(&head, "content-disposition")
            && parameter(disposition, "name").as_deref() == Some(FIELD)
        {
            let name = parameter(disposition, "filename").as_deref().and_then(harmless);
            return Some(Media { name, bytes: body.slice(start.min(end)..end) });
        }
        at = end + between.needle().len();
    }
    None
}

/// The value of a header in the head of a part.
fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    fields.into_iter().find(|(found, _)| found.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// A parameter of a header's value, such as `name` in `form-data; name="media"`.
fn parameter(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    while let Some((_, after)) = rest.split_once(';') {
        let (found, after) = after.split_once('=')?;
        let (text, after) = if let Some(quoted) = after.trim_start().strip_prefix('"') {
            unquoted(quoted)?
        } else {
            let end = after.find(';').unwrap_or(after.len());
            (after[..end].trim().to_owned(), &after[end..])
        };
        if found.trim().eq_ignore_ascii_case(name) {
            return Some(text);
        }
        rest = after;
    }
    None
}

/// A text up to its closing quote, and what follows.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let (mut out, mut escaped) = (String::new(), false);
    for (at, c) in text.char_indices() {
        match c {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => return Some((out, &text[at + 1..])),
            _ => {
                out.push(c);
                escaped = false;
            }
        }
    }
    None
}

/// The last part of a path, as far as it is a name.
fn harmless(path: &str) -> Option<String> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME_CHARS).collect();
    let name = name.trim();
    (!name.is_empty() && name != "." && name != "..").then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn of(headers: &[(&'static str, &'static str)], body: &'static str) -> Option<(Option<String>, Bytes)> {
        let pairs =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Media::of(&pairs.collect(), body.into()).map(|media| (media.name, media.bytes))
    }

    #[test]
    fn a_body_is_a_file_and_slug_its_name() {
        let check = |headers: &[(&'static str, &'static str)], name: Option<&str>| {
            assert_eq!(of(headers, "--x\r\n"), Some((name.map(str::to_owned), "--x\r\n".into())), "{headers:?}");
        };
        check(&[("content-type", "image/jpeg")], None);
        check(&[("slug", "a photo.jpg")], Some("a photo.jpg"));
        check(&[("slug", "../../etc/x.jpg")], Some("x.jpg"));
        check(&[("slug", "c:\\temp\\x.jpg")], Some("x.jpg"));
        check(&[("slug", "a/..")], None);
        check(&[("slug", "")], None);
    }

    #[test]
    fn a_form_holds_it_as_media() {
        let check = |body: &'static str, expected: Option<(Option<&str>, &'static str)>| {
            let kinds = ["multipart/form-data; boundary=b", "Multipart/Form-Data; charset=utf-8; Boundary=\"b\""];
            for kind in kinds {
                let found = of(&[("content-type", kind)], body);
                assert_eq!(found, expected.map(|(name, bytes)| (name.map(str::to_owned), bytes.into())), "{body}");
            }
        };
        let head = "Content-Disposition: form-data; name=\"media\"; filename=\"a \\\"b\\\".jpg\"";
        let leak = |text: String| -> &'static str { text.leak() };
        let full = leak(format!("--b\r\n{head}\r\nContent-Type: image/jpeg\r\n\r\nbytes\r\n--\r\nmore\r\n--b--\r\n"));
        check(full, Some((Some("a \"b\".jpg"), "bytes\r\n--\r\nmore")));
        let second = "preamble\r\n--b\r\ncontent-disposition: form-data; name=x\r\n\r\n1\r\n--b \r\nContent-Disposition: \
                      form-data; name=media\r\n\r\n2\r\n--b\r\nContent-Disposition: form-data; name=media\r\n\r\n3\r\n--b--";
        check(second, Some((None, "2")));
        check("--b\r\nContent-Disposition: form-data; name=media\r\n\r\n\r\n--b--", Some((None, "")));
        check("--b\r\nContent-Disposition: form-data; name=media\r\n\r\n--b--", Some((None, "")));
        for broken in [
            "",
            "--b",
            "--b--",
            "--b\r\n",
            "--b\r\nContent-Disposition: form-data; name=media\r\n\r\nno end",
            "--b\r\nContent-Disposition: form-data; name=other\r\n\r\n1\r\n--b--",
            "--b\r\nContent-Disposition: form-data; name=\"media\r\n\r\n1\r\n--b--",
            "--other\r\nContent-Disposition: form-data; name=media\r\n\r\n1\r\n--other--",
        ] {
            check(broken, None);
        }
        assert_eq!(of(&[("content-type", "multipart/form-data")], "--b"), None);
    }

    #[test]
    fn names_are_quoted_for_urls() {
        let media = |name: Option<&str>| Media { name: name.map(str::to_owned), bytes: Bytes::new() };
        assert_eq!(media(Some("a photo (1).jpg")).quoted_name("image.png"), "a%20photo%20%281%29.jpg");
        assert_eq!(media(Some("grün.jpg")).quoted_name("image.png"), "gr%C3%BCn.jpg");
        assert_eq!(media(None).quoted_name("image.png"), "image.png");
    }
}
