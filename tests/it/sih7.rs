//! The habits of the Serverless Image Handler's later editions, 4 to 7.

use crate::support::fixtures::{QUADRANTS, quadrants_file, small_png};
use crate::support::{Answer, Configured, Server, assert_pixel, assert_quadrants, jobs};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use image::ImageFormat;
use serde_json::{Value, json};
use std::sync::Arc;
use tintype::config::{Config, Profile, Secret};
use tintype::loader::MemoryLoader;

const RED: [u8; 3] = QUADRANTS[0];
const GREEN: [u8; 3] = QUADRANTS[1];
const BLUE: [u8; 3] = QUADRANTS[2];
const WHITE: [u8; 3] = QUADRANTS[3];

/// A server with `a.png`, 80 by 40 pixels of four quadrants, and `logo.png`.
async fn server(settings: &[(&str, &str)]) -> Configured {
    let originals = [("a.png", quadrants_file(80, 40, ImageFormat::Png)), ("logo.png", small_png())];
    Configured::start(&originals, &[&[("PROFILE", "sih7")], settings].concat()).await
}

fn path(object: &Value) -> String {
    format!("/{}", BASE64_STANDARD.encode(object.to_string()))
}

/// What the object says, of `a.png`.
async fn edited(server: &Configured, edits: &Value) -> Answer {
    server.get(&path(&json!({"bucket": "pictures", "key": "a.png", "edits": edits}))).await
}

