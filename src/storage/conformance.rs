//! What every storage must do, wherever it keeps things.

use super::{Meta, Storage, StorageError};
use bytes::Bytes;
use futures_util::stream::TryStreamExt as _;
use std::time::{Duration, SystemTime};

/// Keys as layouts make them: hashed, readable, with names that file systems and URLs write differently.
const KEYS: &[&str] = &[
    "70/67c05f7e62a4c2d63f37b01fd628c98d5587dc",
    "default/ab/cd/0123456789",
    "unsafe/300x200/filters:fill(red)/photo.jpg",
    "originals/a b/maracujá 100%.jpg",
    "http:/host/a%20b.jpg?x=1&y=2#z",
    "日本/写真~[1]*.png",
];

/// Keys that no storage takes.
const BAD_KEYS: &[&str] = &["", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a\0b"];

/// Runs the contract on a storage that is empty.
///
/// # Panics
/// When the storage breaks it.
pub(super) async fn run(storage: &dyn Storage) {
    let meta = Meta::from([("etag".into(), "\"a, b; c=\\d\"".into()), ("type".into(), "image/png".into())]);
    let none: Option<super::Entry> = None;
    for key in KEYS {
        assert_eq!(storage.get(key).await.unwrap(), none, "{storage}: `{key}` before anything was stored");
        assert_eq!(storage.head(key).await.unwrap(), None, "{storage}: `{key}`");
        assert!(!storage.remove(key).await.unwrap(), "{storage}: `{key}`");
        storage.put(key, Bytes::from(format!("body of {key}")), &meta).await.unwrap();
    }
    for key in KEYS {
        let entry = storage.get(key).await.unwrap().unwrap_or_else(|| panic!("{storage}: `{key}` is not there"));
        assert_eq!(entry.body, format!("body of {key}"), "{storage}");
        assert_eq!(entry.meta, meta, "{storage}: `{key}`");
        assert_eq!(storage.head(key).await.unwrap(), Some(meta.clone()), "{storage}: `{key}`");
        let age = SystemTime::now().duration_since(entry.stored_at).unwrap_or_default();
        assert!(age < Duration::from_mins(1), "{storage}: `{key}` is {age:?} old");
    }
    let mut listed: Vec<String> = storage.list("").try_collect().await.unwrap();
    listed.sort();
    let mut all = KEYS.to_vec();
    all.sort_unstable();
    assert_eq!(listed, all, "{storage}");
    for (prefix, found) in [("default/", 1), ("70/67c05", 1), ("default/ab/c", 1), ("def", 1), ("none/", 0)] {
        let listed: Vec<String> = storage.list(prefix).try_collect().await.unwrap();
        assert_eq!(listed.len(), found, "{storage}: `{prefix}`: {listed:?}");
        assert!(listed.iter().all(|key| key.starts_with(prefix)), "{storage}: {listed:?}");
    }
    let key = KEYS[1];
    storage.put(key, "other".into(), &Meta::new()).await.unwrap();
    let entry = storage.get(key).await.unwrap().unwrap();
    assert_eq!((entry.body.as_ref(), entry.meta), (&b"other"[..], Meta::new()), "{storage}: replaced");
    storage.put(key, Bytes::new(), &Meta::new()).await.unwrap();
    assert_eq!(storage.get(key).await.unwrap(), none, "{storage}: an empty entry counts as none");
    storage.put(key, Bytes::from(vec![7; 3 << 20]), &meta).await.unwrap();
    assert_eq!(storage.get(key).await.unwrap().unwrap().body.len(), 3 << 20, "{storage}");
    assert!(storage.remove(key).await.unwrap() && !storage.remove(key).await.unwrap(), "{storage}");
    assert_eq!(storage.get(key).await.unwrap(), none, "{storage}: removed");
    for key in BAD_KEYS {
        assert!(matches!(storage.get(key).await, Err(StorageError::Key { .. })), "{storage}: `{key}`");
        let put = storage.put(key, "x".into(), &meta).await;
        assert!(matches!(put, Err(StorageError::Key { .. })), "{storage}: `{key}`");
    }
    assert!(!storage.to_string().is_empty());
}
