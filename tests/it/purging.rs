//! One order removes a picture and everything made from it, from every place; only those may give it who have the token.

use crate::support::{Gate, Server, jobs, settings};
use std::path::{Path, PathBuf};
use tintype::config::{Config, Secret, StorageKind};

const BEARER: &str = "Authorization: Bearer s3cr3t\r\n";

fn config(folder: &Path) -> Config {
    let mut config = settings();
    config.security.tokens = vec![Secret::new("s3cr3t")];
    config.results.place.kind = StorageKind::File;
    config.results.place.folder = PathBuf::from(folder);
    config.results.stores_unsafe = true;
    config
}

const PATHS: [&str; 5] = [
    "/unsafe/a.png",
    "/unsafe/10x10/a.png",
    "/unsafe/filters:format(webp)/a.png",
    "/unsafe/b.png",
    "/unsafe/9x9/c.png",
];

/// Asks for all and tells which of them had to be made.
async fn made(server: &Server, gate: &Gate) -> Vec<&'static str> {
    let mut made = Vec::new();
    for path in PATHS {
        let before = gate.started();
        assert_eq!(server.get(path).await.status, 200);
        made.extend((gate.started() > before).then_some(path));
    }
    server.pipeline.settle().await;
    made
}

#[tokio::test]
async fn everything_made_from_what_is_picked_goes_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Gate::open_wide();
    let server = Server::start(config(folder.path()), gate.work()).await;
    assert_eq!(made(&server, &gate).await, PATHS);
    assert!(made(&server, &gate).await.is_empty());
    let tag = server.get("/unsafe/9x9/c.png").await.header("cache-tag").unwrap().to_owned();
    for (target, gone, removed) in [
        ("/-/purge/a.png".to_owned(), &PATHS[..3], 3),
        ("/-/purge?prefix=b".to_owned(), &PATHS[3..4], 1),
        (format!("/-/purge?tag={tag}"), &PATHS[4..], 1),
        ("/-/purge?prefix=none/".to_owned(), &[], 0),
    ] {
        let answer = server.request("DELETE", &target, BEARER).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        let told = format!("\"memory\":{removed},\"results\":{removed}");
        assert!(answer.text().contains(&told), "{target}: {}", answer.text());
        assert_eq!(made(&server, &gate).await, gone, "{target}");
    }
    // What is only stored, as after a restart, goes as well.
    let server = Server::start(config(folder.path()), gate.work()).await;
    let answer = server.request("DELETE", "/-/purge/a.png", BEARER).await;
    assert!(answer.text().contains("\"memory\":0,\"results\":3"), "{}", answer.text());
    assert_eq!(made(&server, &gate).await, PATHS[..3]);
}

#[tokio::test]
async fn an_answer_carries_the_tag_of_its_source() {
    let server = Server::start(settings(), jobs::at_once).await;
    let tag = async |path| server.get(path).await.header("cache-tag").map(str::to_owned);
    assert_eq!(tag("/unsafe/a.png").await.unwrap(), tag("/unsafe/10x10/a.png").await.unwrap());
    assert_ne!(tag("/unsafe/a.png").await, tag("/unsafe/b.png").await);
    let mut config = settings();
    config.server.cache_tag_header = Some("Surrogate-Key".into());
    config.server.cache_tags = vec!["site-1".into(), "pictures".into()];
    let server = Server::start(config, jobs::at_once).await;
    let answer = server.get("/unsafe/a.png").await;
    let tags = answer.header("surrogate-key").unwrap();
    assert!(tags.starts_with("src-") && tags.ends_with(" site-1 pictures"), "{tags}");
    let mut config = settings();
    config.server.cache_tag_header = None;
    let server = Server::start(config, jobs::at_once).await;
    assert_eq!(server.get("/unsafe/a.png").await.header("cache-tag"), None);
}

#[tokio::test]
async fn only_the_token_gives_the_right() {
    let folder = tempfile::tempdir().unwrap();
    let gate = Gate::open_wide();
    let server = Server::start(config(folder.path()), gate.work()).await;
    server.get("/unsafe/a.png").await;
    for more in ["", "Authorization: Bearer wrong\r\n", "Authorization: Bearer\r\n", "Authorization: Basic s3cr3t\r\n"]
    {
        let answer = server.request("DELETE", "/-/purge/a.png", more).await;
        assert_eq!(answer.status, 401, "{more}");
    }
    server.get("/unsafe/a.png").await;
    assert_eq!(gate.started(), 1);
    for method in ["GET", "POST", "PUT"] {
        assert_eq!(server.request(method, "/-/purge/a.png", BEARER).await.status, 405, "{method}");
    }
    for nothing in ["/-/purge", "/-/purge/", "/-/purge?prefix=", "/-/purge/a.png?tag=x"] {
        assert_eq!(server.request("DELETE", nothing, BEARER).await.status, 400, "{nothing}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_after_a_purge_does_not_wait_for_what_was_begun_before() {
    let gate = Gate::closed();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path()), gate.work()).await;
    let mut before = server.asked("/unsafe/a.png").await;
    crate::support::eventually("it is being made", || gate.started() == 1).await;
    assert_eq!(server.request("DELETE", "/-/purge?prefix=a", BEARER).await.status, 200);
    let mut after = server.asked("/unsafe/a.png").await;
    crate::support::eventually("it is made apart", || gate.started() == 2).await;
    gate.open();
    assert_eq!((before.answer("GET").await.status, after.answer("GET").await.status), (200, 200));
    server.pipeline.settle().await;
    assert!(server.get("/unsafe/a.png").await.header("server-timing").unwrap().ends_with("hit"));
    assert_eq!(gate.started(), 2);
}

#[tokio::test]
async fn what_is_being_made_during_a_purge_is_answered_and_not_kept() {
    let gate = Gate::closed();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path()), gate.work()).await;
    let mut client = server.asked("/unsafe/a.png").await;
    crate::support::eventually("it is being made", || gate.started() == 1).await;
    assert_eq!(server.request("DELETE", "/-/purge/a.png", BEARER).await.status, 200);
    gate.open();
    assert_eq!(client.answer("GET").await.status, 200);
    server.get("/unsafe/a.png").await;
    assert_eq!(gate.started(), 2);
}
