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
mod output;
mod overload;
mod shutdown;
mod tidy;
mod video;
mod watermark;
