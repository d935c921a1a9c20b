//! A finished picture: one frame, or several with their times.

use super::PixelBuffer;
use crate::geometry::Canvas;

/// One frame of the picture being made, composited: each frame stands for itself.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its pixels.
    pub pixels: PixelBuffer<Canvas>,
    /// How long it is shown, in milliseconds; 0 for a still.
    pub delay_ms: u32,
}

/// How often an animation plays.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Loops {
    /// For ever.
    #[default]
    Forever,
    /// So many times.
    Times(u16),
}

/// All frames of a picture, at least one, all of one size and format. A still is an animation of one frame.
#[derive(Clone, Debug)]
pub struct Image {
    /// At least one frame.
    pub frames: Vec<Frame>,
    /// How often they play.
    pub loops: Loops,
}

impl Image {
    /// A picture of one frame.
    pub fn still(pixels: PixelBuffer<Canvas>) -> Self {
        Self { frames: vec![Frame { pixels, delay_ms: 0 }], loops: Loops::Forever }
    }

    /// The first frame's pixels.
    pub fn first(&self) -> &PixelBuffer<Canvas> {
        &self.frames[0].pixels
    }

    /// Whether there is more than one frame.
    pub fn is_animated(&self) -> bool {
        self.frames.len() > 1
    }
}
