//! Which server's habits are followed.

use super::kind::Words;

/// A server whose clients and settings this one takes over.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Profile {
    /// Thumbor.
    #[default]
    Thumbor,
    /// The Serverless Image Handler up to version 3, which had Thumbor inside: URLs need no `unsafe`, errors are JSON,
    /// and other values are built in.
    Sih3,
    /// Its later editions, 4 to 7, which had sharp inside: the same, and requests may be objects in JSON, have edits in
    /// the query and a signature there.
    Sih7,
}

impl Words for Profile {
    const WORDS: &'static [(&'static str, Self)] =
        &[("thumbor", Self::Thumbor), ("sih3", Self::Sih3), ("sih7", Self::Sih7)];
}

impl Profile {
    /// The key that chooses one.
    pub(super) const KEY: &str = "PROFILE";

    /// As it is written.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Thumbor => "thumbor",
            Self::Sih3 => "sih3",
            Self::Sih7 => "sih7",
        }
    }

    /// Keys that have another value than the one built in where nobody gives them, and that value.
    pub(super) fn defaults(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Thumbor => &[],
            Self::Sih3 => SIH3,
            Self::Sih7 => SIH7,
        }
    }

    /// Keys that name a bucket for originals; where one of them is given originals come from there, for there was no
    /// other loader.
    pub(super) fn bucket_keys(self) -> &'static [&'static str] {
        match self {
            Self::Thumbor => &[],
            Self::Sih3 => &["TC_AWS_LOADER_BUCKET"],
            Self::Sih7 => &["TC_AWS_LOADER_BUCKET", "TC_AWS_ALLOWED_BUCKETS"],
        }
    }

    /// Whether URLs need no `unsafe` where they need no signature.
    pub fn may_lack_unsafe(self) -> bool {
        matches!(self, Self::Sih3 | Self::Sih7)
    }
}

/// What its `thumbor.conf` said.
const SIH3: &[(&str, &str)] = &[
    ("QUALITY", "85"),
    ("WEBP_QUALITY", "80"),
    ("MAX_AGE", "31536000"),
    ("ERROR_MAX_AGE", "120"),
    ("ERROR_FORMAT", "json"),
    ("TC_AWS_ENABLE_HTTP_LOADER", "true"),
    ("TC_AWS_MAX_RETRY", "1"),
    ("RESULT_STORAGE_EXPIRATION_SECONDS", "86400"),
    // It asked Rekognition first. Nobody's pictures are sent to others here unless the operator says so.
    ("DETECTORS", "face, feature"),
    ("REKOGNITION_REGION", "us-east-1"),
];

/// What sharp and the later editions did. They kept what tells how a picture lies, and left turning it to browsers; here
/// it is turned, which looks the same.
const SIH7: &[(&str, &str)] = &[
    ("AVIF_QUALITY", "50"),
    ("MAX_AGE", "31536000"),
    ("ERROR_MAX_AGE", "10"),
    ("ERROR_FORMAT", "json"),
    ("RESPECT_ORIENTATION", "true"),
    ("PRESERVE_EXIF_INFO", "true"),
    ("DETECTORS", "face, feature"),
];

/// What a bucket for originals brings with it.
pub(super) const LOADER_OF_BUCKETS: (&str, &str) = ("LOADER", "s3");
