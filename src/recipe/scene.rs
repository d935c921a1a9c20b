//! What effects see besides the frame that they change.

use crate::cancel::CancelToken;
use crate::geometry::{Canvas, Size};
use crate::raster::PixelBuffer;
use crate::transform::Kernel;
use std::sync::Arc;

/// What effects may know besides their own arguments.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// The box that the URL asks for, 0 for a side that is not given.
    pub frame: (u32, u32),
    /// Resampling kernel.
    pub kernel: Kernel,
    /// As [`Policy::misread_frames`](super::Policy::misread_frames).
    pub misread_frames: bool,
    /// Says whether somebody still waits; long effects ask it between strips of rows.
    pub cancel: CancelToken,
    /// The pictures of [`Recipe::assets`](super::Recipe::assets).
    pub assets: Vec<Asset>,
}

impl Scene {
    /// The pixels of an asset, once they are there.
    pub fn pixels(&self, asset: usize) -> Option<&PixelBuffer<Canvas>> {
        self.assets.get(asset)?.pixels.as_deref()
    }
}

/// A picture that an effect draws with.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its own size while effects are asked what they want, then the size that its effect wants it in.
    pub size: Size<Canvas>,
    /// RGBA of that size. While the plan is made only those are there that were to be decoded as they are.
    pub pixels: Option<Arc<PixelBuffer<Canvas>>>,
}
