//! Whoever asks for the same at the same time waits for one job, which goes on as long as anybody waits.

use crate::support::{Gate, Server, eventually, jobs::BODY, settings};
use futures_util::future::join_all;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn identical_concurrent_requests_render_once() {
    let gate = Gate::closed();
    let server = Server::start(settings(), gate.work()).await;
    let mut clients = Vec::new();
    for _ in 0..40 {
        clients.push(server.asked("/unsafe/10x10/a.png").await);
    }
    eventually("all wait", || server.pipeline.passengers() == 40).await;
    eventually("a job runs", || gate.started() == 1).await;
    assert_eq!(server.pipeline.waiting(), 0);
    gate.open();
    for answer in join_all(clients.iter_mut().map(|client| client.answer("GET"))).await {
        assert_eq!((answer.status, answer.body.as_slice()), (200, BODY));
    }
    assert_eq!(gate.started(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn different_requests_render_apart() {
    let gate = Gate::closed();
    let server = Server::start(settings(), gate.work()).await;
    let _clients = [server.asked("/unsafe/10x10/a.png").await, server.asked("/unsafe/10x11/a.png").await];
    eventually("both are under way", || gate.started() == 2).await;
    gate.open();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn last_client_leaving_cancels_the_job() {
    let gate = Gate::closed();
    let mut config = settings();
    config.admission.render_timeout = Duration::from_hours(1); // it is not the deadline that stops the job
    let server = Server::start(config, gate.work()).await;
    let first = server.asked("/unsafe/10x10/a.png").await;
    let second = server.asked("/unsafe/10x10/a.png").await;
    eventually("the job runs for both", || gate.started() == 1 && server.pipeline.passengers() == 2).await;
    drop(first);
    eventually("one has left", || server.pipeline.passengers() == 1).await;
    assert_eq!(gate.cancelled(), 0);
    drop(second);
    eventually("the job has stopped", || gate.cancelled() == 1).await;
    assert_eq!(server.pipeline.passengers(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coalesced_waiter_survives_its_leader() {
    let gate = Gate::closed();
    let server = Server::start(settings(), gate.work()).await;
    let leader = server.asked("/unsafe/10x10/a.png").await;
    eventually("the leader's job runs", || gate.started() == 1).await;
    let mut waiter = server.asked("/unsafe/10x10/a.png").await;
    eventually("both wait", || server.pipeline.passengers() == 2).await;
    drop(leader);
    eventually("the leader has left", || server.pipeline.passengers() == 1).await;
    gate.open();
    let answer = waiter.answer("GET").await;
    assert_eq!((answer.status, answer.body.as_slice()), (200, BODY));
    assert_eq!((gate.started(), gate.cancelled()), (1, 0));
}
