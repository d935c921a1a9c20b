//! A picture as an HTTP answer: Thumbor's headers, the part that is asked for, and 304 for those who have it already.

use super::cache_tag::CacheTag;
use super::conditional::{is_held, whole_seconds};
use super::range::{Part, part};
use super::{disposition, timing};
use crate::config::{Config, Disposition};
use crate::pipeline::{Rendition, Served, Unchanged, Via};
use crate::request::ImageId;
use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, ETAG, EXPIRES, LAST_MODIFIED, VARY, WARNING,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use httpdate::fmt_http_date;
use std::collections::HashSet;
use std::time::{Duration, SystemTime};

const IGNORED_FILTERS: HeaderName = HeaderName::from_static("tintype-ignored-filters");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
/// How long others may keep an answer that was made from an old copy: about as long as it is kept here.
const STALE_MAX_AGE_S: u32 = 5;
/// What tells them.
const STALE: HeaderValue = HeaderValue::from_static("110 - \"Response is Stale\"");
const ACCEPT: HeaderValue = HeaderValue::from_static("Accept");
const BYTES: HeaderValue = HeaderValue::from_static("bytes");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// Names of skipped filters come from the URL, so their header is bounded.
const MAX_IGNORED_CHARS: usize = 200;
/// What stands in it for names that have no place any more.
const ELLIPSIS: &str = "...";

/// The settings of answers, as header values where they are the same every time.
#[derive(Debug)]
pub(super) struct Answers {
    max_age_s: u32,
    cache_control: HeaderValue,
    provisional_max_age_s: u32,
    fallback_max_age_s: u32,
    allow_origin: Option<HeaderValue>,
    cache_tag: Option<CacheTag>,
    etags: bool,
    last_modified: bool,
    disposition: Disposition,
    timing: bool,
}

impl Answers {
    /// A configured origin that cannot stand in a header is left out: reading the configuration reports it.
    pub(super) fn new(config: &Config) -> Self {
        let server = &config.server;
        Self {
            max_age_s: server.max_age_s,
            cache_control: cache_control(server.max_age_s),
            provisional_max_age_s: server.provisional_max_age_s,
            fallback_max_age_s: config.fallback.max_age_s,
            allow_origin: server.allow_origin.as_deref().and_then(|origin| HeaderValue::from_str(origin).ok()),
            cache_tag: CacheTag::new(server),
            etags: server.etags,
            last_modified: server.last_modified,
            disposition: server.disposition,
            timing: server.timing,
        }
    }

    /// Whether clients are told names of answers, so that they may ask for what has another.
    pub(super) fn has_etags(&self) -> bool {
        self.etags
    }

    /// The answer with this picture, made from `image`, to a request. Hashes and copies nothing.
    pub(super) fn picture(&self, served: &Served, image: &ImageId, asked: &Parts) -> Response {
        let rendition = &*served.rendition;
        let etag = self.etags.then_some(&rendition.etag);
        let made_at = self.last_modified.then_some(rendition.made_at);
        if is_held(&asked.headers, etag.map(|etag| &etag[..]), made_at) {
            let mut response = empty(StatusCode::NOT_MODIFIED);
            self.insert_common(rendition, response.headers_mut());
            self.insert_age(rendition, response.headers_mut());
            return response;
        }
        let part = match asked.method {
            Method::GET => part(&asked.headers, rendition.body.len(), etag.map(|etag| &etag[..]), made_at),
            _ => Part::Whole,
        };
        let mut response = sent(&rendition.body, part);
        let headers = response.headers_mut();
        self.insert_common(rendition, headers);
        self.insert_age(rendition, headers);
        headers.insert(ACCEPT_RANGES, BYTES);
        self.insert_about(served, image, headers);
        response
    }

    /// The picture that stands in for one that cannot be shown. It is the answer to nobody's condition.
    pub(super) fn stand_in(&self, served: &Served, image: &ImageId, status: StatusCode) -> Response {
        let rendition = &*served.rendition;
        let mut response = sent(&rendition.body, Part::Whole);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        if rendition.negotiated {
            headers.insert(VARY, ACCEPT);
        }
        self.insert_origin(headers);
        insert_short_age(self.fallback_max_age_s, headers);
        self.insert_about(served, image, headers);
        response
    }

