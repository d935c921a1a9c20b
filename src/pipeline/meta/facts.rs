//! What Thumbor's metadata view does not tell: of the source as it is, and of what was seen in it.

use crate::codec;
use crate::geometry::Canvas;
use crate::pipeline::inputs::Input;
use crate::pipeline::job::Job;
use crate::placeholder::{blurhash, css_color, palette, thumbhash};
use crate::plan::{Findings, Plan};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::transform::color;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use std::collections::BTreeMap;

/// Most colors of a palette.
const PALETTE: usize = 6;

/// The facts, as they are written.
#[derive(Serialize)]
pub(super) struct Facts {
    source: Source,
    output: Output,
    /// What detectors have found; absent where nobody asked them.
    #[serde(skip_serializing_if = "Option::is_none")]
    regions: Option<Vec<Region>>,
    /// What the first frame looks like; absent where nobody looked at its pixels.
    #[serde(flatten)]
    look: Option<Look>,
}

/// What the source looks like, as shown.
#[derive(Serialize)]
pub(super) struct Look {
    dominant_color: Option<String>,
    palette: Vec<String>,
    blurhash: String,
    thumbhash: String,
}

impl Look {
    /// Of a small RGB copy of the source.
    pub(super) fn of(copy: &PixelBuffer<Canvas>) -> Self {
        let palette: Vec<String> = palette(copy, PALETTE).into_iter().map(css_color).collect();
        Self {
            dominant_color: palette.first().cloned(),
            palette,
            blurhash: blurhash(copy, (4, 3)),
            thumbhash: BASE64_STANDARD.encode(thumbhash(copy)),
        }
    }
}

/// The source as it is stored.
#[derive(Debug, Serialize)]
pub(in crate::pipeline) struct Source {
    format: &'static str,
    mime: &'static str,
    width: u32,
    height: u32,
    bytes: usize,
    frames: u32,
    /// As EXIF numbers them; 1 is upright.
    orientation: u8,
    color: &'static str,
    alpha: bool,
    /// Name of the profile.
    icc: Option<String>,
    exif: BTreeMap<&'static str, String>,
}

/// The answer that a request without `/meta/` would get.
#[derive(Serialize)]
struct Output {
    format: &'static str,
    width: u32,
    height: u32,
}

/// A part of the upright source, in its pixels.
#[derive(Serialize)]
struct Region {
    left: u32,
    top: u32,
    width: u32,
    height: u32,
    by: &'static str,
}

impl Facts {
    pub(super) fn of(job: &Job<'_>, plan: &Plan, findings: &Findings, look: Option<Look>) -> Self {
        let region = |focal: &crate::geometry::Focal| {
            let area = focal.area();
            Region {
                left: area.left,
                top: area.top,
                width: focal.width,
                height: focal.height,
                by: focal.origin.finder(),
            }
        };
        Self {
            source: Source::of(&job.inputs.source),
            output: Output {
                format: name_of(plan.output.format),
                width: plan.canvas.width,
                height: plan.canvas.height,
            },
            regions: job.seen.map(|_| findings.focal.iter().map(region).collect()),
            look,
        }
    }
}

impl Source {
    pub(in crate::pipeline) fn of(input: &Input) -> Self {
        let info = &input.info;
        Self {
            format: name_of(info.format),
            mime: codec::of(info.format).mime,
            width: info.size.width,
            height: info.size.height,
            bytes: input.body.len(),
            frames: info.frames,
            orientation: info.orientation.to_exif(),
            color: color_of(info.pixels),
            alpha: info.pixels.has_alpha(),
            icc: info.icc.as_deref().and_then(color::icc_name),
            exif: info.exif.as_deref().map(codec::exif_facts).unwrap_or_default().into_iter().collect(),
        }
    }
}

/// The name of a format: its content type's, without prefix and suffix.
pub(in crate::pipeline) fn name_of(format: codec::Format) -> &'static str {
    let mime = codec::of(format).mime;
    mime.rsplit('/').next().unwrap_or(mime).trim_start_matches("x-").trim_end_matches("+xml")
}

fn color_of(pixels: PixelFormat) -> &'static str {
    match pixels {
        PixelFormat::Gray | PixelFormat::GrayAlpha => "gray",
        PixelFormat::Rgb | PixelFormat::Rgba => "rgb",
        PixelFormat::Cmyk => "cmyk",
        PixelFormat::YCbCr(_) => "ycbcr",
    }
}
