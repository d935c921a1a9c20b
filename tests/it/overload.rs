//! What the server takes on it finishes soon, and all else it refuses at once.

use crate::support::{Gate, Server, eventually, settings};
use std::time::Duration;
use tintype::config::Config;

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
