//! What is counted: every metric with its name, its labels and their words, in one list.
//!
//! Counts belong to the process: pipelines and loaders are exchanged while it runs. Whoever has something to count adds
//! to a cell of one of the statics below, or calls a function of [`events`] where a `StatsD` server may be told, too. The
//! text that Prometheus reads is written by the crate of its makers. The cells are ours: its histograms have a lock.

mod cells;
mod events;
mod family;
mod process;
mod statsd;
mod text;

pub(crate) use events::{Answered, Fetched, answered, fetched, original_found, result_read, result_written};
pub(crate) use statsd::Statsd;
pub(crate) use text::{CONTENT_TYPE, text};

use self::cells::{Counter, Histogram, Reading};
use self::family::{Family, Metric};
use prometheus_client::metrics::MetricType;

/// Statuses of answers, the most frequent first.
const STATUSES: &[&str; 27] = &[
    "200", "304", "404", "503", "400", "201", "204", "206", "301", "302", "307", "308", "401", "403", "405", "408",
    "410", "412", "413", "414", "415", "416", "422", "500", "502", "504", "other",
];
/// What answers are, by the second part of their content type; "none" is what is no picture.
const FORMATS: &[&str; 12] =
    &["jpeg", "webp", "avif", "png", "gif", "svg", "mp4", "webm", "json", "tiff", "bmp", "none"];
/// How a picture was come by: kept in memory, kept in the result storage, made, made for another request that was under
/// way, or found to be the one that the client holds.
const WAYS: &[&str; 5] = &["hit", "stored", "miss", "coalesced", "unchanged"];
/// What a picture goes through after its original has come. Detection includes its own wait for a slot.
const STAGES: &[&str; 6] = &["queue", "detect", "decode", "transform", "encode", "store"];
/// Kinds of sources.
const SOURCES: &[&str; 7] = &["file", "http", "s3", "gcs", "azure", "samples", "other"];
/// How fetches end.
const OUTCOMES: &[&str; 7] = &["ok", "unchanged", "missing", "refused", "too_large", "late", "failed"];
/// What failed requests mean: `Kind` in `error.rs`.
const KINDS: &[&str; 14] = &[
    "malformed",
    "forbidden",
    "source_not_allowed",
    "result_too_large",
    "asset_unusable",
    "source_not_found",
    "source_too_large",
    "source_not_an_image",
    "source_unusable",
    "origin_failed",
    "origin_late",
    "busy",
    "out_of_time",
    "bug",
];
/// What there was not enough of.
const SHORTAGES: &[&str; 3] = &["places", "memory", "time"];
const DETECTORS: &[&str; 5] = &["face", "feature", "attention", "rekognition", "other"];
const STORAGES: &[&str; 2] = &["results", "originals"];
/// What happens to storages.
const STORAGE_EVENTS: &[&str; 5] = &["hit", "miss", "stored", "skipped", "failed"];

use MetricType::{Counter as Counts, Gauge as Gauges, Histogram as Times};

pub(crate) static REQUESTS: Family<Counter, { STATUSES.len() }, { FORMATS.len() }> = Family::crossed(
    Counts,
    "tintype_requests_total",
    &["status", "format"],
    (STATUSES, FORMATS),
    "Answers, those to checks of health and to Prometheus excepted",
);
pub(crate) static IN_FLIGHT: Family<Counter> =
    Family::single(Gauges, "tintype_requests_in_flight", "Requests that have no answer yet");
pub(crate) static ABANDONED: Family<Counter> =
    Family::single(Counts, "tintype_abandoned_total", "Requests whose clients left before the answer");
pub(crate) static SENT_BYTES: Family<Counter> =
    Family::single(Counts, "tintype_sent_bytes_total", "Bytes of the bodies of answers");
pub(crate) static REQUEST_SECONDS: Family<Histogram, { WAYS.len() }> = Family::by(
    Times,
    "tintype_request_seconds",
    &["cache"],
    WAYS,
    "Time from the head of a request to the head of its answer, for pictures, by how they were come by",
);
pub(crate) static FAILED: Family<Counter, { KINDS.len() }> = Family::by(
    Counts,
    "tintype_failed_total",
    &["kind"],
    KINDS,
    "Requests that got no picture, by what went wrong, those shown a fallback included",
);
pub(crate) static SHED: Family<Counter, { SHORTAGES.len() }> = Family::by(
    Counts,
    "tintype_shed_total",
    &["short_of"],
    SHORTAGES,
    "Requests turned away with 503: no place in line, no memory for sources, or too long a wait for a slot",
);
pub(crate) static STAGE_SECONDS: Family<Histogram, { STAGES.len() }> = Family::by(
    Times,
    "tintype_stage_seconds",
    &["stage"],
    STAGES,
    "Time that each stage took of making a picture; detect is of those that were looked at, store of writing results",
);
pub(crate) static FETCH_SECONDS: Family<Histogram, { SOURCES.len() }> = Family::by(
    Times,
    "tintype_fetch_seconds",
    &["source"],
    SOURCES,
    "Time that fetching an original took, waits included",
);
pub(crate) static FETCHES: Family<Counter, { SOURCES.len() }, { OUTCOMES.len() }> = Family::crossed(
    Counts,
    "tintype_fetches_total",
    &["source", "outcome"],
    (SOURCES, OUTCOMES),
    "Originals asked for at their sources",
);
pub(crate) static FETCHED_BYTES: Family<Counter, { SOURCES.len() }> =
    Family::by(Counts, "tintype_fetched_bytes_total", &["source"], SOURCES, "Bytes of originals that have come");
