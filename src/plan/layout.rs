//! Geometry: from what a URL asks for and the size of the picture to one window, one size and the steps between.
//!
//! The order is Thumbor's: reduce to the limits, trim, manual crop, target size, fit or crop, resize, flip.

use crate::geometry::{Canvas, Focal, Rect, Request, Size, Upright, View, auto_crop, focal_center, normalize};
use crate::recipe::{Asset, GeometrySpec, Policy};

/// What looking at the pixels has found, before anything is decided.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// What is left inside borders of one color, in upright pixels of the source.
    pub trim: Option<Rect<Upright>>,
    /// The recipe's further pictures, each at its own size.
    pub assets: Vec<Asset>,
}

/// A step of geometry, as the metadata view tells it; coordinates are those of the picture at that moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operation {
    /// A part is kept.
    Crop(Rect<Canvas>),
    /// The size changes.
    Resize(Size<Canvas>),
    /// Left and right are swapped.
    FlipX,
    /// Top and bottom are swapped.
    FlipY,
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
    let request = requested(spec, policy, work.view.size);
    if let Some(found) = findings.trim {
        let trimmed = scaled(found, source, work.view.size);
        if let Some(inside) = trimmed.clamped(work.view.size) {
            work.crop(inside);
            crop = crop.map(|c| moved(c, inside));
        }
    }
    let mut focal = spec.focal.clone();
    if let Some(crop) = crop.and_then(|crop| crop.clamped(work.view.size)) {
        work.crop(crop);
        focal = focal.into_iter().filter_map(|point| point.within(crop)).collect();
    }
    let center = focal_center(&focal, spec.align, work.view.size);
    if focal.is_empty() {
        focal.push(Focal { x: center.0, y: center.1, weight: 1 });
    }
    let mut frame = request.px(work.view.size);
    if spec.debug {
        return Layout { view: work.view, frame, operations: work.operations, focal };
    }
    if let Some(fit_in) = spec.fit_in {
        let fitted = fit_in.fit(request, work.view.size);
        frame = fitted.frame;
        if let Some(size) = fitted.size {
            work.resize(size);
        }
    } else {
        let target = request.target(work.view.size);
        let crop = if spec.stretch { None } else { auto_crop(work.view.size, target, center) };
        if let Some(crop) = crop {
            work.crop(crop);
        }
        work.resize(target);
    }
    work.flip(spec);
    Layout { view: work.view, frame, operations: work.operations, focal }
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

    fn resize(&mut self, size: Size<Canvas>) {
        if size != self.view.size {
            self.view = self.view.resize(size);
            self.operations.push(Operation::Resize(size));
        }
    }

    fn flip(&mut self, spec: &GeometrySpec) {
        self.operations.extend(spec.flip_x.then_some(Operation::FlipX));
        self.operations.extend(spec.flip_y.then_some(Operation::FlipY));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter;
    use crate::request::{Accept, parse};

    /// `crop l,t-r,b; resize WxH` for a source and the options of a URL.
    fn operations((width, height): (u32, u32), options: &str) -> String {
        let policy = Policy::default();
        let request = parse(&format!("/unsafe/{options}/i.jpg")).unwrap();
        let recipe = filter::compile(&request, Accept::default(), &policy).unwrap();
        let laid = layout(&recipe.geometry, &policy, Size::new(width, height), &Findings::default());
        let words = laid.operations.iter().map(|operation| match operation {
            Operation::Crop(rect) => format!("crop {rect:?}"),
            Operation::Resize(size) => format!("resize {size}"),
            Operation::FlipX => "flip x".into(),
            Operation::FlipY => "flip y".into(),
        });
        words.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn operations_are_those_of_thumbor() {
        let check = |size, options, expected: &str| {
            assert_eq!(operations(size, options), expected, "{size:?} {options}");
        };
        let wide = (800, 600);
        check(wide, "300x200", "crop 0,34-800,567; resize 300x200");
        check(wide, "200x300", "crop 200,0-600,600; resize 200x300");
        check(wide, "133x77", "crop 0,68-800,531; resize 133x77");
        check(wide, "300x0", "resize 300x225");
        check(wide, "0x201", "resize 268x201");
        check(wide, "100x100/left/top", "crop 0,0-600,600; resize 100x100");
        check(wide, "100x100/right/bottom", "crop 200,0-800,600; resize 100x100");
        check(wide, "fit-in/300x200", "resize 267x200");
        check(wide, "full-fit-in/300x200", "resize 300x225");
        check(wide, "adaptive-fit-in/200x300", "resize 267x200");
        check(wide, "adaptive-full-fit-in/200x300", "resize 300x225");
        check(wide, "origx100", "crop 0,250-800,350");
        check(wide, "10x20:200x190/150x50", "crop 10,20-200,190; crop 0,54-190,117; resize 150x50");
        check(wide, "150x50/filters:focal(10x10:60x100)", "crop 0,0-800,267; resize 150x50");
        let tall = (600, 800);
        check(tall, "200x300", "crop 33,0-567,800; resize 200x300");
        check(tall, "133x77", "crop 0,226-600,573; resize 133x77");
        check(tall, "adaptive-fit-in/200x300", "resize 200x267");
        check(tall, "adaptive-full-fit-in/200x300", "resize 225x300");
        let long = (1000, 333);
        check(long, "200x300", "crop 389,0-611,333; resize 200x300");
        check(long, "133x77", "crop 212,0-788,333; resize 133x77");
        check(long, "150x50/filters:focal(10x10:60x100)", "resize 150x50");
        check(long, "full-fit-in/300x200", "resize 601x200");
        let odd = (301, 199);
        check(odd, "300x200", "crop 0,0-299,199; resize 300x200");
        check(odd, "133x77", "crop 0,12-301,186; resize 133x77");
        check(odd, "300x0", "resize 300x198");
        check(odd, "0x201", "resize 304x201");
        check(odd, "fit-in/300x200", "resize 300x198");
        check(odd, "full-fit-in/300x200", "resize 303x200");
        let thin = (37, 1001);
        check(thin, "300x200", "crop 0,488-37,513; resize 300x200");
        check(thin, "10x20:200x190/150x50", "crop 10,20-37,190; crop 0,80-27,89; resize 150x50");
        check(thin, "150x50/filters:focal(10x10:60x100)", "crop 0,49-37,61; resize 150x50");
        check(thin, "0x201", "crop 0,0-35,1001; resize 7x201");
    }

    #[test]
    fn worked_examples_of_a_300x400_source() {
        let check = |options, expected: &str| assert_eq!(operations((300, 400), options), expected, "{options}");
        check("200x300", "crop 16,0-283,400; resize 200x300");
        check("300x200", "crop 0,100-300,300");
        check("fit-in/500x500", "");
        check("-0x-0", "flip x; flip y");
        check("600x200/filters:stretch()", "resize 600x200");
        check("1000x100/filters:no_upscale()", "crop 0,150-300,250");
        check("600x400:900x900", ""); // outside: dropped
        check("200x200:100x100", ""); // inverted: dropped
        check("debug/10x10:60x60/20x20", "crop 10,10-60,60"); // debug stops after the manual crop
    }

    #[test]
    fn a_source_over_the_limits_is_reduced_first_and_the_manual_crop_with_it() {
        let policy = Policy { max_width: 1000, max_height: 1000, ..Policy::default() };
        let crop = Some(Rect::new(210, 310, 2000, 1500));
        let spec = GeometrySpec { crop, ..GeometrySpec::default() };
        let laid = layout(&spec, &policy, Size::new(4000, 3000), &Findings::default());
        assert_eq!(laid.operations, [Operation::Crop(Rect::new(52, 77, 500, 375))]);
        assert_eq!(laid.view.window.left.to_bits(), 208.0_f64.to_bits());
    }

    #[test]
    fn a_manual_crop_counts_from_the_untrimmed_corner() {
        let spec = GeometrySpec { crop: Some(Rect::new(70, 100, 170, 180)), ..GeometrySpec::default() };
        let findings = Findings { trim: Some(Rect::new(20, 30, 180, 190)), ..Findings::default() };
        let laid = layout(&spec, &Policy::default(), Size::new(200, 200), &findings);
        let crops = [Operation::Crop(Rect::new(20, 30, 180, 190)), Operation::Crop(Rect::new(50, 70, 150, 150))];
        assert_eq!(laid.operations, crops);
    }
}