/// The code and the text of an error.
fn error(answer: &Answer) -> (u16, String, String) {
    let said: Value = serde_json::from_str(answer.text()).unwrap_or_else(|_| panic!("{}", answer.text()));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(said["status"], answer.status);
    (answer.status, said["code"].as_str().unwrap().to_owned(), said["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_object_in_place_of_a_path_says_what_is_shown() {
    let server = server(&[]).await;
    let show = async |edits: Value| edited(&server, &edits).await.picture();
    let picture = show(json!({"resize": {"width": 40, "height": 20}})).await;
    assert_eq!(picture.dimensions(), (40, 20));
    assert_quadrants(&picture, QUADRANTS, 2, "cover");
    let picture = show(json!({"resize": {"width": 20, "height": 20, "position": "right"}})).await;
    assert_quadrants(&picture, [GREEN, GREEN, WHITE, WHITE], 2, "the right half");
    let picture = show(json!({"resize": {"width": 160, "height": 160, "fit": "inside"}})).await;
    assert_eq!(picture.dimensions(), (160, 80), "it grows");
    let picture = show(json!({"resize": {"width": 40, "height": 40, "fit": "contain", "background": "#ff0000"}})).await;
    assert_eq!(picture.dimensions(), (40, 40));
    assert_pixel(&picture, (20, 3), [255, 0, 0], 0, "above");
    assert_pixel(&picture, (5, 15), RED, 2, "inside");
    let picture = show(json!({"crop": {"left": 40, "top": 20, "width": 40, "height": 20}})).await;
    assert_quadrants(&picture, [WHITE; 4], 0, "crop");
    let picture = show(json!({"rotate": 90})).await;
    assert_eq!(picture.dimensions(), (40, 80));
    assert_quadrants(&picture, [BLUE, RED, WHITE, GREEN], 0, "clockwise");
    assert_quadrants(&show(json!({"flip": true})).await, [BLUE, WHITE, RED, GREEN], 0, "flip");
    assert_quadrants(&show(json!({"flop": true})).await, [GREEN, RED, WHITE, BLUE], 0, "flop");
    let inverse = QUADRANTS.map(|color| color.map(|sample| 255 - sample));
    assert_quadrants(&show(json!({"negate": true})).await, inverse, 0, "negate");
    let overlay = json!({"bucket": "pictures", "key": "logo.png", "options": {"left": "50p", "top": -2}});
    let picture = show(json!({"overlayWith": overlay})).await;
    assert_pixel(&picture, (41, 37), [255, 0, 0], 0, "the logo");
    assert_pixel(&picture, (41, 38), WHITE, 0, "below it");
    let picture = show(json!({"roundCrop": true})).await;
    assert_eq!(picture.dimensions(), (40, 40), "the circle");
    assert_eq!((picture.get_pixel(0, 0).0[3], picture.get_pixel(20, 1).0[3]), (0, 255));
    let answer = edited(&server, &json!({"toFormat": "webp", "webp": {"quality": 30}})).await;
    assert_eq!(answer.header("content-type"), Some("image/webp"));
}

#[tokio::test]
async fn an_edit_that_is_not_known_is_skipped_and_told() {
    let answer = edited(&server(&[]).await, &json!({"clahe": {"width": 3}, "grayscale": true})).await;
    assert_eq!((answer.status, answer.header("tintype-ignored-filters")), (200, Some("edit:clahe")));
    let strict = server(&[("STRICT_FILTERS", "true")]).await;
    let (status, code, text) = error(&edited(&strict, &json!({"clahe": true})).await);
    assert_eq!((status, &*code, &*text), (400, "BadRequest", "`edit:clahe` is not a filter of this server"));
}

#[tokio::test]
async fn what_is_wrong_has_a_status_and_a_word() {
    let server = server(&[("SOURCE_BUCKETS", "pictures, others"), ("LOADER", "file")]).await;
    let check = async |object: Value, status: u16, code: &str| {
        let found = error(&server.get(&path(&object)).await);
        assert_eq!((found.0, &*found.1), (status, code), "{object}: {}", found.2);
    };
    let with = |edits: Value| json!({"key": "a.png", "edits": edits});
    check(json!({"key": "no.png"}), 404, "NoSuchKey").await;
    check(json!({"bucket": "secret", "key": "a.png"}), 403, "ImageBucket::CannotAccessBucket").await;
    check(json!({"edits": {}}), 404, "ImageEdits::CannotFindImage").await;
    check(json!({"key": "a.png", "edits": 5}), 400, "DecodeRequest::CannotDecodeRequest").await;
    check(with(json!({"resize": {"width": -1}})), 400, "InvalidResizeException").await;
    check(with(json!({"toFormat": "heic"})), 400, "UnsupportedOutputImageFormatException").await;
    check(with(json!({"rotate": 45})), 400, "ImageEdits::CannotParseEdits").await;
    check(with(json!({"overlayWith": {"key": "no.png"}})), 400, "OverlayImageException").await;
    check(with(json!({"overlayWith": {"bucket": "secret", "key": "a.png"}})), 403, "ImageBucket::CannotAccessBucket")
        .await;
    check(with(json!({"contentModeration": true})), 400, "BadRequest").await;
    let (status, code, _) = error(&server.get("/eyJrZXkiOiJh").await);
    assert_eq!((status, &*code), (400, "DecodeRequest::CannotDecodeRequest"));
    let (status, code, _) = error(&server.get("/a.png?width=wide").await);
    assert_eq!((status, &*code), (400, "QueryParameterParsingError"));
}

#[tokio::test]
async fn paths_are_thumbors_and_the_query_edits_them() {
    let server = server(&[]).await;
    for (path, size) in [
        ("/a.png", (80, 40)),
        ("/fit-in/20x20/a.png", (20, 10)),
        ("/fit-in/20x20/a.png?width=30&height=30", (30, 30)),
        ("/a.png?width=30&height=30&fit=inside", (30, 15)),
        ("/a.png?height=10", (20, 10)),
        ("/a.png?rotate=90", (40, 80)),
        ("/s3:pictures/a.png?width=10&utm_source=x", (10, 5)),
    ] {
        assert_eq!(server.get(path).await.picture().dimensions(), size, "{path}");
    }
    let object = path(&json!({"key": "a.png", "edits": {"resize": {"width": 8, "height": 8}, "grayscale": true}}));
    let picture = server.get(&format!("{object}?width=20")).await.picture();
    assert_eq!(picture.dimensions(), (20, 10), "a size in the query replaces all of the other");
    assert!(picture.pixels().all(|pixel| pixel.0[0] == pixel.0[1]));
    let answer = server.get("/a.png?format=webp").await;
    assert_eq!(answer.header("content-type"), Some("image/webp"));
}

#[tokio::test]
async fn rules_see_paths_and_no_objects() {
    let server = server(&[("REWRITE_MATCH_PATTERN", "/e/g"), ("REWRITE_SUBSTITUTION", "a")]).await;
    assert_eq!(server.get("/e.png").await.status, 200);
    assert_eq!(edited(&server, &json!({"resize": {"width": 8}})).await.picture().dimensions(), (8, 4));
}

#[tokio::test]
async fn sizes_that_only_some_may_ask_for_are_held_to_in_every_form() {
    let server = server(&[("ALLOWED_SIZES", "8x8, 0x0")]).await;
    let sized = |side: u32| json!({"resize": {"width": side, "height": side}});
    assert_eq!(edited(&server, &sized(8)).await.status, 200);
    assert_eq!(edited(&server, &sized(9)).await.status, 400);
    assert_eq!(server.get("/a.png?width=8&height=8").await.status, 200);
    assert_eq!(server.get("/a.png?width=9&height=8").await.status, 400);
}

#[tokio::test]
async fn what_webp_is_chosen_for_wins_over_the_output_format() {
    let object = path(&json!({"key": "a.png", "outputFormat": "jpeg"}));
    for (auto, accept, expected, vary) in [
        ("Yes", "image/webp", "image/webp", Some("Accept")),
        ("Yes", "image/png", "image/jpeg", Some("Accept")),
        ("No", "image/webp", "image/jpeg", None),
    ] {
        let server = server(&[("AUTO_WEBP", auto)]).await;
        let answer = server.request("GET", &object, &format!("Accept: {accept}\r\n")).await;
        assert_eq!((answer.header("content-type"), answer.header("vary")), (Some(expected), vary), "{auto} {accept}");
    }
}

#[tokio::test]
async fn a_request_sets_only_harmless_headers() {
    let headers =
        json!({"Cache-Control": "max-age=5", "Set-Cookie": "a=b", "Content-Type": "text/html", "Location": "/"});
    let answer = server(&[]).await.get(&path(&json!({"key": "a.png", "headers": headers}))).await;
    assert_eq!(answer.header("cache-control"), Some("max-age=5"));
    assert_eq!(answer.headers.iter().filter(|(name, _)| name == "cache-control").count(), 1);
    assert_eq!(answer.header("content-type"), Some("image/png"));
    assert_eq!((answer.header("set-cookie"), answer.header("location")), (None, None));
}

/// A server whose URLs need signatures by this key, with pictures of these names.
async fn signing(key: &str, names: &[&str]) -> Server {
    let mut config = Config { profile: Profile::Sih7, ..Config::default() };
    config.security.keys = vec![Secret::new(key)];
    config.security.query_signatures = true;
    let loader = MemoryLoader::new(names.iter().map(|name| (*name, small_png())));
    Server::start_with(config, Arc::new(loader), jobs::at_once).await
}

#[tokio::test]
async fn signatures_are_those_of_the_handler() {
    let names = ["validKey", "a/b.jpg", "a b.jpg"];
    for (key, url, signature) in [
        (
            "secret",
            "/eyJidWNrZXQiOiJ2YWxpZEJ1Y2tldCIsImtleSI6InZhbGlkS2V5IiwiZWRpdHMiOnsidG9Gb3JtYXQiOiJwbmcifX0=",
            "4d41311006641a56de7bca8abdbda91af254506107a2c7b338a13ca2fa95eac3",
        ),
        (
            "secret",
            "/fit-in/300x200/filters:quality(40)/a/b.jpg",
            "e79d90d92015e6c47c059a03d65b0485243f97254562cc8223fe84b6b75a32cf",
        ),
        (
            "secret",
            "/a/b.jpg?width=200&format=webp&height=100&expires=20300101T000000Z",
            "bc79ca980aac36d71cd02fd0d554855da97e21c804f8fcbaec7cb4f37a156fe7",
        ),
        ("s3cr3t!", "/a%20b.jpg?width=50", "59df29c8fc012d8db3bb155ef15f28162092915d9c5e45a54013a96e2588149a"),
    ] {
        let server = signing(key, &names).await;
        let join = if url.contains('?') { '&' } else { '?' };
        assert_eq!(server.get(&format!("{url}{join}signature={signature}")).await.status, 200, "{url}");
        assert_eq!(server.get(&format!("{url}{join}signature={}", signature.to_uppercase())).await.status, 200);
        for (forged, status) in [
            (format!("{url}{join}signature={}", signature.replace('4', "5")), 403),
            (format!("{url}{join}signature={signature}&width=9"), 403),
            (url.to_owned(), 400),
            (format!("/unsafe{url}"), 400),
        ] {
            assert_eq!(server.get(&forged).await.status, status, "{forged}");
        }
    }
}

#[tokio::test]
async fn a_signature_in_the_path_is_good_too_but_not_for_edits_in_the_query() {
    let server = signing("secret", &["a/b.jpg"]).await;
    let signed = format!("/{}/30x20/a/b.jpg", tintype::request::sign(b"secret", "30x20/a/b.jpg"));
    assert_eq!(server.get(&signed).await.status, 200);
    assert_eq!(server.get(&format!("{signed}?utm=1")).await.status, 200);
    assert_eq!(server.get(&format!("{signed}?width=3000")).await.status, 400);
}

#[tokio::test]
async fn a_url_is_good_until_it_expires_and_its_answer_kept_no_longer() {
    let server = server(&[]).await;
    let (status, code, _) = error(&server.get("/a.png?expires=20200101T000000Z").await);
    assert_eq!((status, &*code), (400, "ImageRequestExpired"));
    let (status, code, _) = error(&server.get("/a.png?expires=tomorrow").await);
    assert_eq!((status, &*code), (400, "ImageRequestExpiryFormat"));
    let answer = server.get("/a.png?expires=20990101T000000Z").await;
    let age = answer.header("cache-control").unwrap().strip_prefix("max-age=").unwrap();
    let age: u64 = age.strip_suffix(",public").unwrap().parse().unwrap();
    assert!((365 * 86_400..100 * 366 * 86_400).contains(&age), "{age}");
    assert_eq!(answer.header("expires"), Some("Thu, 01 Jan 2099 00:00:00 GMT"));
    let known = format!("If-None-Match: {}\r\n", answer.etag());
    let unchanged = server.request("GET", "/a.png?expires=20990101T000000Z", &known).await;
    assert_eq!((unchanged.status, unchanged.header("expires")), (304, answer.header("expires")));
}

#[tokio::test]
async fn other_profiles_know_nothing_of_all_that() {
    let originals = [("a.png", quadrants_file(80, 40, ImageFormat::Png))];
    for profile in ["thumbor", "sih3"] {
        let server = Configured::start(&originals, &[("PROFILE", profile)]).await;
        assert_ne!(server.get(&path(&json!({"key": "a.png"}))).await.status, 200, "{profile}");
        let picture = server.get("/unsafe/a.png?width=8").await.picture();
        assert_eq!(picture.dimensions(), (80, 40), "{profile}");
    }
}
