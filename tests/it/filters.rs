//! All filters on all kinds of pictures, and what is said of those that do not work.

use crate::support::client::Answer;
use crate::support::fixtures::{animation, cmyk_jpeg, file, sample};
use crate::support::{Server, assert_pixel, settings};
use image::codecs::gif::GifDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder as _, DynamicImage, ImageBuffer, ImageFormat, Luma, LumaA, Rgb, Rgba};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::io::Cursor;
use tintype::config::Config;
use tintype::filter::FILTERS;

/// Filters whose very purpose leaves no pixel transparent.
const OPAQUE: &[&str] = &["background_color", "frame"];
/// Filters whose very purpose leaves one frame.
const STILL: &[&str] = &["cover"];

/// A picture and what a filter has to leave of it.
struct Original {
    name: &'static str,
    file: Vec<u8>,
    alpha: bool,
    frames: usize,
}

/// Settings under which every filter exists.
fn all_filters() -> Config {
    let mut config = settings();
    config.policy.filters.extend(FILTERS.iter().map(|def| def.name.to_owned()));
    config
}

fn color(x: u32, y: u32) -> [u8; 3] {
    [byte(x * 9), byte(y * 12), byte(255 - x * 5)]
}

/// Opaque on the left, transparent on the right.
fn alpha(x: u32) -> u8 {
    if x < 12 { 255 } else { byte((24 - x) * 10) }
}

fn byte(number: u32) -> u8 {
    u8::try_from(number).unwrap()
}

fn palette_png() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 24, 16);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette((0..24).flat_map(|x| color(x, 5)).collect::<Vec<_>>());
    encoder.set_trns((0..24).map(alpha).collect::<Vec<_>>());
    let pixels = (0..24).collect::<Vec<u8>>().repeat(16);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    file
}

async fn originals() -> Vec<Original> {
    let rgb = |w, h| DynamicImage::from(ImageBuffer::from_fn(w, h, |x, y| Rgb(color(x, y))));
    let rgba = DynamicImage::from(ImageBuffer::from_fn(24, 16, |x, y| {
        let [r, g, b] = color(x, y);
        Rgba([r, g, b, alpha(x)])
    }));
    let gray = DynamicImage::from(ImageBuffer::from_fn(24, 16, |x, y| Luma([byte(x * 5 + y * 7)])));
    let gray_alpha = DynamicImage::from(ImageBuffer::from_fn(24, 16, |x, y| LumaA([byte(x * 5 + y * 7), alpha(x)])));
    let deep = DynamicImage::from(ImageBuffer::from_fn(24, 16, |x, y| Rgb(color(x, y).map(|c| u16::from(c) * 257))));
    let gif = animation(&[[200, 0, 0], [0, 180, 0], [0, 0, 220]], 20);
    let server = Server::of(settings(), [("a.gif", gif.clone())]).await;
    let webp = server.get("/unsafe/filters:format(webp)/a.gif").await.body;
    let still = |name, file, alpha| Original { name, file, alpha, frames: 1 };
    vec![
        still("color.jpg", file(&rgb(24, 16), ImageFormat::Jpeg), false),
        still("gray.jpg", file(&gray, ImageFormat::Jpeg), false),
        still("cmyk.jpg", cmyk_jpeg(), false),
        still("alpha.png", file(&rgba, ImageFormat::Png), true),
        still("palette.png", palette_png(), true),
        still("gray.png", file(&gray, ImageFormat::Png), false),
        still("gray_alpha.png", file(&gray_alpha, ImageFormat::Png), true),
        still("deep.png", file(&deep, ImageFormat::Png), false),
        still("alpha.webp", file(&rgba, ImageFormat::WebP), true),
        still("dot.png", file(&rgb(1, 1), ImageFormat::Png), false),
        still("column.png", file(&rgb(1, 17), ImageFormat::Png), false),
        still("row.jpg", file(&rgb(23, 1), ImageFormat::Jpeg), false),
        Original { name: "moving.gif", file: gif, alpha: false, frames: 3 },
        Original { name: "moving.webp", file: webp, alpha: false, frames: 3 },
    ]
}

