//! What crops keep.

use super::{Key, key};
use crate::config::DetectorName;
use crate::config::kind::{Bytes, Choice, Flag, List, Maybe, Text, Time};
use crate::recipe::SmartCrop;

pub(super) const KEYS: &[Key] = &[
    key!(
        "DETECTORS",
        List<Choice<DetectorName>>,
        config.detection.detectors,
        "Who looks, where a URL says smart, for what a crop should keep; the first that finds something wins. face,\n\
         feature (corners), attention and rekognition, or Thumbor's modules; face stands in for profile and glasses, too."
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
        "REKOGNITION_REGION",
        Maybe<Text>,
        config.detection.rekognition.region,
        "Region of Amazon Rekognition, where it is among DETECTORS; none: as for S3. Credentials are those of S3:\n\
         AWS_ACCESS_KEY_ID and so on, a profile, the instance."
    ),
    key!(
        "REKOGNITION_ENDPOINT",
        Maybe<Text>,
        config.detection.rekognition.endpoint,
        "Its address, such as \"https://rekognition.internal/\"; none: that of AWS in the region."
    ),
    key!(
        "REKOGNITION_TIMEOUT",
        Time<1>,
        config.detection.rekognition.timeout,
        "Time for its answer; then no faces are known."
    ),
    key!(
        "DETECTOR_CACHE_BYTES",
        Bytes,
        config.detection.cache.max_bytes,
        "What detectors have found, kept in memory. Bytes; 0: nothing."
    ),
    key!("DETECTOR_CACHE_TTL", Time<1>, config.detection.cache.ttl, "Detectors look anew after this long."),
];
