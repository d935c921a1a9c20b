//! What would be done for a request: told by the planner, for those who may ask for the picture, and without making it.

use crate::support::fixtures::{animation, file, quadrants_file, sample, small_png};
use crate::support::{Server, settings};
use image::{ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};
use tintype::config::{DetectorName, RewriteConfig, Secret};
use tintype::request::sign;

/// What is told of a picture's path.
async fn explained(server: &Server, path: &str, more: &str) -> Value {
    let answer = server.request("GET", &format!("/-/explain{path}"), more).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    serde_json::from_str(answer.text()).unwrap()
}

fn photo(width: u32, height: u32) -> Vec<u8> {
    file(&RgbImage::from_pixel(width, height, Rgb([90, 120, 150])).into(), ImageFormat::Jpeg)
}

/// The stages by name.
fn names(view: &Value) -> Vec<&str> {
    view["stages"].as_array().unwrap().iter().map(|stage| stage["stage"].as_str().unwrap()).collect()
}

/// The first stage of this name.
fn stage<'a>(view: &'a Value, name: &str) -> &'a Value {
    view["stages"].as_array().unwrap().iter().find(|stage| stage["stage"] == name).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn every_number_of_a_plan_is_told() {
    let server = Server::of(settings(), [("photo.jpg", photo(1600, 1200))]).await;
    let path =
        "/unsafe/100x200:1500x1000/-200x100/left/filters:quality(70):brightness(10):contrast(5):rotate(90)/photo.jpg";
    let view = explained(&server, path, "").await;
    assert_eq!(view["path"], path);
    let request = &view["request"];
    assert_eq!(request["crop"], json!({"left": 100, "top": 200, "right": 1500, "bottom": 1000}));
    assert_eq!(
        (&request["width"], &request["mirror_x"], &request["keep_x"]),
        (&json!(200), &json!(true), &json!("left"))
    );
    assert_eq!(request["filters"][1], json!({"name": "brightness", "arguments": "10"}));
    assert_eq!((&view["source"]["width"], &view["source"]["format"]), (&json!(1600), &json!("jpeg")));
    // 1400x800 cut out, held to 1600x800 of the ratio 2 to 1: nothing is left over but at the top and bottom.
    assert_eq!(
        view["geometry"]["operations"][1],
        json!({"type": "crop", "left": 0, "top": 50, "right": 1400, "bottom": 750})
    );
    assert_eq!(names(&view), ["decode", "resample", "turn", "convert", "filter", "filter", "encode"]);
    // A quarter would be 350 wide where 400 are wanted, twice the result.
    let decode = stage(&view, "decode");
    assert_eq!((&decode["shrink"], &decode["width"], &decode["height"]), (&json!(2), &json!(800), &json!(600)));
    assert_eq!(
        stage(&view, "resample")["window"],
        json!({"left": 50.0, "top": 125.0, "width": 700.0, "height": 350.0})
    );
    let both = stage(&view, "filter");
    assert_eq!(both["filters"], json!(["brightness(10)", "contrast(5)"]), "one pass");
    assert_eq!((&both["width"], &both["height"], &both["work"]), (&json!(200), &json!(100), &json!(20_000)));
    let encode = stage(&view, "encode");
    assert_eq!((&encode["width"], &encode["height"], &encode["quality"]), (&json!(100), &json!(200), &json!(70)));
    assert_eq!((&view["cost"]["decoded_px"], &view["cost"]["written_px"]), (&json!(480_000), &json!(20_000)));
    assert_eq!(view["cost"]["limits"]["source_px"], 75_000_000);
    assert!(view["cost"]["memory_bytes"].as_u64().unwrap() > 20_000);
}

#[tokio::test]
async fn what_is_told_is_what_is_served() {
    let mut config = settings();
    (config.policy.auto_webp, config.policy.auto_png_to_jpg) = (true, true);
    let originals = [
        ("photo.jpg", photo(800, 600)),
        ("a.png", small_png()),
        ("a.gif", animation(&[[1, 2, 3], [9, 9, 9], [30, 60, 90]], 60)),
        ("a.bmp", quadrants_file(90, 60, ImageFormat::Bmp)),
    ];
    let server = Server::of(config, originals).await;
    for (path, accept) in [
        ("/unsafe/300x200/photo.jpg", ""),
        ("/unsafe/300x200/photo.jpg", "Accept: image/webp\r\n"),
        ("/unsafe/fit-in/300x200/filters:fill(red):format(png)/photo.jpg", "Accept: image/webp\r\n"),
        ("/unsafe/trim/40x30/a.gif", ""),
        ("/unsafe/filters:cover():rotate(90)/a.gif", ""),
        ("/unsafe/0x40/smart/a.bmp", ""),
        ("/unsafe/filters:upscale():proportion(0.5)/a.bmp", ""),
    ] {
        let before = explained(&server, path, accept).await;
        assert_eq!(before["cache"]["in_memory"], false, "{path}");
        let answer = server.request("GET", path, accept).await;
        assert_eq!(answer.header("content-type"), before["output"]["mime"].as_str(), "{path} {accept}");
        assert_eq!(answer.header("etag"), before["cache"]["etag"].as_str(), "{path}");
        assert_eq!(answer.header("vary").is_some(), before["output"]["varies_by_accept"] == true, "{path}");
        let (width, height) = answer.picture().dimensions();
        assert_eq!(
            (&before["output"]["width"], &before["output"]["height"]),
            (&json!(width), &json!(height)),
            "{path}"
        );
        assert_eq!(explained(&server, path, accept).await["cache"]["in_memory"], true, "{path}");
    }
}

