//! What is done to the pixels, stage by stage, as the plan has it.

use crate::geometry::{Focal, Orientation, Rect, Size, Window};
use crate::pipeline::job::Job;
use crate::pipeline::meta::format_name;
use crate::plan::{Findings, Plan, Step};
use crate::raster::PixelFormat;
use crate::transform::Light;
use serde::Serialize;

/// One stage.
#[derive(Debug, Serialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub(super) enum Stage {
    /// Pixels are looked at before anything is planned.
    Look {
        /// What is left inside borders of one color.
        #[serde(skip_serializing_if = "Option::is_none")]
        trim: Option<Area>,
        /// What detectors have found, in pixels of the upright source.
        found: Vec<Found>,
    },
    /// The file becomes pixels.
    Decode {
        format: &'static str,
        /// By how much each side is smaller than stored.
        shrink: u32,
        width: u32,
        height: u32,
        frames: u32,
        /// What shows of it.
        part: Area,
        pixels: String,
    },
    /// A window of the decoded picture becomes the canvas.
    Resample {
        window: Part,
        width: u32,
        height: u32,
        kernel: String,
        linear_light: bool,
        pixels: String,
        /// Filters that only resize and are done by this.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        filters: Vec<String>,
    },
    /// Turned and mirrored: first rows become columns, where they do.
    Turn { transpose: bool, mirror_x: bool, mirror_y: bool, width: u32, height: u32 },
    /// The layout of pixels changes.
    Convert { pixels: String },
    /// Colors go from CMYK to RGB.
    RgbFromCmyk,
    /// Colors go from the embedded profile to sRGB.
    ToSrgb,
    /// Lines are drawn around what was found.
    Outline { areas: usize },
    /// One filter, or several in one pass.
    Filter { filters: Vec<String>, width: u32, height: u32, work: u64 },
    /// Transparent pixels are blended onto a color.
    Flatten { color: String },
    /// Alpha goes, colors stay.
    DiscardAlpha,
    /// Pixels become a file.
    Encode { format: &'static str, width: u32, height: u32, frames: u32, quality: u8 },
}

/// A rectangle in whole pixels.
#[derive(Debug, Serialize)]
pub(super) struct Area {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
}

/// A rectangle with fractions of pixels.
#[derive(Debug, Serialize)]
pub(super) struct Part {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

/// What a detector has found.
#[derive(Debug, Serialize)]
pub(super) struct Found {
    by: &'static str,
    #[serde(flatten)]
    area: Area,
}

impl Area {
    pub(super) fn of<S>(rect: Rect<S>) -> Self {
        Self { left: rect.left, top: rect.top, right: rect.right, bottom: rect.bottom }
    }
}

impl From<Window> for Part {
    fn from(Window { left, top, width, height }: Window) -> Self {
        Self { left, top, width, height }
    }
}

impl Stage {
    /// All stages in order. `calls` are the calls that each effect of the recipe does.
    pub(super) fn all(job: &Job<'_>, plan: &Plan, findings: &Findings, calls: &[Vec<&str>]) -> Vec<Self> {
        let owned = |index: usize| -> Vec<String> {
            calls.get(index).into_iter().flatten().map(|call| (*call).to_owned()).collect()
        };
        let steps = plan.steps.iter().map(|step| match step {
            Step::RgbFromCmyk => Self::RgbFromCmyk,
            Step::ToSrgb => Self::ToSrgb,
            Step::Convert(pixels) => Self::Convert { pixels: layout_name(*pixels) },
            Step::Outline(frames) => Self::Outline { areas: frames.len() },
            Step::Effect(index) => {
                let Size { width, height, .. } = plan.sizes[index + 1];
                Self::Filter { filters: owned(*index), width, height, work: plan.work[*index] }
            }
            Step::Flatten([r, g, b]) => Self::Flatten { color: format!("#{r:02x}{g:02x}{b:02x}") },
            Step::DiscardAlpha => Self::DiscardAlpha,
        });
        let looked = job.seen.is_some() || job.recipe.geometry.trim.is_some();
        let look = looked.then(|| Self::look(findings));
        let head = [Self::decode(job, plan), Self::resample(job, plan, owned)];
        look.into_iter().chain(head).chain(Self::turn(plan)).chain(steps).chain([Self::encode(plan)]).collect()
    }

    fn look(findings: &Findings) -> Self {
        let found = |point: &Focal| Found { by: point.origin.finder(), area: Area::of(point.area()) };
        Self::Look { trim: findings.trim.map(Area::of), found: findings.focal.iter().map(found).collect() }
    }

    fn decode(job: &Job<'_>, plan: &Plan) -> Self {
        let info = &job.inputs.source.info;
        let pixels = if plan.decode.rgb { PixelFormat::Rgb } else { info.pixels };
        Self::Decode {
            format: format_name(info.format),
            shrink: plan.decode.shrink,
            width: plan.decoded.width,
            height: plan.decoded.height,
            frames: plan.frames,
            part: Area::of(plan.shown()),
            pixels: layout_name(pixels),
        }
    }

    fn resample(job: &Job<'_>, plan: &Plan, calls: impl Fn(usize) -> Vec<String>) -> Self {
        let later = plan.steps.iter().filter(|step| matches!(step, Step::Effect(_))).count();
        Self::Resample {
            window: plan.window.into(),
            width: plan.resampled.width,
            height: plan.resampled.height,
            kernel: format!("{:?}", plan.scene.kernel).to_lowercase(),
            linear_light: plan.light == Light::Linear,
            pixels: layout_name(plan.pixels),
            filters: (0..job.recipe.effects.len() - later).flat_map(calls).collect(),
        }
    }

    fn turn(plan: &Plan) -> Option<Self> {
        let Orientation { transpose, mirror_x, mirror_y } = plan.orientation;
        let Size { width, height, .. } = plan.layout.view.size;
        (transpose || mirror_x || mirror_y).then_some(Self::Turn { transpose, mirror_x, mirror_y, width, height })
    }

    fn encode(plan: &Plan) -> Self {
        Self::Encode {
            format: format_name(plan.output.format),
            width: plan.canvas.width,
            height: plan.canvas.height,
            frames: plan.frames,
            quality: plan.output.quality,
        }
    }
}

/// A layout in words.
fn layout_name(pixels: PixelFormat) -> String {
    match pixels {
        PixelFormat::Gray => "gray".into(),
        PixelFormat::GrayAlpha => "gray with alpha".into(),
        PixelFormat::Rgb => "rgb".into(),
        PixelFormat::Rgba => "rgb with alpha".into(),
        PixelFormat::Cmyk => "cmyk".into(),
        PixelFormat::YCbCr(chroma) => match (chroma.x, chroma.y) {
            (1, 1) => "ycbcr 4:4:4".into(),
            (2, 1) => "ycbcr 4:2:2".into(),
            (2, 2) => "ycbcr 4:2:0".into(),
            (x, y) => format!("ycbcr, chroma {x}x{y} times smaller"),
        },
    }
}
