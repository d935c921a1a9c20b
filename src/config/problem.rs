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
    /// A table's row lacks what it must have.
    #[error("{key} ({origin}): is missing, expected {expected}")]
    Missing {
        /// The key.
        key: String,
        /// Where the row stands.
        origin: String,
        /// What would be good.
        expected: String,
    },
    /// A rule that rewrites paths means nothing.
    #[error("{reason}")]
    Rule {
        /// Where it stands and what is wrong with it.
        reason: String,
    },
    /// A preset means nothing.
    #[error("[presets] {name} = `{options}`: {reason}")]
    Preset {
        /// Its name.
        name: String,
        /// What it stands for.
        options: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A table's row makes no sense, though each of its values is as expected.
    #[error("{row} ({origin}): {reason}")]
    Row {
        /// The row.
        row: String,
        /// Where it stands.
        origin: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no such key.
    #[error("{key} ({origin}): no such key{}", .hint.as_ref().map(|hint| format!(", {hint}")).unwrap_or_default())]
    UnknownKey {
        /// The key as written.
        key: String,
        /// Where it stands.
        origin: String,
        /// What may help: the nearest key that there is, or where the key belongs.
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
    /// A file is a configuration of Thumbor.
    #[error(
        "{origin}: is no TOML but looks like a thumbor.conf, which is Python; `tintype import {origin} > tintype.toml` \
         makes settings of it"
    )]
    Python {
        /// The file.
        origin: String,
    },
    /// A table in the environment cannot be read.
    #[error("{key} (environment): a table stands there as JSON: {reason}")]
    Json {
        /// The key.
        key: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A key is not set that another one's value needs.
    #[error("{key} is not set, and {of} needs it")]
    Needed {
        /// The key that is missing.
        key: &'static str,
        /// The key that asks for it.
        of: &'static str,
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
