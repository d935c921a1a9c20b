//! Several processes behind nginx share one bucket of results, and one that dies is not noticed.

use crate::support::client::Answer;
use crate::support::fixtures::quadrants_file;
use crate::support::nginx::{self, Nginx};
use crate::support::s3::S3Server;
use crate::support::{Client, Process};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use image::ImageFormat;
use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use tempfile::TempDir;
use tintype::bucket::{Account, Service};
use tintype::config::{BucketConfig, Secret};

/// Originals `0.png` to `7.png` in a bucket.
fn originals() -> (TempDir, S3Server) {
    let folder = tempfile::tempdir().unwrap();
    for name in 0..8 {
        fs::write(folder.path().join(format!("{name}.png")), quadrants_file(200, 100, ImageFormat::Png)).unwrap();
    }
    let s3 = S3Server::start(folder.path());
    (folder, s3)
}

/// A process that takes originals from the bucket and keeps results there.
fn replica(s3: &S3Server) -> Process {
    let endpoint = format!("http://127.0.0.1:{}", s3.port);
    Process::start(&[
        ("ALLOW_UNSAFE_URL", "true"),
        ("LOADER", "s3"),
        ("TC_AWS_LOADER_BUCKET", "pictures"),
        ("TC_AWS_ENDPOINT", &endpoint),
        ("AWS_ACCESS_KEY_ID", &s3.reader[0]),
        ("AWS_SECRET_ACCESS_KEY", &s3.reader[1]),
        ("RESULT_STORAGE", "s3"),
        ("RESULT_STORAGE_STORES_UNSAFE", "true"),
        ("TC_AWS_RESULT_STORAGE_BUCKET", "pictures"),
        ("TC_AWS_RESULT_STORAGE_ROOT_PATH", "results"),
    ])
}

/// nginx before these processes, as `docker/compose.scaled.yaml` configures it for three.
async fn balancer(replicas: [&Process; 2]) -> Nginx {
    let conf = nginx::shipped("replicas.conf")
        .replace("tintype-1:8888", &replicas[0].address.to_string())
        .replace("tintype-2:8888", &replicas[1].address.to_string())
        .replace("  server tintype-3:8888 max_fails=1 fail_timeout=5s;\n", "")
        .replace("proxy_pass http://tintype;", "proxy_pass http://tintype; add_header X-Asked $upstream_addr always;");
    Nginx::serving(&conf).await
}

async fn ask(address: SocketAddr, path: &str) -> Answer {
    let mut client = Client::connect(address).await;
    client.ask("GET", path, "").await;
    client.answer("GET").await
}

/// Whom nginx has asked, in order.
fn asked(answer: &Answer) -> Vec<SocketAddr> {
    answer.header("x-asked").unwrap().split(", ").map(|address| address.parse().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_process_has_made_another_serves_without_work() {
    let (_folder, s3) = originals();
    let (first, second) = (replica(&s3), replica(&s3));
    let path = "/unsafe/50x50/0.png";
    let made = ask(first.address, path).await;
    assert!(made.header("server-timing").unwrap().ends_with("cache;desc=miss"), "{made:?}");
    let mut config = BucketConfig::default();
    config.s3.endpoint = Some(format!("http://127.0.0.1:{}", s3.port));
    config.s3.access_key_id = Secret::new(&s3.reader[0]);
    config.s3.secret_access_key = Secret::new(&s3.reader[1]);
    let bucket = Account::open(Service::S3, &config).unwrap().bucket("pictures").unwrap();
    let is_stored = async || {
        let names: Vec<_> = bucket.list(None).map_ok(|object| object.location.to_string()).try_collect().await.unwrap();
        names.iter().any(|name| name == "results/unsafe/50x50/0.png")
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), async { while !is_stored().await {} }).await.unwrap();
    let served = ask(second.address, path).await;
    let timing = served.header("server-timing").unwrap();
    assert!(timing.ends_with("cache;desc=stored") && timing.contains("render;dur=0.0"), "{timing}");
    assert_eq!((served.status, served.etag(), &served.body), (200, made.etag(), &made.body));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_size_of_a_picture_is_made_by_the_same_process() {
    let (_folder, s3) = originals();
    let (first, second) = (replica(&s3), replica(&s3));
    let nginx = balancer([&first, &second]).await;
    let options = [
        "",
        "10x10/",
        "x20/",
        "-30x-20/left/",
        "trim:top-left:10/0x0:50x50/fit-in/origx20/right/top/smart/",
        "adaptive-full-fit-in/10x10/",
        "filters:blur(2):fill(red)/",
        "40x40/filters:watermark(1.png,0,0,0)/",
        "meta/10x0/",
    ];
    let mut homes = BTreeSet::new();
    for name in 0..8 {
        let mut servers = BTreeSet::new();
        for options in options {
            let answer = ask(nginx.address, &format!("/unsafe/{options}{name}.png?v=1")).await;
            assert_eq!(answer.status, 200, "{options}: {}", String::from_utf8_lossy(&answer.body));
            servers.extend(asked(&answer));
        }
        assert_eq!(servers.len(), 1, "{name}.png");
        homes.extend(servers);
    }
    assert_eq!(homes, BTreeSet::from([first.address, second.address]), "both have work");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_under_load_is_not_noticed() {
    const REQUESTS: usize = 200;
    let (_folder, s3) = originals();
    let (first, second) = (replica(&s3), replica(&s3));
    let nginx = balancer([&first, &second]).await;
    let (gone, address) = (first.address, nginx.address);
    let mut answers = stream::iter(0..REQUESTS)
        .map(|number| async move {
            let (width, name) = (20 + number / 8, number % 8);
            let answer = ask(address, &format!("/unsafe/{width}x20/{name}.png")).await;
            assert_eq!(answer.picture().dimensions(), (u32::try_from(width).unwrap(), 20));
            asked(&answer)
        })
        .buffer_unordered(16);
    let mut before = Vec::new();
    for _ in 0..REQUESTS / 4 {
        before.push(answers.next().await.unwrap());
    }
    assert!(before.contains(&vec![gone]), "it had work");
    first.kill();
    let after: Vec<_> = answers.collect().await;
    assert_eq!(before.len() + after.len(), REQUESTS);
    assert!(after.contains(&vec![gone, second.address]), "the other was asked in its place");
    assert!(after.iter().all(|asked| asked.last().is_some_and(|last| *last == gone || *last == second.address)));
}
