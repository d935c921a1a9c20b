//! What would be done for a request and why, told by what would do it: the way of [`Pipeline::render`], up to the plan.

mod asked;
mod stages;

use self::asked::Asked;
use self::stages::{Area, Stage};
use super::job::{self, Job};
use super::meta::{Geometry, Source, format_name};
use super::ready::Ready;
use super::thread::on_thread;
use super::{CacheKey, Client, Pipeline};
use crate::cancel::CancelToken;
use crate::codec;
use crate::error::{Error, SharedError};
use crate::filter;
use crate::plan::{Findings, FormatReason, KeptExif, Limits, Plan};
use crate::recipe::{Placeholder, Recipe};
use crate::request::ImageRequest;
use serde::Serialize;
use std::sync::Arc;

/// A request taken apart: what was written, what was meant, and what would happen to the pixels of this source.
#[derive(Debug, Serialize)]
pub struct Explanation {
    request: Asked,
    recipe: Meant,
    source: Source,
    geometry: Geometry,
    /// What is done to the pixels, in order.
    stages: Vec<Stage>,
    output: Output,
    cost: Cost,
    cache: Kept,
}

/// The recipe.
#[derive(Debug, Serialize)]
struct Meant {
    /// As loaders take it.
    source: String,
    /// Further pictures, for filters to draw with.
    assets: Vec<String>,
    /// What takes the place of a source that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback: Option<String>,
    /// Filters that were skipped.
    ignored_filters: Vec<String>,
    /// The format that the URL names.
    format: Option<&'static str>,
    /// The formats that this client is offered instead, best first.
    offered: Vec<&'static str>,
    quality: Option<u8>,
    max_bytes: Option<u64>,
    max_age_s: Option<u32>,
}

/// The file that is made.
#[derive(Debug, Serialize)]
struct Output {
    format: &'static str,
    mime: &'static str,
    reason: &'static str,
    /// Whether it becomes a JPEG if no pixel turns out to be transparent.
    jpeg_if_opaque: bool,
    /// Whether other clients may get another format.
    varies_by_accept: bool,
    width: u32,
    height: u32,
    frames: u32,
    quality: u8,
    progressive: bool,
    icc: &'static str,
    exif: &'static str,
    /// What stands for the picture, or is made of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    instead: Option<&'static str>,
}

/// What it costs, and what it may.
#[derive(Debug, Serialize)]
struct Cost {
    /// Pixels of all frames after decoding.
    decoded_px: u64,
    /// Pixels of all frames that are written.
    written_px: u64,
    /// Upper bound of what the filters do to all frames, in operations on pixels.
    filter_work: u64,
    /// Most memory that it takes at a time, in bytes, estimated from above.
    memory_bytes: u64,
    limits: Bounds,
}

/// What one request may cost.
#[derive(Debug, Serialize)]
struct Bounds {
    source_px: u64,
    canvas_px: u64,
    animation_px: u64,
    frames: u32,
    filter_work: u64,
}

/// Under what the answer is kept.
#[derive(Debug, Serialize)]
struct Kept {
    /// The request in its one spelling. With the formats offered it tells answers apart.
    key: String,
    /// Whether the answer is in memory now.
    in_memory: bool,
    /// The name of the answer; none where it is another one each time.
    etag: Option<String>,
    /// The tag that all answers made from this source share.
    tag: String,
}

impl Pipeline {
    /// What a request comes to and why. Fetches and looks at what the metadata view does, under the same limits, and
    /// makes no picture.
    ///
    /// # Errors
    /// Those of the picture; nothing takes the place of a missing source here.
    pub async fn explain(
        self: &Arc<Self>,
        request: &ImageRequest,
        client: &Client,
    ) -> Result<Explanation, SharedError> {
        let (recipe, calls) = filter::compile_traced(request, client.accept, &self.policy)?;
        let recipe = Arc::new(recipe);
        let key = CacheKey::of(request, &recipe.output, client.forwarded.clone());
        let ticket = self.admission.enter().map_err(Error::from)?;
        let gathered = self.gather(ticket, &key, &recipe, self.source(&key, &recipe)).await?;
        let Ready { permit, recipe, inputs, seen, .. } = self.ready(&recipe, gathered).await?;
        let (this, asked) = (Arc::clone(self), request.clone());
        let work = move |cancel: &CancelToken| {
            let Self { policy, limits, entities, cache, .. } = &*this;
            let job = Job { recipe: &recipe, policy, limits, inputs: &inputs, seen: seen.as_deref() };
            let (plan, findings) = job::planned(&job, cancel)?;
            let etag = recipe.is_repeatable().then(|| entities.tag(&key, &inputs));
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let kept = Kept {
                key: asked.cache_key(),
                in_memory: cache.contains(&key),
                etag: etag.map(|etag| text(&etag)),
                tag: crate::storage::tag_of(&recipe.source),
            };
            let calls: Vec<Vec<&str>> = calls.iter().map(|calls| texts(calls, &asked)).collect();
            Ok(Explanation::of(&job, &plan, &findings, &asked, &calls, kept))
        };
        Ok(on_thread(permit, self.render_timeout, work).await?.0)
    }
}

