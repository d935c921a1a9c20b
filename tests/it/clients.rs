//! Lazy clients cannot hold the server.

use crate::support::{Client, Server, jobs, settings};
use std::time::{Duration, Instant};
use tintype::config::Config;

const PATIENCE: Duration = Duration::from_millis(300);

fn impatient() -> Config {
    let mut config = settings();
    config.server.header_timeout = PATIENCE;
    config
}

#[tokio::test]
async fn a_client_that_does_not_finish_its_request_is_let_go() {
    let server = Server::start(impatient(), jobs::at_once).await;
    let beginnings =
        ["", "G", "PRI * HTTP/2", "GET /unsafe/a.png HTTP/1.1\r\nHost:", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"];
    let mut clients = Vec::new();
    let start = Instant::now();
    for beginning in beginnings {
        let mut client = Client::connect(server.address).await;
        client.send(beginning).await;
        clients.push((beginning, client));
    }
    for (beginning, mut client) in clients {
        client.goodbye().await;
        assert!(start.elapsed() >= PATIENCE * 9 / 10, "{beginning:?} was let go too soon");
    }
}

#[tokio::test]
async fn an_idle_client_is_let_go_after_its_answer() {
    let server = Server::start(impatient(), jobs::at_once).await;
    let mut client = server.asked("/unsafe/a.png").await;
    assert_eq!(client.answer("GET").await.status, 200);
    assert_eq!(client.goodbye().await, b"");
}

#[tokio::test]
async fn a_client_that_keeps_asking_stays() {
    let server = Server::start(impatient(), jobs::at_once).await;
    let mut client = Client::connect(server.address).await;
    let start = Instant::now();
    while start.elapsed() < PATIENCE * 2 {
        client.ask("GET", "/unsafe/a.png", "").await;
        assert_eq!(client.answer("GET").await.status, 200);
        tokio::time::sleep(PATIENCE / 10).await; // the clock of sockets cannot be stopped
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_reads_nothing_is_let_go() {
    const BODY_BYTES: usize = 64 << 20; // more than the kernel keeps for a connection
    let server = Server::start(impatient(), |_, _| Ok(jobs::rendered(vec![7; BODY_BYTES]))).await;
    let mut client = server.asked("/unsafe/a.png").await;
    tokio::time::sleep(PATIENCE * 4).await; // this is what it is about
    assert!(client.goodbye().await.len() < BODY_BYTES);
}
