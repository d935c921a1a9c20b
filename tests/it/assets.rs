//! Pictures to draw with come the way sources do: the same loaders, guards and limits; each fault has its status.

use crate::support::fixtures::{huge_png_header, quadrants_file, small_png};
use crate::support::{Gate, Origin, Server, eventually, jobs, settings};
use async_trait::async_trait;
use futures_util::future::join_all;
use image::ImageFormat;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tintype::config::{Config, LoaderConfig, LoaderKind};
use tintype::loader::{self, Conditions, LoadError, Loaded, Loader, MemoryLoader};
use tintype::pipeline::job;

fn big_png() -> Vec<u8> {
    quadrants_file(40, 20, ImageFormat::Png)
}

/// A header of a picture of 3 by 2 pixels, and nothing behind it that makes sense.
fn broken_webp() -> Vec<u8> {
    let size = ((3_u32 - 1) | ((2 - 1) << 14)).to_le_bytes();
    [b"RIFF\x1a\0\0\0WEBPVP8L\x0e\0\0\0\x2f".as_slice(), &size, &[0xff; 9]].concat()
}

async fn faulty() -> Server {
    let files = [
        ("a.png", big_png()),
        ("w.png", small_png()),
        ("text.png", b"not a picture".to_vec()),
        ("half.png", small_png()[..20].to_vec()),
        ("broken.webp", broken_webp()),
        ("huge.png", huge_png_header()),
    ];
    Server::of(settings(), files).await
}

#[tokio::test]
async fn a_picture_that_is_missing_or_none_is_the_callers_fault_and_named() {
    let server = faulty().await;
    for name in ["none.png", "text.png", "half.png", "broken.webp", "huge.png", "../a.png", "."] {
        for call in [format!("watermark({name},0,0,0)"), format!("frame({name})")] {
            let answer = server.get(&format!("/unsafe/filters:{call}/a.png")).await;
            assert_eq!(answer.status, 400, "{call}: {}", answer.text());
            assert!(answer.text().starts_with(&format!("picture `{name}`: ")), "{call}: {}", answer.text());
        }
    }
    assert_eq!(server.get("/unsafe/filters:watermark(none.png,0,0,0)/none.jpg").await.status / 100, 4);
    // Nothing is drawn, nothing can be wrong.
    assert_eq!(server.get("/unsafe/filters:watermark(none.png,x,0,0)/a.png").await.status, 200);
}

#[tokio::test]
async fn number_and_size_are_limited() {
    let mut config = settings();
    config.policy.max_assets = 3;
    config.limits.max_canvas_px = 4_000;
    let server = Server::of(config, [("a.png", big_png()), ("w.png", small_png())]).await;
    let path = |calls: &[&str]| format!("/unsafe/filters:{}/a.png", calls.join(":"));
    let mark = "watermark(w.png,0,0,0)";
    assert_eq!(server.get(&path(&[mark; 3])).await.status, 200);
    let answer = server.get(&path(&[mark; 4])).await;
    assert_eq!((answer.status, answer.text()), (400, "4 pictures besides the source exceed the limit of 3\n"));
    for (ratio, status) in [("200,200", 200), ("400,none", 400), ("none,4000000000", 400)] {
        let answer = server.get(&path(&[&format!("watermark(w.png,0,0,0,{ratio})")])).await;
        assert_eq!(answer.status, status, "{ratio}");
        assert!(status == 200 || answer.text().contains("4000"), "{}", answer.text());
    }
    let wide = "watermark(w.png,0,0,0,180)"; // 72x48
    assert_eq!(server.get(&path(&[wide])).await.status, 200);
    assert_eq!(server.get(&path(&[wide, wide])).await.status, 400);
}

fn over_http(allow_private: &[&str]) -> (Config, Arc<dyn Loader>) {
    let mut config = settings();
    config.loader = LoaderConfig {
        kind: LoaderKind::Http,
        allow_private: allow_private.iter().map(|network| network.parse().unwrap()).collect(),
        request_timeout: Duration::from_millis(700),
        ..LoaderConfig::default()
    };
    let loader = loader::from_config(&config.loader).unwrap();
    (config, loader)
}

/// The source from memory, everything else over HTTP.
#[derive(Debug)]
struct SourceFromMemory(MemoryLoader, Arc<dyn Loader>);

impl fmt::Display for SourceFromMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, then {}", self.0, self.1)
    }
}

#[async_trait]
impl Loader for SourceFromMemory {
    async fn load(&self, id: &str, asked: &Conditions) -> Result<Loaded, LoadError> {
        match self.0.load(id, asked).await {
            Err(LoadError::NotFound) => self.1.load(id, asked).await,
            settled => settled,
        }
    }
}

async fn http_server(allow_private: &[&str]) -> Server {
    let (config, http) = over_http(allow_private);
    let loader = SourceFromMemory(MemoryLoader::new([("a.png", big_png())]), http);
    Server::start_with(config, Arc::new(loader), job::run).await
}

