//! What the server takes on it finishes soon, and all else it refuses at once.

use crate::support::{Gate, Server, eventually, settings};
use futures_util::future::join_all;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tintype::config::{Config, LoaderKind};
use tintype::loader;
use tintype::pipeline::job;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

fn narrow(workers: usize, max_queue: usize) -> Config {
    let mut config = settings();
    config.admission.workers = workers;
    config.admission.max_queue = max_queue;
    config
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn permit_is_held_while_the_thread_works() {
    let gate = Gate::stubborn();
    let server = Server::start(narrow(1, 9), gate.work()).await;
    let gone = server.asked("/unsafe/a.png").await;
    eventually("the first job runs", || gate.started() == 1).await;
    let mut next = server.asked("/unsafe/b.png").await;
    eventually("the second request waits", || server.pipeline.waiting() == 1).await;
    drop(gone);
    eventually("the first client has left", || server.pipeline.passengers() == 1).await;
    assert_eq!(server.get("/healthcheck").await.status, 200); // time for a slot to be given
    assert_eq!((gate.started(), server.pipeline.waiting()), (1, 1), "the thread of the first job still works");
    gate.open();
    assert_eq!(next.answer("GET").await.status, 200);
    assert_eq!(gate.started(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_line_answers_503_with_retry_after_at_once() {
    let gate = Gate::closed();
    let server = Server::start(narrow(1, 1), gate.work()).await;
    let mut works = server.asked("/unsafe/a.png").await;
    eventually("one works", || gate.started() == 1).await;
    let mut waits = server.asked("/unsafe/b.png").await;
    eventually("one waits", || server.pipeline.waiting() == 1).await;
    let refused = server.get("/unsafe/c.png").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    assert_eq!(refused.header("cache-control"), Some("no-store"));
    assert_eq!((gate.started(), server.pipeline.waiting()), (1, 1), "answered before anybody moved up");
    gate.open();
    assert_eq!(works.answer("GET").await.status, 200);
    assert_eq!(waits.answer("GET").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hits_and_health_are_answered_while_the_line_is_full() {
    let gate = Gate::open_wide();
    let server = Server::start(narrow(1, 1), gate.work()).await;
    assert_eq!(server.get("/unsafe/a.png").await.status, 200);
    gate.close();
    let _works = server.asked("/unsafe/b.png").await;
    eventually("one works", || gate.started() == 2).await;
    let _waits = server.asked("/unsafe/c.png").await;
    eventually("one waits", || server.pipeline.waiting() == 1).await;
    assert_eq!(server.get("/unsafe/a.png").await.status, 200);
    assert_eq!(server.get("/healthcheck").await.status, 200);
    gate.open();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_too_long_for_a_slot_is_503() {
    let gate = Gate::closed();
    let mut config = narrow(1, 9);
    config.admission.queue_timeout = Duration::from_millis(20);
    let server = Server::start(config, gate.work()).await;
    let mut works = server.asked("/unsafe/a.png").await;
    eventually("one works", || gate.started() == 1).await;
    let refused = server.get("/unsafe/b.png").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    gate.open();
    assert_eq!(works.answer("GET").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_sources_stay_within_their_memory() {
    let gate = Gate::closed();
    let mut config = narrow(1, 9);
    config.admission.max_fetch_bytes = 1; // a source of any size is taken on alone
    let server = Server::start(config, gate.work()).await;
    let mut works = server.asked("/unsafe/a.png").await;
    eventually("one works", || gate.started() == 1).await;
    assert_eq!(server.get("/unsafe/b.png").await.status, 503);
    gate.open();
    assert_eq!(works.answer("GET").await.status, 200);
    assert_eq!(server.get("/unsafe/b.png").await.status, 200);
}

/// An origin that sends without end, a piece whenever the server has taken the one before.
async fn endless() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = [0; 1024];
                drop(stream.read(&mut head).await);
                let mut sent = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
                while sent.is_ok() {
                    sent = stream.write_all(&[7; 16 << 10]).await;
                    tokio::task::yield_now().await;
                }
            });
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn arriving_sources_stay_within_their_memory() {
    const TOGETHER: u64 = 4 << 20;
    const ONE: u64 = 6 << 20;
    let origin = endless().await;
    let mut config = settings();
    config.loader.kind = LoaderKind::Http;
    config.loader.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
    config.loader.max_bytes = ONE;
    config.originals.remote = true;
    config.admission.max_fetch_bytes = TOGETHER;
    let loader = loader::from_config(&config.loader).unwrap();
    let server = Arc::new(Server::start_with(config, loader, job::run).await);
    let asking: Vec<_> = (0..16)
        .map(|number| {
            let server = Arc::clone(&server);
            tokio::spawn(async move { server.get(&format!("/unsafe/http://{origin}/{number}.png")).await })
        })
        .collect();
    let most = AtomicU64::new(0);
    eventually("all are answered", || {
        most.fetch_max(server.pipeline.source_bytes(), Ordering::Relaxed);
        asking.iter().all(tokio::task::JoinHandle::is_finished)
    })
    .await;
    let mut busy = 0;
    for answer in join_all(asking).await.into_iter().map(Result::unwrap) {
        assert!(matches!(answer.status, 413 | 503), "{}", answer.status);
        busy += usize::from(answer.status == 503 && answer.header("retry-after") == Some("1"));
    }
    assert!(busy > 8, "{busy} of 16 were turned away");
    let most = most.into_inner();
    assert!((TOGETHER / 2..=ONE).contains(&most), "{most}"); // the last one may be larger when it is alone
    assert_eq!(server.pipeline.source_bytes(), 0);
}
