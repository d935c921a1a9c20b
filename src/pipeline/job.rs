//! The blocking half of a request: bytes in, bytes out, on one thread.
//!
//! Takes and gives plain values only, so that it can run in another process.

use super::inputs::{Input, Inputs};
use super::look::{complete, look};
use super::sight::Seen;
use super::timed::Timed;
use super::{file, meta};
use crate::cancel::{CancelToken, Cancelled};
use crate::codec::{self, CodecError, Decoder as _};
use crate::plan::{Findings, LimitError, Limits, Plan};
use crate::raster::{Frame, Image};
use crate::recipe::{Policy, Recipe, Video};
use crate::request::ImageId;
use std::time::{Duration, Instant};

/// What a job needs.
#[derive(Debug)]
pub struct Job<'a> {
    /// What to do.
    pub recipe: &'a Recipe,
    /// The server's settings.
    pub policy: &'a Policy,
    /// What it may cost.
    pub limits: &'a Limits,
    /// The files to do it with.
    pub inputs: &'a Inputs,
    /// What detectors have seen in the source, where somebody asked them.
    pub seen: Option<&'a Seen>,
}

/// What a job gives.
#[derive(Debug)]
pub struct Rendered {
    /// The encoded picture, or the metadata view.
    pub body: Vec<u8>,
    /// Its content type.
    pub mime: &'static str,
    /// Whether a client that accepts other formats would have got another answer.
    pub negotiated: bool,
    /// Whether it will be another one as soon as more is known about the source.
    pub provisional: bool,
    /// What is still to be made of the body, a GIF.
    pub video: Option<Video>,
    /// Time spent decoding and transforming.
    pub render: Duration,
    /// The part of it that was spent decoding.
    pub decode: Duration,
    /// Time spent encoding.
    pub encode: Duration,
}

/// Why a job came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The source cannot be read or the result not be written.
    #[error(transparent)]
    Codec(CodecError),
    /// A picture to draw with cannot be read.
    #[error("picture `{name}`")]
    Asset {
        /// Which one, in plain text.
        name: String,
        /// What is wrong with it.
        source: CodecError,
    },
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

impl JobError {
    /// What is wrong with a picture to draw with.
    pub(super) fn of_asset(image: &ImageId, error: CodecError) -> Self {
        match error {
            CodecError::Cancelled(cancelled) => Self::Cancelled(cancelled),
            source => Self::Asset { name: image.decoded().into_owned(), source },
        }
    }
}

/// Renders one picture: look where the recipe asks for it, plan, decode frame by frame into the canvas, encode.
pub fn run(job: &Job<'_>, cancel: &CancelToken) -> Result<Rendered, JobError> {
    let &Job { recipe, inputs, seen, .. } = job;
    let Input { body, info } = &inputs.source;
    let provisional = seen.is_some_and(|seen| seen.provisional);
    let start = Instant::now();
    let (mut plan, findings) = planned(job, cancel)?;
    if recipe.meta {
        let body = meta::describe(job, &plan, &findings, cancel)?;
        return Ok(described(body, provisional, start));
    }
    complete(job, &mut plan.scene.assets, cancel)?;
    let opening = Instant::now();
    let decoder = codec::open(body, info, plan.decode)?;
    let mut decoder = Timed::new(decoder, opening.elapsed());
    decoder.look_at(plan.shown());
    let mut frames = Vec::new();
    while frames.len() < plan.frames as usize {
        cancel.check()?;
        let Some(delay_ms) = decoder.next_frame()? else { break };
        let pixels = plan.apply(&mut decoder, recipe, info, cancel)?;
        frames.push(Frame { pixels, delay_ms });
    }
    if frames.is_empty() {
        return Err(CodecError::Broken { format: info.format, reason: "it holds no frame".into() }.into());
    }
    cancel.check()?;
    let render = start.elapsed();
    let (body, mime) = file::write(job, &plan, Image { frames, loops: info.loops }, cancel)?;
    Ok(Rendered {
        body,
        mime,
        negotiated: plan.output.negotiated,
        provisional,
        video: plan.output.video,
        render,
        decode: decoder.spent(),
        encode: start.elapsed().saturating_sub(render),
    })
}

/// What a job will do, once everything has been looked at that has to be.
pub(super) fn planned(job: &Job<'_>, cancel: &CancelToken) -> Result<(Plan, Findings), JobError> {
    let findings = look(job, cancel)?;
    let plan = Plan::resolve(job.recipe, job.policy, &job.inputs.source.info, &findings, job.limits)?;
    Ok((plan, findings))
}

fn described(body: Vec<u8>, provisional: bool, start: Instant) -> Rendered {
    Rendered {
        body,
        mime: "application/json",
        negotiated: false,
        provisional,
        video: None,
        render: start.elapsed(),
        decode: Duration::ZERO,
        encode: Duration::ZERO,
    }
}