    /// A picture made of what its client sent, for nobody else.
    pub(super) fn made_to_order(&self, rendition: &Rendition) -> Response {
        let mut response = sent(&rendition.body, Part::Whole);
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, NO_STORE);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(rendition.mime));
        if self.timing {
            headers.insert(SERVER_TIMING, timing::header(Via::Made, &rendition.times));
        }
        insert_ignored(rendition, headers);
        response
    }

    /// An original as it is, to a request.
    pub(super) fn original(&self, body: &Bytes, etag: Bytes, mime: &'static str, asked: &Parts) -> Response {
        let known = self.etags && is_held(&asked.headers, Some(&etag), None);
        let mut response = if known { empty(StatusCode::NOT_MODIFIED) } else { sent(body, Part::Whole) };
        let headers = response.headers_mut();
        if self.etags {
            headers.insert(ETAG, value(etag));
        }
        self.insert_origin(headers);
        self.insert_max_age(self.max_age_s, headers);
        if !known {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(mime));
        }
        response
    }

    /// The answer to a client that holds what it asks for.
    pub(super) fn unchanged(&self, unchanged: &Unchanged) -> Response {
        let Unchanged { negotiated, stale, tag, .. } = unchanged;
        let mut response = empty(StatusCode::NOT_MODIFIED);
        let headers = response.headers_mut();
        headers.insert(ETAG, value(unchanged.etag.clone()));
        self.insert_for_caches(*negotiated, *stale, tag, headers);
        if *stale {
            insert_short_age(STALE_MAX_AGE_S, headers);
        } else {
            self.insert_max_age(unchanged.max_age_s.unwrap_or(self.max_age_s), headers);
        }
        if self.timing {
            headers.insert(SERVER_TIMING, timing::unchanged(unchanged.fetch));
        }
        response
    }

    /// What 200 and 304 have in common.
    fn insert_common(&self, rendition: &Rendition, headers: &mut HeaderMap) {
        headers.reserve(16);
        if self.etags {
            headers.insert(ETAG, value(rendition.etag.clone()));
        }
        if self.last_modified {
            headers.insert(LAST_MODIFIED, date(whole_seconds(rendition.made_at)));
        }
        self.insert_for_caches(rendition.negotiated, rendition.stale, &rendition.tag, headers);
    }

    /// What caches have to know besides the name and the age of an answer.
    fn insert_for_caches(&self, negotiated: bool, stale: bool, tag: &Bytes, headers: &mut HeaderMap) {
        if negotiated {
            headers.insert(VARY, ACCEPT);
        }
        if stale {
            headers.insert(WARNING, STALE);
        }
        if let Some(cache_tag) = &self.cache_tag {
            cache_tag.insert(tag, headers);
        }
        self.insert_origin(headers);
    }

    /// What is told of a picture besides the picture.
    fn insert_about(&self, served: &Served, image: &ImageId, headers: &mut HeaderMap) {
        let rendition = &*served.rendition;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(rendition.mime));
        if let Some(disposition) = disposition::header(self.disposition, image, rendition.mime) {
            headers.insert(CONTENT_DISPOSITION, disposition);
        }
        if self.timing {
            headers.insert(SERVER_TIMING, timing::header(served.via, &rendition.times));
        }
        insert_ignored(rendition, headers);
    }

    fn insert_origin(&self, headers: &mut HeaderMap) {
        if let Some(origin) = &self.allow_origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
    }

    fn insert_age(&self, rendition: &Rendition, headers: &mut HeaderMap) {
        if rendition.provisional {
            insert_short_age(self.provisional_max_age_s, headers);
        } else if rendition.stale {
            insert_short_age(STALE_MAX_AGE_S, headers);
        } else {
            self.insert_max_age(rendition.max_age_s.unwrap_or(self.max_age_s), headers);
        }
    }

    /// `Cache-Control` and `Expires`; neither for an age of 0, as in Thumbor.
    fn insert_max_age(&self, max_age_s: u32, headers: &mut HeaderMap) {
        if max_age_s == 0 {
            return;
        }
        let same = max_age_s == self.max_age_s;
        headers.insert(CACHE_CONTROL, if same { self.cache_control.clone() } else { cache_control(max_age_s) });
        headers.insert(EXPIRES, date(SystemTime::now() + Duration::from_secs(max_age_s.into())));
    }
}

/// The age of what must not outlive its time: silence would let caches choose one.
fn insert_short_age(max_age_s: u32, headers: &mut HeaderMap) {
    let age = if max_age_s == 0 { NO_STORE } else { cache_control(max_age_s) };
    headers.insert(CACHE_CONTROL, age);
}

fn insert_ignored(rendition: &Rendition, headers: &mut HeaderMap) {
    if !rendition.ignored_filters.is_empty() {
        headers.insert(IGNORED_FILTERS, value(ignored(&rendition.ignored_filters).into()));
    }
}

/// The body, or this part of it, with the headers that describe how much it is.
fn sent(body: &Bytes, part: Part) -> Response {
    let length = body.len();
    match part {
        Part::Whole => {
            let mut response = Response::new(Body::from(body.clone()));
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
            response
        }
        Part::Bytes(range) => {
            let place = format!("bytes {}-{}/{length}", range.start, range.end - 1);
            let mut response = Response::new(Body::from(body.slice(range.clone())));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(range.len()));
            response.headers_mut().insert(CONTENT_RANGE, value(place.into()));
            response
        }
        Part::Nowhere => {
            let mut response = empty(StatusCode::RANGE_NOT_SATISFIABLE);
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(0));
            response.headers_mut().insert(CONTENT_RANGE, value(format!("bytes */{length}").into()));
            response
        }
    }
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Thumbor writes it without a space.
fn cache_control(max_age_s: u32) -> HeaderValue {
    value(format!("max-age={max_age_s},public").into())
}

fn date(time: SystemTime) -> HeaderValue {
    value(fmt_http_date(time).into())
}

fn value(text: Bytes) -> HeaderValue {
    HeaderValue::from_maybe_shared(text).expect("made of visible ASCII and spaces")
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
