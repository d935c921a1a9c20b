//! What is wrong with the settings, told all at once.

use std::fmt;

/// One thing that is wrong. Names the key, the value and what was expected.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Problem {
    /// A value is not of the kind that its key takes.
    #[error("{key} = `{value}` ({origin}): expected {expected}")]
    Value {
        /// The key.
        key: String,
        /// The value, or `***`.
        value: String,
        /// Where it stands.
        origin: String,
        /// What would be good.
        expected: String,
    },
    /// There is no such key.
    #[error("{key} ({origin}): no such key{}", .hint.as_ref().map(|hint| format!(", did you mean {hint}?")).unwrap_or_default())]
    UnknownKey {
        /// The key as written.
        key: String,
        /// Where it stands.
        origin: String,
        /// The nearest key that there is.
        hint: Option<String>,
    },
    /// A key stands twice in one file, in different case.
    #[error("{key} ({origin}): given twice")]
    Twice {
        /// The key.
        key: String,
        /// Where it stands.
        origin: String,
    },
    /// A file cannot be read or is no TOML.
    #[error("{origin}: {reason}")]
    File {
        /// The file.
        origin: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The key is the one that everybody knows.
    #[error(
        "SECURITY_KEY = `MY_SECURE_KEY`: everybody knows this key from Thumbor's documentation and can sign with it; \
         choose another, or set ALLOW_DEFAULT_KEY = true"
    )]
    PublicKey,
    /// Neither signed nor unsigned requests could be answered.
    #[error(
        "SECURITY_KEY is not set and ALLOW_UNSAFE_URL is not true, so that every request would be refused; set \
         SECURITY_KEY to a secret text to serve signed URLs, or ALLOW_UNSAFE_URL = true to serve everybody"
    )]
    NoWayIn,
    /// Videos are asked for and there is nothing to make them with.
    #[error(
        "OPTIMIZERS has `gifv`, which makes videos with ffmpeg, and FFMPEG_PATH is not set; set it to an ffmpeg, or \
         take `gifv` out"
    )]
    NoFfmpeg,
}

/// Everything that is wrong, one line each.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Problems(pub Vec<Problem>);

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}
