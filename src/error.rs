//! What can go wrong with a request: the sum of the rooms' errors, and whose fault each of them is.

use crate::cancel::Cancelled;
use crate::codec::CodecError;
use crate::filter::ArgsError;
use crate::loader::LoadError;
use crate::pipeline::Busy;
use crate::pipeline::job::JobError;
use crate::plan::LimitError;
use crate::request::edits::EditsError;
use crate::request::rewrite::RewriteError;
use crate::request::{PresetError, RequestError, SignatureError};
use crate::storage::StorageError;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Why a request got no picture.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The path cannot be read.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The path is not signed by any key of ours.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// Somebody has put the picture on the list of those that are not shown.
    #[error("this picture is not shown here")]
    Blacklisted,
    /// What was sent cannot be kept.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Only signed paths are served here.
    #[error("unsigned URLs are not allowed")]
    UnsafeNotAllowed,
    /// Rules take too long on the path, or make too long a path of it.
    #[error(transparent)]
    Rewrite(#[from] RewriteError),
    /// A request in the way of later editions of Serverless Image Handler cannot be understood, or not be asked.
    #[error(transparent)]
    Edits(#[from] EditsError),
    /// There is no such preset, or one is needed.
    #[error(transparent)]
    Preset(#[from] PresetError),
    /// Filters make no sense.
    #[error(transparent)]
    Args(#[from] ArgsError),
    /// There is no source.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A picture to draw with is missing or cannot be used.
    #[error("picture `{name}`")]
    Asset {
        /// Which one, in plain text.
        name: String,
        /// What is wrong with it.
        source: SharedError,
    },
    /// The source cannot be read or the result not be written.
    #[error(transparent)]
    Codec(CodecError),
    /// It would cost too much.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// There is too much to do.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The work was stopped.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Something that does not happen.
    #[error("{0}")]
    Bug(&'static str),
}

/// What an error means to whoever asked. Whose fault it is shows in the comments.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Caller: the path or a filter's arguments make no sense, or the filters would take too long.
    Malformed,
    /// Caller: no right to ask this.
    Forbidden,
    /// Caller: the source is one that this server must not ask for.
    SourceNotAllowed,
    /// Caller: the picture asked for is too large, or does not fit the format asked for.
    ResultTooLarge,
    /// Caller: a picture to draw with is missing or cannot be used.
    AssetUnusable,
    /// Source: there is none.
    SourceNotFound,
    /// Source: too many bytes.
    SourceTooLarge,
    /// Source: not a picture that can be read here.
    SourceNotAnImage,
    /// Source: broken, or too many pixels.
    SourceUnusable,
    /// Origin: refuses, or answers nonsense.
    OriginFailed,
    /// Origin: too slow.
    OriginLate,
    /// Us: too much to do.
    Busy,
    /// Us: took too long.
    OutOfTime,
    /// Us: a bug.
    Bug,
}

impl Error {
    /// What it means. Without a wildcard: whoever adds an error decides here.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Request(
                RequestError::NoAccess
                | RequestError::EmptyImage
                | RequestError::NoOption { .. }
                | RequestError::NotEncoded { .. }
                | RequestError::NotUtf8 { .. }
                | RequestError::Nul { .. }
                | RequestError::NumberTooLarge { .. }
                | RequestError::Callback,
            )
            | Self::Rewrite(RewriteError::TooMuchWork { .. } | RewriteError::TooLong { .. })
            | Self::Preset(
                PresetError::Unknown { .. }
                | PresetError::NotOptions { .. }
                | PresetError::Nested
                | PresetError::Options(_),
            )
            | Self::Edits(
                EditsError::NotJson { .. }
                | EditsError::NoKey
                | EditsError::Side { .. }
                | EditsError::Format { .. }
                | EditsError::Value { .. }
                | EditsError::Refused { .. }
                | EditsError::Query { .. }
                | EditsError::NotATime { .. },
            )
            | Self::Args(_)
            | Self::Limit(LimitError::Work { .. })
            | Self::Load(LoadError::InvalidId { .. }) => Kind::Malformed,
            Self::Signature(SignatureError::Malformed | SignatureError::Mismatch)
            | Self::Edits(
                EditsError::Bucket { .. } | EditsError::Unsigned | EditsError::Signature | EditsError::Expired,
            )
            | Self::Blacklisted
            | Self::UnsafeNotAllowed
            | Self::Preset(PresetError::OnlyPresets | PresetError::Size { .. }) => Kind::Forbidden,
            Self::Load(LoadError::NotAllowed { .. }) => Kind::SourceNotAllowed,
            Self::Limit(LimitError::Canvas { .. } | LimitError::Side { .. } | LimitError::Assets { .. })
            | Self::Codec(CodecError::Encode { .. }) => Kind::ResultTooLarge,
            Self::Asset { source, .. } => match source.kind() {
                Kind::SourceNotFound | Kind::SourceTooLarge | Kind::SourceNotAnImage | Kind::SourceUnusable => {
                    Kind::AssetUnusable
                }
                other => other,
            },
            Self::Load(LoadError::NotFound) => Kind::SourceNotFound,
            Self::Load(LoadError::TooLarge { .. }) => Kind::SourceTooLarge,
            Self::Codec(CodecError::Unknown | CodecError::Unsupported { .. }) => Kind::SourceNotAnImage,
            Self::Codec(CodecError::Broken { .. })
            | Self::Limit(LimitError::Source { .. } | LimitError::Animation { .. }) => Kind::SourceUnusable,
            Self::Load(
                LoadError::Upstream { .. }
                | LoadError::Empty
                | LoadError::TooManyRedirects { .. }
                | LoadError::Unreachable { .. }
                | LoadError::Broken { .. }
                | LoadError::Store { .. },
            ) => Kind::OriginFailed,
            Self::Load(LoadError::Timeout) => Kind::OriginLate,
            Self::Busy(Busy::LineFull | Busy::MemoryFull | Busy::WaitedTooLong) | Self::Load(LoadError::NoRoom) => {
                Kind::Busy
            }
            Self::Cancelled(cancelled) | Self::Codec(CodecError::Cancelled(cancelled)) => match cancelled {
                // Nobody reads the answer to work that everybody has left.
                Cancelled::OutOfTime | Cancelled::Abandoned => Kind::OutOfTime,
            },
            Self::Load(LoadError::Io(_)) | Self::Storage(_) | Self::Bug(_) => Kind::Bug,
        }
    }
}

impl From<CodecError> for Error {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            other => Self::Codec(other),
        }
    }
}

impl From<JobError> for Error {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Codec(error) => error.into(),
            JobError::Asset { name, source } => Self::Asset { name, source: Error::from(source).into() },
            JobError::Limit(error) => error.into(),
            JobError::Cancelled(error) => error.into(),
        }
    }
}

/// An error that everybody gets who waited for the same work.
#[derive(Clone, Debug)]
pub struct SharedError(Arc<Error>);

impl<E: Into<Error>> From<E> for SharedError {
    fn from(error: E) -> Self {
        Self(Arc::new(error.into()))
    }
}

impl Deref for SharedError {
    type Target = Error;

    fn deref(&self) -> &Error {
        &self.0
    }
}

impl std::error::Error for SharedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
