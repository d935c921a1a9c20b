//! Against an origin on loopback that answers as each test scripts it.

use super::*;
use crate::loader::conformance::{self, LIMIT_BYTES};
use crate::loader::origin::{Origin, path_of, say, whole};
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

mod connections;
mod forwarding;

/// Settings under which the origin on loopback may be asked.
fn config() -> LoaderConfig {
    LoaderConfig {
        max_bytes: LIMIT_BYTES,
        allow_private: vec!["127.0.0.0/8".parse().unwrap()],
        request_timeout: Duration::from_secs(5),
        ..LoaderConfig::default()
    }
}

async fn load(config: &LoaderConfig, id: &str) -> Result<Bytes, LoadError> {
    conformance::body(&HttpLoader::new(config).unwrap(), id).await
}

#[tokio::test]
async fn keeps_the_loader_contract() {
    let origin = Origin::of_originals("/").await;
    // Names that a URL cannot hold plainly have to come encoded twice, as in any client of Thumbor.
    let id_of = |name: &str| origin.id(&conformance::quote(name));
    conformance::run(&HttpLoader::new(&config()).unwrap(), &origin.id(""), id_of).await;
}

#[tokio::test]
async fn the_origin_sees_thumbors_headers_and_no_cookies() {
    let origin = Origin::start(|stream, head| say(stream, whole("200 OK", "set-cookie: a=b\r\n", &head))).await;
    let loader = HttpLoader::new(&config()).unwrap();
    for _ in 0..2 {
        let head = conformance::body(&loader, &origin.id("a.jpg?q=1")).await.unwrap();
        let head = String::from_utf8(head.to_vec()).unwrap();
        let mut lines: Vec<_> = head.trim_end().split("\r\n").collect();
        lines[1..].sort_unstable();
        let (accept, agent) = ("accept: image/*;q=0.9,*/*;q=0.1", format!("user-agent: {}", config().user_agent));
        assert_eq!(lines, ["GET /a.jpg?q=1 HTTP/1.1", accept, &format!("host: {}", origin.address), &agent]);
    }
}

#[tokio::test]
async fn statuses_keep_their_meaning() {
    for status in ["404 Not Found", "410 Gone"] {
        let origin = Origin::saying(whole(status, "", "no")).await;
        let answer = load(&config(), &origin.id("a")).await;
        assert!(matches!(answer, Err(LoadError::NotFound)), "{status}: {answer:?}");
    }
    for status in [304, 400, 401, 403, 418, 429, 500, 502, 503, 302] {
        let origin = Origin::saying(whole(&format!("{status} Text"), "", "")).await;
        let answer = load(&config(), &origin.id("a")).await;
        assert!(matches!(answer, Err(LoadError::Upstream { status: got }) if got == status), "{status}: {answer:?}");
    }
    for empty in ["HTTP/1.1 204 No Content\r\n\r\n".into(), whole("200 OK", "", "")] {
        let answer = load(&config(), &Origin::saying(empty).await.id("a")).await;
        assert!(matches!(answer, Err(LoadError::Empty)), "{answer:?}");
    }
}

#[tokio::test]
async fn redirects_are_followed_so_many_times() {
    let origin = Origin::start(|stream, head| {
        let left: usize = path_of(&head).trim_matches('/').parse().unwrap_or(0);
        let codes = ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"];
        let onward = |left: usize| whole(codes[left % codes.len()], &format!("location: {}\r\n", left - 1), "");
        say(stream, if left == 0 { whole("200 OK", "", "done") } else { onward(left) })
    })
    .await;
    assert_eq!(load(&config(), &origin.id("5")).await.unwrap(), "done");
    assert!(matches!(load(&config(), &origin.id("6")).await, Err(LoadError::TooManyRedirects { limit: 5 })));
    let none = LoaderConfig { max_redirects: 0, ..config() };
    assert!(matches!(load(&none, &origin.id("1")).await, Err(LoadError::TooManyRedirects { limit: 0 })));
    assert_eq!(load(&none, &origin.id("0")).await.unwrap(), "done");
}

#[tokio::test]
async fn every_hop_is_judged() {
    let inside = Origin::saying(whole("200 OK", "", "secret")).await;
    let port = inside.address.port();
    let targets = [
        (format!("http://[::1]:{port}/"), Refusal::PrivateAddress),
        (format!("http://[::ffff:10.0.0.1]:{port}/"), Refusal::PrivateAddress),
        ("http://169.254.169.254/latest/meta-data".into(), Refusal::PrivateAddress),
        ("//10.0.0.1/".into(), Refusal::PrivateAddress),
        (format!("http://0:{port}/"), Refusal::PrivateAddress),
        ("file:///etc/passwd".into(), Refusal::Scheme),
        (format!("gopher://127.0.0.1:{port}/"), Refusal::Scheme),
    ];
    for (target, expected) in targets {
        let origin = Origin::saying(whole("302 Found", &format!("location: {target}\r\n"), "")).await;
        let answer = load(&config(), &origin.id("a")).await;
        assert!(
            matches!(answer, Err(LoadError::NotAllowed { reason, .. }) if reason == expected),
            "{target}: {answer:?}"
        );
        assert_eq!(origin.requests(), 1, "{target}");
    }
    let listed = LoaderConfig { allowed_sources: vec!["127.0.0.1".into()], ..config() };
    let origin = Origin::saying(whole("302 Found", &format!("location: http://127.0.0.2:{port}/\r\n"), "")).await;
    let answer = load(&listed, &origin.id("a")).await;
    assert!(matches!(&answer, Err(LoadError::NotAllowed { host, reason: Refusal::NotListed }) if host == "127.0.0.2"));
    assert_eq!(inside.requests(), 0);
}

