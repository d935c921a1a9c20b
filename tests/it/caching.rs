//! What is kept, here and by others.

use crate::support::jobs::{self, BODY};
use crate::support::{Gate, Server, settings};
use std::time::SystemTime;

#[tokio::test]
async fn a_picture_is_rendered_once_and_then_kept() {
    let gate = Gate::open_wide();
    let server = Server::start(settings(), gate.work()).await;
    for _ in 0..3 {
        assert_eq!(server.get("/unsafe/10x10/a.png").await.body, BODY);
    }
    assert_eq!(gate.started(), 1);
}

#[tokio::test]
async fn nothing_is_kept_without_memory_for_it() {
    let gate = Gate::open_wide();
    let mut config = settings();
    config.cache.max_bytes = 0;
    let server = Server::start(config, gate.work()).await;
    server.get("/unsafe/10x10/a.png").await;
    server.get("/unsafe/10x10/a.png").await;
    assert_eq!(gate.started(), 2);
}

#[tokio::test]
async fn answers_carry_thumbors_headers() {
    let server = Server::start(settings(), jobs::at_once).await;
    let answer = server.get("/unsafe/10x10/a.png").await;
    let expected = [
        ("content-type", "image/png"),
        ("cache-control", "max-age=86400,public"),
        ("content-length", "24"),
        ("server", "tintype"),
        ("x-content-type-options", "nosniff"),
        ("content-disposition", "inline; filename=\"a.png\""),
        ("accept-ranges", "bytes"),
    ];
    for (name, value) in expected {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    let expires = httpdate::parse_http_date(answer.header("expires").unwrap()).unwrap();
    let age_s = expires.duration_since(SystemTime::now()).unwrap().as_secs_f64();
    assert!((age_s - 86_400.0).abs() < 5.0, "{age_s}");
    for absent in ["vary", "access-control-allow-origin", "tintype-ignored-filters", "last-modified"] {
        assert_eq!(answer.header(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn the_url_may_say_how_long_an_answer_is_kept() {
    let server = Server::start(settings(), jobs::at_once).await;
    let answer = server.get("/unsafe/filters:max_age(60)/a.png").await;
    assert_eq!(answer.header("cache-control"), Some("max-age=60,public"));
    let answer = server.get("/unsafe/filters:max_age(0)/a.png").await;
    assert_eq!((answer.header("cache-control"), answer.header("expires")), (None, None));
}

#[tokio::test]
async fn a_client_that_has_the_picture_gets_304() {
    let server = Server::start(settings(), jobs::at_once).await;
    let etag = &server.get("/unsafe/a.png").await.etag();
    let known = [etag.to_owned(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".into()];
    for tags in known {
        let answer = server.request("GET", "/unsafe/a.png", &format!("If-None-Match: {tags}\r\n")).await;
        assert_eq!(answer.status, 304, "{tags}");
        assert_eq!(&answer.etag(), etag);
        assert_eq!(answer.header("cache-control"), Some("max-age=86400,public"));
        assert!(answer.header("expires").is_some() && answer.header("server").is_some());
        assert_eq!(answer.header("content-type"), None);
    }
    let answer = server.request("GET", "/unsafe/a.png", "If-None-Match: \"other\"\r\n").await;
    assert_eq!((answer.status, answer.body.as_slice()), (200, BODY));
}

#[tokio::test]
async fn etags_can_be_off() {
    let mut config = settings();
    config.server.etags = false;
    let server = Server::start(config, jobs::at_once).await;
    let answer = server.request("GET", "/unsafe/a.png", "If-None-Match: *\r\n").await;
    assert_eq!((answer.status, answer.header("etag")), (200, None));
}

#[tokio::test]
async fn clients_that_accept_different_formats_share_nothing() {
    let gate = Gate::open_wide();
    let mut config = settings();
    config.policy.auto_webp = true;
    let server = Server::start(config, gate.work()).await;
    let ask = |accept: &'static str| server.request("GET", "/unsafe/a.png", accept);
    ask("Accept: image/webp\r\n").await;
    ask("").await;
    assert_eq!(gate.started(), 2);
    ask("Accept: text/html, image/webp;q=0.1\r\n").await; // what matters of it is the same
    ask("Accept: image/png\r\n").await;
    assert_eq!(gate.started(), 2);
}

#[tokio::test]
async fn other_sites_may_use_pictures_where_the_settings_say_so() {
    let mut config = settings();
    config.server.allow_origin = Some("*".into());
    let server = Server::start(config, jobs::at_once).await;
    assert_eq!(server.get("/unsafe/a.png").await.header("access-control-allow-origin"), Some("*"));
    assert_eq!(server.get("/unsafe/none.png").await.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn skipped_filters_are_named() {
    let server = Server::start(settings(), jobs::at_once).await;
    let answer = server.get("/unsafe/filters:nonsense(1):max_age(5):bl%0D%0Aur()/a.png").await;
    assert_eq!(answer.header("tintype-ignored-filters"), Some("nonsense,bl??ur"));
}

#[tokio::test]
async fn credentials_and_hosts_change_no_answer() {
    let gate = Gate::open_wide();
    let server = Server::start(settings(), gate.work()).await;
    let plain = server.get("/unsafe/10x10/a.png").await;
    for more in [
        "Authorization: Bearer x\r\n",
        "Cookie: session=1\r\n",
        "X-Forwarded-Host: elsewhere\r\n",
        "Accept: image/webp\r\n",
        "Accept-Encoding: gzip\r\n",
        "Origin: https://elsewhere\r\n",
    ] {
        let answer = server.request("GET", "/unsafe/10x10/a.png", more).await;
        assert_eq!((&answer.body, answer.etag()), (&plain.body, plain.etag()), "{more}");
        assert_eq!((answer.header("vary"), answer.header("set-cookie")), (None, None), "{more}");
    }
    assert_eq!(gate.started(), 1);
}
