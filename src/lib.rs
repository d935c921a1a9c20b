//! Tintype: an image server that speaks Thumbor's URLs.
//!
//! The map of this tree is `docs/architecture.md`. In short, from the rim inwards:
//!
//! - [`server`] speaks HTTP, [`pipeline`] decides who waits for what, [`loader`] and [`bucket`] fetch originals;
//!   [`originals`], [`storage`] and [`cache`] keep what was fetched and made. [`lambda`] brings requests without sockets.
//! - [`request`] reads a URL, [`filter`] turns it into a [`recipe`], [`plan`] makes every number final.
//! - [`import`], [`doctor`] and `compare` are for who moves a site here: settings translated, tried, answers compared.
//! - [`detect`] finds what matters in a picture; [`codec`] and [`transform`] move pixels; [`geometry`] and [`raster`] are plain arithmetic and memory.
//! - [`machine`] tells what there is to work with: CPUs, memory, open files.
//!
//! Rooms further in know nothing of those further out; pixels never meet HTTP.

#[cfg(feature = "compare")]
pub mod compare;
pub mod config;
pub mod doctor;
pub mod import;
pub mod lambda;
pub mod server;
pub mod service;

pub mod pipeline;

pub mod bucket;
pub mod cache;
pub mod error;
mod flight;
pub mod loader;
mod metrics;
pub mod originals;
pub mod rekognition;
pub mod storage;
mod trace;

pub mod filter;
pub mod plan;
pub mod recipe;
pub mod request;

pub mod codec;
pub mod detect;
pub mod placeholder;
pub mod transform;

pub mod cancel;
pub mod geometry;
pub mod machine;
pub mod raster;

/// What tests of several rooms keep things in.
#[cfg(test)]
#[path = "../tests/s3/mod.rs"]
mod s3_server;
