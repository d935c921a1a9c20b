//! What is known of an origin is used: its absence, its word on freshness, and what it gave before it failed.

use crate::support::fixtures::quadrants_file;
use crate::support::{Server, settings};
use async_trait::async_trait;
use image::ImageFormat;
use std::fmt;
use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};
use tintype::config::{Config, StorageKind};
use tintype::loader::{Conditions, LoadError, Loaded, Loader, OriginFacts, Original};
use tintype::pipeline::job;

/// Has one picture, of which it says that it has to be asked each time, as long as it is up.
#[derive(Debug, Default)]
struct Origin {
    down: AtomicBool,
    asked: AtomicUsize,
}

#[async_trait]
impl Loader for Origin {
    async fn load(&self, id: &str, _: &Conditions) -> Result<Loaded, LoadError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.down.load(Ordering::Relaxed) {
            return Err(LoadError::Upstream { status: 503 });
        }
        if id != "a.png" {
            return Err(LoadError::NotFound);
        }
        let facts = OriginFacts { fresh_for: Some(Duration::ZERO), ..OriginFacts::default() };
        Ok(Loaded::Original(Original { body: quadrants_file(40, 30, ImageFormat::Png).into(), facts }))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an origin")
    }
}

impl Origin {
    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// A server that keeps no results, so that every answer needs the original.
    async fn server(self: &Arc<Self>) -> Server {
        self.server_with(settings()).await
    }

    async fn server_with(self: &Arc<Self>, mut config: Config) -> Server {
        config.cache.max_bytes = 0;
        config.originals.remote = true;
        config.originals.missing_ttl = Duration::from_hours(1);
        Server::start_with(config, Arc::clone(self) as Arc<dyn Loader>, job::run).await
    }
}

#[tokio::test]
async fn a_missing_original_is_asked_for_once() {
    let origin = Arc::new(Origin::default());
    let server = origin.server().await;
    for width in 1..=5 {
        assert_eq!(server.get(&format!("/unsafe/{width}x1/none.png")).await.status, 404);
    }
    assert_eq!(origin.asked(), 1);
}

#[tokio::test]
async fn an_older_copy_is_answered_with_a_warning_where_the_origin_fails() {
    let origin = Arc::new(Origin::default());
    let server = origin.server().await;
    let fresh = server.get("/unsafe/10x10/a.png").await;
    assert_eq!((fresh.status, fresh.header("warning")), (200, None));
    origin.down.store(true, Ordering::Relaxed);
    for width in 1..=3 {
        let stale = server.get(&format!("/unsafe/{width}0x10/a.png")).await;
        assert_eq!((stale.status, stale.header("warning")), (200, Some("110 - \"Response is Stale\"")));
        assert_eq!(stale.header("cache-control"), Some("max-age=5,public"), "nor is it kept for long by others");
        assert_eq!(stale.picture().width(), width * 10);
    }
    assert_eq!(origin.asked(), 2, "once it failed it is left alone for a while");
    assert_eq!(server.get("/unsafe/10x10/b.png").await.status, 502, "nothing stands in for what was never there");
}

/// Makes everything below `folder` older.
fn age(folder: &Path, age: Duration) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            self::age(&entry, age);
        } else {
            let times = FileTimes::new().set_modified(SystemTime::now() - age);
            File::options().write(true).open(entry).unwrap().set_times(times).unwrap();
        }
    }
}

#[tokio::test]
async fn an_expired_result_is_answered_with_a_warning_where_the_origin_fails() {
    const HOUR: Duration = Duration::from_hours(1);
    let folder = tempfile::tempdir().unwrap();
    let mut config = settings();
    config.originals.cache.max_bytes = 0; // no older copy of the original
    config.originals.stale_if_error = HOUR;
    config.results.place.kind = StorageKind::File;
    config.results.place.folder = folder.path().to_owned();
    config.results.stores_unsafe = true;
    config.results.expiration = Some(HOUR);
    let origin = Arc::new(Origin::default());
    let server = origin.server_with(config).await;
    let path = "/unsafe/10x10/a.png";
    let first = server.get(path).await;
    server.pipeline.settle().await;
    age(folder.path(), HOUR + HOUR / 2);
    origin.down.store(true, Ordering::Relaxed);
    let stale = server.get(path).await;
    assert_eq!((stale.status, &stale.body, stale.etag()), (200, &first.body, first.etag()));
    let held = server.request("GET", path, &format!("If-None-Match: {}\r\n", first.etag())).await;
    assert_eq!(held.status, 304);
    let other = server.request("GET", path, &format!("If-None-Match: \"{}\"\r\n", "0".repeat(40))).await;
    assert_eq!((other.status, &other.body), (200, &first.body));
    for answer in [stale, held, other] {
        assert_eq!(answer.header("warning"), Some("110 - \"Response is Stale\""));
        assert_eq!(answer.header("cache-control"), Some("max-age=5,public"));
    }
    assert_eq!(server.get("/unsafe/11x10/a.png").await.status, 502, "nothing stands in for what was never there");
    age(folder.path(), 3 * HOUR);
    assert_eq!(server.get(path).await.status, 502, "it is too old");
    age(folder.path(), HOUR + HOUR / 2);
    origin.down.store(false, Ordering::Relaxed);
    let new = server.get(path).await;
    assert_eq!((new.status, new.header("warning")), (200, None));
}
