//! The blocking half of a request: bytes in, bytes out, on one thread.

use crate::cancel::{CancelToken, Cancelled};
use crate::codec::{CodecError, SourceInfo};
use crate::plan::{LimitError, Limits};
use crate::recipe::{Policy, Recipe};
use std::time::Duration;

/// What a job needs: plain values, so that it may run anywhere.
#[derive(Debug)]
pub struct Job<'a> {
    /// What to do.
    pub recipe: &'a Recipe,
    /// The server's settings.
    pub policy: &'a Policy,
    /// What it may cost.
    pub limits: &'a Limits,
    /// The source file.
    pub source: &'a [u8],
    /// What its header says.
    pub info: &'a SourceInfo,
}

/// What a job gives.
#[derive(Debug)]
pub struct Rendered {
    /// The encoded picture.
    pub body: Vec<u8>,
    /// Its content type.
    pub mime: &'static str,
    /// Time spent decoding and transforming.
    pub render: Duration,
    /// Time spent encoding.
    pub encode: Duration,
}

/// Why a job came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The source cannot be read or the result not be written.
    #[error(transparent)]
    Codec(CodecError),
    /// It would cost too much.
    #[error(transparent)]
    Limit(#[from] LimitError),
    /// Somebody wants the work to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl From<CodecError> for JobError {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            other => Self::Codec(other),
        }
    }
}

/// Renders one picture.
pub fn run(job: &Job<'_>, cancel: &CancelToken) -> Result<Rendered, JobError> {
    cancel.check()?;
    Err(JobError::Codec(CodecError::Unsupported { format: job.info.format, feature: "no planner yet".into() }))
}