/// How long each frame is shown, in milliseconds.
fn delays(answer: &Answer) -> Vec<u32> {
    let frames = match answer.header("content-type") {
        Some("image/gif") => GifDecoder::new(Cursor::new(&answer.body)).unwrap().into_frames().collect_frames(),
        Some("image/webp") => WebPDecoder::new(Cursor::new(&answer.body)).unwrap().into_frames().collect_frames(),
        other => panic!("no animation: {other:?}"),
    };
    let delay = |frame: &image::Frame| frame.delay().numer_denom_ms().0 / frame.delay().numer_denom_ms().1;
    frames.unwrap().iter().map(delay).collect()
}

/// What stands for something else in a URL, the parentheses of a call excepted.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'(').remove(b')');

/// A call as it may stand in a URL, whatever its arguments hold.
fn escaped(call: &str) -> String {
    utf8_percent_encode(call, RESERVED).to_string()
}

#[tokio::test]
async fn every_filter_works_on_every_kind_of_picture() {
    let originals = originals().await;
    let mut files: Vec<_> = originals.iter().map(|original| (original.name, original.file.clone())).collect();
    files.extend(["logo.png", "frame.9.png"].map(|name| (name, sample(name)))); // what the examples draw with
    let server = Server::of(all_filters(), files).await;
    for def in FILTERS {
        for Original { name, alpha, frames, .. } in &originals {
            let what = format!("{} on {name}", def.example);
            let answer = server.get(&format!("/unsafe/filters:{}/{name}", escaped(def.example))).await;
            assert_eq!(answer.status, 200, "{what}");
            assert_eq!(answer.header("tintype-ignored-filters"), None, "{what}");
            let mime = answer.header("content-type").unwrap().to_owned();
            if !mime.starts_with("image/") {
                continue;
            }
            if *alpha && mime != "image/jpeg" && !OPAQUE.contains(&def.name) {
                let clearest = answer.picture().pixels().map(|pixel| pixel.0[3]).min().unwrap();
                assert!(clearest < 128, "{what}: nothing is transparent any more");
            }
            if *frames > 1 && ["image/gif", "image/webp"].contains(&mime.as_str()) && !STILL.contains(&def.name) {
                assert_eq!(delays(&answer), [100, 200, 300], "{what}");
            }
        }
    }
}

#[tokio::test]
async fn the_fixture_of_four_inks_has_their_colors() {
    let server = Server::of(settings(), [("cmyk.jpg", cmyk_jpeg())]).await;
    let picture = server.get("/unsafe/filters:format(png)/cmyk.jpg").await.picture();
    for (at, color) in [((3, 3), [0, 255, 255]), ((12, 3), [255, 0, 255]), ((3, 12), [255, 255, 0]), ((12, 12), [0; 3])]
    {
        assert_pixel(&picture, at, color, 2, "ink");
    }
}

#[tokio::test]
async fn filters_of_tone_work_on_inks_and_in_any_number() {
    let server = Server::of(settings(), [("cmyk.jpg", cmyk_jpeg())]).await;
    let calls = "brightness(-20):rgb(10,0,0):saturation(0):grayscale():colorize(100,0,0,400000)";
    let picture = server.get(&format!("/unsafe/filters:{calls}:format(png)/cmyk.jpg")).await.picture();
    assert_eq!(picture.get_pixel(3, 3).0[0], 0x40);
    assert_eq!(picture.get_pixel(12, 12).0, [0x40, 13, 13, 255]); // black, with some red once
}

