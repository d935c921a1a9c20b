//! Who may ask, and what is told besides the picture.

use super::{with, with_all};
use crate::support::Client;
use std::time::{Duration, Instant};
use tintype::request::sign;
use tokio::net::TcpStream;

#[tokio::test]
async fn security_key_signs_urls_and_allow_unsafe_url_lets_others_in() {
    let path = "8x8/a.png";
    let signed = |key: &str| format!("/{}/{path}", sign(key.as_bytes(), path));
    for (allow, status) in [("true", 200), ("false", 400)] {
        let server = with_all(&[("SECURITY_KEY", "first"), ("ALLOW_UNSAFE_URL", allow)]).await;
        assert_eq!(server.get(&signed("first")).await.status, 200);
        assert_eq!(server.get(&signed("second")).await.status, 400);
        assert_eq!(server.get(&format!("/unsafe/{path}")).await.status, status, "{allow}");
    }
}

#[tokio::test]
async fn max_age_is_how_long_answers_may_be_kept() {
    for (value, told) in [("77", Some("max-age=77,public")), ("0", None)] {
        assert_eq!(with("MAX_AGE", value).await.get("/unsafe/a.png").await.header("cache-control"), told);
    }
}

#[tokio::test]
async fn max_age_temp_image_is_that_of_pictures_whose_detection_is_not_done() {
    for (value, told) in [("5", "max-age=5,public"), ("0", "no-store")] {
        let settings = [
            ("MAX_AGE_TEMP_IMAGE", value),
            ("DETECTORS", "rekognition"),
            // Nobody listens there.
            ("REKOGNITION_ENDPOINT", "http://127.0.0.1:1/"),
            ("AWS_ACCESS_KEY_ID", "id"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
        ];
        let answer = with_all(&settings).await.get("/unsafe/8x8/smart/a.png").await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, Some(told)));
    }
}

#[tokio::test]
async fn enable_etags_sends_them_and_answers_304() {
    for (value, sent) in [("true", true), ("false", false)] {
        let server = with("ENABLE_ETAGS", value).await;
        assert_eq!(server.get("/unsafe/a.png").await.header("etag").is_some(), sent);
        let status = server.request("GET", "/unsafe/a.png", "If-None-Match: *\r\n").await.status;
        assert_eq!(status, if sent { 304 } else { 200 });
    }
}

#[tokio::test]
async fn send_if_modified_last_modified_headers_does_so() {
    let sending = with("SEND_IF_MODIFIED_LAST_MODIFIED_HEADERS", "true").await;
    let made_at = sending.get("/unsafe/a.png").await.header("last-modified").unwrap().to_owned();
    let since = format!("If-Modified-Since: {made_at}\r\n");
    assert_eq!(sending.request("GET", "/unsafe/a.png", &since).await.status, 304);
    let silent = with("SEND_IF_MODIFIED_LAST_MODIFIED_HEADERS", "false").await;
    assert_eq!(silent.get("/unsafe/a.png").await.header("last-modified"), None);
    assert_eq!(silent.request("GET", "/unsafe/a.png", &since).await.status, 200);
}

#[tokio::test]
async fn access_control_allow_origin_header_is_sent_as_it_is() {
    for (value, told) in [("*", Some("*")), ("https://a.test", Some("https://a.test")), ("false", None)] {
        let answer = with("ACCESS_CONTROL_ALLOW_ORIGIN_HEADER", value).await.get("/unsafe/a.png").await;
        assert_eq!(answer.header("access-control-allow-origin"), told);
    }
}

#[tokio::test]
async fn healthcheck_route_is_where_load_balancers_ask() {
    let server = with("HEALTHCHECK_ROUTE", "/status(/[a-z]+)?").await;
    for path in ["/status", "/status/live"] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.text()), (200, "WORKING"), "{path}");
        assert_eq!(server.request("HEAD", path, "").await.status, 200);
    }
    assert_eq!(server.get("/status/9").await.status, 400, "the whole path has to match");
    let usual = with("HEALTHCHECK_ROUTE", "/healthcheck/?").await;
    assert_eq!(usual.get("/status").await.status, 400);
    assert_eq!(usual.get("/healthcheck/").await.text(), "WORKING");
}

#[tokio::test]
async fn meta_callback_name_makes_views_calls_of_a_function() {
    for (value, call) in [("show", true), ("none", false)] {
        let answer = with("META_CALLBACK_NAME", value).await.get("/unsafe/meta/8x8/a.png").await;
        assert_eq!(answer.text().starts_with("show({"), call, "{value}: {}", answer.text());
    }
}

#[tokio::test]
async fn max_wait_seconds_before_server_shutdown_is_a_time_in_which_requests_are_still_taken() {
    let mut server = with("MAX_WAIT_SECONDS_BEFORE_SERVER_SHUTDOWN", "1.5").await;
    let address = server.address;
    let start = Instant::now();
    server.stop();
    assert_eq!(server.get("/unsafe/a.png").await.status, 200, "asked after the signal");
    while TcpStream::connect(address).await.is_ok() {}
    assert!(start.elapsed() >= Duration::from_millis(1500), "{:?}", start.elapsed());
}

#[tokio::test]
async fn max_wait_seconds_before_io_shutdown_is_how_long_answers_in_flight_are_waited_for() {
    let origin = crate::support::Origin::giving(Vec::new()).await;
    let settings = [("LOADER", "http"), ("MAX_WAIT_SECONDS_BEFORE_IO_SHUTDOWN", "0.1")];
    let mut server = with_all(&settings).await;
    let mut client = Client::connect(server.address).await;
    client.ask("GET", &format!("/unsafe/{}/slow.png", origin.address), "").await;
    crate::support::eventually("the origin is asked", || !origin.asked().is_empty()).await;
    let start = Instant::now();
    server.stop().await.unwrap();
    // The default would wait for the origin's timeout.
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
