//! Which part of an answer is asked for.

use super::conditional::whole_seconds;
use axum::http::HeaderMap;
use axum::http::header::{IF_RANGE, RANGE};
use httpdate::parse_http_date;
use std::ops::Range;
use std::time::SystemTime;

/// The part of an answer that a client wants.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Part {
    /// All of it.
    Whole,
    /// These bytes; at least one.
    Bytes(Range<usize>),
    /// Bytes that it does not have.
    Nowhere,
}

/// The part that is asked for of an answer of `length` bytes with these validators; `None` for those that are not used.
///
/// Lists of ranges are answered with the whole, which HTTP leaves to the server.
pub(super) fn part(asked: &HeaderMap, length: usize, etag: Option<&[u8]>, made_at: Option<SystemTime>) -> Part {
    let range = asked.get(RANGE).filter(|_| is_still_the_same(asked, etag, made_at));
    range.and_then(|range| read(range.to_str().ok()?, length)).unwrap_or(Part::Whole)
}

/// Whether `If-Range` lets a part be sent: no condition, or exactly this answer.
fn is_still_the_same(asked: &HeaderMap, etag: Option<&[u8]>, made_at: Option<SystemTime>) -> bool {
    let Some(condition) = asked.get(IF_RANGE) else { return true };
    if etag.is_some_and(|etag| etag == condition.as_bytes()) {
        return true;
    }
    let time = condition.to_str().ok().and_then(|text| parse_http_date(text).ok());
    time.is_some() && time == made_at.map(whole_seconds)
}

/// `None` for what is no single range of bytes.
fn read(range: &str, length: usize) -> Option<Part> {
    let (unit, range) = range.split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let part = match (first.trim(), last.trim()) {
        ("", suffix) => length.saturating_sub(number(suffix)?)..length,
        (first, "") => number(first)?..length,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(length)
        }
    };
    Some(if part.is_empty() { Part::Nowhere } else { Part::Bytes(part) })
}

/// A number too large to be one is one too large to matter.
fn number(text: &str) -> Option<usize> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use std::time::Duration;

    #[test]
    fn a_single_range_is_cut_to_what_there_is() {
        let check = |range: &'static str, expected: Part| {
            let asked = [(RANGE, HeaderValue::from_static(range))].into_iter().collect();
            assert_eq!(part(&asked, 10, None, None), expected, "{range}");
        };
        check("bytes=0-0", Part::Bytes(0..1));
        check("bytes=2-5", Part::Bytes(2..6));
        check("bytes=2-", Part::Bytes(2..10));
        check("bytes=2-99999999999999999999999", Part::Bytes(2..10));
        check("bytes=-3", Part::Bytes(7..10));
        check("bytes=-30", Part::Bytes(0..10));
        check("Bytes = 1-2 ", Part::Bytes(1..3));
        check("bytes=10-", Part::Nowhere);
        check("bytes=10-20", Part::Nowhere);
        check("bytes=99999999999999999999999-", Part::Nowhere);
        check("bytes=-0", Part::Nowhere);
        for nonsense in
            ["bytes=5-2", "bytes=", "bytes=-", "bytes=a-b", "bytes=+1-2", "bytes=1-2,4-5", "rows=1-2", "1-2"]
        {
            check(nonsense, Part::Whole);
        }
    }

    #[test]
    fn a_part_is_of_the_same_answer_or_not_sent() {
        let made_at = SystemTime::UNIX_EPOCH + Duration::from_millis(784_111_777_900);
        let check = |condition: &'static str, expected: bool| {
            let asked = [(RANGE, "bytes=0-0"), (IF_RANGE, condition)];
            let asked = asked.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
            let is_part = part(&asked, 10, Some(b"\"abc\""), Some(made_at)) != Part::Whole;
            assert_eq!(is_part, expected, "{condition}");
        };
        check("\"abc\"", true);
        check("W/\"abc\"", false);
        check("\"x\"", false);
        check("Sun, 06 Nov 1994 08:49:37 GMT", true);
        check("Sun, 06 Nov 1994 08:49:38 GMT", false);
        check("nonsense", false);
    }
}