#[tokio::test]
async fn addresses_are_read_raw_encoded_quoted_and_with_merged_slashes_and_decoded_once() {
    let origin = Origin::giving(small_png()).await;
    let server = http_server(&["127.0.0.0/8"]).await;
    let host = origin.address;
    let encoded = host.to_string().replace(':', "%3A");
    for (written, path) in [
        (format!("http://{host}/raw.png"), "/raw.png"),
        (format!("http%3A%2F%2F{encoded}%2Fencoded.png"), "/encoded.png"),
        (format!("http%3a%2f%2f{encoded}%2flower.png"), "/lower.png"),
        (format!("http:/{host}/merged.png"), "/merged.png"),
        (format!("http%3A/{host}/both.png"), "/both.png"),
        (format!("'http://{host}/a%2Cb.png'"), "/a,b.png"),
        (format!("http://{host}/query.png%3Fw=1%26h=2"), "/query.png?w=1&h=2"),
        (format!("http://{host}/a%20b.png"), "/a%20b.png"),
        (format!("http://{host}/a%2520b.png"), "/a%20b.png"),
        (format!("http://{host}/a%252520b.png"), "/a%2520b.png"),
        (format!("{host}/no-scheme.png"), "/no-scheme.png"),
        (format!("http://{host}/(1).png"), "/(1).png"),
    ] {
        let answer = server.get(&format!("/unsafe/filters:watermark({written},0,0,0)/a.png")).await;
        assert_eq!(answer.status, 200, "{written}: {}", String::from_utf8_lossy(&answer.body));
        assert_eq!(answer.picture().get_pixel(0, 0).0, [255, 0, 0, 255], "{written}");
        let asked = origin.asked();
        assert_eq!(asked.last().map(String::as_str), Some(path), "{written}");
    }
}

#[tokio::test]
async fn hosts_that_must_not_be_asked_are_not() {
    let origin = Origin::giving(small_png()).await;
    let server = http_server(&[]).await;
    let port = origin.address.port();
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "10.0.0.1",
        "169.254.169.254",
        "192.168.0.1",
    ] {
        for url in [
            format!("http://{host}:{port}/x.png"),
            format!("http:/{host}:{port}/x.png"),
            format!("{host}:{port}/x.png"),
        ] {
            for call in [format!("watermark({url},0,0,0)"), format!("frame({url})")] {
                let started = Instant::now();
                let encoded = call.replace('[', "%5B").replace(']', "%5D");
                let answer = server.get(&format!("/unsafe/filters:{encoded}/a.png")).await;
                assert_eq!(answer.status, 400, "{call}: {}", answer.text());
                assert!(answer.text().starts_with("picture `"), "{call}: {}", answer.text());
                assert!(started.elapsed() < Duration::from_millis(500), "{call}");
            }
        }
    }
    assert_eq!(origin.asked(), [""; 0]);
}

#[tokio::test]
async fn faults_of_the_other_host_are_told_as_for_sources() {
    let origin = Origin::giving(small_png()).await;
    let server = http_server(&["127.0.0.0/8"]).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (url, status) in [
        (format!("http://{}/missing.png", origin.address), 400),
        (format!("http://{nobody}/x.png"), 502),
        (format!("http://{}/slow.png", origin.address), 504),
        ("http://".to_owned(), 400),
    ] {
        let answer = server.get(&format!("/unsafe/filters:watermark({url},0,0,0)/a.png")).await;
        assert_eq!(answer.status, status, "{url}: {}", answer.text());
        assert!(answer.text().starts_with("picture `"), "{}", answer.text());
    }
}

/// Counts loads and holds them back for a while.
#[derive(Clone, Debug)]
struct Counting {
    files: MemoryLoader,
    loads: Arc<AtomicUsize>,
}

impl fmt::Display for Counting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.fmt(f)
    }
}

#[async_trait]
impl Loader for Counting {
    async fn load(&self, id: &str, asked: &Conditions) -> Result<Loaded, LoadError> {
        if id.starts_with('w') {
            self.loads.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        self.files.load(id, asked).await
    }
}

async fn counting(asset_cache_bytes: u64) -> (Server, Arc<AtomicUsize>) {
    let mut config = settings();
    config.cache.max_bytes = 0;
    config.assets.max_bytes = asset_cache_bytes;
    let files = MemoryLoader::new([("a.png", big_png()), ("w.png", small_png())]);
    let loader = Counting { files, loads: Arc::default() };
    let loads = Arc::clone(&loader.loads);
    (Server::start_with(config, Arc::new(loader), job::run).await, loads)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_fetch_one_mark_once_and_it_is_kept() {
    let (server, loads) = counting(1 << 20).await;
    let paths: Vec<_> =
        (0..30).map(|x| format!("/unsafe/filters:watermark(w.png,{x},0,0):watermark(w.png,0,3,0)/a.png")).collect();
    for answer in join_all(paths.iter().map(|path| server.get(path))).await {
        assert_eq!(answer.status, 200);
    }
    assert_eq!(server.get("/unsafe/filters:watermark(w.png,31,0,0)/a.png").await.status, 200);
    assert_eq!(loads.load(Ordering::SeqCst), 1);
    let (server, loads) = counting(0).await;
    for _ in 0..2 {
        assert_eq!(server.get(&paths[0]).await.status, 200);
    }
    assert_eq!(loads.load(Ordering::SeqCst), 2); // without a cache, once for each request
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn source_and_marks_come_at_the_same_time_and_need_one_slot() {
    let gate = Gate::closed();
    let mut config = settings();
    config.admission.workers = 1;
    config.admission.max_queue = 2;
    let files = MemoryLoader::new([("a.png", big_png()), ("w.png", small_png())]);
    let loader = Counting { files, loads: Arc::default() };
    let server = Server::start_with(config, Arc::new(loader), gate.work()).await;
    let mut client = server.asked("/unsafe/filters:watermark(w.png,1,0,0):frame(w.png)/a.png").await;
    eventually("the one job has begun", || gate.started() == 1).await;
    assert_eq!(server.pipeline.waiting(), 0);
    gate.open();
    assert_eq!(client.answer("GET").await.body, jobs::BODY);
}