#[tokio::test]
async fn names_of_skipped_filters_come_with_kept_answers_too() {
    let server = Server::of(settings(), [("a.png", crate::support::fixtures::small_png())]).await;
    let target = "/unsafe/filters:nonsense(1):quality(x):red_eye():nonsense(2)/a.png";
    let (made, kept) = (server.get(target).await, server.get(target).await);
    let head = server.request("HEAD", target, "").await;
    for answer in [&made, &kept, &head] {
        assert_eq!(answer.header("tintype-ignored-filters"), Some("nonsense,quality,red_eye"));
        assert_eq!(answer.header("etag"), made.header("etag"));
    }
    let known = format!("If-None-Match: {}\r\n", made.header("etag").unwrap());
    assert_eq!(server.request("GET", target, &known).await.status, 304);
}

#[tokio::test]
async fn a_strict_server_refuses_what_others_skip() {
    let mut config = settings();
    config.policy.strict_filters = true;
    let server = Server::of(config, [("a.png", crate::support::fixtures::small_png())]).await;
    let check = async |call: &str, expected: &str| {
        let answer = server.get(&format!("/unsafe/filters:{call}/a.png")).await;
        assert_eq!((answer.status, answer.text()), (400, format!("{expected}\n").as_str()), "{call}");
    };
    check("blurr(2)", "`blurr` is not a filter of this server").await;
    check("bl%0Dur()", "`bl?ur` is not a filter of this server").await;
    check("brightness(a)", "brightness: amount `a` is not a whole number").await;
    check("rgb(1,2)", "rgb: blue is missing, a whole number").await;
    assert_eq!(server.get("/unsafe/filters:brightness(3)/a.png").await.status, 200);
}

#[tokio::test]
async fn arguments_that_make_no_sense_are_refused_everywhere() {
    let server = Server::of(settings(), [("a.png", crate::support::fixtures::small_png())]).await;
    let check = async |call: &str, expected: &str| {
        let answer = server.get(&format!("/unsafe/filters:{}/a.png", escaped(call))).await;
        assert_eq!((answer.status, answer.text()), (400, format!("{expected}\n").as_str()), "{call}");
    };
    check("colorize(1,2,3,fff)", "colorize: color `fff` is not a color of six hex digits").await;
    let points = "points with growing x, all numbers up to 255";
    check("curve([(0,0)],[],[(0,0)],[(0,0)])", &format!("curve: red `[]` is not {points}")).await;
    check("round_corner(9,0,300,300)", "round_corner: green `300` is not a number up to 255").await;
}

#[tokio::test]
async fn the_list_of_filters_tells_what_this_server_does() {
    let mut config = settings();
    config.policy.filters = vec!["blur".into(), "brightness".into(), "redeye".into()];
    let server = Server::of(config, [("a.png", crate::support::fixtures::small_png())]).await;
    let answer = server.get("/-/filters").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    let list: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let entry = |name: &str| list["filters"].as_array().unwrap().iter().find(|entry| entry["name"] == name).unwrap();
    assert_eq!(entry("brightness")["enabled"], true);
    assert_eq!(entry("red_eye")["enabled"], true);
    assert_eq!(entry("quality")["enabled"], false);
    assert_eq!(entry("brightness")["parameters"][0]["range"], serde_json::json!({ "min": -100, "max": 100 }));
    let skipped = server.get("/unsafe/filters:brightness(1):quality(9)/a.png").await;
    assert_eq!(skipped.header("tintype-ignored-filters"), Some("quality"));
}

#[tokio::test]
async fn noise_without_a_seed_is_new_when_made_and_kept_as_it_is() {
    let mut config = settings();
    let noisy = "/unsafe/100x100/filters:noise(200)/a.png";
    let server = Server::of(config.clone(), [("a.png", crate::support::fixtures::small_png())]).await;
    let first = server.get(noisy).await;
    assert_eq!(server.get(noisy).await.body, first.body);
    config.cache.max_bytes = 0;
    let forgetful = Server::of(config, [("a.png", crate::support::fixtures::small_png())]).await;
    let tag = format!("If-None-Match: {}\r\n", forgetful.get(noisy).await.header("etag").unwrap());
    assert_eq!(forgetful.request("GET", noisy, &tag).await.status, 200);
}
