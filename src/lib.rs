//! Tintype.
pub mod cache;
pub mod cancel;
pub mod codec;
pub mod config;
pub mod error;
pub mod geometry;
pub mod loader;
pub mod pipeline;
pub mod plan;
pub mod raster;
pub mod recipe;
pub mod request;
pub mod server;
