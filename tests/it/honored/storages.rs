//! What is kept.

use super::with_all;
use crate::support::fixtures::small_png;
use crate::support::{Configured, Origin, eventually};
use std::time::Duration;

/// Nothing in memory, so that storages show.
const FORGETFUL: [(&str, &str); 3] = [("LOADER", "http"), ("CACHE_MAX_BYTES", "0"), ("SOURCE_CACHE_BYTES", "0")];

async fn keeping(settings: &[(&str, &str)]) -> (Configured, Origin) {
    let origin = Origin::giving(small_png()).await;
    (with_all(&[&FORGETFUL, settings].concat()).await, origin)
}

#[tokio::test]
async fn storage_keeps_originals_in_file_storage_root_path() {
    for (value, asked) in [("thumbor.storages.file_storage", 1), ("thumbor.storages.no_storage", 2)] {
        let (server, origin) = keeping(&[("STORAGE", value)]).await;
        let path = |size: &str| format!("/unsafe/{size}/{}/a.png", origin.address);
        assert_eq!(server.get(&path("2x2")).await.status, 200);
        if asked == 1 {
            eventually("it is stored", || server.holds_png("stored")).await;
        }
        assert_eq!(server.get(&path("3x3")).await.status, 200);
        assert_eq!(origin.asked().len(), asked, "{value}");
    }
    // The folder is the setting's, which the server above was given.
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = folder.path().join("elsewhere");
    let settings = [("STORAGE", "file"), ("FILE_STORAGE_ROOT_PATH", elsewhere.to_str().unwrap())];
    let (server, origin) = keeping(&settings).await;
    assert_eq!(server.get(&format!("/unsafe/{}/a.png", origin.address)).await.status, 200);
    eventually("it is stored there", || elsewhere.is_dir()).await;
    assert!(server.files("stored").is_empty());
}

#[tokio::test]
async fn storage_expiration_seconds_is_how_long_hosts_are_not_asked() {
    for (value, again) in [("0", true), ("none", false)] {
        let settings = [("STORAGE", "file"), ("STORAGE_EXPIRATION_SECONDS", value), ("STALE_WHILE_REVALIDATE", "0")];
        let (server, origin) = keeping(&settings).await;
        let path = |size: &str| format!("/unsafe/{size}/{}/a.png", origin.address);
        assert_eq!(server.get(&path("2x2")).await.status, 200);
        eventually("it is stored", || server.holds_png("stored")).await;
        assert_eq!(server.get(&path("3x3")).await.status, 200);
        assert_eq!(origin.asked().len() == 2, again, "{value}");
    }
}

/// How an answer is come by.
async fn via(server: &Configured, path: &str) -> String {
    server.get(path).await.header("server-timing").unwrap().to_owned()
}

#[tokio::test]
async fn result_storage_keeps_results_of_unsafe_urls_where_result_storage_stores_unsafe_says_so() {
    for (storage, stores_unsafe, kept) in [
        ("thumbor.result_storages.file_storage", "true", true),
        ("thumbor.result_storages.file_storage", "false", false),
        ("none", "true", false),
    ] {
        let settings = [("RESULT_STORAGE", storage), ("RESULT_STORAGE_STORES_UNSAFE", stores_unsafe)];
        let (server, origin) = keeping(&settings).await;
        let path = format!("/unsafe/2x2/{}/a.png", origin.address);
        assert!(via(&server, &path).await.contains("cache;desc=miss"));
        if kept {
            eventually("it is stored", || server.holds_png("results")).await;
        }
        assert_eq!(via(&server, &path).await.contains("cache;desc=stored"), kept, "{settings:?}");
        assert_eq!(!server.files("results").is_empty(), kept);
    }
}

#[tokio::test]
async fn result_storage_file_storage_root_path_is_where_results_are() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = folder.path().join("elsewhere");
    let settings = [
        ("RESULT_STORAGE", "file"),
        ("RESULT_STORAGE_STORES_UNSAFE", "true"),
        ("RESULT_STORAGE_FILE_STORAGE_ROOT_PATH", elsewhere.to_str().unwrap()),
    ];
    let (server, origin) = keeping(&settings).await;
    assert_eq!(server.get(&format!("/unsafe/{}/a.png", origin.address)).await.status, 200);
    eventually("it is stored there", || elsewhere.is_dir()).await;
    assert!(server.files("results").is_empty());
}

#[tokio::test]
async fn result_storage_expiration_seconds_is_how_long_results_are_used() {
    for (value, expires) in [("0.001", true), ("0", false), ("3600", false)] {
        let settings = [
            ("RESULT_STORAGE", "file"),
            ("RESULT_STORAGE_STORES_UNSAFE", "true"),
            ("RESULT_STORAGE_EXPIRATION_SECONDS", value),
        ];
        let (server, origin) = keeping(&settings).await;
        let path = format!("/unsafe/2x2/{}/a.png", origin.address);
        assert!(via(&server, &path).await.contains("cache;desc=miss"));
        eventually("it is stored", || server.holds_png("results")).await;
        if expires {
            let used = async { while via(&server, &path).await.contains("cache;desc=stored") {} };
            tokio::time::timeout(Duration::from_secs(10), used).await.expect("it expires");
        } else {
            assert!(via(&server, &path).await.contains("cache;desc=stored"), "{value}");
        }
    }
}
