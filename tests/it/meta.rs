//! The metadata view: what would be done, and what is known of the source.

use crate::support::fixtures::{file, quadrants_file, sample};
use crate::support::{Server, settings};
use base64::Engine as _;
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};

/// A picture of which only the size matters.
fn blank(width: u32, height: u32) -> Vec<u8> {
    file(&RgbImage::from_pixel(width, height, Rgb([90, 120, 150])).into(), ImageFormat::Png)
}

/// `crop l,t-r,b; resize WxH`, as the view tells it.
fn words(view: &Value) -> String {
    let step = |step: &Value| {
        let number = |name: &str| step[name].as_f64().unwrap();
        match step["type"].as_str().unwrap() {
            "crop" => {
                let [left, top, right, bottom] = ["left", "top", "right", "bottom"].map(number);
                format!("crop {left},{top}-{right},{bottom}")
            }
            "resize" => format!("resize {}x{}", number("width"), number("height")),
            other => other.to_owned(),
        }
    };
    view["thumbor"]["operations"].as_array().unwrap().iter().map(step).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn geometry_is_told_as_it_is_planned() {
    let sizes: [(&str, u32, u32); 5] =
        [("wide", 800, 600), ("tall", 600, 800), ("long", 1000, 333), ("odd", 301, 199), ("thin", 37, 1001)];
    let server = Server::of(settings(), sizes.map(|(name, width, height)| (name, blank(width, height)))).await;
    let check = async |name: &str, options: &str, expected: &str| {
        let answer = server.get(&format!("/unsafe/meta/{options}/{name}")).await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let view: Value = serde_json::from_str(answer.text()).unwrap();
        assert_eq!(words(&view), expected, "{options} {name}");
    };
    check("wide", "300x200", "crop 0,34-800,567; resize 300x200").await;
    check("wide", "133x77", "crop 0,68-800,531; resize 133x77").await;
    check("wide", "0x201", "resize 268x201").await;
    check("wide", "100x100/right/bottom", "crop 200,0-800,600; resize 100x100").await;
    check("wide", "fit-in/300x200", "resize 267x200").await;
    check("wide", "adaptive-full-fit-in/200x300", "resize 300x225").await;
    check("wide", "origx100", "crop 0,250-800,350").await;
    check("wide", "10x20:200x190/150x50", "crop 10,20-200,190; crop 0,54-190,117; resize 150x50").await;
    check("wide", "150x50/filters:focal(10x10:60x100)", "crop 0,0-800,267; resize 150x50").await;
    check("wide", "-0x-0", "flip_horizontally; flip_vertically").await;
    check("tall", "200x300", "crop 33,0-567,800; resize 200x300").await;
    check("tall", "adaptive-fit-in/200x300", "resize 200x267").await;
    check("long", "200x300", "crop 389,0-611,333; resize 200x300").await;
    check("long", "150x50/filters:focal(10x10:60x100)", "resize 150x50").await;
    check("long", "full-fit-in/300x200", "resize 601x200").await;
    check("odd", "300x200", "crop 0,0-299,199; resize 300x200").await;
    check("odd", "300x0", "resize 300x198").await;
    check("thin", "300x200", "crop 0,488-37,513; resize 300x200").await;
    check("thin", "10x20:200x190/150x50", "crop 10,20-37,190; crop 0,80-27,89; resize 150x50").await;
    check("thin", "150x50/filters:focal(10x10:60x100)", "crop 0,49-37,61; resize 150x50").await;
}

#[tokio::test]
async fn the_view_is_written_as_thumbor_writes_it() {
    let server = Server::of(settings(), [("image.png", blank(300, 400)), ("grid.png", blank(640, 480))]).await;
    let check = async |path: &str, expected: &str| {
        let answer = server.get(&format!("/unsafe/meta/{path}")).await;
        let text = answer.text();
        let thumbor = text.split_once(r#", "tintype": "#).expect("our own facts come after").0;
        assert_eq!(thumbor, format!(r#"{{"thumbor": {expected}"#), "{path}");
    };
    check(
        "200x300/image.png",
        r#"{"source": {"url": "image.png", "width": 200, "height": 300, "frameCount": 1}, "operations": [{"type": "crop", "left": 16, "top": 0, "right": 283, "bottom": 400}, {"type": "resize", "width": 200.0, "height": 300.0}], "target": {"width": 200.0, "height": 300.0}, "focal_points": [{"x": 150, "y": 200, "z": 1.0, "height": 1, "width": 1, "origin": "alignment"}]}"#,
    )
    .await;
    check(
        "fit-in/300x300/filters:fill(red)/grid.png",
        r#"{"source": {"url": "grid.png", "width": 300, "height": 300, "frameCount": 1}, "operations": [{"type": "resize", "width": 300.0, "height": 225}], "target": {"width": 300.0, "height": 225}, "focal_points": [{"x": 320, "y": 240, "z": 1.0, "height": 1, "width": 1, "origin": "alignment"}]}"#,
    )
    .await;
    check(
        "100x200/filters:focal(400x100:500x200)/grid.png",
        r#"{"source": {"url": "grid.png", "width": 100, "height": 200, "frameCount": 1}, "operations": [{"type": "crop", "left": 330, "top": 0, "right": 570, "bottom": 480}, {"type": "resize", "width": 100.0, "height": 200.0}], "target": {"width": 100.0, "height": 200.0}, "focal_points": [{"x": 450, "y": 150, "z": 10000, "height": 100, "width": 100, "origin": "Explicit"}]}"#,
    )
    .await;
    check(
        "10x10:210x160/grid.png",
        r#"{"source": {"url": "grid.png", "width": 200, "height": 150, "frameCount": 1}, "operations": [{"type": "crop", "left": 10, "top": 10, "right": 210, "bottom": 160}], "target": {"width": 200, "height": 150}, "focal_points": [{"x": 100, "y": 75, "z": 1.0, "height": 1, "width": 1, "origin": "alignment"}]}"#,
    )
    .await;
}

#[tokio::test]
async fn a_callback_is_the_name_of_a_function_and_nothing_else() {
    let server = Server::of(settings(), [("i.png", blank(30, 20))]).await;
    let plain = server.get("/unsafe/meta/i.png").await;
    let called = server.get("/unsafe/meta/i.png?callback=a.b").await;
    assert_eq!(called.header("content-type"), Some("text/javascript"));
    assert_eq!(called.text(), format!("a.b({});", plain.text()));
    assert_ne!(called.header("etag"), plain.header("etag"));
    for bad in ["alert(1)", "a;b", "%3Cscript%3E", "a%0d%0aX:1"] {
        assert_eq!(server.get(&format!("/unsafe/meta/i.png?callback={bad}")).await.status, 400, "{bad}");
    }
    let picture = server.get("/unsafe/i.png?callback=alert(1)").await;
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/png")), "pictures call nothing");
    let mut config = settings();
    config.server.meta_callback = Some("told".to_owned());
    let server = Server::of(config, [("i.png", blank(30, 20))]).await;
    assert!(server.get("/unsafe/meta/i.png?callback=other").await.text().starts_with("told({"));
}

#[tokio::test]
async fn the_source_is_told_as_it_is_from_its_header_alone() {
    let whole = quadrants_file(400, 300, ImageFormat::Jpeg);
    let header = whole[..whole.len() / 4].to_vec();
    let server = Server::of(settings(), [("cut.jpg", header.clone()), ("a.png", blank(40, 30))]).await;
    let view: Value = serde_json::from_str(server.get("/unsafe/meta/100x100/cut.jpg").await.text()).unwrap();
    let source = &view["tintype"]["source"];
    assert_eq!(
        *source,
        json!({
            "format": "jpeg", "mime": "image/jpeg", "width": 400, "height": 300, "bytes": header.len(), "frames": 1,
            "orientation": 1, "color": "ycbcr", "alpha": false, "icc": null, "exif": {},
        })
    );
    assert_eq!(view["tintype"]["output"], json!({ "format": "jpeg", "width": 100, "height": 100 }));
    assert!(view["tintype"].get("palette").is_none(), "nobody looked at its pixels");
}

#[tokio::test]
async fn pixels_are_told_of_where_they_are_looked_at() {
    let server = Server::of(
        settings(),
        [("p.jpg", sample("portrait.jpg")), ("q.png", quadrants_file(40, 40, ImageFormat::Png))],
    )
    .await;
    let view: Value = serde_json::from_str(server.get("/unsafe/meta/100x50/smart/p.jpg").await.text()).unwrap();
    let told = &view["tintype"];
    assert_eq!(told["regions"].as_array().unwrap().len(), 1);
    assert_eq!(told["blurhash"].as_str().unwrap().len(), 28);
    assert_eq!(told["dominant_color"], told["palette"][0]);
    let view: Value =
        serde_json::from_str(server.get("/unsafe/meta/filters:format(color)/q.png").await.text()).unwrap();
    let palette = view["tintype"]["palette"].as_array().unwrap();
    assert_eq!(palette.len(), 4);
    for color in ["#dc1e1e", "#1ec828", "#283cdc", "#f0f0f0"] {
        assert!(palette.contains(&color.into()), "{color}");
    }
}

#[tokio::test]
async fn placeholders_are_short_texts() {
    let originals = [
        ("p.jpg", sample("portrait.jpg")),
        ("red.png", file(&RgbImage::from_pixel(500, 300, Rgb([255, 0, 0])).into(), ImageFormat::Png)),
    ];
    let server = Server::of(settings(), originals).await;
    let get = async |filters: &str, name: &str| {
        let answer = server.get(&format!("/unsafe/filters:{filters}/{name}")).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some("text/plain; charset=utf-8")),
            "{filters}"
        );
        answer.text().to_owned()
    };
    assert_eq!(get("format(color)", "red.png").await, "#ff0000");
    assert_eq!(get("blurhash(1,1)", "red.png").await, "00TI:j");
    assert_eq!(get("blurhash(4,3)", "p.jpg").await, get("format(blurhash)", "p.jpg").await);
    assert!(get("grayscale():format(color)", "red.png").await.starts_with("#4c4c4c"), "effects come first");
    let hash = base64::prelude::BASE64_STANDARD.decode(get("format(thumbhash)", "p.jpg").await).unwrap();
    assert!((20..40).contains(&hash.len()));
    let url = get("format(lqip)", "p.jpg").await;
    let tiny = url.strip_prefix("data:image/webp;base64,").unwrap();
    let tiny = image::load_from_memory(&base64::prelude::BASE64_STANDARD.decode(tiny).unwrap()).unwrap();
    assert_eq!((tiny.width(), tiny.height()), (16, 16));
    assert!(url.len() < 600, "{} characters", url.len());
}
