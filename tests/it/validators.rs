//! Clients that hold an answer are told so, without work where that can be.

use crate::support::fixtures::{QUADRANTS, quadrants_file, small_png};
use crate::support::jobs::{self, BODY};
use crate::support::program::Serving;
use crate::support::{Answer, Client, Gate, Server, assert_quadrants, settings};
use image::ImageFormat;
use std::sync::Arc;
use tintype::config::{Config, LoaderKind};
use tintype::loader::MemoryLoader;

/// Settings under which nothing is kept.
fn forgetful() -> Config {
    let mut config = settings();
    config.cache.max_bytes = 0;
    config
}

async fn holding(server: &Server, path: &str, etag: &str) -> u16 {
    server.request("GET", path, &format!("If-None-Match: {etag}\r\n")).await.status
}

#[tokio::test]
async fn a_client_that_holds_what_would_be_made_costs_no_work() {
    let gate = Gate::open_wide();
    let mut config = forgetful();
    config.policy.auto_webp = true;
    config.loader.kind = LoaderKind::Http; // it is one in memory that is asked
    config.loader.http.forward_headers = vec!["x-tenant".into()];
    let server = Server::start(config, gate.work()).await;
    let first = server.get("/unsafe/10x10/a.png").await;
    assert_eq!(gate.started(), 1);
    let varies = |answer: &Answer| -> Vec<_> {
        answer.headers.iter().filter(|(name, _)| name == "vary").map(|(_, value)| value.to_lowercase()).collect()
    };
    assert_eq!(varies(&first), ["x-tenant"]); // the gate makes a picture that is the same for all
    for tags in [first.etag(), format!("\"x\", W/{}", first.etag())] {
        let answer = server.request("GET", "/unsafe/10x10/a.png", &format!("If-None-Match: {tags}\r\n")).await;
        assert_eq!((answer.status, answer.etag()), (304, first.etag()));
        assert_eq!(answer.header("cache-control"), first.header("cache-control"));
        assert_eq!(answer.header("cache-tag"), first.header("cache-tag"));
        assert_eq!(varies(&answer), ["accept", "x-tenant"]);
        assert!(answer.header("server-timing").unwrap().ends_with(", cache;desc=unchanged"));
    }
    assert_eq!(gate.started(), 1);
    let answer = server.request("GET", "/unsafe/10x10/a.png", "If-None-Match: \"x\"\r\n").await;
    assert_eq!((answer.status, answer.body.as_slice(), gate.started()), (200, BODY, 2));
    assert_eq!(answer.etag(), first.etag());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_tells_of_answers_that_cost_no_work() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [("LOADER", "samples"), ("ALLOW_UNSAFE_URL", "true"), ("CACHE_MAX_BYTES", "0")];
    let serving = Serving::start(folder.path(), &["serve", "--host", "127.0.0.1", "--port", "0"], &settings);
    let ask = async |more: &str| {
        let mut client = Client::connect(serving.address).await;
        client.ask("GET", "/unsafe/10x10/logo.png", more).await;
        client.answer("GET").await
    };
    let etag = ask("").await.etag();
    assert_eq!(ask(&format!("If-None-Match: {etag}\r\n")).await.status, 304);
    let line = serving.line("status=304");
    assert!(line.contains("cache=\"unchanged\"") && line.contains("render_ms=0.0"), "{line}");
}

#[tokio::test]
async fn whatever_changes_the_answer_changes_its_name() {
    let mut config = forgetful();
    config.policy.auto_webp = true;
    let server = Server::start(config.clone(), jobs::at_once).await;
    let etag = server.get("/unsafe/10x10/a.png").await.etag();
    assert_eq!(server.get("/unsafe/0010x10/%61.png").await.etag(), etag); // another spelling
    for other in ["/unsafe/10x11/a.png", "/unsafe/10x10/b.png", "/unsafe/10x10/filters:quality(1)/a.png"] {
        assert_ne!(server.get(other).await.etag(), etag, "{other}");
        assert_eq!(holding(&server, other, &etag).await, 200, "{other}");
    }
    let webp = server.request("GET", "/unsafe/10x10/a.png", "Accept: image/webp\r\n").await;
    assert_ne!(webp.etag(), etag);

    config.policy.quality = 33;
    let server = Server::start(config, jobs::at_once).await;
    assert_eq!(holding(&server, "/unsafe/10x10/a.png", &etag).await, 200);
}

