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
mod errors;
mod fallback;
mod filter_reference;
mod filters;
mod formats;
mod frame;
mod geometry;
mod gif_filters;
mod http;
mod limits;
mod negotiation;
mod orientation;
mod origins;
mod output;
mod overload;
mod purging;
mod render;
mod revalidation;
mod rewrite;
mod shutdown;
mod sources;
mod ssrf;
mod storing;
mod tidy;
mod traversal;
mod validators;
mod video;
mod watermark;
