//! `/-/metrics`: what Prometheus reads.

use super::live::Draining;
use crate::config::Config;
use crate::metrics::{
    CACHE_BYTES, CACHE_BYTES_LIMIT, CONTENT_TYPE, DRAINING, RENDER_BYTES, RENDER_BYTES_LIMIT, SOURCE_BYTES,
    SOURCE_BYTES_LIMIT, STORED, WAITING, WAITING_LIMIT, WORKERS, WORKERS_BUSY, text,
};
use crate::pipeline::{Load, Pipeline};
use crate::storage::Counts;
use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

pub(super) const PATH: &str = "/-/metrics";

/// What there is to read besides what was counted.
#[derive(Clone, Debug)]
pub(super) struct Gauges {
    pipeline: Arc<Pipeline>,
    cache_limit_bytes: u64,
}

impl Gauges {
    pub(super) fn new(pipeline: Arc<Pipeline>, config: &Config) -> Self {
        Self { pipeline, cache_limit_bytes: config.cache.max_bytes }
    }
}

/// Answers with all metrics.
pub(super) async fn tell(State(gauges): State<Gauges>, draining: Option<Extension<Draining>>) -> Response {
    let Load { crowd, cache_bytes, results, originals } = gauges.pipeline.load().await;
    for (gauge, number) in [
        (&WAITING, crowd.waiting as u64),
        (&WAITING_LIMIT, crowd.places as u64),
        (&WORKERS, crowd.workers as u64),
        (&WORKERS_BUSY, crowd.busy as u64),
        (&RENDER_BYTES, crowd.render_bytes),
        (&RENDER_BYTES_LIMIT, crowd.render_limit_bytes),
        (&SOURCE_BYTES, crowd.source_bytes),
        (&SOURCE_BYTES_LIMIT, crowd.source_limit_bytes),
        (&CACHE_BYTES, cache_bytes),
        (&CACHE_BYTES_LIMIT, gauges.cache_limit_bytes),
        (&DRAINING, draining.is_some().into()),
    ] {
        gauge.only().count(number);
    }
    for (storage, counts) in [("results", results), ("originals", originals)] {
        read_storage(storage, counts.unwrap_or_default());
    }
    ([(header::CONTENT_TYPE, CONTENT_TYPE), (header::CACHE_CONTROL, "no-store")], text()).into_response()
}

fn read_storage(storage: &str, counts: Counts) {
    let Counts { hits, misses, stored, skipped, failures } = counts;
    for (event, number) in
        [("hit", hits), ("miss", misses), ("stored", stored), ("skipped", skipped), ("failed", failures)]
    {
        STORED.at(storage, event).count(number);
    }
}
