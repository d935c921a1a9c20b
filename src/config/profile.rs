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
}

impl Words for Profile {
    const WORDS: &'static [(&'static str, Self)] = &[("thumbor", Self::Thumbor), ("sih3", Self::Sih3)];
}

impl Profile {
    /// The key that chooses one.
    pub(super) const KEY: &str = "PROFILE";

    /// As it is written.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Thumbor => "thumbor",
            Self::Sih3 => "sih3",
        }
    }

    /// Keys that have another value than the one built in where nobody gives them, and that value.
    pub(super) fn defaults(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Thumbor => &[],
            Self::Sih3 => SIH3,
        }
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
];

/// What a bucket for originals brings with it: there was no other loader.
pub(super) const SIH3_BUCKET: (&str, (&str, &str)) = ("TC_AWS_LOADER_BUCKET", ("LOADER", "s3"));
