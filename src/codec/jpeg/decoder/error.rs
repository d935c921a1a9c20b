//! What goes wrong with a file.

use std::fmt;

/// Why there is no picture. Damage that leaves a picture is counted in the [`Report`](super::Report) instead.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::codec) enum Error {
    /// The header or the data make no sense: what is wrong, in words.
    Broken(String),
    /// A kind of JPEG that is not decoded: what it uses.
    Unsupported(String),
    /// It would take more than the [`Limits`](super::Limits) allow: what of.
    Limit(String),
}

impl Error {
    pub(super) fn broken(reason: impl Into<String>) -> Self {
        Self::Broken(reason.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(reason) => f.write_str(reason),
            Self::Unsupported(feature) => write!(f, "{feature} is not decoded"),
            Self::Limit(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Error {}
