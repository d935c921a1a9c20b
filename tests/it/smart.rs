//! What `smart` keeps, and what is drawn to show it.

use crate::support::client::Answer;
use crate::support::fixtures::{file, sample};
use crate::support::{Server, assert_pixel, settings};
use image::imageops::{self, FilterType};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::Value;
use tintype::config::{Config, DetectorName};
use tintype::recipe::SmartCrop;

const SKY: [u8; 3] = [120, 160, 220];

fn portrait() -> RgbImage {
    image::load_from_memory(&sample("portrait.jpg")).unwrap().into_rgb8()
}

/// A wide picture of one color with a portrait at the right, whose face is around 950, 120.
fn face_at_the_right() -> RgbImage {
    let mut wide = RgbImage::from_pixel(1200, 512, Rgb(SKY));
    imageops::replace(&mut wide, &portrait(), 688, 0);
    wide
}

/// A picture of one color with a square of another near the left edge.
fn square_at_the_left() -> RgbImage {
    let inside = |x: u32, y: u32| (40..80).contains(&x) && (60..100).contains(&y);
    RgbImage::from_fn(600, 200, |x, y| Rgb(if inside(x, y) { [220, 30, 30] } else { SKY }))
}

fn detecting(detectors: &[DetectorName]) -> Config {
    let mut config = settings();
    config.detection.detectors = detectors.to_vec();
    config
}

fn meta(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    serde_json::from_str(answer.text()).unwrap()
}

/// Left and right edge of the last crop.
fn kept(view: &Value) -> (u64, u64) {
    let crops = view["thumbor"]["operations"].as_array().unwrap().iter().rfind(|step| step["type"] == "crop");
    let crop = crops.expect("a crop");
    (crop["left"].as_u64().unwrap(), crop["right"].as_u64().unwrap())
}

#[tokio::test]
async fn a_crop_keeps_the_face() {
    let originals = [
        ("wide.jpg", file(&face_at_the_right().into(), ImageFormat::Jpeg)),
        ("wide.png", file(&face_at_the_right().into(), ImageFormat::Png)),
    ];
    let server = Server::of(detecting(&[DetectorName::Face]), originals).await;
    for name in ["wide.jpg", "wide.png"] {
        let view = meta(&server.get(&format!("/unsafe/meta/100x200/smart/{name}")).await);
        let (left, right) = kept(&view);
        assert!(left < 880 && right > 960 && right - left == 256, "{name}: {left} to {right}");
        let points = view["thumbor"]["focal_points"].as_array().unwrap();
        assert_eq!((points.len(), &points[0]["origin"]), (1, &"Face Detection".into()));
        let center = kept(&meta(&server.get(&format!("/unsafe/meta/100x200/{name}")).await));
        assert_eq!(center, (472, 728), "{name}");
        // What is shown is what was told.
        let shown = server.get(&format!("/unsafe/100x200/smart/filters:format(png)/{name}")).await.picture();
        let told = format!("/unsafe/{left}x0:{right}x512/100x200/filters:format(png)/{name}");
        assert_eq!(shown, server.get(&told).await.picture(), "{name}");
    }
}

#[tokio::test]
async fn corners_and_what_stands_out_are_kept_where_there_is_no_face() {
    let original = ("square.png", file(&square_at_the_left().into(), ImageFormat::Png));
    for (detector, by) in [(DetectorName::Feature, "feature"), (DetectorName::Attention, "attention")] {
        let config = detecting(&[DetectorName::Face, detector]);
        let server = Server::of(config, [original.clone()]).await;
        let view = meta(&server.get("/unsafe/meta/100x100/smart/square.png").await);
        let (left, right) = kept(&view);
        assert!(left <= 40 && right >= 80, "{by}: {left} to {right}");
        assert_eq!(view["tintype"]["regions"][0]["by"], by);
    }
    let server = Server::of(detecting(&[]), [original]).await;
    let view = meta(&server.get("/unsafe/meta/100x100/smart/square.png").await);
    assert_eq!(kept(&view), (200, 400), "nobody looks, so the alignment counts");
    assert!(view["tintype"].get("regions").is_none());
}

#[tokio::test]
async fn faces_are_found_upright_whatever_way_the_file_lies() {
    let turned = imageops::rotate270(&face_at_the_right());
    let jpeg = crate::support::fixtures::with_orientation(&file(&turned.into(), ImageFormat::Jpeg), 6);
    let mut config = detecting(&[DetectorName::Face]);
    config.policy.respect_orientation = true;
    let server = Server::of(config, [("turned.jpg", jpeg)]).await;
    let (left, right) = kept(&meta(&server.get("/unsafe/meta/100x200/smart/turned.jpg").await));
    assert!(left < 880 && right > 960, "{left} to {right}");
}

