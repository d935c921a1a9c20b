//! What origins do wrong becomes the right status, and one that does wrong hurts only itself.

use crate::support::fixtures::small_png;
use crate::support::{Client, Server, settings};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tintype::config::{Config, LoaderKind};
use tintype::loader;
use tintype::pipeline::job;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// An origin that does what its paths say.
async fn scripted() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    match stream.read_u8().await {
                        Ok(byte) => head.push(byte),
                        Err(_) => return,
                    }
                }
                let head = String::from_utf8(head).unwrap();
                // The server may have gone, which is its right.
                drop(answer(&mut stream, &head, address).await);
            });
        }
    });
    address
}

async fn answer(stream: &mut TcpStream, head: &str, address: SocketAddr) -> std::io::Result<()> {
    let picture = small_png();
    let plain = |status: &str, headers: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    let redirect = |to: &str| plain("302 Found", &format!("location: {to}\r\n"), b"");
    let action = head.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
    let status = action.strip_prefix("status-");
    let bytes = match action.as_str() {
        _ if status.is_some() => plain(&format!("{} Text", status.unwrap()), "", b"no"),
        "picture" => plain("200 OK", "", &picture),
        "created" => plain("201 Created", "", &picture),
        "no-content" => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        "unasked-304" => b"HTTP/1.1 304 Not Modified\r\n\r\n".to_vec(),
        "empty" => plain("200 OK", "", b""),
        "closes" => Vec::new(),
        "garbage" => b"\x16\x03\x01nonsense\r\n\r\n".to_vec(),
        "half-a-head" => b"HTTP/1.1 200 OK\r\ncontent-le".to_vec(),
        "bad-length" => b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\nx".to_vec(),
        "two-lengths" => b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx".to_vec(),
        "long-head" => format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(1 << 20)).into_bytes(),
        "short" => [b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\n".as_slice(), &picture].concat(),
        "bad-chunks" => b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_vec(),
        "cut-chunks" => b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n".to_vec(),
        "huge" => b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999999\r\n\r\n".to_vec(),
        "text" => plain("200 OK", "content-type: image/png\r\n", b"not a picture"),
        "html" => plain("200 OK", "content-type: text/html\r\n", b"<html><body>not found</body></html>"),
        "truncated" => plain("200 OK", "", &picture[..20]),
        "redirected" => redirect("/picture"),
        "loop" => redirect("/loop"),
        "nowhere" => plain("302 Found", "", b""),
        "to-nonsense" => redirect("http://[/"),
        "to-file" => redirect("file:///etc/passwd"),
        "to-inside" => redirect(&format!("http://127.0.0.2:{}/picture", address.port())),
        "to-metadata" => redirect("http://169.254.169.254/latest/meta-data/"),
        "to-inside-twice" => redirect("/to-inside"),
        "refresh" => plain("200 OK", "refresh: 0; url=/picture\r\n", b"<html></html>"),
        "slow" => return std::future::pending().await,
        "slow-body" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nx").await?;
            return std::future::pending().await;
        }
        "endless" | "endless-chunks" => {
            let chunked = action == "endless-chunks";
            let more = if chunked { "transfer-encoding: chunked\r\n" } else { "" };
            stream.write_all(format!("HTTP/1.1 200 OK\r\n{more}\r\n").as_bytes()).await?;
            let block = "x".repeat(4096);
            let block = if chunked { format!("1000\r\n{block}\r\n") } else { block };
            loop {
                stream.write_all(block.as_bytes()).await?;
            }
        }
        "reset" => {
            stream.set_zero_linger()?;
            Vec::new()
        }
        other => panic!("no script for `{other}`"),
    };
    stream.write_all(&bytes).await
}

fn config(request_timeout: Duration) -> Config {
    let mut config = settings();
    config.loader.kind = LoaderKind::Http;
    config.loader.allow_private = vec!["127.0.0.1/32".parse().unwrap()];
    config.loader.max_bytes = 1 << 20;
    config.loader.request_timeout = request_timeout;
    config
}

async fn server(config: Config) -> Server {
    let loader = loader::from_config(&config.loader).unwrap();
    Server::start_with(config, loader, job::run).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_of_an_origin_has_its_status() {
    let origin = scripted().await;
    let server = server(config(Duration::from_secs(1))).await;
    let rows = [
        ("picture", 200),
        ("created", 200),
        ("redirected", 200),
        ("status-404", 404),
        ("status-410", 404),
        ("status-400", 502),
        ("status-401", 502),
        ("status-403", 502),
        ("status-405", 502),
        ("status-418", 502),
        ("status-429", 502),
        ("status-451", 502),
        ("status-500", 502),
        ("status-501", 502),
        ("status-502", 502),
        ("status-503", 502),
        ("status-504", 502),
        ("status-599", 502),
        ("status-300", 502),
        ("no-content", 502),
        ("unasked-304", 502),
        ("empty", 502),
        ("closes", 502),
        ("reset", 502),
        ("garbage", 502),
        ("half-a-head", 502),
        ("bad-length", 502),
        ("two-lengths", 502),
        ("long-head", 502),
        ("short", 502),
        ("bad-chunks", 502),
        ("cut-chunks", 502),
        ("loop", 502),
        ("nowhere", 502),
        ("to-nonsense", 502),
        ("slow", 504),
        ("slow-body", 504),
        ("huge", 413),
        ("endless", 413),
        ("endless-chunks", 413),
        ("text", 415),
        ("html", 415),
        ("refresh", 415),
        ("truncated", 422),
        ("to-file", 400),
        ("to-inside", 400),
        ("to-inside-twice", 400),
        ("to-metadata", 400),
    ];
    for (action, status) in rows {
        let answer = server.get(&format!("/unsafe/http://{origin}/{action}")).await;
        assert_eq!(answer.status, status, "{action}: {}", String::from_utf8_lossy(&answer.body));
        let kept = answer.header("cache-control").unwrap_or_default().to_owned();
        assert!(status == 200 || kept == "no-store", "{action}: {kept}");
    }
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(server.get(&format!("/unsafe/http://{closed}/picture")).await.status, 502);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_dead_origin_hurts_only_itself() {
    let (dead, alive) = (scripted().await, scripted().await);
    let server = server(config(Duration::from_secs(3))).await;
    let mut hung: Vec<Client> = Vec::new();
    for at in 0..60 {
        hung.push(server.asked(&format!("/unsafe/{}x0/http://{dead}/slow", at + 1)).await);
    }
    crate::support::eventually("all wait", || server.pipeline.passengers() == 60).await;
    let started = Instant::now();
    assert_eq!(server.get("/healthcheck").await.status, 200);
    let health = started.elapsed();
    let asked = Instant::now();
    assert_eq!(server.get(&format!("/unsafe/http://{alive}/picture")).await.status, 200);
    let other = asked.elapsed();
    assert!(health < Duration::from_millis(100) && other < Duration::from_millis(500), "{health:?} {other:?}");
    for client in &mut hung {
        assert_eq!(client.answer("GET").await.status, 504);
    }
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
}
