//! One log line a request.

use super::explain;
use super::watch::Account;
use crate::pipeline::{Served, StageTimes, Unchanged, Via};
use crate::trace::Context;
use axum::http::Uri;
use std::fmt;
use std::ops::Range;
use std::time::Duration;
use tracing::{info, warn};

/// How a picture was come by; handlers leave it in the answer's extensions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trail {
    /// A word for logs and metrics.
    pub(super) way: &'static str,
    /// Whether the URL of a picture says `smart`.
    pub(super) smart: bool,
    /// What was done for this request, if it was for this one.
    pub(super) times: Option<StageTimes>,
}

impl Trail {
    pub(super) fn of(served: &Served, smart: bool) -> Self {
        let made = served.via == Via::Made;
        Self { way: served.via.name(), smart, times: made.then_some(served.rendition.times) }
    }

    /// Of work that was done for this request and nobody else.
    pub(super) fn of_work(times: StageTimes) -> Self {
        Self { way: Via::Made.name(), smart: false, times: Some(times) }
    }

    /// Of what the client holds already.
    pub(super) fn of_unchanged(unchanged: &Unchanged, smart: bool) -> Self {
        let times = StageTimes { fetch: unchanged.fetch, ..StageTimes::default() };
        Self { way: UNCHANGED, smart, times: Some(times) }
    }
}

/// The word for what the client holds already.
pub(super) const UNCHANGED: &str = "unchanged";

/// Logs what became of a request. A warning if it was slow.
pub(super) fn log(account: &Account<'_>, slow: bool) {
    let times = account.trail.and_then(|trail| trail.times);
    let stage = |of: fn(StageTimes) -> Duration| times.map(|times| ms(of(times)));
    macro_rules! line {
        ($level:ident, $($slow:tt)*) => {
            $level!(
                target: "access",
                method = %account.method,
                path = %account.path(),
                status = account.status.as_u16(),
                bytes = account.bytes,
                total_ms = ms(account.total),
                fetch_ms = stage(|times| times.fetch),
                detect_ms = stage(|times| times.detect),
                queue_ms = stage(|times| times.queue),
                render_ms = stage(|times| times.render),
                decode_ms = stage(|times| times.decode),
                encode_ms = stage(|times| times.encode),
                cache = account.trail.map(|trail| trail.way),
                rewritten = account.rewritten,
                request_id = account.id.as_str(),
                trace_id = account.context.map(|context| format!("{}", TraceId(context))),
                $($slow)*
            )
        };
    }
    if slow {
        line!(warn, slow = true);
    } else {
        line!(info,);
    }
}

/// The name of a trace.
struct TraceId(Context);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0.trace_id)
    }
}

/// Shorter first segments are no signatures but words such as `unsafe`.
const MIN_SIGNATURE_CHARS: usize = 8;

/// Milliseconds with two decimals.
fn ms(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e5).round() / 1e2
}

/// A path without its signature, and without queries and credentials of addresses in it, which may be signed or secret,
/// too: whoever reads the log gets no right to ask.
pub(super) struct Masked<'a>(pub &'a Uri);

impl fmt::Display for Masked<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.0.path();
        // Paths of pictures stand behind this one, too.
        let (before, path) = path.split_at(if path.starts_with(explain::PATH) { explain::PATH.len() } else { 0 });
        let (mask, rest) = match path.strip_prefix('/').and_then(|path| path.split_once('/')) {
            Some((first, rest)) if may_be_signature(first) => ("/***/", rest),
            _ => ("", path),
        };
        let shown = QUESTION_MARKS.iter().filter_map(|mark| rest.find(mark)).min().map_or(rest, |end| &rest[..end]);
        let asked = if shown.len() < rest.len() { "%3F***" } else { "" };
        match credentials(shown) {
            Some(secret) => write!(f, "{before}{mask}{}***{}{asked}", &shown[..secret.start], &shown[secret.end..]),
            None => write!(f, "{before}{mask}{shown}{asked}"),
        }
    }
}

/// A question mark in a path, encoded once or twice.
const QUESTION_MARKS: &[&str] = &["%3F", "%3f", "%253F", "%253f"];

/// The name and password before the host of an address in a path.
fn credentials(path: &str) -> Option<Range<usize>> {
    let end = ["@", "%40"].iter().filter_map(|at| path.find(at)).min()?;
    let before = ["//", "%2F", "%2f"].iter().filter_map(|slash| Some(path[..end].rfind(slash)? + slash.len())).max()?;
    let address = path[..before].contains("http") && !path[before..end].contains('/');
    address.then_some(before..end)
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

    #[test]
    fn addresses_of_originals_lose_what_may_be_secret() {
        let check = |path: &'static str, expected: &str| {
            assert_eq!(Masked(&Uri::from_static(path)).to_string(), expected);
        };
        check("/unsafe/9x9/https%3A//b.s3/a.jpg%3FX-Amz-Signature=ab", "/unsafe/9x9/https%3A//b.s3/a.jpg%3F***");
        check("/unsafe/https%253A%252F%252Fb/a.jpg%253fsig%253D1", "/unsafe/https%253A%252F%252Fb/a.jpg%3F***");
        check("/unsafe/http://me:secret@host/a.jpg", "/unsafe/http://***@host/a.jpg");
        check("/unsafe/http%3A%2F%2Fme%3Asecret%40host/a.jpg", "/unsafe/http%3A%2F%2F***%40host/a.jpg");
        check("/unsafe/9x9/photo@2x.jpg", "/unsafe/9x9/photo@2x.jpg");
        check("/unsafe/http://host/photo@2x.jpg", "/unsafe/http://host/photo@2x.jpg");
    }
}
