//! A picture in place of one that is missing.

use crate::support::fixtures::{QUADRANTS, quadrants_file};
use crate::support::{Server, assert_quadrants, jobs, settings};
use image::ImageFormat;
use tintype::config::Config;

fn with_fallback() -> Config {
    let mut config = settings();
    config.fallback.image = Some("missing picture.png".into());
    config.fallback.max_age_s = 20;
    config
}

fn originals() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("missing picture.png", quadrants_file(80, 40, ImageFormat::Png)),
        ("other.png", quadrants_file(60, 60, ImageFormat::Png)),
        ("text.png", b"not a picture".to_vec()),
    ]
}

#[tokio::test]
async fn a_missing_picture_is_replaced_by_one_treated_the_same() {
    let server = Server::of(with_fallback(), originals()).await;
    for (path, status) in [("none.png", 404), ("text.png", 415)] {
        let mut answer = server.get(&format!("/unsafe/20x20/filters:format(webp)/{path}")).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-type"), Some("image/webp"));
        assert_eq!(answer.header("cache-control"), Some("max-age=20,public"));
        assert_eq!(answer.header("etag"), None);
        answer.status = 200;
        let picture = answer.picture();
        assert_eq!(picture.dimensions(), (20, 20));
        assert_quadrants(&picture, QUADRANTS, 12, path);
    }
}

#[tokio::test]
async fn a_url_may_name_its_own() {
    let server = Server::of(settings(), originals()).await;
    let answer = server.get("/unsafe/filters:fallback(other.png)/none.png").await;
    assert_eq!((answer.status, answer.header("content-type")), (404, Some("image/png")));
    let answer = server.get("/unsafe/filters:fallback(none2.png)/none.png").await;
    assert_eq!((answer.status, answer.text()), (404, "source not found\n"));
    let answer = server.get("/unsafe/filters:fallback(none2.png)/other.png").await;
    assert_eq!(answer.picture().dimensions(), (60, 60));
}

#[tokio::test]
async fn the_status_may_be_replaced_and_conditions_are_not_asked_of_a_stand_in() {
    let mut config = with_fallback();
    config.fallback.status = Some(200);
    config.fallback.max_age_s = 0;
    let server = Server::of(config, originals()).await;
    let answer = server.request("GET", "/unsafe/none.png", "If-None-Match: *\r\nRange: bytes=0-1\r\n").await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
    assert_eq!(answer.picture().dimensions(), (80, 40));
}

#[tokio::test]
async fn what_is_not_about_the_source_stays_an_error() {
    let server = Server::of(with_fallback(), originals()).await;
    for (path, status) in [
        ("/unsafe/99999999999x1/other.png", 400),
        ("/unsafe/filters:watermark(none.png,0,0,0)/other.png", 400),
        ("/unsafe/meta/none.png", 404),
        ("/nonsense", 400),
    ] {
        let answer = server.get(path).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (status, Some("text/plain; charset=utf-8")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_stand_in_is_made_once_and_never_kept_as_the_picture() {
    let gate = crate::support::Gate::open_wide();
    let mut config = settings();
    config.fallback.image = Some("a.png".into());
    let server = Server::start(config, gate.work()).await;
    for missing in ["none.png", "none.png", "nothing.png"] {
        let answer = server.get(&format!("/unsafe/10x10/{missing}")).await;
        assert_eq!((answer.status, answer.body.as_slice()), (404, jobs::BODY));
    }
    assert_eq!(server.get("/unsafe/10x10/a.png").await.status, 200);
    assert_eq!(gate.started(), 1);
}
