//! What is too large is refused before it costs anything.

use crate::support::{Gate, Server, jobs, settings};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_limit_header_is_refused_before_decode() {
    let gate = Gate::open_wide();
    let server = Server::start(settings(), gate.work()).await;
    let answer = server.get("/unsafe/10x10/huge.png").await;
    assert_eq!((answer.status, gate.started()), (422, 0));
    assert!(answer.text().contains("10000000000 pixels"), "{}", answer.text());
}

#[tokio::test]
async fn a_url_over_the_limit_is_414() {
    let mut config = settings();
    config.server.max_url_bytes = 64;
    let server = Server::start(config, jobs::at_once).await;
    let fits = format!("/unsafe/filters:{}()/a.png", "x".repeat(64 - 24));
    assert_eq!(fits.len(), 64);
    assert_eq!(server.get(&fits).await.status, 200);
    assert_eq!(server.get(&fits.replace("a.png", "aa.png")).await.status, 414);
    assert_eq!(server.get(&format!("/unsafe/a.png?{}", "x".repeat(60))).await.status, 414);
}
