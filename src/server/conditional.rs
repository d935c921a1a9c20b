//! Whether a client holds the answer already.

use crate::pipeline::Held;
use axum::http::HeaderMap;
use axum::http::header::{IF_MODIFIED_SINCE, IF_NONE_MATCH};
use httpdate::parse_http_date;
use std::time::{Duration, SystemTime};

/// The tags of `If-None-Match`, weak ones as if they were strong; `*` among them.
fn tags(asked: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let lists = asked.get_all(IF_NONE_MATCH).iter();
    // Our tags hold no comma, so cutting others' tags at theirs does no harm.
    let tags = lists.flat_map(|list| list.as_bytes().split(|byte| *byte == b','));
    tags.map(<[u8]>::trim_ascii).map(|tag| tag.strip_prefix(b"W/").unwrap_or(tag))
}

/// What a client may hold of what it asks for.
pub(super) fn held(asked: &HeaderMap) -> Held {
    Held::of(tags(asked))
}

/// Whether a client holds what has these validators; `None` for those that are not used.
///
/// The time counts only where no tags are given.
pub(super) fn is_held(asked: &HeaderMap, etag: Option<&[u8]>, made_at: Option<SystemTime>) -> bool {
    match etag {
        Some(etag) if asked.contains_key(IF_NONE_MATCH) => tags(asked).any(|tag| tag == b"*" || tag == etag),
        _ => made_at.is_some_and(|made_at| has_since(asked, made_at)),
    }
}

/// Whether `If-Modified-Since` names this time or a later one. What is no date says nothing.
fn has_since(asked: &HeaderMap, made_at: SystemTime) -> bool {
    let since = asked.get(IF_MODIFIED_SINCE).and_then(|value| parse_http_date(value.to_str().ok()?).ok());
    since.is_some_and(|since| whole_seconds(made_at) <= since)
}

/// A time as HTTP writes it.
pub(super) fn whole_seconds(time: SystemTime) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    const ETAG: &[u8] = b"\"abc\"";

    fn map(headers: &[(HeaderName, &'static str)]) -> HeaderMap {
        headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn if_none_match_is_compared_weakly_in_lists() {
        let check = |values: &[&'static str], expected: bool| {
            let headers: Vec<_> = values.iter().map(|value| (IF_NONE_MATCH, *value)).collect();
            assert_eq!(is_held(&map(&headers), Some(ETAG), None), expected, "{values:?}");
        };
        check(&[], false);
        check(&["\"abc\""], true);
        check(&["W/\"abc\""], true);
        check(&["*"], true);
        check(&["\"x\", W/\"abc\" ,\"y\""], true);
        check(&["\"x\"", "\"abc\""], true);
        check(&["abc"], false);
        check(&["\"ab\""], false);
        check(&["\"x,*y\""], false);
        check(&[""], false);
    }

    #[test]
    fn times_count_by_the_second_and_only_where_there_are_no_tags() {
        let made_at = SystemTime::UNIX_EPOCH + Duration::from_millis(784_111_777_900); // Sun, 06 Nov 1994 08:49:37 GMT
        let check = |headers: &[(HeaderName, &'static str)], expected: bool| {
            assert_eq!(is_held(&map(headers), Some(ETAG), Some(made_at)), expected, "{headers:?}");
        };
        check(&[(IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT")], true);
        check(&[(IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:38 GMT")], true);
        check(&[(IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:36 GMT")], false);
        check(&[(IF_MODIFIED_SINCE, "Sunday, 06-Nov-94 08:49:37 GMT")], true);
        check(&[(IF_MODIFIED_SINCE, "yesterday")], false);
        check(&[(IF_NONE_MATCH, "\"x\""), (IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT")], false);
        check(&[(IF_NONE_MATCH, "\"abc\""), (IF_MODIFIED_SINCE, "yesterday")], true);
        let since = map(&[(IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT")]);
        assert!(!is_held(&since, Some(ETAG), None));
        assert!(is_held(
            &map(&[(IF_NONE_MATCH, "*"), (IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:37 GMT")]),
            None,
            Some(made_at)
        ));
    }
}
