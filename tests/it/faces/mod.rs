//! How many faces are found, and what is taken for one.
//!
//! `FACE_SCENES=folder cargo test --test it faces` leaves the scenes there, for `benches/compare/faces.py`.

mod scenes;

use self::scenes::{Mark, Scene};
use image::imageops::{self, FilterType};
use std::fmt::Write as _;
use tintype::cancel::CancelToken;
use tintype::detect;
use tintype::geometry::{Size, Window};
use tintype::raster::{PixelBuffer, PixelFormat};

/// Least part of marks and findings together that both cover.
const SAME: f32 = 0.35;
/// Least part of the faces that has to be found: what was measured.
const LEAST_RECALL: f32 = 0.95;

/// What the detector finds in a picture, in its pixels.
fn found(scene: &Scene) -> Vec<Mark> {
    let detector = detect::by_name("face").unwrap();
    let (width, height) = scene.picture.dimensions();
    let scale = (f64::from(detector.side_px()) / f64::from(width.max(height))).min(1.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size")]
    let side = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    let copy = imageops::resize(&scene.picture, side(width), side(height), FilterType::Triangle);
    let copy = PixelBuffer::from_vec(PixelFormat::Rgb, Size::new(copy.width(), copy.height()), copy.into_raw());
    let regions = detector.detect(&copy, &CancelToken::never()).unwrap();
    #[expect(clippy::cast_possible_truncation, reason = "places")]
    let mark = |area: Window| {
        let Window { left, top, width: w, height: h } = area.scaled(width.into(), height.into());
        [left, top, left + w, top + h].map(|edge| edge as f32)
    };
    regions.iter().map(|region| mark(region.area)).collect()
}

fn shared(a: &Mark, b: &Mark) -> f32 {
    let area = |[left, top, right, bottom]: &Mark| (right - left).max(0.0) * (bottom - top).max(0.0);
    let both = area(&[a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]);
    both / (area(a) + area(b) - both)
}

fn keep(scene: &Scene, number: usize) {
    let Some(folder) = std::env::var_os("FACE_SCENES").map(std::path::PathBuf::from) else { return };
    scene.picture.save(folder.join(format!("{number:02}.png"))).unwrap();
    std::fs::write(folder.join(format!("{number:02}.json")), format!("{:?}", scene.faces)).unwrap();
}

#[test]
#[expect(clippy::print_stdout, reason = "the table is what the test is for")]
fn nearly_all_faces_are_found_and_nothing_else() {
    let mut table = String::from("scene                        faces  found  false\n");
    let (mut faces, mut hits, mut wrong) = (0, 0, 0);
    for (number, scene) in scenes::all().iter().enumerate() {
        keep(scene, number);
        let found = found(scene);
        let hit = scene.faces.iter().filter(|face| found.iter().any(|mark| shared(face, mark) >= SAME)).count();
        let no_face = found.iter().filter(|mark| scene.faces.iter().all(|face| shared(face, mark) < SAME)).count();
        writeln!(table, "{:28} {:5} {:6} {:6}", scene.name, scene.faces.len(), hit, no_face).unwrap();
        (faces, hits, wrong) = (faces + scene.faces.len(), hits + hit, wrong + no_face);
    }
    #[expect(clippy::cast_precision_loss, reason = "a few faces")]
    let recall = hits as f32 / faces as f32;
    writeln!(table, "{:28} {faces:5} {hits:6} {wrong:6}", "all").unwrap();
    println!("{table}");
    assert!(recall >= LEAST_RECALL && wrong == 0, "recall {recall:.2}, {wrong} false\n{table}");
}
