//! Geometry: from what a URL asks for and the size of the picture to one window, one size and the steps between.
//!
//! The order is Thumbor's: reduce to the limits, trim, manual crop, target size, fit or crop, resize, flip.

use crate::geometry::{
    Canvas, Focal, Origin, Rect, Request, Size, Upright, View, auto_crop, focal_center, keeping_whole, normalize,
    zoomed,
};
use crate::recipe::{Asset, FaceCrop, GeometrySpec, Policy, SmartCrop};

/// What looking at the pixels has found, before anything is decided.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// What is left inside borders of one color, in upright pixels of the source.
    pub trim: Option<Rect<Upright>>,
    /// What detectors have found, in upright pixels of the source.
    pub focal: Vec<Focal>,
    /// The recipe's further pictures, each at its own size.
    pub assets: Vec<Asset>,
}

/// A step of geometry, as the metadata view tells it; coordinates are those of the picture at that moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operation {
    /// A part is kept.
    Crop(Rect<Canvas>),
    /// The size changes.
    Resize(Size<Canvas>, Follows),
    /// Left and right are swapped.
    FlipX,
    /// Top and bottom are swapped.
    FlipY,
}

/// Which side of a size follows from the other one, so that it had to be rounded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Follows {
    /// Neither.
    Neither,
    /// The width.
    Width,
    /// The height.
    Height,
}

/// Geometry with all numbers final.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Which part of the upright source becomes which size, before flips.
    pub view: View,
    /// The box asked for, as padding and enlarging filters see it; 0 for a side that was not given.
    pub frame: (u32, u32),
    /// The steps taken.
    pub operations: Vec<Operation>,
    /// The points that a crop was to keep: at least the alignment's.
    pub focal: Vec<Focal>,
}

/// Lays a picture of `source` pixels out.
pub fn layout(spec: &GeometrySpec, policy: &Policy, source: Size<Upright>, findings: &Findings) -> Layout {
    let mut work = Work { view: View::whole(source), operations: Vec::new() };
    let mut crop = spec.crop;
    if let Some(size) = normalize(work.view.size, policy.max_width, policy.max_height) {
        crop = crop.map(|crop| scaled(crop, source, size));
        work.view = work.view.resize(size);
    }
    let mut found: Vec<Focal> = findings.focal.iter().map(|point| point.scaled(source, work.view.size)).collect();
    let request = requested(spec, policy, work.view.size);
    if let Some(trim) = findings.trim {
        let trimmed = scaled(trim, source, work.view.size);
        if let Some(inside) = trimmed.clamped(work.view.size) {
            work.crop(inside);
            crop = crop.map(|c| moved(c, inside));
            found = seen_from(inside, &found);
        }
    }
    let mut focal = [spec.focal.as_slice(), &found].concat();
    if let Some(crop) = crop.and_then(|crop| crop.clamped(work.view.size)) {
        work.crop(crop);
        focal = seen_from(crop, &focal);
    }
    if let Some(face) = spec.face_crop.and_then(|face| zoom(face, &focal, request, work.view.size)) {
        work.crop(face);
        focal = seen_from(face, &focal);
    }
    let center = focal_center(&focal, spec.align, work.view.size);
    if focal.is_empty() {
        focal.push(Focal::point(center.0, center.1, Origin::Alignment));
    }
    let mut frame = request.px(work.view.size);
    if spec.debug {
        return Layout { view: work.view, frame, operations: work.operations, focal };
    }
    if let Some(fit_in) = spec.fit_in {
        let fitted = fit_in.fit(request, work.view.size);
        frame = fitted.frame;
        if let Some(size) = fitted.size {
            work.resize(size, if fitted.by_width { Follows::Height } else { Follows::Width });
        }
    } else {
        let target = request.target(work.view.size);
        let crop = if spec.stretch { None } else { auto_crop(work.view.size, target, center) };
        if let Some(crop) = crop {
            let keeps = policy.smart_crop == SmartCrop::Keep;
            work.crop(if keeps { keeping_whole(crop, &focal, work.view.size) } else { crop });
        }
        work.resize(target, Follows::Neither);
    }
    work.flip(spec);
    Layout { view: work.view, frame, operations: work.operations, focal }
}

