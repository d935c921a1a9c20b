//! What Prometheus and `StatsD` are told.

use crate::support::fixtures::small_png;
use crate::support::program::{Serving, address_in};
use crate::support::python::read_by;
use crate::support::{Client, Receiver, eventually};
use serde_json::Value;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;

/// Metrics read by the parser of Prometheus' own client for Python.
struct Metrics(Vec<(String, Value, f64)>);

impl Metrics {
    async fn of(address: SocketAddr) -> Self {
        let mut client = Client::connect(address).await;
        client.ask("GET", "/-/metrics", "").await;
        let answer = client.answer("GET").await;
        assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        Self(serde_json::from_value(read_by("parse.py", &answer.body)).unwrap())
    }

    /// The sum of all samples of this name that have these labels.
    fn get(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let fits = |told: &Value| labels.iter().all(|(label, word)| told[label] == *word);
        self.0.iter().filter(|(told, has, _)| told == name && fits(has)).map(|(.., value)| value).sum()
    }
}

/// Where operators ask.
fn operators(serving: &Serving) -> SocketAddr {
    address_in(&serving.line("metrics and checks of health on"))
}

fn start(more: &[(&str, &str)]) -> (tempfile::TempDir, Serving) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.png"), small_png()).unwrap();
    std::fs::write(folder.path().join("b.png"), "no picture").unwrap();
    let environment = [&[("ALLOW_UNSAFE_URL", "true"), ("METRICS_PORT", "0")], more].concat();
    let serving = Serving::start(folder.path(), &["--host", "127.0.0.1", "-p", "0"], &environment);
    (folder, serving)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_is_counted_once_and_read_by_prometheus() {
    let (_folder, serving) = start(&[
        ("RESULT_STORAGE", "file"),
        ("RESULT_STORAGE_FILE_STORAGE_ROOT_PATH", "results"),
        ("RESULT_STORAGE_STORES_UNSAFE", "true"),
    ]);
    let expected = [
        ("/unsafe/2x2/a.png", 200),
        ("/unsafe/2x2/a.png", 200),
        ("/unsafe/filters:format(webp)/a.png", 200),
        ("/unsafe/missing.png", 404),
        ("/unsafe/b.png", 415),
        ("/nonsense", 400),
        ("/healthcheck", 200),
    ];
    for (path, status) in expected {
        assert_eq!(serving.status(path).await, status, "{path}");
    }
    let metrics = Metrics::of(operators(&serving)).await;
    let check = |name: &str, labels: &[(&str, &str)], expected: f64| {
        let found = metrics.get(name, labels);
        assert!((found - expected).abs() < 1e-9, "{name} {labels:?}: {found}");
    };
    check("tintype_requests_total", &[], 6.0);
    check("tintype_requests_total", &[("status", "200"), ("format", "png")], 2.0);
    check("tintype_requests_total", &[("status", "200"), ("format", "webp")], 1.0);
    check("tintype_requests_total", &[("status", "404"), ("format", "none")], 1.0);
    check("tintype_request_seconds_count", &[("cache", "hit")], 1.0);
    check("tintype_request_seconds_count", &[("cache", "miss")], 2.0);
    for stage in ["queue", "decode", "transform", "encode"] {
        check("tintype_stage_seconds_count", &[("stage", stage)], 2.0);
    }
    check("tintype_failed_total", &[("kind", "source_not_found")], 1.0);
    check("tintype_failed_total", &[("kind", "source_not_an_image")], 1.0);
    check("tintype_failed_total", &[], 3.0);
    check("tintype_fetches_total", &[("source", "file"), ("outcome", "ok")], 3.0);
    check("tintype_fetches_total", &[("source", "file"), ("outcome", "missing")], 1.0);
    check("tintype_fetch_seconds_count", &[("source", "file")], 4.0);
    let bytes = u32::try_from(2 * small_png().len() + "no picture".len()).unwrap();
    check("tintype_fetched_bytes_total", &[("source", "file")], bytes.into());
    check("tintype_storage_events_total", &[("storage", "results"), ("event", "miss")], 4.0);
    check("tintype_requests_in_flight", &[], 0.0);
    check("tintype_shed_total", &[], 0.0);
    check("tintype_workers_busy", &[], 0.0);
    check("tintype_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1.0);
    for positive in
        ["process_resident_memory_bytes", "process_cpu_seconds_total", "tintype_workers", "tintype_cache_bytes"]
    {
        assert!(metrics.get(positive, &[]) > 0.0, "{positive}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn metrics_show_requests_under_way_and_those_whose_clients_left() {
    let origin = Receiver::holding(small_png()).await;
    let (_folder, serving) = start(&[
        ("LOADER", "http"),
        ("ALLOW_PRIVATE_SOURCES", "127.0.0.1"),
        ("MAX_QUEUE", "2"),
        ("READY_MAX_QUEUE", "1"),
    ]);
    let operators = operators(&serving);
    let mut clients = Vec::new();
    for name in ["a", "b"] {
        let mut client = Client::connect(serving.address).await;
        client.ask("GET", &format!("/unsafe/http://{}/{name}.png", origin.address), "").await;
        clients.push(client);
    }
    eventually("both fetch", || origin.letters().len() == 2).await;
    let ready = async || {
        let mut client = Client::connect(operators).await;
        client.ask("GET", "/-/readyz", "").await;
        let answer = client.answer("GET").await;
        (answer.status, answer.text().to_owned())
    };
    assert_eq!(ready().await, (503, "busy".into()));
    let metrics = Metrics::of(operators).await;
    assert!((metrics.get("tintype_requests_in_flight", &[]) - 2.0).abs() < 1e-9);
    assert!((metrics.get("tintype_waiting", &[]) - 2.0).abs() < 1e-9);
    assert_eq!(serving.status(&format!("/unsafe/http://{}/c.png", origin.address)).await, 503);
    clients.pop();
    origin.release();
    assert_eq!(clients[0].answer("GET").await.status, 200);
    assert_eq!(ready().await, (200, "ready".into()));
    let metrics = Metrics::of(operators).await;
    assert!((metrics.get("tintype_shed_total", &[("short_of", "places")]) - 1.0).abs() < 1e-9);
    assert!((metrics.get("tintype_abandoned_total", &[]) - 1.0).abs() < 1e-9);
    assert!(metrics.get("tintype_fetch_seconds_sum", &[("source", "http")]) > 0.0);
}

#[tokio::test]
async fn metrics_are_not_public_unless_the_settings_say_so() {
    let (_folder, serving) = start(&[]);
    assert_eq!(serving.status("/-/metrics").await, 404);
    let mut client = Client::connect(operators(&serving)).await;
    client.ask("GET", "/unsafe/a.png", "").await;
    assert_eq!(client.answer("GET").await.status, 404, "pictures are not served there");
    let (_folder, serving) = start(&[("METRICS_PUBLIC", "true")]);
    assert!(Metrics::of(serving.address).await.get("tintype_build_info", &[]) > 0.0);
}

#[tokio::test]
async fn statsd_gets_what_thumbor_would_send() {
    let server = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let port = server.local_addr().unwrap().port().to_string();
    let origin = Receiver::answering(small_png()).await;
    let (_folder, serving) = start(&[
        ("LOADER", "http"),
        ("ALLOW_PRIVATE_SOURCES", "127.0.0.1"),
        ("STATSD_HOST", "127.0.0.1"),
        ("STATSD_PORT", &port),
        ("STATSD_PREFIX", "pics"),
    ]);
    assert_eq!(serving.status(&format!("/unsafe/2x2/smart/http://{}/a.png", origin.address)).await, 200);
    let host = origin.address.to_string().replace(['.', ':'], "_");
    let mut wanted = vec![
        "pics.storage.miss:1|c".to_owned(),
        "pics.original_image.status.200:1|c".to_owned(),
        format!("pics.original_image.fetch.count.200.{host}:1|c"),
        format!("pics.original_image.response_bytes:{}|c", small_png().len()),
        "pics.response.count:1|c".to_owned(),
        "pics.response.status.200:1|c".to_owned(),
        "pics.response.format.png:1|c".to_owned(),
        "pics.response.smart.count:1|c".to_owned(),
    ];
    let mut packet = vec![0; 2048];
    while !wanted.is_empty() {
        let came = tokio::time::timeout(Duration::from_secs(20), server.recv(&mut packet)).await;
        let bytes = came.unwrap_or_else(|_| panic!("never came: {wanted:?}")).unwrap();
        assert!(bytes <= 1400, "{bytes}");
        let text = std::str::from_utf8(&packet[..bytes]).unwrap();
        assert!(text.lines().all(|line| line.starts_with("pics.")), "{text}");
        wanted.retain(|line| text.lines().all(|told| told != line));
    }
}
