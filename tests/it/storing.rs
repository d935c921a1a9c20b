//! Results outlive the process; what becomes of the place where they are stored costs speed and never an answer.

use crate::support::fixtures::small_png;
use crate::support::s3::S3Server;
use crate::support::{Answer, Gate, Server, jobs, settings};
use futures_util::stream::StreamExt as _;
use sha1::{Digest as _, Sha1};
use std::fs::{self, File, FileTimes};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tintype::bucket::{Account, Service};
use tintype::config::{Config, Secret, StorageKind};
use tintype::originals::Pick;
use tintype::request::sign;

/// Settings that store all results as files in `folder`.
fn storing(folder: &Path) -> Config {
    let mut config = settings();
    config.results.place.kind = StorageKind::File;
    config.results.place.folder = PathBuf::from(folder);
    config.results.stores_unsafe = true;
    config
}

/// All stored files below `folder`, without those that nobody has finished.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path()).filter(|path| !path.ends_with(".unfinished"));
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Stored pictures: what is neither a sidecar nor leads to another file.
fn pictures(folder: &Path) -> Vec<PathBuf> {
    let mut files = files(&folder.join("default"));
    files.retain(|path| path.extension().is_none());
    files
}

/// Where Thumbor stores the answer to `path`.
fn thumbors(folder: &Path, path: &str) -> PathBuf {
    let digest = Sha1::digest(path).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    folder.join("default").join(&digest[..2]).join(&digest[2..4]).join(&digest[4..])
}

fn told(answer: &Answer) -> Vec<&(String, String)> {
    answer
        .headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "date" | "expires" | "server-timing" | "x-request-id"))
        .collect()
}

#[tokio::test]
async fn stored_results_are_answered_byte_for_byte_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let paths = ["/unsafe/10x10/a.png", "/unsafe/filters:max_age(77):nonsense(1):format(webp)/a.png", "/unsafe/b.png"];
    let before = Server::start(storing(folder.path()), tintype::pipeline::job::run).await;
    let mut answers = Vec::new();
    for path in paths {
        answers.push(before.get(path).await);
    }
    before.pipeline.settle().await;
    drop(before);
    let gate = Gate::open_wide();
    let after = Server::start(storing(folder.path()), gate.work()).await;
    for (path, old) in paths.into_iter().zip(&answers) {
        let new = after.get(path).await;
        assert_eq!((new.status, &new.body), (200, &old.body), "{path}");
        assert_eq!(told(&new), told(old), "{path}");
    }
    assert_eq!(gate.started(), 0);
}

#[tokio::test]
async fn unsigned_requests_are_stored_only_where_the_settings_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = storing(folder.path());
    config.results.stores_unsafe = false;
    config.security.keys = vec![Secret::new("key")];
    let server = Server::start(config, jobs::at_once).await;
    server.get("/unsafe/10x10/a.png").await;
    server.pipeline.settle().await;
    assert_eq!(files(folder.path()), Vec::<PathBuf>::new());
    let signed = format!("/{}/11x11/a.png", sign(b"key", "11x11/a.png"));
    assert_eq!(server.get(&signed).await.status, 200);
    server.pipeline.settle().await;
    assert_eq!(pictures(folder.path()), [thumbors(folder.path(), &signed)]);
}

#[tokio::test]
async fn a_result_that_thumbor_has_stored_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = thumbors(folder.path(), "/unsafe/300x200/filters:fill(red)/http://host/a b.png");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, small_png()).unwrap();
    let gate = Gate::open_wide();
    let server = Server::start(storing(folder.path()), gate.work()).await;
    let answer = server.get("/unsafe/300x200/filters:fill(red)/http%3A//host/a%20b.png").await;
    assert_eq!((answer.status, answer.header("content-type"), &answer.body), (200, Some("image/png"), &small_png()));
    assert!(answer.header("etag").is_some());
    assert_eq!(gate.started(), 0);
}

#[tokio::test]
async fn expired_results_are_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = storing(folder.path());
    config.cache.max_bytes = 0;
    config.results.expiration = Some(Duration::from_hours(1));
    let gate = Gate::open_wide();
    let server = Server::start(config, gate.work()).await;
    let ask = async || {
        server.get("/unsafe/a.png").await;
        server.pipeline.settle().await;
        gate.started()
    };
    assert_eq!((ask().await, ask().await), (1, 1));
    let long_ago = FileTimes::new().set_modified(SystemTime::now() - Duration::from_hours(2));
    File::open(&pictures(folder.path())[0]).unwrap().set_times(long_ago).unwrap();
    assert_eq!((ask().await, ask().await), (2, 2));
}

#[tokio::test]
async fn results_of_other_settings_are_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = storing(folder.path());
    let made = async |config: &Config| {
        let gate = Gate::open_wide();
        let server = Server::start(config.clone(), gate.work()).await;
        server.get("/unsafe/a.png").await;
        server.pipeline.settle().await;
        gate.started()
    };
    assert_eq!((made(&config).await, made(&config).await), (1, 0));
    config.server.max_age_s = 7; // changes no picture
    assert_eq!(made(&config).await, 0);
    config.policy.quality = 33;
    assert_eq!((made(&config).await, made(&config).await), (1, 0));
}

