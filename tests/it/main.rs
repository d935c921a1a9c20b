//! Black-box tests: each starts the real router on a free port and speaks HTTP. One file a promise.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

mod access;
mod alpha;
mod animation;
mod assets;
mod caching;
mod clients;
mod coalescing;
mod commands;
mod compare;
mod errors;
mod explain;
mod faces;
mod fallback;
mod filter_reference;
mod filters;
mod formats;
mod frame;
mod geometry;
mod gif_filters;
mod http;
mod import;
mod keys;
mod limits;
mod meta;
mod negotiation;
mod nginx;
mod orientation;
mod origins;
mod output;
mod overload;
mod processes;
mod purging;
mod rekognition;
mod reload;
mod render;
mod revalidation;
mod rewrite;
mod settings;
mod shutdown;
mod sign;
mod sih;
mod smart;
mod smart_reference;
mod sources;
mod ssrf;
mod storing;
mod tidy;
mod traversal;
mod uploads;
mod validators;
mod video;
mod watermark;
