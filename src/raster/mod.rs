//! Pixels in memory: formats, buffers, bands of rows, frames and pictures of frames.
//!
//! Plain data: this room neither decodes nor changes a pixel.

mod band;
mod buffer;
mod format;
mod frame;

pub use band::{Band, BandPlane};
pub use buffer::{PixelBuffer, Plane};
pub use format::{PixelFormat, Subsampling};
pub use frame::{Frame, Image, Loops};
