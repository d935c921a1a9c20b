//! A real cache in front and a real origin behind understand what we say.

use crate::support::client::Answer;
use crate::support::fixtures::quadrants_file;
use crate::support::nginx::{self, Nginx};
use crate::support::{Gate, Server, settings};
use image::ImageFormat;
use std::fs;
use std::time::Duration;
use tintype::config::{Config, LoaderConfig, LoaderKind};
use tintype::loader;
use tintype::pipeline::job;

async fn cache_before(server: &Server) -> Nginx {
    let body = "location / {
      proxy_pass http://ADDRESS;
      proxy_cache pictures;
      proxy_cache_revalidate on;
      proxy_cache_use_stale error timeout;
      add_header X-Cache $upstream_cache_status always;
    }";
    Nginx::start(&body.replace("ADDRESS", &server.address.to_string())).await
}

fn seen(answer: &Answer) -> (u16, Option<&str>) {
    (answer.status, answer.header("x-cache"))
}

/// Asks again until the cache says `what`: ages end by the clock.
async fn until(nginx: &Nginx, path: &str, what: &str) -> Answer {
    let asking = async {
        loop {
            let answer = nginx.request("GET", path, "").await;
            if answer.header("x-cache") == Some(what) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asking).await.unwrap_or_else(|_| panic!("never {what}: {path}"))
}

#[tokio::test]
async fn a_cache_in_front_keeps_an_answer_and_answers_conditions_itself() {
    let gate = Gate::open_wide();
    let mut config = settings();
    config.cache.max_bytes = 0;
    let server = Server::start(config, gate.work()).await;
    let nginx = cache_before(&server).await;
    let path = "/unsafe/10x10/a.png";
    let first = nginx.request("GET", path, "").await;
    assert_eq!(seen(&first), (200, Some("MISS")));
    let second = nginx.request("GET", path, "").await;
    assert_eq!(seen(&second), (200, Some("HIT")));
    assert_eq!((second.etag(), &second.body), (first.etag(), &first.body));
    assert_eq!(second.header("content-disposition"), Some("inline; filename=\"a.png\""));
    let known = nginx.request("GET", path, &format!("If-None-Match: {}\r\n", first.etag())).await;
    assert_eq!(seen(&known), (304, Some("HIT")));
    let part = nginx.request("GET", path, "Range: bytes=2-5\r\n").await;
    assert_eq!((seen(&part), part.body.as_slice()), ((206, Some("HIT")), &first.body[2..=5]));
    assert_eq!(gate.started(), 1);
}

#[tokio::test]
async fn a_cache_in_front_keeps_one_answer_for_each_kind_of_client() {
    let mut config = settings();
    config.policy.auto_webp = true;
    let server = Server::of(config, [("a.jpg", quadrants_file(40, 40, ImageFormat::Jpeg))]).await;
    let nginx = cache_before(&server).await;
    for cached in ["MISS", "HIT"] {
        for (accept, mime) in [("Accept: image/webp\r\n", "image/webp"), ("", "image/jpeg")] {
            let answer = nginx.request("GET", "/unsafe/20x20/a.jpg", accept).await;
            assert_eq!(seen(&answer), (200, Some(cached)), "{accept}");
            assert_eq!((answer.header("content-type"), answer.header("vary")), (Some(mime), Some("Accept")));
        }
    }
}

#[tokio::test]
async fn the_configuration_in_the_tree_keeps_what_it_should_and_nothing_else() {
    let mut config = settings();
    config.policy.auto_webp = true;
    let server = Server::of(config, [("a.jpg", quadrants_file(40, 40, ImageFormat::Jpeg))]).await;
    let conf = nginx::shipped("cdn.conf")
        .replace("tintype:8888", &server.address.to_string())
        .replace("/var/cache/nginx/pictures", "cache");
    let nginx = Nginx::serving(&conf).await;
    let chrome = "Accept: image/apng,image/webp;q=0.9,*/*;q=0.8\r\n";
    for (path, accept, expected) in [
        ("/unsafe/20x20/a.jpg", chrome, (200, Some("MISS"))),
        ("/unsafe/20x20/a.jpg?x=1", "Accept: image/webp\r\n", (200, Some("HIT"))),
        ("/unsafe/20x20/a.jpg?x=2", "Accept: image/*\r\n", (200, Some("MISS"))),
        ("/unsafe/20x20/a.jpg", "", (200, Some("HIT"))),
        ("/unsafe/20x20/filters:fill(%23ff0000)/a%2Ejpg", "", (200, Some("MISS"))),
        ("/unsafe/none.jpg", "", (404, Some("MISS"))),
        ("/unsafe/none.jpg", "", (404, Some("MISS"))),
        ("/-/filters", "", (200, None)),
        ("/image", "", (400, None)),
    ] {
        assert_eq!(seen(&nginx.request("GET", path, accept).await), expected, "{path} {accept}");
    }
}

#[tokio::test]
async fn an_answer_whose_time_is_over_is_confirmed_without_work_and_outlives_us() {
    let gate = Gate::open_wide();
    let mut config = settings();
    config.cache.max_bytes = 0;
    let server = Server::start(config, gate.work()).await;
    let nginx = cache_before(&server).await;
    let path = "/unsafe/filters:max_age(1)/a.png";
    let first = nginx.request("GET", path, "").await;
    assert_eq!(seen(&first), (200, Some("MISS")));
    let again = until(&nginx, path, "REVALIDATED").await;
    assert_eq!((again.etag(), gate.started()), (first.etag(), 1));
    server.stop().await.unwrap();
    let stale = until(&nginx, path, "STALE").await;
    assert_eq!((stale.status, &stale.body), (200, &first.body));
}

#[tokio::test]
async fn errors_are_kept_as_long_as_the_settings_say() {
    let asked_twice = async |config: Config, path: &str| {
        let server = Server::start(config, Gate::open_wide().work()).await;
        let nginx = cache_before(&server).await;
        let first = seen(&nginx.request("GET", path, "").await).0;
        let second = nginx.request("GET", path, "").await;
        (first, second.header("x-cache").map(str::to_owned))
    };
    let is = |cached: &str| Some(cached.to_owned());
    assert_eq!(asked_twice(settings(), "/unsafe/none.png").await, (404, is("MISS")));
    let mut config = settings();
    config.server.error_max_age_s = 30;
    assert_eq!(asked_twice(config.clone(), "/unsafe/none.png").await, (404, is("HIT")));
    assert_eq!(asked_twice(config.clone(), "/unsafe/text.png").await, (415, is("HIT")));
    assert_eq!(asked_twice(config.clone(), "/nonsense").await, (400, is("MISS")));
    config.fallback.image = Some("a.png".into());
    config.fallback.max_age_s = 30;
    assert_eq!(asked_twice(config.clone(), "/unsafe/none.png").await, (404, is("HIT")));
    config.fallback.max_age_s = 0;
    assert_eq!(asked_twice(config, "/unsafe/none.png").await, (404, is("MISS")));
}

#[tokio::test]
async fn originals_come_from_a_real_server() {
    let nginx = Nginx::start("location / { root files; }").await;
    fs::write(nginx.files().join("a b.png"), quadrants_file(40, 40, ImageFormat::Png)).unwrap();
    let loader = LoaderConfig {
        kind: LoaderKind::Http,
        allow_private: vec!["127.0.0.0/8".parse().unwrap()],
        ..LoaderConfig::default()
    };
    let loader = loader::from_config(&loader).unwrap();
    let mut config = settings();
    config.cache.max_bytes = 0;
    let server = Server::start_with(config, loader, job::run).await;
    let path = format!("/unsafe/20x10/http://{}/a%20b.png", nginx.address);
    let first = server.get(&path).await;
    assert_eq!(first.picture().dimensions(), (20, 10));
    assert_eq!(first.header("content-disposition"), Some("inline; filename=\"a b.png\""));
    let holding = format!("If-None-Match: {}\r\n", first.etag());
    assert_eq!(server.request("GET", &path, &holding).await.status, 304);
    fs::write(nginx.files().join("a b.png"), quadrants_file(60, 60, ImageFormat::Png)).unwrap();
    assert_eq!(server.request("GET", &path, &holding).await.status, 200);
    assert_eq!(server.get(&path.replace("a%20b", "none")).await.status, 404);
}