fn texts<'a>(calls: &[usize], asked: &'a ImageRequest) -> Vec<&'a str> {
    calls.iter().map(|call| asked.filters[*call].text.as_str()).collect()
}

impl Explanation {
    fn of(
        job: &Job<'_>,
        plan: &Plan,
        findings: &Findings,
        asked: &ImageRequest,
        calls: &[Vec<&str>],
        cache: Kept,
    ) -> Self {
        Self {
            request: Asked::of(asked),
            recipe: Meant::of(job.recipe),
            source: Source::of(&job.inputs.source),
            geometry: Geometry::of(plan),
            stages: Stage::all(job, plan, findings, calls),
            output: Output::of(job.recipe, plan),
            cost: Cost::of(plan, job.limits),
            cache,
        }
    }
}

impl Meant {
    fn of(recipe: &Recipe) -> Self {
        let output = &recipe.output;
        Self {
            source: recipe.source.clone(),
            assets: recipe.assets.iter().map(|asset| asset.image.decoded().into_owned()).collect(),
            fallback: recipe.fallback.as_ref().map(|image| image.decoded().into_owned()),
            ignored_filters: recipe.ignored_filters.clone(),
            format: output.format.map(format_name),
            offered: output.offered.iter().copied().map(format_name).collect(),
            quality: output.quality,
            max_bytes: output.max_bytes,
            max_age_s: output.max_age_s,
        }
    }
}

impl Output {
    fn of(recipe: &Recipe, plan: &Plan) -> Self {
        let output = &plan.output;
        Self {
            format: format_name(output.format),
            mime: codec::of(output.format).mime,
            reason: match output.reason {
                FormatReason::Asked if recipe.output.placeholder.is_some() => "what the placeholder is made of",
                FormatReason::Asked => "the URL asks for it",
                FormatReason::Accepted => "the client takes it, and the settings choose it for those who do",
                FormatReason::Own => "it is the source's own",
                FormatReason::StandsIn => "the source's own is only read here, and this one stands in for it",
                FormatReason::Opaque => "nothing in the picture is transparent",
            },
            jpeg_if_opaque: output.jpeg_if_opaque,
            varies_by_accept: output.negotiated,
            width: plan.canvas.width,
            height: plan.canvas.height,
            frames: plan.frames,
            quality: output.quality,
            progressive: output.progressive,
            icc: match (output.to_srgb, output.keep_icc) {
                (true, _) => "converted to sRGB",
                (false, true) => "kept",
                (false, false) => "none",
            },
            exif: match output.exif {
                KeptExif::All => "kept",
                KeptExif::Copyright => "copyright only",
                KeptExif::Nothing => "dropped",
            },
            instead: match recipe.output.placeholder {
                Some(Placeholder::BlurHash(..)) => Some("BlurHash"),
                Some(Placeholder::ThumbHash) => Some("ThumbHash"),
                Some(Placeholder::Lqip) => Some("tiny picture as a data: URL"),
                Some(Placeholder::Color) => Some("main color"),
                None => output.video.map(crate::recipe::Video::mime),
            },
        }
    }
}

impl Cost {
    fn of(plan: &Plan, limits: &Limits) -> Self {
        let frames = u64::from(plan.frames);
        let of_all = |one: u64| one.saturating_mul(frames);
        Self {
            decoded_px: of_all(plan.decoded.area_px()),
            written_px: of_all(plan.canvas.area_px()),
            filter_work: of_all(plan.work.iter().fold(0, |sum, work| sum.saturating_add(*work))),
            memory_bytes: plan.memory_bytes,
            limits: Bounds {
                source_px: limits.max_source_px,
                canvas_px: limits.max_canvas_px,
                animation_px: limits.max_animation_px,
                frames: limits.max_frames,
                filter_work: limits.max_filter_work,
            },
        }
    }
}
