//! What crops keep.

use super::{Key, key};
use crate::config::DetectorName;
use crate::config::kind::{Bytes, Choice, Flag, List, Time};
use crate::recipe::SmartCrop;

pub(super) const KEYS: &[Key] = &[
    key!(
        "DETECTORS",
        List<Choice<DetectorName>>,
        config.detection.detectors,
        "Who looks, where a URL says smart, for what a crop should keep; the first that finds something wins. face,\n\
         feature (corners) and attention, or Thumbor's modules; face stands in for profile and glasses, too."
    ),
    key!(
        "SMART_CROP",
        Choice<SmartCrop>,
        config.policy.smart_crop,
        "mean: a crop is centered between the faces found, as in Thumbor; keep: it is moved from there until the largest\n\
         is whole, and as many others as there is room for."
    ),
    key!(
        "IGNORE_SMART_ERRORS",
        Flag,
        config.detection.ignore_errors,
        "Crop by the alignment where detection fails, instead of answering with the error."
    ),
    key!(
        "DETECTOR_CACHE_BYTES",
        Bytes,
        config.detection.cache.max_bytes,
        "What detectors have found, kept in memory. Bytes; 0: nothing."
    ),
    key!("DETECTOR_CACHE_TTL", Time<1>, config.detection.cache.ttl, "Detectors look anew after this long."),
];
