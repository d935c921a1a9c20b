//! Processes that store results: one that is killed leaves nothing torn, and two may share a folder.

use crate::support::fixtures::file;
use crate::support::program::Serving;
use crate::support::{Answer, Client};
use futures_util::future::join;
use futures_util::stream::{self, Stream, StreamExt as _};
use image::{ImageFormat, Rgb, RgbImage};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Requests of which each has a file of its own.
const REQUESTS: u32 = 200;

/// A folder with an original that no encoder makes small.
fn folder_with_noise() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut random = 1_u32;
    let noise = RgbImage::from_fn(600, 420, |_, _| {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [a, b, c, _] = random.to_be_bytes();
        Rgb([a, b, c])
    });
    fs::create_dir(folder.path().join("originals")).unwrap();
    fs::write(folder.path().join("originals/a.png"), file(&noise.into(), ImageFormat::Png)).unwrap();
    folder
}

fn path(number: u32) -> String {
    format!("/unsafe/{}x400/filters:format(png)/a.png", 400 + number)
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
    ];
    settings.extend(more);
    Serving::start(folder.path(), &["serve", "--host", "127.0.0.1", "--port", "0"], &settings)
}

/// One answer from a process that may be killed meanwhile.
async fn ask(address: SocketAddr, path: String) -> Option<Answer> {
    Client::try_connect(address).await?.try_get(&path).await
}

/// Answers to all requests, some at a time.
fn asked(address: SocketAddr) -> impl Stream<Item = (u32, Option<Answer>)> {
    let ask = move |number| async move { (number, ask(address, path(number)).await) };
    stream::iter(0..REQUESTS).map(ask).buffer_unordered(8)
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

/// Whether a picture is being written, as far as a stopped process shows.
fn is_writing(results: &Path) -> bool {
    let sizes = files(&results.join(".unfinished")).into_iter().filter_map(|path| fs::metadata(path).ok());
    sizes.map(|file| file.len()).any(|bytes| bytes > 4096) // no sidecar
}

/// Stops the process again and again until it is in the middle of writing a picture, and kills it there. `false` if it
/// never was.
async fn kill_while_writing(server: Serving, results: PathBuf) -> bool {
    let kill = move || {
        for _ in 0..10_000 {
            server.signal("STOP");
            if is_writing(&results) {
                server.signal("KILL");
                return true;
            }
            server.signal("CONT");
        }
        false
    };
    tokio::task::spawn_blocking(kill).await.unwrap()
}

fn check(number: u32, answer: &Answer) {
    assert_eq!(answer.picture().dimensions(), (400 + number, 400));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_leaves_nothing_torn() {
    let folder = folder_with_noise();
    for _ in 0..3 {
        let server = start(&folder, &[]);
        let answers = asked(server.address).for_each(|_| async {}); // those that are cut off do not count
        let (killed, ()) = join(kill_while_writing(server, results(&folder)), answers).await;
        assert!(killed, "no write was cut");
        for path in pictures(&results(&folder)) {
            let torn = image::load_from_memory(&fs::read(&path).unwrap()).err();
            assert!(torn.is_none(), "{}: {torn:?}", path.display());
        }
    }
    let server = start(&folder, &[]);
    let mut answers = Box::pin(asked(server.address));
    while let Some((number, answer)) = answers.next().await {
        check(number, &answer.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_may_share_a_folder() {
    let folder = folder_with_noise();
    // What one stores is nothing for the other, so that both store everything again and again.
    let servers = [start(&folder, &[]), start(&folder, &[("PNG_COMPRESSION_LEVEL", "1")])];
    for _ in 0..2 {
        let both = join(asked(servers[0].address).collect::<Vec<_>>(), asked(servers[1].address).collect::<Vec<_>>());
        let (ours, theirs) = both.await;
        for (number, answer) in ours.into_iter().chain(theirs) {
            check(number, &answer.unwrap());
        }
    }
    let third = start(&folder, &[]);
    let stored = asked(third.address).filter_map(|(number, answer)| async move {
        let answer = answer.unwrap();
        check(number, &answer);
        answer.header("server-timing").unwrap().contains("cache;desc=stored").then_some(())
    });
    assert!(stored.count().await > 0, "some are the first one's");
    for server in servers.iter().chain([&third]) {
        assert_eq!(server.count("damaged"), 0);
    }
}