#[tokio::test]
async fn the_format_has_a_reason() {
    let mut config = settings();
    config.policy.auto_webp = true;
    let originals = [("a.jpg", photo(40, 30)), ("a.bmp", quadrants_file(40, 30, ImageFormat::Bmp))];
    let server = Server::of(config, originals).await;
    let check = async |path: &str, accept: &str, expected: [&str; 2]| {
        let view = explained(&server, path, accept).await;
        assert_eq!([&view["output"]["format"], &view["output"]["reason"]], expected, "{path} {accept}");
    };
    let webp = "Accept: image/webp\r\n";
    check("/unsafe/a.jpg", "", ["jpeg", "it is the source's own"]).await;
    check("/unsafe/a.jpg", webp, ["webp", "the client takes it, and the settings choose it for those who do"]).await;
    check("/unsafe/filters:format(png)/a.jpg", webp, ["png", "the URL asks for it"]).await;
    check("/unsafe/a.bmp", "", ["jpeg", "the source's own is only read here, and this one stands in for it"]).await;
    check("/unsafe/filters:format(blurhash)/a.jpg", "", ["png", "what the placeholder is made of"]).await;
}

#[tokio::test]
async fn skipped_filters_and_what_detectors_found_are_told() {
    let mut config = settings();
    config.detection.detectors = vec![DetectorName::Face];
    let server = Server::of(config, [("portrait.jpg", sample("portrait.jpg"))]).await;
    let view = explained(&server, "/unsafe/200x80/smart/filters:blurr(3):quality(60)/portrait.jpg", "").await;
    assert_eq!(view["recipe"]["ignored_filters"], json!(["blurr"]));
    assert_eq!(view["recipe"]["quality"], 60);
    assert_eq!(names(&view)[0], "look");
    let face = &stage(&view, "look")["found"][0];
    assert_eq!(face["by"], "face");
    assert!(face["left"].as_u64().unwrap() > 100 && face["right"].as_u64().unwrap() < 400, "{face}");
}

#[tokio::test]
async fn no_picture_is_made() {
    let server = Server::start(settings(), |_, _| panic!("nobody asked for a picture")).await;
    assert_eq!(explained(&server, "/unsafe/3x2/a.png", "").await["output"]["width"], 3);
}

#[tokio::test]
async fn only_who_may_ask_for_the_picture_may_ask_how_it_is_made() {
    let mut config = settings();
    config.security.allow_unsafe = false;
    config.security.keys = vec![Secret::new("key")];
    let server = Server::of(config, [("a.jpg", photo(40, 30))]).await;
    let path = "10x10/a.jpg";
    explained(&server, &format!("/{}/{path}", sign(b"key", path)), "").await;
    for wrong in [
        format!("/unsafe/{path}"),
        format!("/{}/{path}", sign(b"other", path)),
        format!("/{}/10x11/a.jpg", sign(b"key", path)),
        format!("/{}/{path}", sign(b"key", &format!("-/explain/{path}"))),
    ] {
        let (explanation, picture) = (server.get(&format!("/-/explain{wrong}")).await, server.get(&wrong).await);
        assert_eq!((explanation.status, explanation.text()), (400, picture.text()));
    }
}

#[tokio::test]
async fn what_gets_no_picture_is_refused_in_the_same_words() {
    let server = Server::of(settings(), [("a.jpg", photo(40, 30)), ("text.jpg", b"not a picture".to_vec())]).await;
    for path in [
        "/unsafe/10x10/missing.jpg",
        "/unsafe/text.jpg",
        "/unsafe/20000x20000/a.jpg",
        "/unsafe/filters:fill(nosuchcolor)/a.jpg",
        "/nothing",
    ] {
        let (explanation, picture) = (server.get(&format!("/-/explain{path}")).await, server.get(path).await);
        assert_ne!(picture.status, 200, "{path}");
        assert_eq!((explanation.status, explanation.text()), (picture.status, picture.text()), "{path}");
    }
    assert_eq!(server.get("/-/explain").await.status, 404);
    let posted = server.request("POST", "/-/explain/unsafe/a.jpg", "").await;
    assert_eq!((posted.status, posted.header("allow")), (405, Some("GET, HEAD")));
}

#[tokio::test]
async fn the_path_that_a_rule_makes_is_told() {
    let mut config = settings();
    config.rewrite =
        RewriteConfig { enabled: Some(true), patterns: "[('^/thumb', '/unsafe/30x20')]".to_owned(), ..config.rewrite };
    let server = Server::of(config, [("a.jpg", photo(40, 30))]).await;
    let view = explained(&server, "/thumb/a.jpg", "").await;
    assert_eq!((&view["path"], &view["rewritten"]["path"]), (&json!("/thumb/a.jpg"), &json!("/unsafe/30x20/a.jpg")));
    assert_eq!((&view["request"]["width"], &view["cache"]["key"]), (&json!(30), &json!("30x20/a.jpg")));
    assert_eq!(explained(&server, "/unsafe/30x20/a.jpg", "").await.get("rewritten"), None);
}
