//! Tintype.
pub mod cancel;
pub mod codec;
pub mod geometry;
pub mod raster;
pub mod transform;
