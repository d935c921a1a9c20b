//! The blocking half of a request: bytes in, bytes out, on one thread.
//!
//! Takes and gives plain values only, so that it can run in another process.

use super::meta;
use crate::cancel::{CancelToken, Cancelled};
use crate::codec::{self, CodecError, DecodeOptions, Decoder, EncodeOptions, Format, SourceInfo};
use crate::geometry::{Canvas, Decoded, Rect, Size, Upright, Window};
use crate::plan::{self, Findings, LimitError, Limits, OutputPlan, Plan};
use crate::raster::{Frame, Image, PixelBuffer, PixelFormat};
use crate::recipe::{Policy, Recipe};
use crate::request::Trim;
use crate::transform::{self, Kernel, Light, Resampler, color};
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
    /// The source file.
    pub source: &'a [u8],
    /// What its header says; of a drawing, with the size it is drawn at.
    pub info: &'a SourceInfo,
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

/// Renders one picture: look where the recipe asks for it, plan, decode frame by frame into the canvas, encode.
pub fn run(job: &Job<'_>, cancel: &CancelToken) -> Result<Rendered, JobError> {
    let &Job { recipe, policy, limits, source, info } = job;
    let start = Instant::now();
    let findings = look(job, cancel)?;
    let plan = Plan::resolve(recipe, policy, info, &findings, limits)?;
    if recipe.meta {
        return Ok(described(recipe, info, &plan, start));
    }
    let mut decoder = codec::open(source, info, plan.decode)?;
    let mut frames = Vec::new();
    while frames.len() < plan.frames as usize {
        cancel.check()?;
        let Some(delay_ms) = decoder.next_frame()? else { break };
        let pixels = plan.apply(decoder.as_mut(), recipe, info, cancel)?;
        frames.push(Frame { pixels, delay_ms });
    }
    if frames.is_empty() {
        return Err(CodecError::Broken { format: info.format, reason: "it holds no frame".into() }.into());
    }
    cancel.check()?;
    let render = start.elapsed();
    let (body, format) = encode(job, &plan, Image { frames, loops: info.loops }, cancel)?;
    Ok(Rendered {
        body,
        mime: codec::of(format).mime,
        negotiated: plan.output.negotiated,
        render,
        encode: start.elapsed().saturating_sub(render),
    })
}

/// What only the pixels tell, from the first frame; nothing is decoded unless the recipe asks.
fn look(job: &Job<'_>, cancel: &CancelToken) -> Result<Findings, JobError> {
    let Some(trim) = job.recipe.geometry.trim else { return Ok(Findings::default()) };
    cancel.check()?;
    let mut decoder = codec::open(job.source, job.info, DecodeOptions { shrink: 1, rgb: true })?;
    decoder.next_frame()?;
    let picture = whole_frame(decoder.as_mut(), cancel)?;
    Ok(Findings { trim: find_borders(picture, job, trim) })
}

fn find_borders(picture: PixelBuffer<Canvas>, job: &Job<'_>, trim: Trim) -> Option<Rect<Upright>> {
    let (_, turn) = plan::upright(job.info, job.policy);
    let picture = match picture.format() {
        PixelFormat::Cmyk => color::rgb_from_cmyk(picture, job.info.icc.as_deref()),
        _ => picture,
    };
    transform::trim_box(&transform::orient(picture, turn).into_space(), trim)
}

/// The frame that `decoder` is at, whole.
fn whole_frame(decoder: &mut dyn Decoder, cancel: &CancelToken) -> Result<PixelBuffer<Canvas>, CodecError> {
    let size: Size<Decoded> = decoder.size();
    let format = decoder.format();
    let target = Size::new(size.width, size.height);
    let mut copy =
        Resampler::new((size, format), Window::whole(size), (target, format), (Kernel::Nearest, Light::Encoded));
    while let Some(band) = decoder.next_band()? {
        cancel.check()?;
        copy.push(&band);
    }
    Ok(copy.finish())
}

fn described(recipe: &Recipe, info: &SourceInfo, plan: &Plan, start: Instant) -> Rendered {
    Rendered {
        body: meta::describe(recipe, info, plan).into_bytes(),
        mime: "application/json",
        negotiated: false,
        render: start.elapsed(),
        encode: Duration::ZERO,
    }
}

/// The file, and its format: the planned one, or JPEG where that depends on the pixels.
fn encode(job: &Job<'_>, plan: &Plan, mut image: Image, cancel: &CancelToken) -> Result<(Vec<u8>, Format), JobError> {
    let mut output = plan.output.clone();
    if output.jpeg_if_opaque && image.first().is_opaque() {
        output = OutputPlan { indexed: false, ..output.as_jpeg(job.recipe, job.policy) };
        let opaque = |frame: Frame| Frame { pixels: color::discard_alpha(frame.pixels), ..frame };
        image.frames = image.frames.into_iter().map(opaque).collect();
    }
    let exif = job.info.exif.as_deref().filter(|_| output.keep_exif);
    let exif =
        exif.map(|exif| if job.policy.respect_orientation { codec::without_orientation(exif) } else { exif.to_vec() });
    let options = EncodeOptions {
        quality: output.quality,
        progressive: output.progressive,
        indexed: output.indexed,
        png_level: job.policy.png_level,
        webp_method: job.policy.webp_method,
        avif_speed: job.policy.avif_speed,
        icc: job.info.icc.as_deref().filter(|_| output.keep_icc),
        exif: exif.as_deref(),
    };
    let body = (codec::of(output.format).encode)(&image, &options, cancel)?;
    Ok((body, output.format))
}
