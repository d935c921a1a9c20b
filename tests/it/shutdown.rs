//! Stopping loses nothing.

use crate::support::{Client, Gate, Server, eventually, jobs, settings};
use std::time::Duration;
use tokio::net::TcpStream;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_loses_no_answer() {
    let gate = Gate::closed();
    let server = Server::start(settings(), gate.work()).await;
    let address = server.address;
    let mut clients = Vec::new();
    for name in 'a'..='n' {
        clients.push(server.asked(&format!("/unsafe/{name}.png")).await);
    }
    let pipeline = std::sync::Arc::clone(&server.pipeline);
    eventually("all are in flight", || pipeline.passengers() == clients.len()).await;
    let mut idle = Client::connect(address).await;
    idle.ask("GET", "/healthcheck", "").await;
    idle.answer("GET").await;

    let stopped = server.stop();
    while TcpStream::connect(address).await.is_ok() {} // until the doors are closed
    assert_eq!(idle.goodbye().await, b"");
    assert_eq!(pipeline.passengers(), clients.len());
    assert!(!stopped.is_finished());
    gate.open();
    for client in &mut clients {
        let answer = client.answer("GET").await;
        assert_eq!((answer.status, answer.body.as_slice()), (200, jobs::BODY));
        assert_eq!(client.goodbye().await, b"");
    }
    stopped.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_is_being_read_is_finished() {
    const BODY_BYTES: usize = 64 << 20; // more than the kernel keeps for a connection
    let server = Server::start(settings(), |_, _| Ok(jobs::rendered(vec![7; BODY_BYTES]))).await;
    let address = server.address;
    let mut client = server.asked("/unsafe/a.png").await;
    let pipeline = std::sync::Arc::clone(&server.pipeline);
    eventually("the request is in", || pipeline.passengers() == 1).await;
    eventually("the answer is under way", || pipeline.passengers() == 0).await;
    let stopped = server.stop();
    while TcpStream::connect(address).await.is_ok() {}
    assert_eq!(client.answer("GET").await.body.len(), BODY_BYTES);
    stopped.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shutdown_waits_no_longer_than_it_may() {
    let gate = Gate::closed();
    let mut config = settings();
    config.server.shutdown_timeout = Duration::from_millis(50);
    let server = Server::start(config, gate.work()).await;
    let _client = server.asked("/unsafe/a.png").await;
    eventually("it is in flight", || gate.started() == 1).await;
    server.stop().await.unwrap();
    gate.open();
}