pub(crate) static DETECTOR_SECONDS: Family<Histogram, { DETECTORS.len() }> =
    Family::by(Times, "tintype_detector_seconds", &["detector"], DETECTORS, "Time that a detector looked at a picture");
pub(crate) static STORED: Family<Reading, { STORAGES.len() }, { STORAGE_EVENTS.len() }> = Family::crossed(
    Counts,
    "tintype_storage_events_total",
    &["storage", "event"],
    (STORAGES, STORAGE_EVENTS),
    "Entries found, not found, stored, not stored for lack of room, and failures, since the settings were read",
);
pub(crate) static WAITING: Family<Reading> =
    Family::single(Gauges, "tintype_waiting", "Requests that fetch or wait for a slot");
pub(crate) static WAITING_LIMIT: Family<Reading> =
    Family::single(Gauges, "tintype_waiting_limit", "How many may: MAX_QUEUE");
pub(crate) static WORKERS: Family<Reading> = Family::single(Gauges, "tintype_workers", "Slots of the CPU: WORKERS");
pub(crate) static WORKERS_BUSY: Family<Reading> = Family::single(Gauges, "tintype_workers_busy", "Slots in use");
pub(crate) static RENDER_BYTES: Family<Reading> =
    Family::single(Gauges, "tintype_render_bytes", "Memory that pictures under way were foreseen to take");
pub(crate) static RENDER_BYTES_LIMIT: Family<Reading> =
    Family::single(Gauges, "tintype_render_bytes_limit", "How much they may: MAX_RENDER_BYTES");
pub(crate) static SOURCE_BYTES: Family<Reading> =
    Family::single(Gauges, "tintype_source_bytes", "Bytes of originals that have come and wait");
pub(crate) static SOURCE_BYTES_LIMIT: Family<Reading> =
    Family::single(Gauges, "tintype_source_bytes_limit", "How many may: MAX_FETCH_BYTES");
pub(crate) static CACHE_BYTES: Family<Reading> =
    Family::single(Gauges, "tintype_cache_bytes", "What the results kept in memory weigh");
pub(crate) static CACHE_BYTES_LIMIT: Family<Reading> =
    Family::single(Gauges, "tintype_cache_bytes_limit", "How much they may: CACHE_MAX_BYTES");
pub(crate) static DRAINING: Family<Reading> =
    Family::single(Gauges, "tintype_draining", "1 once the server was told to stop");
pub(crate) static BUILD: Family<Reading> = Family::by(
    Gauges,
    "tintype_build_info",
    &["version"],
    &[env!("CARGO_PKG_VERSION")],
    "1, with the version of the program",
);
pub(crate) static RESIDENT_BYTES: Family<Reading> =
    Family::single(Gauges, "process_resident_memory_bytes", "Memory of the process that is in RAM");
pub(crate) static CPU_SECONDS: Family<Reading> =
    Family::single(Counts, "process_cpu_seconds_total", "CPU time of the process");
pub(crate) static OPEN_FILES: Family<Reading> =
    Family::single(Gauges, "process_open_fds", "Files and sockets that the process has open");

/// All of them, in the order in which they are told.
static ALL: &[&dyn Metric] = &[
    &REQUESTS,
    &IN_FLIGHT,
    &ABANDONED,
    &SENT_BYTES,
    &REQUEST_SECONDS,
    &FAILED,
    &SHED,
    &STAGE_SECONDS,
    &FETCH_SECONDS,
    &FETCHES,
    &FETCHED_BYTES,
    &DETECTOR_SECONDS,
    &STORED,
    &WAITING,
    &WAITING_LIMIT,
    &WORKERS,
    &WORKERS_BUSY,
    &RENDER_BYTES,
    &RENDER_BYTES_LIMIT,
    &SOURCE_BYTES,
    &SOURCE_BYTES_LIMIT,
    &CACHE_BYTES,
    &CACHE_BYTES_LIMIT,
    &DRAINING,
    &BUILD,
    &RESIDENT_BYTES,
    &CPU_SECONDS,
    &OPEN_FILES,
];
