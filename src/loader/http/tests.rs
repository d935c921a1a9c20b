//! Against an origin on loopback that answers as each test scripts it.

use super::*;
use crate::loader::conformance::{self, LIMIT_BYTES};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const CHANGED: &str = "Tue, 15 Nov 1994 08:12:31 GMT";

/// A server whose every answer is a script: it gets the connection after the request head was read.
struct Origin {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
}

impl Origin {
    async fn start<F, S>(script: S) -> Self
    where
        F: Future<Output = ()> + Send,
        S: Fn(TcpStream, String) -> F + Clone + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Self { address: listener.local_addr().unwrap(), requests: Arc::default() };
        let requests = Arc::clone(&origin.requests);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (script, requests) = (script.clone(), Arc::clone(&requests));
                tokio::spawn(async move {
                    let head = read_head(&mut stream).await;
                    requests.fetch_add(1, Ordering::SeqCst);
                    script(stream, head).await;
                });
            }
        });
        origin
    }

    /// An origin that gives the same bytes to everyone and closes.
    async fn saying(answer: impl Into<String>) -> Self {
        let answer = answer.into();
        Self::start(move |stream, _| say(stream, answer.clone())).await
    }

    fn id(&self, path: &str) -> String {
        conformance::quote(&self.url(path))
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

async fn say(mut stream: TcpStream, answer: String) {
    // The client may have gone, which is its right.
    let _ = stream.write_all(answer.as_bytes()).await;
}

fn whole(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn path_of(head: &str) -> String {
    head.split(' ').nth(1).unwrap_or_default().to_owned()
}

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
    let files: Arc<HashMap<_, _>> = Arc::new(conformance::originals().into_iter().collect());
    let origin = Origin::start(move |stream, head| {
        let name = percent_decode_str(&path_of(&head)[1..]).decode_utf8_lossy().into_owned();
        let body = files.get(&name).map(|body| String::from_utf8(body.to_vec()).unwrap());
        let known = |line: &str| head.to_ascii_lowercase().contains(&line.to_ascii_lowercase());
        let tagged = known("if-none-match");
        let unchanged = known("if-none-match: \"tag\"") || !tagged && known(&format!("if-modified-since: {CHANGED}"));
        let validators = format!("etag: \"tag\"\r\nlast-modified: {CHANGED}\r\n");
        say(
            stream,
            match body {
                None => whole("404 Not Found", "", "no"),
                Some(_) if unchanged => format!("HTTP/1.1 304 Not Modified\r\n{validators}connection: close\r\n\r\n"),
                Some(body) => whole("200 OK", &validators, &body),
            },
        )
    })
    .await;
    // Names that a URL cannot hold plainly have to come encoded twice, as in any client of Thumbor.
    let id_of = |name: &str| origin.id(&conformance::quote(name));
    conformance::run(&HttpLoader::new(&config()).unwrap(), &origin.id(""), id_of).await;
}

#[test]
fn ids_become_urls_as_thumbor_makes_them() {
    let check = |id: &str, expected: &str| {
        assert_eq!(source_url(id, "http").map(String::from).as_deref(), Some(expected), "{id}");
    };
    check("http%3A//host/a.jpg", "http://host/a.jpg");
    check("https%3A//host/a.jpg", "https://host/a.jpg");
    check("HTTP%3A//HOST/A.jpg", "http://host/A.jpg");
    check("host/a.jpg", "http://host/a.jpg");
    check("host%3A81/a.jpg", "http://host:81/a.jpg");
    check("//host/a.jpg", "http://host/a.jpg");
    check("http%3A/host/a.jpg", "http://host/a.jpg");
    check("httpbin.test/a.jpg", "http://httpbin.test/a.jpg");
    check("http%3A//host/a%20b.jpg", "http://host/a%20b.jpg");
    check("http%3A//host/a%2520b.jpg", "http://host/a%20b.jpg");
    check("http%3A//host/a%252Fb.jpg", "http://host/a%2Fb.jpg");
    check("http%3A//host/maracuj%C3%A1.jpg", "http://host/maracuj%C3%A1.jpg");
    check("http%3A//host/100%25.jpg", "http://host/100%25.jpg");
    check("http%3A//host/a%5B1%5D.jpg", "http://host/a%5B1%5D.jpg");
    check("http%3A//host/a%28b%29%21%2A%27.jpg", "http://host/a(b)!*'.jpg");
    check("http%3A//host/a%7Cb%22c%3Cd.jpg", "http://host/a%7Cb%22c%3Cd.jpg");
    check("http%3A//host/a.jpg%3Fw%3D1%26h%3D2", "http://host/a.jpg?w=1&h=2");
    check("http%3A//host/a.jpg%23part", "http://host/a.jpg");
    check("http%3A//%5B2001%3Adb8%3A%3A1%5D%3A80/a", "http://[2001:db8::1]/a");
    check("host", "http://host/");
    assert_eq!(source_url("host/a", "https").map(String::from).as_deref(), Some("https://host/a"));
    assert_eq!(source_url("http%3A//host/a", "https").map(String::from).as_deref(), Some("http://host/a"));
    for id in ["http%3A///x.jpg", "https%3A//", "http%3A//%3Fx", "http%3A//%5Cx", "http%3A//%FF/", "http%3A//a b/", ""]
    {
        assert_eq!(source_url(id, "http"), None, "{id}");
    }
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