#[tokio::test]
async fn another_original_or_watermark_under_the_same_address_is_another_answer() {
    let at = async |original: &'static [u8], logo: &'static [u8]| {
        let loader = MemoryLoader::new([("a.png", original), ("logo.png", logo)]);
        Server::start_with(forgetful(), Arc::new(loader), jobs::at_once).await
    };
    let (one, two) = (small_png().leak(), quadrants_file(8, 8, ImageFormat::Png).leak());
    let path = "/unsafe/filters:watermark(logo.png,0,0,0)/a.png";
    let etag = at(one, one).await.get(path).await.etag();
    assert_eq!(holding(&at(one, one).await, path, &etag).await, 304);
    assert_eq!(holding(&at(two, one).await, path, &etag).await, 200);
    assert_eq!(holding(&at(one, two).await, path, &etag).await, 200);
}

#[tokio::test]
async fn chance_is_named_after_its_outcome() {
    let server = Server::of(forgetful(), [("a.png", quadrants_file(40, 40, ImageFormat::Png))]).await;
    let chance = "/unsafe/filters:noise(60)/a.png";
    let (one, two) = (server.get(chance).await, server.get(chance).await);
    assert_ne!(one.body, two.body);
    assert_ne!(one.etag(), two.etag());
    assert_eq!(holding(&server, chance, &one.etag()).await, 200);
    let fixed = "/unsafe/filters:noise(60,7)/a.png";
    let (one, two) = (server.get(fixed).await, server.get(fixed).await);
    assert_eq!((&one.body, one.etag()), (&two.body, two.etag()));
    assert_eq!(holding(&server, fixed, &one.etag()).await, 304);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_hold_old_answers_share_the_work_for_the_new_one() {
    let gate = Gate::closed();
    let server = Server::start(settings(), gate.work()).await;
    let old = format!("\"{}\"", "0".repeat(40));
    let asks = (0..12).map(|number| {
        let tags = if number % 3 == 0 { String::new() } else { format!("If-None-Match: {old}\r\n") };
        let server = &server;
        async move { server.request("GET", "/unsafe/a.png", &tags).await }
    });
    let opened = async {
        crate::support::eventually("all wait", || server.pipeline.passengers() >= 12).await;
        gate.open();
    };
    let (answers, ()) = futures_util::join!(futures_util::future::join_all(asks), opened);
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.body == BODY));
    assert_eq!(gate.started(), 1);
}

