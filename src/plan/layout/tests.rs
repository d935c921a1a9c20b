//! Geometry against worked examples.

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
        Operation::Resize(size, _) => format!("resize {size}"),
        Operation::FlipX => "flip x".into(),
        Operation::FlipY => "flip y".into(),
    });
    words.collect::<Vec<_>>().join("; ")
}

#[test]
fn golden_geometry() {
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

/// The crops of a 1000x300 source with these faces, as `left-right` of the last one.
fn crops(options: &str, smart_crop: SmartCrop, found: Vec<Focal>) -> Vec<String> {
    let policy = Policy { smart_crop, ..Policy::default() };
    let request = parse(&format!("/unsafe/{options}/i.jpg")).unwrap();
    let recipe = filter::compile(&request, Accept::default(), &policy).unwrap();
    let findings = Findings { focal: found, ..Findings::default() };
    let laid = layout(&recipe.geometry, &policy, Size::new(1000, 300), &findings);
    let crop = |operation: &Operation| match operation {
        Operation::Crop(rect) => Some(format!("{rect:?}")),
        _ => None,
    };
    laid.operations.iter().filter_map(crop).collect()
}

fn face(left: u32, top: u32, right: u32, bottom: u32) -> Focal {
    Focal::of_rect(left, top, right, bottom, Origin::Face).unwrap()
}

#[test]
fn what_detectors_found_counts_like_what_the_url_says() {
    let faces = || vec![face(100, 100, 200, 200), face(700, 100, 900, 200)];
    let check =
        |options, expected: &[&str]| assert_eq!(crops(options, SmartCrop::Mean, faces()), expected, "{options}");
    check("300x300/smart", &["433,0-733,300"]); // (150 * 1 + 800 * 2) / 3 = 583
    check("300x300/smart/filters:focal(0x0:200x200)", &["157,0-457,300"]); // (583 * 3 + 100 * 4) / 7 = 307
    check("500x0:1000x300/100x100/smart", &["500,0-1000,300", "150,0-450,300"]); // the first is outside
    check("300x0:600x300/100x50/right/smart", &["300,0-600,300", "0,75-300,225"]); // both are: the alignment's
    check("300x300/left/top/smart", &["433,0-733,300"]); // no alignment where there are points
}

#[test]
fn findings_follow_limits_and_trimming() {
    let policy = Policy { max_width: 500, ..Policy::default() };
    let spec = GeometrySpec { request: parse("/unsafe/100x100/i").unwrap().size, ..GeometrySpec::default() };
    let found = vec![face(600, 100, 700, 200)];
    let findings = Findings { trim: Some(Rect::new(100, 0, 900, 300)), focal: found, ..Findings::default() };
    let laid = layout(&spec, &policy, Size::new(1000, 300), &findings);
    let crops = [Operation::Crop(Rect::new(50, 0, 450, 150)), Operation::Crop(Rect::new(200, 0, 350, 150))];
    assert_eq!(laid.operations[..2], crops);
    assert_eq!(laid.focal, [face(250, 50, 300, 100)]);
}

#[test]
fn a_crop_may_keep_the_largest_face_whole() {
    let faces = || vec![face(100, 100, 200, 200), face(700, 100, 900, 200)];
    assert_eq!(crops("300x300/smart", SmartCrop::Mean, faces()), ["433,0-733,300"]); // cuts it
    assert_eq!(crops("300x300/smart", SmartCrop::Keep, faces()), ["600,0-900,300"]);
    assert_eq!(crops("850x300/smart", SmartCrop::Keep, faces()), ["100,0-950,300"]); // room for both
}

#[test]
fn a_face_is_shown_large() {
    let faces = || vec![face(100, 100, 200, 200), face(700, 100, 900, 200)];
    let check = |call: &str, expected: &[&str]| {
        let options = format!("100x100/filters:face_crop({call})");
        assert_eq!(crops(&options, SmartCrop::Mean, faces()), expected, "{call}");
    };
    check("1,0", &["700,50-900,250"]);
    check("2,0", &["100,100-200,200"]);
    check("2,0.5", &["50,50-250,250"]);
    check("0,0", &["100,0-900,300", "333,0-633,300"]);
    check("3,0", &["433,0-733,300"]); // no such face: like smart
}
