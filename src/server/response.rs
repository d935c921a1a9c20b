//! A picture as an HTTP answer: Thumbor's headers, and 304 for those who have it already.

use super::cache_tag::CacheTag;
use crate::config::ServerConfig;
use crate::pipeline::Rendition;
use axum::body::Body;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, EXPIRES, IF_NONE_MATCH, VARY,
    WARNING,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use httpdate::fmt_http_date;
use std::collections::HashSet;
use std::time::{Duration, SystemTime};

const IGNORED_FILTERS: HeaderName = HeaderName::from_static("tintype-ignored-filters");
/// Caches on the way may drop such answers sooner.
const STALE: HeaderValue = HeaderValue::from_static("110 - \"Response is Stale\"");
const ACCEPT: HeaderValue = HeaderValue::from_static("Accept");
/// Names of skipped filters come from the URL, so their header is bounded.
const MAX_IGNORED_CHARS: usize = 200;
/// What stands in it for names that have no place any more.
const ELLIPSIS: &str = "...";

/// The settings of answers, as header values where they are the same every time.
#[derive(Debug)]
pub(super) struct Answers {
    max_age_s: u32,
    cache_control: HeaderValue,
    allow_origin: Option<HeaderValue>,
    cache_tag: Option<CacheTag>,
    etags: bool,
    error_max_age_s: u32,
}

impl Answers {
    /// A configured origin that cannot stand in a header is left out: reading the configuration reports it.
    pub(super) fn new(config: &ServerConfig) -> Self {
        Self {
            max_age_s: config.max_age_s,
            cache_control: cache_control(config.max_age_s),
            allow_origin: config.allow_origin.as_deref().and_then(|origin| HeaderValue::from_str(origin).ok()),
            cache_tag: CacheTag::new(config),
            etags: config.etags,
            error_max_age_s: config.error_max_age_s,
        }
    }

    /// Seconds for which answers about missing or unusable sources may be kept.
    pub(super) fn error_max_age_s(&self) -> u32 {
        self.error_max_age_s
    }

    /// The answer with this picture to a request with these headers. Hashes and copies nothing.
    pub(super) fn picture(&self, rendition: &Rendition, asked: &HeaderMap) -> Response {
        let known = self.etags && is_known(&rendition.etag, asked);
        let body = if known { Body::empty() } else { Body::from(rendition.body.clone()) };
        let mut response = Response::new(body);
        let headers = response.headers_mut();
        headers.reserve(12);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(rendition.body.len()));
        self.insert_age(rendition.max_age_s, headers);
        if self.etags {
            headers.insert(ETAG, value(rendition.etag.clone()));
        }
        if rendition.negotiated {
            headers.insert(VARY, ACCEPT);
        }
        if let Some(cache_tag) = &self.cache_tag {
            cache_tag.insert(&rendition.tag, headers);
        }
        if rendition.stale {
            headers.insert(WARNING, STALE);
        }
        if let Some(origin) = &self.allow_origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
        if known {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(rendition.mime));
        if !rendition.ignored_filters.is_empty() {
            headers.insert(IGNORED_FILTERS, value(ignored(&rendition.ignored_filters).into()));
        }
        response
    }

    /// `Cache-Control` and `Expires`; neither for an age of 0.
    fn insert_age(&self, from_url_s: Option<u32>, headers: &mut HeaderMap) {
        let max_age_s = from_url_s.unwrap_or(self.max_age_s);
        if max_age_s == 0 {
            return;
        }
        let same = max_age_s == self.max_age_s;
        headers.insert(CACHE_CONTROL, if same { self.cache_control.clone() } else { cache_control(max_age_s) });
        let expires = SystemTime::now() + Duration::from_secs(max_age_s.into());
        headers.insert(EXPIRES, value(fmt_http_date(expires).into()));
    }
}

/// Thumbor writes it without a space.
fn cache_control(max_age_s: u32) -> HeaderValue {
    value(format!("max-age={max_age_s},public").into())
}

fn value(text: Bytes) -> HeaderValue {
    HeaderValue::from_maybe_shared(text).expect("made of visible ASCII and spaces")
}

/// Whether `If-None-Match` names this entity: weakly compared, in a list, or by `*`.
fn is_known(etag: &[u8], asked: &HeaderMap) -> bool {
    let same = |candidate: &[u8]| {
        let candidate = candidate.trim_ascii();
        candidate == b"*" || candidate.strip_prefix(b"W/").unwrap_or(candidate) == etag
    };
    // Our tags hold no comma, so cutting others' tags at theirs does no harm.
    asked.get_all(IF_NONE_MATCH).iter().any(|list| list.as_bytes().split(|byte| *byte == b',').any(same))
}

/// Names of filters for a header or the log: each once, joined by commas, of bounded length; they come from the URL, so
/// what could mean something there is replaced.
pub(super) fn ignored(filters: &[String]) -> String {
    let mut text = String::new();
    let mut seen = HashSet::new();
    for name in filters.iter().filter(|name| seen.insert(name.as_str())) {
        let harmless = |c: char| if c.is_ascii_graphic() && c != ',' { c } else { '?' };
        let separator = if text.is_empty() { "" } else { "," };
        text.extend(separator.chars().chain(name.chars().map(harmless)).take(MAX_IGNORED_CHARS + 1));
        if text.len() > MAX_IGNORED_CHARS {
            text.truncate(MAX_IGNORED_CHARS - ELLIPSIS.len());
            text.push_str(ELLIPSIS);
            break;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_none_match_is_compared_weakly_in_lists() {
        let check = |headers: &[&'static str], expected: bool| {
            let map = headers.iter().map(|value| (IF_NONE_MATCH, HeaderValue::from_static(value))).collect();
            assert_eq!(is_known(b"\"abc\"", &map), expected, "{headers:?}");
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
    fn names_of_filters_cannot_break_the_header() {
        let check = |filters: &[&str], expected: &str| {
            assert_eq!(ignored(&filters.iter().map(ToString::to_string).collect::<Vec<_>>()), expected);
        };
        check(&["blurr"], "blurr");
        check(&["a", "b", "a"], "a,b");
        check(&["a,b"], "a?b");
        check(&["a\r\nSet-Cookie: x=1"], "a??Set-Cookie:?x=1");
        check(&["grün"], "gr?n");
        let long = "x".repeat(5000);
        check(&[&long], &format!("{}...", &long[..197]));
        check(&[&long[..200]], &long[..200]);
        check(&[&long[..199], "y"], &format!("{}...", &long[..197]));
    }
}
