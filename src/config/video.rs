//! Settings of videos.

use std::path::PathBuf;

/// Videos made of GIFs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VideoConfig {
    /// `FFMPEG_PATH`, if `OPTIMIZERS` asks for videos: the program that makes them. `None`: there are none.
    pub ffmpeg: Option<PathBuf>,
    /// `MAX_VIDEO_BYTES`: a video that would be larger stays a GIF.
    pub max_bytes: u64,
}

impl Default for VideoConfig {
    fn default() -> Self {
        Self { ffmpeg: None, max_bytes: 32 << 20 }
    }
}