#[tokio::test]
async fn nothing_on_loopback_is_asked_by_default() {
    let origin = Origin::saying(whole("200 OK", "", "secret")).await;
    let (port, closed) = (origin.address.port(), LoaderConfig { allow_private: Vec::new(), ..config() });
    let started = Instant::now();
    for host in ["127.0.0.1", "localhost", "LOCALHOST", "127.1", "0x7f.1", "2130706433", "[::1]", "0", "u:p@localhost"]
    {
        let answer = load(&closed, &conformance::quote(&format!("http://{host}:{port}/a.jpg"))).await;
        let private = |reason| reason == Refusal::PrivateAddress;
        assert!(matches!(answer, Err(LoadError::NotAllowed { reason, .. }) if private(reason)), "{host}: {answer:?}");
    }
    assert_eq!(origin.requests(), 0);
    assert!(started.elapsed() < Duration::from_secs(5));
    let by_name = conformance::quote(&format!("http://localhost:{port}/a.jpg"));
    assert_eq!(load(&config(), &by_name).await.unwrap(), "secret");
}

#[tokio::test]
async fn an_endless_body_is_cut_at_the_limit() {
    for head in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"] {
        let sent = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&sent);
        let origin = Origin::start(move |mut stream, _| {
            let sent = Arc::clone(&counter);
            async move {
                let _ = stream.write_all(head.as_bytes()).await;
                let block = if head.contains("chunked") {
                    format!("400\r\n{}\r\n", "x".repeat(1024))
                } else {
                    "x".repeat(1024)
                };
                while stream.write_all(block.as_bytes()).await.is_ok() {
                    sent.fetch_add(block.len() as u64, Ordering::SeqCst);
                }
            }
        })
        .await;
        let answer = load(&LoaderConfig { max_bytes: 100_000, ..config() }, &origin.id("a")).await;
        assert!(matches!(answer, Err(LoadError::TooLarge { limit_bytes: 100_000 })), "{answer:?}");
        assert!(sent.load(Ordering::SeqCst) < 16 << 20, "{sent:?} bytes were taken");
    }
}

#[tokio::test]
async fn a_lying_length_is_no_use() {
    let long = Origin::saying("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nshort").await;
    let answer = load(&config(), &long.id("a")).await;
    assert!(matches!(answer, Err(LoadError::Broken { .. })), "{answer:?}");
    let huge = Origin::start(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999\r\n\r\n").await;
        std::future::pending::<()>().await;
    })
    .await;
    let answer = load(&config(), &huge.id("a")).await;
    assert!(matches!(answer, Err(LoadError::TooLarge { limit_bytes: LIMIT_BYTES })), "{answer:?}");
    let short = Origin::saying("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokay, and more").await;
    assert_eq!(load(&config(), &short.id("a")).await.unwrap(), "ok");
}

#[tokio::test]
async fn answers_that_are_no_http_are_broken() {
    for answer in [
        "",
        "nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let got = load(&config(), &Origin::saying(answer).await.id("a")).await;
        assert!(matches!(got, Err(LoadError::Broken { .. })), "{answer:?}: {got:?}");
    }
}

#[tokio::test]
async fn a_slow_origin_is_given_up_in_time() {
    let impatient = LoaderConfig { request_timeout: Duration::from_millis(300), ..config() };
    for head in ["", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nbegin"] {
        let origin = Origin::start(move |mut stream, _| async move {
            let _ = stream.write_all(head.as_bytes()).await;
            std::future::pending::<()>().await;
        })
        .await;
        let started = Instant::now();
        let answer = load(&impatient, &origin.id("a")).await;
        assert!(matches!(answer, Err(LoadError::Timeout)), "{answer:?}");
        assert!(started.elapsed() < Duration::from_secs(3));
    }
}

#[tokio::test]
async fn a_closed_port_is_unreachable() {
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let answer = load(&config(), &conformance::quote(&format!("http://{address}/a.jpg"))).await;
    assert!(matches!(&answer, Err(LoadError::Unreachable { host, .. }) if host == "127.0.0.1"), "{answer:?}");
}

#[tokio::test]
async fn no_more_originals_are_fetched_at_a_time_than_allowed() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = (Arc::clone(&now), Arc::clone(&most));
    let origin = Origin::start(move |stream, _| {
        let (now, most) = (Arc::clone(&seen.0), Arc::clone(&seen.1));
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            say(stream, whole("200 OK", "", "x")).await;
        }
    })
    .await;
    let loader = Arc::new(HttpLoader::new(&LoaderConfig { max_clients: 2, ..config() }).unwrap());
    let loads = (0..6).map(|_| {
        let (loader, id) = (Arc::clone(&loader), origin.id("a"));
        tokio::spawn(async move { conformance::body(&*loader, &id).await.unwrap() })
    });
    for load in loads.collect::<Vec<_>>() {
        assert_eq!(load.await.unwrap(), "x");
    }
    assert_eq!((origin.requests(), most.load(Ordering::SeqCst)), (6, 2));
}