#[tokio::test]
async fn clients_that_accept_different_formats_share_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = storing(folder.path());
    config.policy.auto_webp = true;
    let ask = async |server: &Server| {
        let plain = server.get("/unsafe/a.png").await;
        let webp = server.request("GET", "/unsafe/a.png", "Accept: image/webp\r\n").await;
        server.pipeline.settle().await;
        [plain, webp].map(|answer| {
            (answer.header("content-type").unwrap().to_owned(), answer.header("vary").map(str::to_owned), answer.body)
        })
    };
    let before = ask(&Server::start(config.clone(), tintype::pipeline::job::run).await).await;
    assert_eq!([&before[0].0, &before[1].0], ["image/png", "image/webp"]);
    assert_eq!(ask(&Server::start(config, jobs::at_once).await).await, before);
    assert!(folder.path().join("auto_webp").is_dir() && folder.path().join("default").is_dir());
}

#[tokio::test]
async fn damaged_results_are_noticed_and_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<_> = (1..=20).map(|width| format!("/unsafe/{width}x9/a.png")).collect();
    let before = Server::start(storing(folder.path()), tintype::pipeline::job::run).await;
    let mut bodies = Vec::new();
    for path in &paths {
        bodies.push(before.get(path).await.body);
    }
    before.pipeline.settle().await;
    drop(before);
    let stored = pictures(folder.path());
    assert_eq!(stored.len(), 20);
    for (number, path) in stored.iter().enumerate() {
        let whole = fs::read(path).unwrap();
        fs::write(path, if number % 2 == 0 { &whole[..whole.len() / 2] } else { &[] }).unwrap();
    }
    let after = Server::start(storing(folder.path()), tintype::pipeline::job::run).await;
    for (path, body) in paths.iter().zip(&bodies) {
        let answer = after.get(path).await;
        assert_eq!((answer.status, &answer.body), (200, body), "{path}");
    }
    after.pipeline.settle().await;
    let healed = |path: &PathBuf| bodies.contains(&fs::read(path).unwrap());
    assert!(stored.iter().all(healed), "and stored again");
}

#[tokio::test]
async fn a_broken_storage_costs_no_answer_and_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "no folder").unwrap();
    for place in [file.as_path(), &file.join("below"), Path::new("/proc/no/writing/here")] {
        let server = Server::start(storing(place), jobs::at_once).await;
        for width in 1..=20 {
            assert_eq!(server.get(&format!("/unsafe/{width}x1/a.png")).await.status, 200, "{}", place.display());
        }
        server.pipeline.settle().await;
        assert!(server.pipeline.result_counts().unwrap().failures > 0, "{}", place.display());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_over_its_limit_shrinks_while_requests_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let body = vec![7; 1000];
    for number in 0..10_000 {
        let path = thumbors(folder.path(), &format!("/unsafe/{number}x1/old.png"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &body).unwrap();
    }
    let mut config = storing(folder.path());
    config.results.max_bytes = 2_000_000;
    let server = Server::start(config, jobs::at_once).await;
    let size =
        || files(folder.path()).iter().filter_map(|path| fs::metadata(path).ok()).map(|file| file.len()).sum::<u64>();
    let mut asked = 0;
    while size() > 2_000_000 {
        asked += 1;
        assert_eq!(server.get(&format!("/unsafe/{asked}x2/a.png")).await.status, 200);
        assert!(asked < 10_000, "the folder does not shrink");
    }
    server.pipeline.settle().await;
    assert!(size() > 1_500_000, "and no more than it has to");
    assert_eq!(server.get("/unsafe/1x2/a.png").await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_and_originals_are_kept_in_a_bucket_under_the_keys_of_tc_aws() {
    let bucket = tempfile::tempdir().unwrap();
    fs::write(bucket.path().join("old.png"), small_png()).unwrap(); // as tc_aws has stored it
    let s3 = S3Server::start(bucket.path());
    let mut config = storing(bucket.path());
    config.loader.bucket.s3.endpoint = Some(format!("http://127.0.0.1:{}", s3.port));
    config.loader.bucket.s3.access_key_id = Secret::new(&s3.reader[0]);
    config.loader.bucket.s3.secret_access_key = Secret::new(&s3.reader[1]);
    for place in [&mut config.results.place, &mut config.originals.place, &mut config.originals.notes] {
        (place.kind, place.bucket) = (StorageKind::S3, "pictures".into());
    }
    config.results.place.prefix = "results".into();
    let before = Server::start(config.clone(), tintype::pipeline::job::run).await;
    assert_eq!(before.get("/unsafe/old.png").await.status, 200, "an original that is only stored");
    let old = before.get("/unsafe/10x10/filters:max_age(77)/a.png").await;
    before.pipeline.settle().await;
    assert_eq!(before.pipeline.result_counts().unwrap().failures, 0);
    drop(before);
    let gate = Gate::open_wide();
    let after = Server::start(config.clone(), gate.work()).await;
    let new = after.get("/unsafe/10x10/filters:max_age(77)/a.png").await;
    assert_eq!((new.status, &new.body, told(&new)), (200, &old.body, told(&old)));
    assert_eq!(gate.started(), 0);
    let bucket = Account::open(Service::S3, &config.loader.bucket).unwrap().bucket("pictures").unwrap();
    let mut keys: Vec<_> = bucket.list(None).map(|object| object.unwrap().location.to_string()).collect().await;
    keys.retain(|key| !key.contains(".by-source"));
    keys.sort();
    assert_eq!(keys, ["a.png", "old.png", "results/unsafe/10x10/filters:max_age(77)/a.png", "results/unsafe/old.png"]);
    let purged = after.pipeline.purge(&Pick::Prefix("a".into())).await.unwrap();
    assert_eq!((purged.results, purged.originals), (1, 1));
    assert_eq!(bucket.list(None).count().await, 3, "of the old picture original, result and what leads to it stay");
}
