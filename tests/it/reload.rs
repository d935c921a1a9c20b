//! Settings that change while the server runs.

use crate::support::fixtures::small_png;
use crate::support::program::Serving;
use crate::support::{Client, Wrk, eventually};
use std::path::Path;
use tintype::request::sign;

/// A key that every version of the settings accepts.
const STEADY: &str = "steady";
/// Fewer answers than that in the time of fifty hangups would be no load.
const LOAD: usize = 1000;

/// A folder with a picture and a file of settings.
fn folder(settings: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.png"), small_png()).unwrap();
    write(folder.path(), settings);
    folder
}

/// Puts a whole file in the place of the former one.
fn write(folder: &Path, settings: &str) {
    let settings = format!("HOST = '127.0.0.1'\nPORT = 0\n{settings}");
    std::fs::write(folder.join("new"), settings).unwrap();
    std::fs::rename(folder.join("new"), folder.join("tintype.toml")).unwrap();
}

fn signed(key: &str, path: &str) -> String {
    format!("/{}/{path}", sign(key.as_bytes(), path))
}

/// The settings number so and so.
fn version(number: usize) -> String {
    format!(
        "SECURITY_KEY = 'key{number}'\nSECURITY_KEYS = ['{STEADY}']\nQUALITY = {}\nALLOW_UNSAFE_URL = {}\n\
         MAX_WIDTH = {}\n[[rewrite]]\npattern = '^/old{number}/'\nreplacement = '/'\n[presets]\np{number} = '2x2'\n",
        50 + number % 50,
        number.is_multiple_of(2),
        1000 + number % 3,
    )
}

#[tokio::test]
async fn a_server_under_load_survives_fifty_hangups_with_other_settings_and_loses_no_request() {
    let folder = folder(&version(0));
    let serving = Serving::start(folder.path(), &[], &[]);
    // Many pictures, so that they are made and not only found.
    let paths: Vec<_> = (1..=200).map(|width| signed(STEADY, &format!("{width}x1/a.png"))).collect();
    let load = Wrk::start(serving.address, &paths);
    for number in 1..=50 {
        write(folder.path(), &version(number));
        serving.signal("HUP");
        eventually("the settings are exchanged", || serving.count("settings exchanged") == number).await;
        assert_eq!(serving.status(&signed(&format!("key{number}"), "a.png")).await, 200);
        assert_eq!(serving.status(&signed(&format!("key{}", number - 1), "a.png")).await, 400);
        assert_eq!(serving.status(&format!("/old{number}{}", signed(STEADY, "a.png"))).await, 200);
        assert_eq!(serving.status(&signed(STEADY, &format!("preset:p{number}/a.png"))).await, 200);
        assert_eq!(serving.status("/unsafe/a.png").await, if number.is_multiple_of(2) { 200 } else { 400 });
    }
    let report = load.stop();
    assert!(report.requests > LOAD, "{report:?}");
    assert_eq!((report.failures, report.connections_lost), (0, 0), "{report:?}");
}

#[tokio::test]
async fn what_goes_wrong_under_load_is_counted() {
    let folder = folder(&version(0));
    let serving = Serving::start(folder.path(), &[], &[("LOG_LEVEL", "debug")]);
    let load = Wrk::start(serving.address, &[signed("wrong", "a.png")]);
    eventually("the load is there", || serving.count("request refused") > 0).await;
    let report = load.stop();
    assert!(report.failures > 0, "{report:?}");
}

#[tokio::test]
async fn settings_that_are_wrong_are_refused_and_the_former_stay() {
    let folder = folder("SECURITY_KEY = 'good'\n");
    let serving = Serving::start(folder.path(), &[], &[]);
    write(folder.path(), "SECURITY_KEY = 'other'\nQUALITY = 'high'\nQUALTY = 1\n");
    serving.signal("HUP");
    serving.line("the settings are refused, the former stay in force");
    serving.line("QUALITY = `high`");
    serving.line("did you mean QUALITY?");
    assert_eq!(serving.status(&signed("good", "a.png")).await, 200);
    assert_eq!(serving.status(&signed("other", "a.png")).await, 400);
    write(folder.path(), "SECURITY_KEY = 'other'\nFILE_LOADER_ROOT_PATH = '/no/such/folder'\n");
    serving.signal("HUP");
    serving.line("FILE_LOADER_ROOT_PATH: ");
    eventually("refused again", || serving.count("the settings are refused") == 2).await;
    assert_eq!(serving.status(&signed("good", "a.png")).await, 200);
}

#[tokio::test]
async fn what_counts_at_the_start_only_is_said() {
    let folder = folder("SECURITY_KEY = 'k'\nWORKERS = 1\n");
    let serving = Serving::start(folder.path(), &[], &[]);
    write(folder.path(), "SECURITY_KEY = 'k'\nWORKERS = 2\nMAX_AGE = 7\n");
    serving.signal("HUP");
    serving.line("WORKERS: the new value counts from the next start on");
    serving.line("settings exchanged");
    assert_eq!(serving.count("counts from the next start"), 1);
    let mut client = Client::connect(serving.address).await;
    client.ask("GET", &signed("k", "a.png"), "").await;
    assert_eq!(client.answer("GET").await.header("cache-control"), Some("max-age=7,public"));
}

#[tokio::test]
async fn files_are_watched_where_the_settings_say_so() {
    let folder = folder("SECURITY_KEY_FILE = 'key'\nRELOAD_ON_CHANGE = true\n");
    std::fs::write(folder.path().join("key"), "first\n").unwrap();
    let serving = Serving::start(folder.path(), &[], &[]);
    assert_eq!(serving.status(&signed("first", "a.png")).await, 200);
    std::fs::write(folder.path().join("key"), "second\n").unwrap();
    eventually("the key is read", || serving.count("settings exchanged") == 1).await;
    assert_eq!(serving.status(&signed("first", "a.png")).await, 400);
    assert_eq!(serving.status(&signed("second", "a.png")).await, 200);
}
