//! Settings of who may ask for what.

use super::kind::Words;
use crate::request::{Digest, Scheme};
use std::path::PathBuf;

/// Who may ask for what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecurityConfig {
    /// `SECURITY_KEY`, or what is in `SECURITY_KEY_FILE`, and `SECURITY_KEYS`; the signing one first.
    pub keys: Vec<Secret>,
    /// `SECURITY_KEY_FILE`.
    pub key_file: Option<PathBuf>,
    /// `SIGNER_TYPE` and `SIGNER_TRUNCATE`.
    pub scheme: Scheme,
    /// `ALLOW_UNSAFE_URL`.
    pub allow_unsafe: bool,
    /// `ENABLE_SIGNATURE`: URLs need a signature in their query or their path.
    pub query_signatures: bool,
    /// `API_TOKENS`: whoever shows one of them may change things. None: nobody may.
    pub tokens: Vec<Secret>,
    /// `SIGN_URLS`: paths are signed for who shows one of them.
    pub signs: bool,
}

impl Words for Digest {
    const WORDS: &'static [(&'static str, Self)] =
        &[("sha1", Self::Sha1), ("sha256", Self::Sha256), ("sha512", Self::Sha512)];
}

/// Text that never prints.
#[derive(Clone, PartialEq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