#[tokio::test]
async fn a_manual_crop_and_trimming_move_what_was_found() {
    let framed = |picture: &RgbImage| {
        let mut framed = RgbImage::from_pixel(picture.width() + 200, picture.height() + 100, Rgb([255; 3]));
        imageops::replace(&mut framed, picture, 100, 50);
        framed
    };
    let originals = [("framed.png", file(&framed(&face_at_the_right()).into(), ImageFormat::Png))];
    let server = Server::of(detecting(&[DetectorName::Face]), originals).await;
    let face = async |options: &str| {
        let view = meta(&server.get(&format!("/unsafe/meta/{options}/100x200/smart/framed.png")).await);
        let point = &view["thumbor"]["focal_points"][0];
        (point["x"].as_u64().unwrap(), point["y"].as_u64().unwrap(), point["origin"].as_str().unwrap().to_owned())
    };
    let near = |found: &(u64, u64, String), x: u64, y: u64| {
        assert!(found.0.abs_diff(x) < 24 && found.1.abs_diff(y) < 24, "{found:?} near {x},{y}");
    };
    let plain = face("-0x0").await;
    near(&plain, 1012, 160);
    near(&face("600x20:1400x612").await, plain.0 - 600, plain.1 - 20);
    near(&face("trim").await, plain.0 - 100, plain.1 - 50);
    assert_eq!(face("0x0:500x612").await.2, "alignment", "the face is outside");
}

#[tokio::test]
async fn the_larger_face_is_kept_whole_if_the_settings_say_so() {
    let mut wide = RgbImage::from_pixel(1400, 512, Rgb(SKY));
    let small = imageops::resize(&portrait(), 360, 360, FilterType::Triangle);
    imageops::replace(&mut wide, &small, 0, 152);
    imageops::replace(&mut wide, &portrait(), 888, 0);
    let original = ("two.jpg", file(&wide.into(), ImageFormat::Jpeg));
    let crop = async |smart_crop| {
        let mut config = detecting(&[DetectorName::Face]);
        config.policy.smart_crop = smart_crop;
        let server = Server::of(config, [original.clone()]).await;
        kept(&meta(&server.get("/unsafe/meta/200x200/smart/two.jpg").await))
    };
    let (mean_left, mean_right) = crop(SmartCrop::Mean).await;
    assert!(mean_left < 1070 && mean_right < 1160, "between both: {mean_left} to {mean_right}");
    let (left, right) = crop(SmartCrop::Keep).await;
    assert!(left <= 1070 && right >= 1160 && right - left == 512, "{left} to {right}");
}

#[tokio::test]
async fn a_face_is_shown_large() {
    let server = Server::of(detecting(&[DetectorName::Face]), [("p.jpg", sample("portrait.jpg"))]).await;
    let view = meta(&server.get("/unsafe/meta/100x100/filters:face_crop(1,0.2)/p.jpg").await);
    let (left, right) = kept(&view);
    assert!((140..=182).contains(&left) && (272..=320).contains(&right), "{left} to {right}");
    let shown = server.get("/unsafe/100x100/filters:face_crop(1,0.2)/p.jpg").await.picture();
    assert_eq!(shown.dimensions(), (100, 100));
}

#[tokio::test]
async fn debug_draws_what_was_found_and_what_the_url_says() {
    let gray = RgbImage::from_pixel(100, 60, Rgb([100; 3]));
    let originals = [("gray.png", file(&gray.into(), ImageFormat::Png)), ("p.jpg", sample("portrait.jpg"))];
    let server = Server::of(detecting(&[DetectorName::Face]), originals).await;
    let get = async |path: &str| server.get(&format!("/unsafe/debug/{path}")).await.picture();
    let drawn = get("40x40/smart/filters:focal(20x10:61x41)/gray.png").await;
    assert_eq!(drawn.dimensions(), (100, 60), "nothing is resized");
    for (x, y, gray) in [(20, 10, 255), (61, 10, 255), (20, 41, 255), (61, 41, 255), (40, 10, 255), (40, 25, 100)] {
        assert_pixel(&drawn, (x, y), [gray; 3], 0, &format!("{x},{y}"));
    }
    let plain = get("40x40/smart/gray.png").await;
    assert!(plain.pixels().all(|pixel| pixel.0 == [100, 100, 100, 255]), "no face, no line");
    let face = get("smart/filters:format(png)/p.jpg").await;
    let whole = server.get("/unsafe/filters:format(png)/p.jpg").await.picture();
    let changed = face.enumerate_pixels().filter(|(x, y, pixel)| *pixel != whole.get_pixel(*x, *y));
    let changed: Vec<(u32, u32)> = changed.map(|(x, y, _)| (x, y)).collect();
    assert!((300..700).contains(&changed.len()), "{} pixels", changed.len());
    assert!(changed.iter().all(|(x, y)| (150..310).contains(x) && (30..210).contains(y)));
}

#[tokio::test]
async fn transparent_gray_and_animated_pictures_are_looked_at_too() {
    let rgb = DynamicImage::from(face_at_the_right());
    let originals = [
        ("alpha.png", file(&rgb.to_rgba8().into(), ImageFormat::Png)),
        ("gray.png", file(&rgb.to_luma8().into(), ImageFormat::Png)),
        ("still.gif", file(&rgb, ImageFormat::Gif)),
    ];
    let server = Server::of(detecting(&[DetectorName::Face]), originals).await;
    for name in ["alpha.png", "gray.png", "still.gif"] {
        let (left, right) = kept(&meta(&server.get(&format!("/unsafe/meta/100x200/smart/{name}")).await));
        assert!(left < 880 && right > 960, "{name}: {left} to {right}");
    }
}
