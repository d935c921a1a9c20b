//! The pictures of `docs/smart-crop.md` are what the program makes.
//!
//! `UPDATE_DOCS=1 cargo test --test it smart_reference` writes them.

use crate::support::docs::{assert_pictured, tree};
use crate::support::fixtures::sample;
use crate::support::{Server, settings};
use image::imageops::{FilterType, overlay, resize};
use image::{Rgba, RgbaImage};
use std::collections::BTreeSet;
use std::fs;
use tintype::config::DetectorName;

/// Pages should load at once.
const MAX_BYTES: usize = 24 * 1024;
/// Between the two halves of a picture.
const GAP: u32 = 8;

/// Name, detector, and the two URLs that are shown side by side.
const PICTURES: &[(&str, DetectorName, &str, &str)] = &[
    ("face", DetectorName::Face, "300x110/portrait.jpg", "300x110/smart/portrait.jpg"),
    ("feature", DetectorName::Feature, "120x180/wide.jpg", "120x180/smart/wide.jpg"),
    ("attention", DetectorName::Attention, "120x180/wide.jpg", "120x180/smart/wide.jpg"),
    ("face_crop", DetectorName::Face, "160x160/portrait.jpg", "160x160/filters:face_crop(1,0.4)/portrait.jpg"),
    ("debug", DetectorName::Face, "portrait.jpg", "debug/smart/portrait.jpg"),
];

fn side_by_side(before: &RgbaImage, after: &RgbaImage) -> RgbaImage {
    let (width, height) = (before.width() + GAP + after.width(), before.height().max(after.height()));
    let mut picture = RgbaImage::from_pixel(width, height, Rgba([255; 4]));
    overlay(&mut picture, before, 0, 0);
    overlay(&mut picture, after, (before.width() + GAP).into(), 0);
    picture
}

/// Whole pictures are shown smaller.
fn small(picture: RgbaImage) -> RgbaImage {
    if picture.width() <= 300 { picture } else { resize(&picture, 180, 180, FilterType::Triangle) }
}

#[tokio::test]
async fn the_pictures_are_what_the_program_makes() {
    let page = fs::read_to_string(tree("docs/smart-crop.md")).unwrap();
    let mut expected = BTreeSet::new();
    for (name, detector, before, after) in PICTURES {
        let mut config = settings();
        config.detection.detectors = vec![*detector];
        let originals = ["portrait.jpg", "wide.jpg"].map(|name| (name, sample(name)));
        let server = Server::of(config, originals).await;
        let get = async |path: &str| small(server.get(&format!("/unsafe/{path}")).await.picture());
        let picture = side_by_side(&get(before).await, &get(after).await);
        let path = tree("docs/smart-crop").join(name).with_extension("jpg");
        assert_pictured(&path, &picture, MAX_BYTES);
        assert!(page.contains(&format!("(smart-crop/{name}.jpg)")) && page.contains(after), "{name} is on the page");
        expected.insert(path);
    }
    let found: BTreeSet<_> =
        fs::read_dir(tree("docs/smart-crop")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(found, expected);
}
