//! A finished answer.

use super::job::Rendered;
use crate::recipe::Recipe;
use bytes::Bytes;
use sha1::{Digest as _, Sha1};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// Encoded bytes with what the rim needs to send them.
#[derive(Clone, Debug)]
pub struct Rendition {
    /// The encoded picture.
    pub body: Bytes,
    /// Its content type.
    pub mime: &'static str,
    /// A name for exactly these bytes: their SHA-1 in hex, in double quotes.
    pub etag: Bytes,
    /// How long it may be kept, where the URL says so; 0 = not at all.
    pub max_age_s: Option<u32>,
    /// Whether it would have been another one for a client that accepts other formats.
    pub negotiated: bool,
    /// Names of filters that were skipped.
    pub ignored_filters: Vec<String>,
    /// What making it took.
    pub times: StageTimes,
}

/// How long each stage of making a rendition took.
#[derive(Clone, Copy, Debug, Default)]
pub struct StageTimes {
    /// Getting the source.
    pub fetch: Duration,
    /// Waiting for a slot.
    pub queue: Duration,
    /// Decoding and transforming: they run interleaved, band by band.
    pub render: Duration,
    /// Encoding.
    pub encode: Duration,
}

impl Rendition {
    /// What a job has rendered, after having waited as `waited` says. Hashes the bytes, so belongs on the job's thread.
    pub fn new(rendered: Rendered, recipe: &Recipe, waited: StageTimes) -> Self {
        let Rendered { body, mime, negotiated, video: _, render, encode } = rendered;
        let (body, etag) = named(body);
        Self {
            body,
            mime,
            etag,
            max_age_s: recipe.output.max_age_s,
            negotiated,
            ignored_filters: recipe.ignored_filters.clone(),
            times: StageTimes { render, encode, ..waited },
        }
    }
}

/// A body and its name. Hashes it, so belongs on a thread that may block.
pub(super) fn named(mut body: Vec<u8>) -> (Bytes, Bytes) {
    body.shrink_to_fit(); // it may be kept for long
    let etag = etag(&body);
    (body.into(), etag)
}

fn etag(body: &[u8]) -> Bytes {
    let mut tag = String::with_capacity(42);
    tag.push('"');
    for byte in Sha1::digest(body) {
        write!(tag, "{byte:02x}").expect("a string takes any text");
    }
    tag.push('"');
    tag.into()
}

/// Measures one stage after the other.
pub(super) struct Stopwatch(Instant);

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start or the last lap.
    pub(super) fn lap(&mut self) -> Duration {
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut self.0, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_etag_is_the_quoted_sha1_in_hex() {
        assert_eq!(etag(b"abc"), "\"a9993e364706816aba3e25717850c26c9cd0d89d\"");
    }
}
