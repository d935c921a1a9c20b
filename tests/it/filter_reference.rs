//! `docs/filters.md` and its pictures are what the program says and does.
//!
//! `UPDATE_DOCS=1 cargo test --test it filter_reference` writes them.

use crate::support::docs::{assert_pictured, tree, updates};
use crate::support::fixtures::{file, red_eyed_portrait, sample};
use crate::support::{Server, settings};
use image::imageops::overlay;
use image::{ImageFormat, Rgba, RgbaImage};
use std::collections::BTreeSet;
use std::fs;
use tintype::filter::{self, FILTERS, FilterDef};

/// Pages should load at once.
const MAX_BYTES: usize = 8 * 1024;
/// Between the two halves of a picture.
const GAP: u32 = 8;

/// Options of a URL under which a filter shows, and the sample for it.
fn scene(filter: &str) -> (&'static str, &'static str) {
    match filter {
        "background_color" => ("120x80", "transparent.png"),
        "fill" => ("fit-in/120x100", "photo.jpg"),
        "focal" | "stretch" => ("80x80", "photo.jpg"),
        "red_eye" => ("157x57:297x197/120x120", "red-eyes.png"),
        "quality" => ("120x80/filters:format(jpeg)", "photo.jpg"),
        "upscale" => ("0x0:60x40/fit-in/120x80", "photo.jpg"),
        _ => ("120x80", "photo.jpg"),
    }
}

/// The sample without a filter and with it, side by side on a light checkerboard, which shows through what is
/// transparent.
async fn before_and_after(server: &Server, def: &FilterDef) -> RgbaImage {
    let (options, sample) = scene(def.name);
    let (options, first) = options.split_once("/filters:").unwrap_or((options, "format(png)"));
    let before = server.get(&format!("/unsafe/{options}/filters:{first}/{sample}")).await.picture();
    let call = percent_encoding::utf8_percent_encode(def.example, percent_encoding::NON_ALPHANUMERIC);
    let after = server.get(&format!("/unsafe/{options}/filters:{call}:{first}/{sample}")).await.picture();
    let (width, height) = (before.width() + GAP + after.width(), before.height().max(after.height()));
    let mut picture = RgbaImage::from_fn(width, height, |x, y| {
        let halves = x < before.width() || x >= before.width() + GAP;
        let dark = halves && (x / 8 + y / 8) % 2 == 1;
        Rgba(if dark { [225, 225, 225, 255] } else { [255; 4] })
    });
    overlay(&mut picture, &before, 0, 0);
    overlay(&mut picture, &after, (before.width() + GAP).into(), 0);
    picture
}

#[test]
fn the_page_is_what_the_program_prints() {
    let (path, page) = (tree("docs/filters.md"), filter::reference());
    if updates() {
        fs::write(&path, &page).unwrap();
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert!(found == page, "run UPDATE_DOCS=1 cargo test --test it filter_reference");
}

#[tokio::test]
async fn the_pictures_are_what_the_filters_do() {
    let samples = ["photo.jpg", "transparent.png", "logo.png", "frame.9.png"];
    let mut files = samples.map(|name| (name, sample(name))).to_vec();
    files.push(("red-eyes.png", file(&red_eyed_portrait().into(), ImageFormat::Png)));
    let mut config = settings();
    config.policy.misread_frames = false;
    config.policy.filters.push("red_eye".to_owned());
    let server = Server::of(config, files).await;
    let mut expected = BTreeSet::new();
    for def in FILTERS.iter().filter(|def| filter::shows(def)) {
        let picture = before_and_after(&server, def).await;
        let path = tree("docs/filters").join(def.name).with_extension("jpg");
        assert_pictured(&path, &picture, MAX_BYTES);
        expected.insert(path);
    }
    let found: BTreeSet<_> = fs::read_dir(tree("docs/filters")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(found, expected, "each picture belongs to a filter that shows");
}
