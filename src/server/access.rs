//! One log line a request.

use super::explain;
use super::rewrite::RewrittenTo;
use super::timing;
use crate::pipeline::{Served, StageTimes, Via};
use axum::body::HttpBody as _;
use axum::extract::Request;
use axum::http::{Method, Uri};
use axum::response::Response;
use std::fmt;
use std::time::{Duration, Instant};
use tracing::{Level, enabled, info};

/// A request whose answer is under way. Nothing is kept, nor written later, where nobody listens to the log.
pub(super) struct AccessLine(Option<Entry>);

struct Entry {
    start: Instant,
    method: Method,
    uri: Uri,
}

/// How a picture was come by; handlers leave it in the answer's extensions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trail {
    cache: &'static str,
    /// What was done for this request.
    times: Option<StageTimes>,
}

impl AccessLine {
    pub(super) fn start(request: &Request) -> Self {
        if !enabled!(target: "access", Level::INFO) {
            return Self(None);
        }
        let (method, uri) = (request.method().clone(), request.uri().clone());
        Self(Some(Entry { start: Instant::now(), method, uri }))
    }

    pub(super) fn finish(self, response: &Response) {
        let Some(Entry { start, method, uri }) = self.0 else { return };
        let trail = response.extensions().get::<Trail>();
        let made = trail.and_then(|trail| trail.times);
        let body_bytes = if method == Method::HEAD { Some(0) } else { response.body().size_hint().exact() };
        info!(
            target: "access",
            %method,
            path = %Masked(&uri),
            status = response.status().as_u16(),
            bytes = body_bytes,
            total_ms = ms(start.elapsed()),
            fetch_ms = made.map(|times| ms(times.fetch)),
            queue_ms = made.map(|times| ms(times.queue)),
            render_ms = made.map(|times| ms(times.render)),
            encode_ms = made.map(|times| ms(times.encode)),
            cache = trail.map(|trail| trail.cache),
            rewritten = response.extensions().get().map(|RewrittenTo(path)| path.as_str()),
        );
    }
}

impl Trail {
    pub(super) fn of(served: &Served) -> Self {
        let made = served.via == Via::Made;
        Self { cache: served.via.name(), times: made.then_some(served.rendition.times) }
    }

    /// Of an answer to a client that holds the picture, as was known before there was one.
    pub(super) fn of_unchanged() -> Self {
        Self { cache: timing::UNCHANGED, times: None }
    }

    /// Of work that was done for this request and nobody else.
    pub(super) fn of_work(times: StageTimes) -> Self {
        Self { cache: Via::Made.name(), times: Some(times) }
    }
}

/// Shorter first segments are no signatures but words such as `unsafe`.
const MIN_SIGNATURE_CHARS: usize = 8;

/// Milliseconds with two decimals.
fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e5).round() / 1e2
}

/// A path without its signature: whoever reads the log gets no right to ask.
pub(super) struct Masked<'a>(pub &'a Uri);

impl fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.0.path();
        // Paths of pictures stand behind this one, too.
        let start = if path.starts_with(explain::PATH) { explain::PATH.len() } else { 0 };
        let (before, path) = path.split_at(start);
        match path.strip_prefix('/').and_then(|path| path.split_once('/')) {
            Some((first, rest)) if may_be_signature(first) => write!(f, "{before}/***/{rest}"),
            _ => write!(f, "{before}{path}"),
        }
    }
}

/// Whether a first segment could be a signature, however short the settings let them be; presets and what rules rewrite
/// mostly show that they are none.
fn may_be_signature(segment: &str) -> bool {
    let alphabet = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=' | b'%');
    segment.len() >= MIN_SIGNATURE_CHARS && segment.bytes().all(alphabet) && segment != "healthcheck"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_stay_out_of_the_log() {
        let check = |path: &'static str, expected: &str| {
            assert_eq!(Masked(&Uri::from_static(path)).to_string(), expected);
        };
        check("/unsafe/10x10/a.jpg", "/unsafe/10x10/a.jpg");
        check("/3ZAFIB9OK_j_R10MafCdhFO99mE=/10x10/a.jpg?x", "/***/10x10/a.jpg");
        check("/healthcheck/", "/healthcheck/");
        check("/-/nothing", "/-/nothing");
        check("/-/explain/3ZAFIB9OK_j_R10MafCdhFO99mE=/10x10/a.jpg", "/-/explain/***/10x10/a.jpg");
        check("/-/explain/unsafe/10x10/a.jpg", "/-/explain/unsafe/10x10/a.jpg");
        check("//a.jpg", "//a.jpg");
        check("/a.jpg", "/a.jpg");
        check("/preset:thumbnail/a.jpg", "/preset:thumbnail/a.jpg");
        check("/s/a-zoom.jpg", "/s/a-zoom.jpg");
        check("/3ZAFIB9O/a.jpg", "/***/a.jpg"); // one that was cut off
    }
}
