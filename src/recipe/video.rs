//! Videos, and what is left of a recipe for a picture that takes no part in filters.

use super::{OutputSpec, Recipe};

/// A kind of video.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Video {
    /// H.264 in MP4.
    Mp4,
    /// VP8 in `WebM`.
    WebM,
}

impl Video {
    /// Content type of its files.
    pub fn mime(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::WebM => "video/webm",
        }
    }
}

impl Recipe {
    /// The recipe without what filters say that come after loading: no changes to pixels or to the file. What is left
    /// says where to look, and for animations whether they become a still or a video.
    #[must_use]
    pub fn without_filters(&self) -> Self {
        let OutputSpec { offered, cover, video, .. } = self.output.clone();
        Self {
            source: self.source.clone(),
            geometry: self.geometry.clone(),
            assets: Vec::new(),
            effects: Vec::new(),
            output: OutputSpec { offered, cover, video, ..OutputSpec::default() },
            fallback: self.fallback.clone(),
            meta: self.meta,
            ignored_filters: self.ignored_filters.clone(),
        }
    }
}
