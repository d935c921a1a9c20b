//! A finished answer.

use bytes::Bytes;
use std::time::Duration;

/// Encoded bytes with what the rim needs to send them.
#[derive(Clone, Debug)]
pub struct Rendition {
    /// The encoded picture.
    pub body: Bytes,
    /// Its content type.
    pub mime: &'static str,
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
