//! Paths and queries as they stand in a request line.

use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use std::fmt::Write as _;

/// What no request line can hold in its path. All else stays as it was written.
const IMPOSSIBLE: &AsciiSet = &CONTROLS.add(b' ').add(b'#').add(b'?').add(b'<').add(b'>').add(b'`');
/// What browsers escape in paths.
const ESCAPED: &AsciiSet = &IMPOSSIBLE.add(b'"').add(b'{').add(b'}');
/// What no request line can hold in its query.
const IMPOSSIBLE_IN_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'#');
/// What is written as it is in names and values of queries.
const ESCAPED_IN_QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b'/').remove(b':').remove(b',');

/// A path that stands as its client wrote it. What follows escapes nothing that is escaped, and nothing else that need not be.
pub(super) fn as_written(path: &str) -> String {
    let mut written = String::with_capacity(path.len());
    for c in path.chars() {
        // Characters beyond ASCII may stand in a path.
        match u8::try_from(c).ok().filter(u8::is_ascii) {
            Some(_) => written.extend(utf8_percent_encode(c.encode_utf8(&mut [0; 4]), IMPOSSIBLE)),
            None => written.push(c),
        }
    }
    written
}

/// A path whose escapes somebody has decoded, with those that clients usually write.
pub(super) fn of_decoded(path: &str) -> String {
    let mut written = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        written.extend(utf8_percent_encode(before, ESCAPED));
        // Whether this was written so or as `%25` and two digits is not to be known any more.
        let digits = after.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        written.push_str(if digits { "%" } else { "%25" });
        rest = after;
    }
    written.extend(utf8_percent_encode(rest, ESCAPED));
    written
}

/// A query that stands as its client wrote it.
pub(super) fn as_written_query(query: &str) -> String {
    utf8_percent_encode(query, IMPOSSIBLE_IN_QUERY).to_string()
}

/// A query of names and values as they are meant.
pub(super) fn query_of<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let escaped = |text| utf8_percent_encode(text, ESCAPED_IN_QUERY);
    let pairs = pairs.into_iter().map(|(name, value)| (escaped(name).to_string(), escaped(value).to_string()));
    let pairs: Vec<_> = pairs.collect();
    joined(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// Names and values, joined. A name without a value stands alone.
pub(super) fn joined<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        let and = if query.is_empty() { "" } else { "&" };
        let equals = if value.is_empty() { "" } else { "=" };
        write!(query, "{and}{name}{equals}{value}").expect("strings take all text");
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_stays() {
        let check = |path: &str, expected: &str| assert_eq!(as_written(path), expected);
        for path in ["/a%20b%2Bc%2fd/(x,y):z/http://h/i.jpg", "/%zz/100%/\"{|}\\^'", "/sig=/a//b/../c/./d", "/ä"] {
            check(path, path);
        }
        check("/a b?c#d<e>`", "/a%20b%3Fc%23d%3Ce%3E%60");
    }

    #[test]
    fn what_was_decoded_is_escaped_again() {
        let check = |path: &str, expected: &str| assert_eq!(of_decoded(path), expected);
        check(
            "/unsafe/fit-in/9x9/filters:fill(red):blur(1,2)/a.jpg",
            "/unsafe/fit-in/9x9/filters:fill(red):blur(1,2)/a.jpg",
        );
        check("/a b/ä?c#d", "/a%20b/%C3%A4%3Fc%23d");
        check("/100%/50%x/%41", "/100%25/50%25x/%41");
        check("/\"{}\"", "/%22%7B%7D%22");
    }

    #[test]
    fn queries_mean_the_same() {
        assert_eq!(
            query_of([("callback", "f"), ("a b", "c&d=e"), ("u", "http://h/ä")]),
            "callback=f&a%20b=c%26d%3De&u=http://h/%C3%A4"
        );
        assert_eq!(query_of([("folder/a.jpg", "")]), "folder/a.jpg");
        assert_eq!(as_written_query(&joined([("a%20b", "c+d"), ("e", "")])), "a%20b=c+d&e");
        assert_eq!(as_written_query("a=%3D&b=\u{7f}"), "a=%3D&b=%7F");
    }
}
