//! Against a server that checks S3's signatures, and scripted ones that speak like the other services.

use super::*;
use crate::config::{LoaderKind, Secret};
use crate::loader::conformance::{self, LIMIT_BYTES};
use crate::loader::origin::{Origin, say, whole};
use crate::loader::{AddressLoader, HttpLoader};
use crate::s3_server::S3Server;
use std::path::Path as FilePath;
use std::sync::atomic::{AtomicUsize, Ordering};

fn config(endpoint: &str, [id, secret]: &[String; 2]) -> LoaderConfig {
    let mut config = LoaderConfig { kind: LoaderKind::S3, max_bytes: LIMIT_BYTES, ..LoaderConfig::default() };
    config.bucket.s3.endpoint = Some(endpoint.to_owned());
    config.bucket.s3.access_key_id = Secret::new(id);
    config.bucket.s3.secret_access_key = Secret::new(secret);
    config.s3.bucket = Some("pictures".into());
    config
}

fn s3(config: &LoaderConfig) -> ObjectLoader {
    ObjectLoader::new(Service::S3, config).unwrap()
}

fn write_originals(folder: &FilePath) {
    for (name, body) in conformance::originals() {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, body).unwrap();
    }
}

/// One server for all of it, since it takes a second to start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s3_keeps_the_loader_contract_and_its_secrets() {
    let folder = tempfile::tempdir().unwrap();
    write_originals(folder.path());
    write_originals(&folder.path().join("below/root"));
    let server = S3Server::start(folder.path());
    let endpoint = format!("http://127.0.0.1:{}", server.port);
    let own = config(&endpoint, &server.reader);
    conformance::run(&s3(&own), "", conformance::quote).await;

    let facts = s3(&own).load("photo.jpg", &Conditions::default()).await.unwrap().whole().unwrap().facts;
    assert_eq!(facts.fresh_for, Some(Duration::from_mins(1)));

    let mut below = own.clone();
    below.s3.root = "/below/root/".into();
    conformance::run(&s3(&below), "", conformance::quote).await;

    let mut by_name = own.clone();
    by_name.s3.bucket = None;
    conformance::run(&s3(&by_name), "pictures/", |name| format!("pictures/{}", conformance::quote(name))).await;
    by_name.s3.allowed = vec!["others".into()];
    let refused = conformance::body(&s3(&by_name), "pictures/photo.jpg").await;
    assert!(matches!(refused, Err(LoadError::NotFound)), "{refused:?}");

    let mut index = own.clone();
    index.s3.index = "photo.jpg".into();
    assert_eq!(conformance::body(&s3(&index), "below/root/").await.unwrap(), "body of photo.jpg");

    let web = HttpLoader::new(&LoaderConfig::default()).unwrap();
    conformance::run(&AddressLoader::new(web, s3(&own)), "", conformance::quote).await;

    let wrong = [server.reader[0].clone(), "wrong".to_owned()];
    for keys in [&server.stranger, &wrong] {
        let refused = conformance::body(&s3(&config(&endpoint, keys)), "photo.jpg").await;
        assert!(matches!(refused, Err(LoadError::Store { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn azure_keeps_the_loader_contract() {
    let origin = Origin::of_originals("/pictures/").await;
    let mut config = LoaderConfig { max_bytes: LIMIT_BYTES, ..LoaderConfig::default() };
    config.bucket.azure.account = Some("account".into());
    config.bucket.azure.access_key = Secret::new("c2VjcmV0");
    config.bucket.azure.endpoint = Some(format!("http://{}", origin.address));
    config.azure.bucket = Some("pictures".into());
    conformance::run(&ObjectLoader::new(Service::Azure, &config).unwrap(), "", conformance::quote).await;
    let signed = |head: &String| head.to_ascii_lowercase().contains("\r\nauthorization: sharedkey account:");
    assert!(origin.heads().iter().all(signed), "{:?}", origin.heads().first());
}

#[tokio::test]
async fn google_keeps_the_loader_contract() {
    let origin = Origin::of_originals("/pictures/").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("credentials.json");
    // As emulators want it.
    let text = r#"{"type": "service_account", "private_key": "", "private_key_id": "", "client_email": "", "disable_oauth": true}"#;
    std::fs::write(&file, text).unwrap();
    let mut config = LoaderConfig { max_bytes: LIMIT_BYTES, ..LoaderConfig::default() };
    config.bucket.gcs.credentials_file = Some(file);
    config.bucket.gcs.endpoint = Some(format!("http://{}", origin.address));
    config.gcs.bucket = Some("pictures".into());
    conformance::run(&ObjectLoader::new(Service::Gcs, &config).unwrap(), "", conformance::quote).await;
}

/// An origin that fails so many times, and then has the object.
async fn failing(times: usize, failure: &'static str) -> Origin {
    let asked = Arc::new(AtomicUsize::new(0));
    Origin::start(move |stream, _| {
        let fails = asked.fetch_add(1, Ordering::SeqCst) < times;
        let there = whole("200 OK", "etag: \"a\"\r\nlast-modified: Tue, 15 Nov 1994 08:12:31 GMT\r\n", "there");
        say(stream, if fails { failure.to_owned() } else { there })
    })
    .await
}

#[tokio::test]
async fn what_a_store_cannot_do_at_once_is_tried_again() {
    let keys = ["id".to_owned(), "secret".to_owned()];
    let busy = "HTTP/1.1 503 Slow Down\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    for failure in [busy, ""] {
        let origin = failing(2, failure).await;
        let mut config = config(&format!("http://{}", origin.address), &keys);
        config.bucket.max_retries = 2;
        assert_eq!(conformance::body(&s3(&config), "a.jpg").await.unwrap(), "there");
        assert_eq!(origin.requests(), 3);
        config.bucket.max_retries = 0;
        let origin = failing(1, failure).await;
        config.bucket.s3.endpoint = Some(format!("http://{}", origin.address));
        let answer = conformance::body(&s3(&config), "a.jpg").await;
        assert!(matches!(answer, Err(LoadError::Store { .. })), "{answer:?}");
    }
}

#[tokio::test]
async fn a_store_that_says_nothing_is_given_up_in_time() {
    let silent = Origin::silent().await;
    let mut config = config(&format!("http://{}", silent.address), &["id".to_owned(), "secret".to_owned()]);
    config.request_timeout = Duration::from_millis(300);
    let answer = conformance::body(&s3(&config), "a.jpg").await;
    assert!(matches!(answer, Err(LoadError::Timeout)), "{answer:?}");
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    config.bucket.s3.endpoint = Some(format!("http://{closed}"));
    config.bucket.max_retries = 0;
    let answer = conformance::body(&s3(&config), "a.jpg").await;
    assert!(matches!(answer, Err(LoadError::Store { .. })), "{answer:?}");
}