#[tokio::test]
async fn the_time_of_making_is_a_validator_where_the_settings_say_so() {
    let mut config = settings();
    config.server.last_modified = true;
    let server = Server::start(config, jobs::at_once).await;
    let first = server.get("/unsafe/a.png").await;
    let made_at = first.header("last-modified").unwrap();
    let ask = async |more: &str| server.request("GET", "/unsafe/a.png", more).await.status;
    assert_eq!(ask(&format!("If-Modified-Since: {made_at}\r\n")).await, 304);
    assert_eq!(ask("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n").await, 200);
    assert_eq!(ask("If-Modified-Since: yesterday\r\n").await, 200);
    assert_eq!(ask(&format!("If-None-Match: \"x\"\r\nIf-Modified-Since: {made_at}\r\n")).await, 200);

    let silent = Server::start(settings(), jobs::at_once).await;
    assert_eq!(silent.get("/unsafe/a.png").await.header("last-modified"), None);
    let answer = silent.request("GET", "/unsafe/a.png", "If-Modified-Since: Sun, 06 Nov 2094 08:49:37 GMT\r\n").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn parts_of_an_answer_can_be_asked_for() {
    let server = Server::start(settings(), jobs::at_once).await;
    let whole = server.get("/unsafe/a.png").await;
    let check = async |method: &str, more: &str, status: u16, range: Option<&str>, body: &[u8]| {
        let answer = server.request(method, "/unsafe/a.png", more).await;
        assert_eq!((answer.status, answer.header("content-range")), (status, range), "{method} {more}");
        assert_eq!(answer.body, body, "{more}");
        if status == 206 {
            for name in ["etag", "cache-control", "content-type", "content-disposition"] {
                assert_eq!(answer.header(name), whole.header(name), "{name}");
            }
        }
    };
    check("GET", "Range: bytes=2-5\r\n", 206, Some("bytes 2-5/24"), &BODY[2..=5]).await;
    check("GET", "Range: bytes=20-99\r\n", 206, Some("bytes 20-23/24"), &BODY[20..]).await;
    check("GET", "Range: bytes=-4\r\n", 206, Some("bytes 20-23/24"), &BODY[20..]).await;
    check("GET", "Range: bytes=24-\r\n", 416, Some("bytes */24"), b"").await;
    check("GET", "Range: bytes=0-0,2-2\r\n", 200, None, BODY).await;
    check("GET", "Range: nonsense\r\n", 200, None, BODY).await;
    check("HEAD", "Range: bytes=2-5\r\n", 200, None, b"").await;
    check("GET", &format!("Range: bytes=0-1\r\nIf-Range: {}\r\n", whole.etag()), 206, Some("bytes 0-1/24"), &BODY[..2])
        .await;
    check("GET", "Range: bytes=0-1\r\nIf-Range: \"x\"\r\n", 200, None, BODY).await;
    check("GET", &format!("Range: bytes=0-1\r\nIf-None-Match: {}\r\n", whole.etag()), 304, None, b"").await;
}

#[tokio::test]
async fn timing_tells_how_an_answer_was_come_by() {
    let mut config = settings();
    let server = Server::start(config.clone(), jobs::at_once).await;
    let timing = async || server.get("/unsafe/a.png").await.header("server-timing").unwrap().to_owned();
    let first = timing().await;
    for stage in ["cache;desc=miss", "fetch;dur=", "queue;dur=", "render;dur=", "encode;dur="] {
        assert!(first.contains(stage), "{first}");
    }
    assert_eq!(timing().await, "cache;desc=hit");
    config.server.timing = false;
    let silent = Server::start(config, jobs::at_once).await;
    assert_eq!(silent.get("/unsafe/a.png").await.header("server-timing"), None);
}

#[tokio::test]
async fn provisional_answers_have_an_age_of_their_own_and_are_made_again() {
    let gate = Gate::open_wide();
    let provisional = |gate: &Gate| {
        let work = gate.work();
        move |job: &tintype::pipeline::job::Job<'_>, cancel: &tintype::cancel::CancelToken| {
            work(job, cancel).map(|rendered| tintype::pipeline::job::Rendered { provisional: true, ..rendered })
        }
    };
    let mut config = settings();
    let server = Server::start(config.clone(), provisional(&gate)).await;
    for _ in 0..2 {
        let answer = server.get("/unsafe/a.png").await;
        assert_eq!((answer.header("cache-control"), answer.header("expires")), (Some("no-store"), None));
    }
    assert_eq!(gate.started(), 2);
    config.server.provisional_max_age_s = 7;
    let server = Server::start(config, provisional(&gate)).await;
    assert_eq!(server.get("/unsafe/a.png").await.header("cache-control"), Some("max-age=7,public"));
}

#[tokio::test]
async fn the_answer_to_a_client_without_its_picture_is_the_picture() {
    let server = Server::of(forgetful(), [("a.png", quadrants_file(40, 40, ImageFormat::Png))]).await;
    let old = format!("\"{}\"", "0".repeat(40));
    let answer = server.request("GET", "/unsafe/20x20/a.png", &format!("If-None-Match: {old}\r\n")).await;
    assert_quadrants(&answer.picture(), QUADRANTS, 1, "20x20");
}
