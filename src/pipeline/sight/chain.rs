//! The detectors in the order of the settings.

use super::super::job::JobError;
use crate::cancel::CancelToken;
use crate::config::{BucketConfig, DetectionConfig, DetectorName};
use crate::detect::{self, Detector, Region};
use crate::geometry::Canvas;
use crate::metrics::DETECTOR_SECONDS;
use crate::raster::PixelBuffer;
use crate::rekognition::{self, Rekognition};
use crate::transform::reduced;
use std::error::Error as _;
use std::time::Instant;
use tracing::warn;

/// What a detector that is asked over the network sees, and whether it failed: then it may see more another time.
pub(super) async fn asked(remote: &Rekognition, jpeg: &[u8], source: &str) -> (Vec<Region>, bool) {
    let start = Instant::now();
    let faces = remote.faces(jpeg).await;
    DETECTOR_SECONDS.of("rekognition").observe(start.elapsed());
    match faces {
        Ok(regions) => (regions, false),
        Err(error) => {
            let cause = error.source().map(ToString::to_string);
            warn!(source, %error, cause, "no faces are known");
            (Vec::new(), true)
        }
    }
}

/// The detectors in order: those that look before anybody is asked over the network, and those that look afterwards.
#[derive(Debug, Default)]
pub(super) struct Chain {
    pub(super) first: Vec<&'static dyn Detector>,
    pub(super) remote: Option<Rekognition>,
    pub(super) then: Vec<&'static dyn Detector>,
}

impl Chain {
    /// The detectors that the settings mean, each once; `account` asks Rekognition.
    pub(super) fn new(config: &DetectionConfig, account: &BucketConfig) -> Self {
        let mut chain = Self::default();
        let mut names: Vec<&str> = Vec::new();
        for name in &config.detectors {
            if *name == DetectorName::Rekognition && chain.remote.is_none() {
                let remote = Rekognition::new(&config.rekognition, account);
                chain.remote = remote.inspect_err(|error| warn!(%error, "a detector is left out")).ok();
            }
            for ours in name.ours().iter().filter(|ours| !names.contains(ours)).collect::<Vec<_>>() {
                names.push(ours);
                let part = if chain.remote.is_some() { &mut chain.then } else { &mut chain.first };
                part.extend(detect::by_name(ours));
            }
        }
        chain
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_empty() && self.remote.is_none() && self.then.is_empty()
    }

    /// The longer side of a copy that all of them can look at.
    pub(super) fn side_px(&self) -> u32 {
        let remote = self.remote.as_ref().map_or(0, |_| rekognition::SIDE_PX);
        side_px(&self.first).max(side_px(&self.then)).max(remote)
    }
}

/// What the first detector of `chain` finds that finds anything.
pub(super) fn first_to_see(
    chain: &[&'static dyn Detector],
    copy: &PixelBuffer<Canvas>,
    cancel: &CancelToken,
) -> Result<Vec<Region>, JobError> {
    for detector in chain {
        let start = Instant::now();
        let found = detector.detect(&reduced(copy, detector.side_px()), cancel)?;
        DETECTOR_SECONDS.of(&detector.to_string()).observe(start.elapsed());
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// The longer side of a copy that all of `chain` can look at.
pub(super) fn side_px(chain: &[&'static dyn Detector]) -> u32 {
    chain.iter().map(|detector| detector.side_px()).max().unwrap_or(0)
}