/// The points that lie in a crop, as they lie there.
fn seen_from(crop: Rect<Canvas>, points: &[Focal]) -> Vec<Focal> {
    points.iter().filter_map(|point| point.within(crop)).collect()
}

/// The part of the picture that shows the face asked for; `None` if there is no such face.
fn zoom(spec: FaceCrop, points: &[Focal], request: Request, size: Size<Canvas>) -> Option<Rect<Canvas>> {
    let mut faces: Vec<&Focal> = points.iter().filter(|point| point.origin.is_face()).collect();
    faces.sort_by_key(|face| std::cmp::Reverse(face.weight));
    let (padding, room) = spec.padding;
    let padded = |area: Rect<Canvas>| {
        let (left, top) = (area.left.saturating_sub(room), area.top.saturating_sub(room));
        Rect::new(left, top, area.right.saturating_add(room), area.bottom.saturating_add(room))
    };
    let areas = faces.into_iter().filter_map(|face| padded(face.area()).clamped(size));
    let area = match spec.index {
        0 => areas.reduce(|a, b| {
            Rect::new(a.left.min(b.left), a.top.min(b.top), a.right.max(b.right), a.bottom.max(b.bottom))
        }),
        index => areas.into_iter().nth(index - 1),
    };
    Some(zoomed(area?, padding, request.px(size), size))
}

/// The size asked for, held to the server's limits and, with `no_upscale()`, to the picture.
fn requested(spec: &GeometrySpec, policy: &Policy, current: Size<Canvas>) -> Request {
    let held = if spec.no_upscale { (current.width, current.height) } else { (0, 0) };
    Request {
        width: spec.request.width.at_most(policy.max_width).at_most(held.0),
        height: spec.request.height.at_most(policy.max_height).at_most(held.1),
    }
}

/// A rectangle of a picture of `from` pixels on the same picture at the size `to`, rounded down.
fn scaled<S, T>(rect: Rect<S>, from: Size<T>, to: Size<Canvas>) -> Rect<Canvas> {
    let side = |at: u32, from: u32, to: u32| {
        let scaled = u64::from(at) * u64::from(to) / u64::from(from);
        u32::try_from(scaled).unwrap_or(u32::MAX)
    };
    Rect::new(
        side(rect.left, from.width, to.width),
        side(rect.top, from.height, to.height),
        side(rect.right, from.width, to.width),
        side(rect.bottom, from.height, to.height),
    )
}

/// A manual crop seen from inside the trimmed picture.
fn moved(crop: Rect<Canvas>, trimmed: Rect<Canvas>) -> Rect<Canvas> {
    Rect::new(
        crop.left.saturating_sub(trimmed.left),
        crop.top.saturating_sub(trimmed.top),
        crop.right.saturating_sub(trimmed.left),
        crop.bottom.saturating_sub(trimmed.top),
    )
}

/// The view so far and how it came to be.
struct Work {
    view: View,
    operations: Vec<Operation>,
}

impl Work {
    /// Keeps `rect`; nothing to do if that is all.
    fn crop(&mut self, rect: Rect<Canvas>) {
        if rect.size() != self.view.size {
            self.view = self.view.crop(rect);
            self.operations.push(Operation::Crop(rect));
        }
    }

    fn resize(&mut self, size: Size<Canvas>, follows: Follows) {
        if size != self.view.size {
            self.view = self.view.resize(size);
            self.operations.push(Operation::Resize(size, follows));
        }
    }

    fn flip(&mut self, spec: &GeometrySpec) {
        self.operations.extend(spec.flip_x.then_some(Operation::FlipX));
        self.operations.extend(spec.flip_y.then_some(Operation::FlipY));
    }
}

#[cfg(test)]
mod tests;
