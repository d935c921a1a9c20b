//! What is counted in more than one place: in the metrics, and for a `StatsD` server if there is one.

use super::statsd::{self, Event};
use super::{FETCH_SECONDS, FETCHED_BYTES, FETCHES, REQUEST_SECONDS, REQUESTS, SENT_BYTES};
use std::time::Duration;

/// An answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered<'a> {
    /// Three digits.
    pub(crate) status: &'a str,
    /// Content type; empty if there is none.
    pub(crate) mime: &'a str,
    /// Of the body.
    pub(crate) bytes: u64,
    /// Since the head of the request.
    pub(crate) time: Duration,
    /// How a picture was come by; `None` for all that is none.
    pub(crate) way: Option<&'static str>,
    /// Whether the URL says `smart`, for pictures.
    pub(crate) smart: Option<bool>,
}

/// Counts an answer.
pub(crate) fn answered(answer: &Answered<'_>) {
    let format = format(answer.mime);
    REQUESTS.at(answer.status, format).add(1);
    SENT_BYTES.only().add(answer.bytes);
    if let Some(way) = answer.way {
        REQUEST_SECONDS.of(way).observe(answer.time);
    }
    statsd::tell(|| Event::answered(answer, format));
}

/// The second part of a content type: `svg` of `image/svg+xml; charset=utf-8`.
fn format(mime: &str) -> &str {
    let end = mime.find(['+', ';']).unwrap_or(mime.len());
    mime[..end].rsplit('/').next().unwrap_or_default()
}

/// An original that was asked for at its source.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fetched<'a> {
    /// Kind of the source.
    pub(crate) source: &'static str,
    /// How it ended.
    pub(crate) outcome: &'static str,
    /// What an origin over HTTP would have said, 599 for nothing: Thumbor's numbers.
    pub(crate) status: u16,
    /// Host of the origin and its port, over HTTP.
    pub(crate) host: Option<&'a str>,
    /// Bytes that have come.
    pub(crate) bytes: Option<u64>,
    /// Time that it took.
    pub(crate) time: Duration,
}

/// Counts a fetch.
pub(crate) fn fetched(fetch: &Fetched<'_>) {
    FETCHES.at(fetch.source, fetch.outcome).add(1);
    FETCH_SECONDS.of(fetch.source).observe(fetch.time);
    FETCHED_BYTES.of(fetch.source).add(fetch.bytes.unwrap_or(0));
    if let Some(host) = fetch.host {
        statsd::tell(|| Event::fetched(fetch, host));
    }
}

/// Counts an original that was looked for among those kept.
pub(crate) fn original_found(found: bool) {
    statsd::tell(|| Event::Original { found });
}

/// Counts a result that was looked for in the result storage; `bytes` if it was there.
pub(crate) fn result_read(bytes: Option<u64>, time: Duration) {
    statsd::tell(|| Event::ResultRead { bytes, time });
}

/// Counts a result that is stored.
pub(crate) fn result_written(bytes: u64) {
    statsd::tell(|| Event::ResultWritten { bytes });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_from_content_types() {
        for (mime, expected) in [
            ("image/jpeg", "jpeg"),
            ("image/svg+xml", "svg"),
            ("text/plain; charset=utf-8", "plain"),
            ("video/mp4", "mp4"),
            ("", ""),
        ] {
            assert_eq!(format(mime), expected);
        }
    }
}
