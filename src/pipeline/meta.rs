//! The metadata view: what would be done to a picture, told from the plan that would do it.

use crate::codec::SourceInfo;
use crate::geometry::Canvas;
use crate::geometry::Rect;
use crate::plan::{Operation, Plan};
use crate::recipe::Recipe;
use serde::Serialize;

/// Thumbor's JSON for `/meta/`; its `source` size is, as there, the one after geometry.
pub(super) fn describe(recipe: &Recipe, info: &SourceInfo, plan: &Plan) -> String {
    let size = plan.layout.view.size;
    let operations = plan.layout.operations.iter().copied().map(Step::from).collect();
    let focal_points = plan.layout.focal.iter().map(|focal| FocalPoint {
        x: focal.x,
        y: focal.y,
        z: focal.weight,
        width: 1,
        height: 1,
        origin: if recipe.geometry.focal.is_empty() { "alignment" } else { "Explicit" },
    });
    let view = View {
        thumbor: Thumbor {
            source: Source { url: &recipe.source, width: size.width, height: size.height, frame_count: info.frames },
            operations,
            target: Target { width: size.width, height: size.height },
            focal_points: focal_points.collect(),
        },
    };
    serde_json::to_string(&view).expect("plain values always serialize")
}

#[derive(Serialize)]
struct View<'a> {
    thumbor: Thumbor<'a>,
}

#[derive(Serialize)]
struct Thumbor<'a> {
    source: Source<'a>,
    operations: Vec<Step>,
    target: Target,
    focal_points: Vec<FocalPoint>,
}

#[derive(Serialize)]
struct Source<'a> {
    url: &'a str,
    width: u32,
    height: u32,
    #[serde(rename = "frameCount")]
    frame_count: u32,
}

#[derive(Serialize)]
struct Target {
    width: u32,
    height: u32,
}

#[derive(Serialize)]
struct FocalPoint {
    x: u32,
    y: u32,
    z: u64,
    height: u32,
    width: u32,
    origin: &'static str,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Step {
    Crop { left: u32, top: u32, right: u32, bottom: u32 },
    Resize { width: u32, height: u32 },
    FlipHorizontally,
    FlipVertically,
}

impl From<Operation> for Step {
    fn from(operation: Operation) -> Self {
        match operation {
            Operation::Crop(rect) => Self::from(rect),
            Operation::Resize(size) => Self::Resize { width: size.width, height: size.height },
            Operation::FlipX => Self::FlipHorizontally,
            Operation::FlipY => Self::FlipVertically,
        }
    }
}

impl From<Rect<Canvas>> for Step {
    fn from(rect: Rect<Canvas>) -> Self {
        Self::Crop { left: rect.left, top: rect.top, right: rect.right, bottom: rect.bottom }
    }
}
