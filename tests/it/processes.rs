//! Processes that store results: one that is killed leaves nothing torn, and two may share a folder.

use crate::support::fixtures::file;
use crate::support::program::Serving;
use crate::support::{Answer, Client};
use futures_util::FutureExt as _;
use futures_util::future::join;
use futures_util::stream::{self, Stream, StreamExt as _};
use image::{ImageFormat, Rgb, RgbImage};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// Requests of which each has a file of its own.
const REQUESTS: u32 = 200;

/// A folder with an original that no encoder makes small.
fn folder_with_noise() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut random = 1_u32;
    let noise = RgbImage::from_fn(500, 360, |_, _| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [a, b, c, _] = random.to_be_bytes();
        Rgb([a, b, c])
    });
    fs::create_dir(folder.path().join("originals")).unwrap();
    fs::write(folder.path().join("originals/a.png"), file(&noise.into(), ImageFormat::Png)).unwrap();
    folder
}

fn path(number: u32) -> String {
    format!("/unsafe/{}x360/filters:format(png)/a.png", 300 + number)
}

fn results(folder: &TempDir) -> PathBuf {
    folder.path().join("results")
}

/// A server that stores all results, quick ones and large.
fn start(folder: &TempDir, more: &[(&str, &str)]) -> Serving {
    let (originals, results) = (folder.path().join("originals"), results(folder));
    let mut settings = vec![
        ("ALLOW_UNSAFE_URL", "true"),
        ("FILE_LOADER_ROOT_PATH", originals.to_str().unwrap()),
        ("RESULT_STORAGE", "file"),
        ("RESULT_STORAGE_STORES_UNSAFE", "true"),
        ("RESULT_STORAGE_FILE_STORAGE_ROOT_PATH", results.to_str().unwrap()),
        ("PNG_COMPRESSION_LEVEL", "0"),
        ("CACHE_MAX_BYTES", "0"),
        ("QUEUE_TIMEOUT", "60"),
    ];
    settings.extend(more);
    Serving::start(folder.path(), &["serve", "--host", "127.0.0.1", "--port", "0"], &settings)
}

/// One answer from a process that may be killed meanwhile.
async fn ask(address: SocketAddr, path: String) -> Option<Answer> {
    Client::try_connect(address).await?.try_get(&path).await
}

/// Answers to all requests, some at a time.
fn asked(address: SocketAddr, requests: u32) -> impl Stream<Item = (u32, Option<Answer>)> {
    let ask = move |number| async move { (number, ask(address, path(number)).await) };
    stream::iter(0..requests).map(ask).buffer_unordered(4)
}

/// Files below `folder` that are there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Stored pictures under their own names.
fn pictures(results: &Path) -> Vec<PathBuf> {
    let mut files = files(&results.join("default"));
    files.retain(|path| path.extension().is_none());
    files
}

/// Whether a picture is there that nobody has finished writing. What belongs to it is smaller.
fn is_unfinished(results: &Path) -> bool {
    let Ok(entries) = fs::read_dir(results.join(".unfinished")) else { return false };
    let files = entries.filter_map(|entry| entry.ok()?.metadata().ok());
    files.map(|file| file.len()).any(|bytes| bytes > 4096)
}

/// Kills the process as soon as it writes a picture, which cuts the write unless the machine is very busy. Whether it
/// wrote one, until `over` says that there is nothing to be written any more.
async fn kill_while_writing(mut server: Serving, results: PathBuf, over: Arc<AtomicBool>) -> bool {
    let before = pictures(&results).len();
    let kill = move || {
        let writes = || is_unfinished(&results) || pictures(&results).len() > before;
        let mut seen = writes();
        while !seen && !over.load(Ordering::Relaxed) {
            seen = writes();
        }
        server.kill();
        seen
    };
    tokio::task::spawn_blocking(kill).await.unwrap()
}

fn check(number: u32, answer: &Answer) {
    assert_eq!(answer.picture().dimensions(), (300 + number, 360));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_leaves_nothing_torn() {
    let folder = folder_with_noise();
    let results = results(&folder);
    for _ in 0..10 {
        fs::remove_dir_all(results.join(".unfinished")).ok(); // what is there was left by another one
        let server = start(&folder, &[]);
        let over = Arc::new(AtomicBool::new(false));
        let answers = asked(server.address, REQUESTS).for_each(|_| async {}); // those that are cut off do not count
        let answers = answers.inspect(|()| over.store(true, Ordering::Relaxed));
        let (killed, ()) = join(kill_while_writing(server, results.clone(), Arc::clone(&over)), answers).await;
        assert!(killed, "nothing was written");
        for path in pictures(&results) {
            let torn = image::load_from_memory(&fs::read(&path).unwrap()).err();
            assert!(torn.is_none(), "{}: {torn:?}", path.display());
        }
    }
    let server = start(&folder, &[]);
    let mut answers = Box::pin(asked(server.address, REQUESTS));
    while let Some((number, answer)) = answers.next().await {
        check(number, &answer.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_may_share_a_folder() {
    let folder = folder_with_noise();
    // What one stores is nothing for the other, so that both store everything again and again.
    let servers = [start(&folder, &[]), start(&folder, &[("PNG_COMPRESSION_LEVEL", "1")])];
    let all = |server: &Serving| asked(server.address, 30).collect::<Vec<_>>();
    for _ in 0..2 {
        let (ours, theirs) = join(all(&servers[0]), all(&servers[1])).await;
        for (number, answer) in ours.into_iter().chain(theirs) {
            check(number, &answer.unwrap());
        }
    }
    let third = start(&folder, &[]);
    let stored = asked(third.address, 30).filter_map(|(number, answer)| async move {
        let answer = answer.unwrap();
        check(number, &answer);
        answer.header("server-timing").unwrap().contains("cache;desc=stored").then_some(())
    });
    assert!(stored.count().await > 0, "some are the first one's");
    for server in servers.iter().chain([&third]) {
        assert_eq!(server.count("damaged"), 0);
    }
}
