//! The metadata view: what would be done to a picture, told from the plan that would do it.

mod facts;
mod python;

pub(super) use self::facts::{Source, name_of as format_name};

use self::facts::{Facts, Look};
use super::job::{Job, JobError};
use super::look;
use crate::cancel::CancelToken;
use crate::geometry::{Canvas, Focal, Origin, Rect, Size};
use crate::plan::{CopyPlan, Findings, Follows, Operation, Plan};
use crate::recipe::Placeholder;
use serde::Serialize;

/// Thumbor's JSON for `/meta/`, and under a key of our own what it does not tell.
///
/// As there, the size of the `source` is the one after everything that was done to it.
///
/// Pixels are looked at only where the request makes somebody look at them anyway, or asks for a placeholder.
///
/// # Errors
/// When those pixels cannot be decoded, or the work is cancelled.
pub(super) fn describe(
    job: &Job<'_>,
    plan: &Plan,
    findings: &Findings,
    cancel: &CancelToken,
) -> Result<Vec<u8>, JobError> {
    let geometry = &job.recipe.geometry;
    let looks = job.seen.is_some() || geometry.trim.is_some() || job.recipe.output.placeholder.is_some();
    let look = if looks { Some(seen(job, cancel)?) } else { None };
    let canvas = plan.canvas;
    Ok(python::json(&View {
        thumbor: Thumbor {
            source: Shown {
                url: &job.recipe.source,
                width: canvas.width,
                height: canvas.height,
                frame_count: job.inputs.source.info.frames,
            },
            geometry: Geometry::of(plan),
        },
        tintype: Facts::of(job, plan, findings, look),
    }))
}

/// What the source looks like.
fn seen(job: &Job<'_>, cancel: &CancelToken) -> Result<Look, JobError> {
    let source = &job.inputs.source;
    let plan = CopyPlan::of(&source.info, job.policy, None, Placeholder::ThumbHash.side_px());
    Ok(Look::of(&look::copy(source, &plan, job.policy.resample, cancel)?))
}

#[derive(Serialize)]
struct View<'a> {
    thumbor: Thumbor<'a>,
    tintype: Facts,
}

#[derive(Serialize)]
struct Thumbor<'a> {
    source: Shown<'a>,
    #[serde(flatten)]
    geometry: Geometry,
}

/// The steps from the source to the picture as Thumbor tells them, before filters.
#[derive(Debug, Serialize)]
pub(super) struct Geometry {
    operations: Vec<Step>,
    target: Sides,
    focal_points: Vec<FocalPoint>,
}

impl Geometry {
    pub(super) fn of(plan: &Plan) -> Self {
        let last = plan.layout.operations.iter().rev().find_map(|operation| match operation {
            Operation::Crop(rect) => Some(Sides::whole(rect.size())),
            Operation::Resize(size, follows) => Some(Sides::resized(*size, *follows)),
            Operation::FlipX | Operation::FlipY => None,
        });
        Self {
            operations: plan.layout.operations.iter().copied().map(Step::from).collect(),
            target: last.unwrap_or(Sides::whole(plan.layout.view.size)),
            focal_points: plan.layout.focal.iter().copied().map(FocalPoint::from).collect(),
        }
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    url: &'a str,
    width: u32,
    height: u32,
    #[serde(rename = "frameCount")]
    frame_count: u32,
}

/// Thumbor writes numbers that it has calculated with a decimal point.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Number {
    Whole(u64),
    Decimal(f64),
}

impl Number {
    /// A number that Thumbor has calculated.
    #[expect(clippy::cast_precision_loss, reason = "areas of pictures are far below what is exact")]
    fn decimal(number: u64) -> Self {
        Self::Decimal(number as f64)
    }
}

#[derive(Clone, Copy, Debug, Serialize)]
struct Sides {
    width: Number,
    height: Number,
}

impl Sides {
    fn whole(size: Size<Canvas>) -> Self {
        Self { width: Number::Whole(size.width.into()), height: Number::Whole(size.height.into()) }
    }

    /// What follows from the other side has been rounded to a whole number.
    fn resized(size: Size<Canvas>, follows: Follows) -> Self {
        let number =
            |side: u32, rounded| if rounded { Number::Whole(side.into()) } else { Number::Decimal(side.into()) };
        Self {
            width: number(size.width, follows == Follows::Width),
            height: number(size.height, follows == Follows::Height),
        }
    }
}

#[derive(Debug, Serialize)]
struct FocalPoint {
    x: u32,
    y: u32,
    z: Number,
    height: u32,
    width: u32,
    origin: &'static str,
}

impl From<Focal> for FocalPoint {
    fn from(Focal { x, y, width, height, weight, origin }: Focal) -> Self {
        let z = if origin == Origin::Explicit { Number::Whole(weight) } else { Number::decimal(weight) };
        Self { x, y, z, height, width, origin: origin.name() }
    }
}

#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Step {
    Crop { left: u32, top: u32, right: u32, bottom: u32 },
    Resize(Sides),
    FlipHorizontally,
    FlipVertically,
}

impl From<Operation> for Step {
    fn from(operation: Operation) -> Self {
        match operation {
            Operation::Crop(Rect { left, top, right, bottom, .. }) => Self::Crop { left, top, right, bottom },
            Operation::Resize(size, follows) => Self::Resize(Sides::resized(size, follows)),
            Operation::FlipX => Self::FlipHorizontally,
            Operation::FlipY => Self::FlipVertically,
        }
    }
}
