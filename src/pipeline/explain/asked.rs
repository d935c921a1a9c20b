//! The request as it was read.

use super::Area;
use crate::geometry::{Dimension, FitIn, HAlign, VAlign};
use crate::request::{Access, Corner, ImageRequest, Trim};
use serde::Serialize;

/// What was written.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the grammar")]
pub(super) struct Asked {
    access: &'static str,
    debug: bool,
    meta: bool,
    trim: Option<Border>,
    crop: Option<Area>,
    fit: Option<String>,
    width: Side,
    height: Side,
    mirror_x: bool,
    mirror_y: bool,
    keep_x: &'static str,
    keep_y: &'static str,
    smart: bool,
    filters: Vec<Call>,
    image: String,
}

#[derive(Debug, Serialize)]
struct Border {
    corner: &'static str,
    tolerance: u32,
}

/// Pixels, `"orig"`, or nothing.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Side {
    Px(u32),
    Word(&'static str),
    Auto(()),
}

#[derive(Debug, Serialize)]
struct Call {
    name: String,
    arguments: String,
}

impl Asked {
    pub(super) fn of(request: &ImageRequest) -> Self {
        Self {
            access: match request.access {
                Access::Unsafe => "unsafe",
                Access::Signed(_) => "signed",
                Access::Vouched => "by rule",
            },
            debug: request.debug,
            meta: request.meta,
            trim: request.trim.map(Border::of),
            crop: request.crop.map(Area::of),
            fit: request.fit.map(fit),
            width: Side::of(request.size.width),
            height: Side::of(request.size.height),
            mirror_x: request.flip_x,
            mirror_y: request.flip_y,
            keep_x: match request.align.horizontal {
                HAlign::Left => "left",
                HAlign::Center => "center",
                HAlign::Right => "right",
            },
            keep_y: match request.align.vertical {
                VAlign::Top => "top",
                VAlign::Middle => "middle",
                VAlign::Bottom => "bottom",
            },
            smart: request.smart,
            filters: request
                .filters
                .iter()
                .map(|call| Call { name: call.name.clone(), arguments: call.args.clone() })
                .collect(),
            image: request.image.decoded().into_owned(),
        }
    }
}

impl Border {
    fn of(trim: Trim) -> Self {
        let corner = match trim.corner {
            Corner::TopLeft => "top-left",
            Corner::BottomRight => "bottom-right",
        };
        Self { corner, tolerance: trim.tolerance }
    }
}

impl Side {
    fn of(side: Dimension) -> Self {
        match side {
            Dimension::Px(px) => Self::Px(px),
            Dimension::Original => Self::Word("orig"),
            Dimension::Auto => Self::Auto(()),
        }
    }
}

fn fit(FitIn { adaptive, full }: FitIn) -> String {
    format!("{}{}fit-in", if adaptive { "adaptive-" } else { "" }, if full { "full-" } else { "" })
}
