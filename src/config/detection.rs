//! Settings of who looks for what a crop should keep.

use super::CacheConfig;
use std::time::Duration;

/// Who looks for what a crop should keep.
#[derive(Clone, Debug, PartialEq)]
pub struct DetectionConfig {
    /// `DETECTORS`: the first that finds something wins.
    pub detectors: Vec<DetectorName>,
    /// `IGNORE_SMART_ERRORS`: a picture whose detection fails is cropped by its alignment instead of being an error.
    pub ignore_errors: bool,
    /// How Amazon Rekognition is asked, where it is among the detectors.
    pub rekognition: RekognitionConfig,
    /// `DETECTOR_CACHE_BYTES` and `DETECTOR_CACHE_TTL`: what has been found, kept in memory.
    pub cache: CacheConfig,
}

impl Default for DetectionConfig {
    fn default() -> Self {
        Self {
            detectors: vec![DetectorName::Face, DetectorName::Feature, DetectorName::Attention],
            ignore_errors: false,
            rekognition: RekognitionConfig::default(),
            cache: CacheConfig { max_bytes: 8 << 20, ttl: Duration::from_hours(24) },
        }
    }
}

/// How Amazon Rekognition is asked. Credentials are those of S3.
#[derive(Clone, Debug, PartialEq)]
pub struct RekognitionConfig {
    /// `REKOGNITION_REGION`; `None`: that of S3.
    pub region: Option<String>,
    /// `REKOGNITION_ENDPOINT`, with scheme; `None`: AWS.
    pub endpoint: Option<String>,
    /// `REKOGNITION_TIMEOUT`: time for an answer, then no faces are known.
    pub timeout: Duration,
}

impl Default for RekognitionConfig {
    fn default() -> Self {
        Self { region: None, endpoint: None, timeout: Duration::from_secs(5) }
    }
}

/// A detector as settings call it: ours, and those of others that ours stand in for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DetectorName {
    /// Faces.
    Face,
    /// Thumbor's for faces from the side.
    Profile,
    /// Thumbor's for glasses.
    Glasses,
    /// Corners.
    Feature,
    /// What the eye is drawn to.
    Attention,
    /// Amazon Rekognition: faces, asked for over the network.
    Rekognition,
    /// Thumbor's queue for faces and then corners.
    Queued,
    /// Thumbor's queue for faces.
    QueuedFace,
    /// Thumbor's queue for corners.
    QueuedFeature,
}

impl DetectorName {
    /// The names of our detectors that are meant.
    pub fn ours(self) -> &'static [&'static str] {
        match self {
            Self::Face | Self::Profile | Self::Glasses | Self::QueuedFace => &["face"],
            Self::Feature | Self::QueuedFeature => &["feature"],
            Self::Attention => &["attention"],
            Self::Queued => &["face", "feature"],
            Self::Rekognition => &[],
        }
    }

    /// Whether another program would have looked, some time later.
    pub(super) fn is_queued(self) -> bool {
        matches!(self, Self::Queued | Self::QueuedFace | Self::QueuedFeature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect;

    #[test]
    fn every_name_means_detectors_that_exist() {
        use DetectorName::{Attention, Face, Feature, Glasses, Profile, Queued, QueuedFace, QueuedFeature};
        for name in [Face, Profile, Glasses, Feature, Attention, Queued, QueuedFace, QueuedFeature] {
            assert!(name.ours().iter().all(|ours| detect::by_name(ours).is_some()), "{name:?}");
        }
    }
}
