//! From ids to URLs.

use super::super::unquote;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::Url;

/// Characters that a URL may hold as they are, besides letters and digits (Thumbor's list, and the brackets of IPv6).
const URL_TEXT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~')
    .remove(b'@')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'!')
    .remove(b'+')
    .remove(b'=')
    .remove(b':')
    .remove(b';')
    .remove(b',')
    .remove(b'?')
    .remove(b'/')
    .remove(b'\'')
    .remove(b'[')
    .remove(b']');

/// The URL that an id stands for, built as Thumbor does: one layer of encoding comes off; what then has no escapes is
/// encoded as far as a URL needs, what still has some goes out as it is; `scheme` is added where none stands.
pub(in crate::loader) fn source_url(id: &str, scheme: &str) -> Option<Url> {
    let text = String::from_utf8(unquote(id)).ok()?;
    let has_escapes = percent_decode_str(&text).ne(text.bytes());
    let text = if has_escapes { text } else { utf8_percent_encode(&text, URL_TEXT).to_string() };
    let lower = text.get(..8).unwrap_or(&text).to_ascii_lowercase();
    let text = match lower.strip_prefix("http://").or(lower.strip_prefix("https://")) {
        // Parsers of URLs skip further slashes and would take the path for the host.
        Some(host) if host.starts_with(['/', '\\', '?', '#', ':']) => return None,
        Some(_) => text,
        // Some proxies merge double slashes.
        None if lower.starts_with("http:/") || lower.starts_with("https:/") => text,
        // Another protocol, which the guard refuses by its name instead of looking for a host `ftp`.
        None if has_scheme(&text) => text,
        None => format!("{scheme}://{}", text.trim_start_matches('/')),
    };
    let mut url = Url::parse(&text).ok()?;
    if !has_escapes && url.path().contains(['[', ']']) {
        let path = url.path().replace('[', "%5B").replace(']', "%5D");
        url.set_path(&path);
    }
    url.set_fragment(None);
    Some(url)
}

fn has_scheme(text: &str) -> bool {
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_urls_as_thumbor_makes_them() {
        let check = |id: &str, expected: &str| {
            assert_eq!(source_url(id, "http").map(String::from).as_deref(), Some(expected), "{id}");
        };
        check("http%3A//host/a.jpg", "http://host/a.jpg");
        check("https%3A//host/a.jpg", "https://host/a.jpg");
        check("HTTP%3A//HOST/A.jpg", "http://host/A.jpg");
        check("host/a.jpg", "http://host/a.jpg");
        check("host%3A81/a.jpg", "http://host:81/a.jpg");
        check("//host/a.jpg", "http://host/a.jpg");
        check("http%3A/host/a.jpg", "http://host/a.jpg");
        check("httpbin.test/a.jpg", "http://httpbin.test/a.jpg");
        check("http%3A//host/a%20b.jpg", "http://host/a%20b.jpg");
        check("http%3A//host/a%2520b.jpg", "http://host/a%20b.jpg");
        check("http%3A//host/a%252Fb.jpg", "http://host/a%2Fb.jpg");
        check("http%3A//host/maracuj%C3%A1.jpg", "http://host/maracuj%C3%A1.jpg");
        check("http%3A//host/100%25.jpg", "http://host/100%25.jpg");
        check("http%3A//host/a%5B1%5D.jpg", "http://host/a%5B1%5D.jpg");
        check("http%3A//host/a%28b%29%21%2A%27.jpg", "http://host/a(b)!*'.jpg");
        check("http%3A//host/a%7Cb%22c%3Cd.jpg", "http://host/a%7Cb%22c%3Cd.jpg");
        check("http%3A//host/a.jpg%3Fw%3D1%26h%3D2", "http://host/a.jpg?w=1&h=2");
        check("http%3A//host/a.jpg%23part", "http://host/a.jpg");
        check("http%3A//%5B2001%3Adb8%3A%3A1%5D%3A80/a", "http://[2001:db8::1]/a");
        check("host/a%3A//b", "http://host/a://b");
        check("ftp%3A//host/a.jpg", "ftp://host/a.jpg");
        check("file%3A///etc/passwd", "file:///etc/passwd");
        check("host", "http://host/");
        assert_eq!(source_url("host/a", "https").map(String::from).as_deref(), Some("https://host/a"));
        assert_eq!(source_url("http%3A//host/a", "https").map(String::from).as_deref(), Some("http://host/a"));
        let nothing =
            ["http%3A///x.jpg", "https%3A//", "http%3A//%3Fx", "http%3A//%5Cx", "http%3A//%FF/", "http%3A//a b/", ""];
        for id in nothing {
            assert_eq!(source_url(id, "http"), None, "{id}");
        }
    }
}
