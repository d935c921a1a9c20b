//! A finished answer.

use super::entity;
use super::job::Rendered;
use crate::metrics::STAGE_SECONDS;
use crate::recipe::Recipe;
use crate::storage::tag_of;
use bytes::Bytes;
use std::time::{Duration, Instant, SystemTime};

/// Encoded bytes with what the rim needs to send them.
#[derive(Clone, Debug)]
pub struct Rendition {
    /// The encoded picture.
    pub body: Bytes,
    /// Its content type.
    pub mime: &'static str,
    /// A name for exactly these bytes, in double quotes.
    pub etag: Bytes,
    /// When it was made.
    pub made_at: SystemTime,
    /// How long it may be kept, where the URL says so; 0 = not at all.
    pub max_age_s: Option<u32>,
    /// Whether it would have been another one for a client that accepts other formats.
    pub negotiated: bool,
    /// It will be another one as soon as more is known about the source, and is not kept.
    pub provisional: bool,
    /// Names of filters that were skipped.
    pub ignored_filters: Vec<String>,
    /// The tag that all renditions of one source share.
    pub tag: Bytes,
    /// It was made from an old copy of the original, whose source could not be asked yet.
    pub stale: bool,
    /// What making it took.
    pub times: StageTimes,
}

/// How long each stage of making a rendition took.
#[derive(Clone, Copy, Debug, Default)]
pub struct StageTimes {
    /// Getting the source.
    pub fetch: Duration,
    /// Having detectors look, where they did; that has waits of its own.
    pub detect: Duration,
    /// Waiting for a slot.
    pub queue: Duration,
    /// Decoding and transforming: they run interleaved, band by band.
    pub render: Duration,
    /// The part of that which is decoding.
    pub decode: Duration,
    /// Encoding.
    pub encode: Duration,
}

impl Rendition {
    /// What a job has rendered, after having waited as `waited` says. `etag` names what is made of these inputs, if that
    /// is always the same. Otherwise the bytes are hashed, so this belongs on the job's thread.
    pub(super) fn new(rendered: Rendered, recipe: &Recipe, waited: StageTimes, etag: Option<Bytes>) -> Self {
        let Rendered { mut body, mime, negotiated, provisional, video: _, render, decode, encode } = rendered;
        body.shrink_to_fit(); // it may be kept for long
        Self {
            etag: etag.unwrap_or_else(|| entity::tag_of_file(&body)),
            made_at: SystemTime::now(),
            provisional,
            body: body.into(),
            mime,
            max_age_s: recipe.output.max_age_s,
            negotiated,
            ignored_filters: recipe.ignored_filters.clone(),
            tag: tag_of(&recipe.source).into(),
            stale: false,
            times: StageTimes { render, decode, encode, ..waited },
        }
    }

    /// A file that is there, made at some time from the source `image`, of which nothing else is known.
    pub(super) fn found(body: Bytes, mime: &'static str, made_at: SystemTime, image: &str) -> Self {
        Self {
            etag: entity::tag_of_file(&body),
            body,
            mime,
            max_age_s: None,
            negotiated: false,
            provisional: false,
            ignored_filters: Vec::new(),
            made_at,
            tag: tag_of(image).into(),
            stale: false,
            times: StageTimes::default(),
        }
    }
}

impl StageTimes {
    /// The stages as they follow each other. Decoding is a part of rendering that has no place of its own in time.
    pub fn in_order(&self) -> [(&'static str, Duration); 5] {
        [
            ("fetch", self.fetch),
            ("detect", self.detect),
            ("queue", self.queue),
            ("render", self.render),
            ("encode", self.encode),
        ]
    }

    /// Adds them to the metrics. Fetches are counted where they happen.
    pub(super) fn count(&self) {
        let transform = self.render.saturating_sub(self.decode);
        let stages =
            [("queue", self.queue), ("decode", self.decode), ("transform", transform), ("encode", self.encode)];
        for (stage, time) in stages {
            STAGE_SECONDS.of(stage).observe(time);
        }
        if !self.detect.is_zero() {
            STAGE_SECONDS.of("detect").observe(self.detect);
        }
    }
}

/// Measures one stage after the other.
#[derive(Debug)]
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
