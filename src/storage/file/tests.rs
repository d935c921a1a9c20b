//! Files in folders that go away.

use super::*;
use crate::storage::conformance;

fn meta() -> Meta {
    Meta::from([("type".into(), "image/png".into())])
}

fn files(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    walk(root, &mut |path| {
        found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        true
    })
    .unwrap();
    found.sort();
    found
}

#[tokio::test]
async fn keeps_the_storage_contract() {
    let folder = tempfile::tempdir().unwrap();
    conformance::run(&FileStorage::new(&folder.path().join("made/when/needed"))).await;
}

#[tokio::test]
async fn words_stand_beside_the_bytes_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let storage = FileStorage::new(folder.path());
    storage.put("ab/cd", "bytes".into(), &meta()).await.unwrap();
    assert_eq!(fs::read(folder.path().join("ab/cd")).unwrap(), b"bytes");
    assert_eq!(files(folder.path()), ["ab/cd", "ab/cd.meta"]);
    assert_eq!(fs::read_dir(folder.path().join(UNFINISHED)).unwrap().count(), 0);
    storage.put("ab/cd", "other".into(), &Meta::new()).await.unwrap();
    assert_eq!(files(folder.path()), ["ab/cd"]);
}

#[tokio::test]
async fn damaged_files_count_as_absent() {
    let folder = tempfile::tempdir().unwrap();
    let storage = FileStorage::new(folder.path());
    let (file, sidecar) = (folder.path().join("ab/cd"), folder.path().join("ab/cd.meta"));
    let damage: [(&str, &dyn Fn()); 5] = [
        ("halved", &|| fs::write(&file, "by").unwrap()),
        ("emptied", &|| fs::write(&file, "").unwrap()),
        ("changed", &|| fs::write(&file, "bytez").unwrap()),
        ("halved sidecar", &|| fs::write(&sidecar, "{\"bytes\":").unwrap()),
        ("emptied sidecar", &|| fs::write(&sidecar, "").unwrap()),
    ];
    for (what, damage) in damage {
        storage.put("ab/cd", "bytes".into(), &meta()).await.unwrap();
        assert!(storage.get("ab/cd").await.unwrap().is_some(), "{what}");
        damage();
        assert_eq!(storage.get("ab/cd").await.unwrap(), None, "{what}");
    }
}

#[tokio::test]
async fn between_the_renames_of_a_sidecar_and_its_file_the_file_before_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let storage = FileStorage::new(folder.path());
    storage.put("ab/cd", "bytes".into(), &meta()).await.unwrap();
    let other = Meta::from([("type".into(), "image/webp".into())]);
    storage.write_sidecar(&folder.path().join("ab/cd"), b"others", &other).unwrap();
    let entry = storage.get("ab/cd").await.unwrap().unwrap();
    assert_eq!((entry.body.as_ref(), entry.meta), (&b"bytes"[..], meta()));
    storage.write(&folder.path().join("ab/cd"), b"others").unwrap();
    let entry = storage.get("ab/cd").await.unwrap().unwrap();
    assert_eq!((entry.body.as_ref(), entry.meta), (&b"others"[..], other));
}

/// Two storages stand for two processes, since locks are a storage's own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_find_a_whole_entry_while_others_write() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (FileStorage::new(folder.path()), FileStorage::new(folder.path()));
    let entry = |number: usize| {
        let number = number.to_string();
        (Bytes::from(number.repeat(100)), Meta::from([("number".to_owned(), number)]))
    };
    let put = async |number| theirs.put("ab/cd", entry(number).0, &entry(number).1).await.unwrap();
    put(0).await;
    let writing = async {
        for number in 1..400 {
            put(number).await;
        }
    };
    let mut writing = Box::pin(writing);
    while futures_util::poll!(&mut writing).is_pending() {
        let found = ours.get("ab/cd").await.unwrap().expect("there is always one");
        assert_eq!(found.body, entry(found.meta["number"].parse().unwrap()).0);
    }
}

#[tokio::test]
async fn files_of_others_are_taken_as_they_are_unless_empty() {
    let folder = tempfile::tempdir().unwrap();
    let storage = FileStorage::new(folder.path());
    fs::write(folder.path().join("old"), "bytes").unwrap();
    fs::write(folder.path().join("empty"), "").unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    let entry = storage.get("old").await.unwrap().unwrap();
    assert_eq!((entry.body.as_ref(), entry.meta), (&b"bytes"[..], Meta::new()));
    assert_eq!(storage.head("old").await.unwrap(), Some(Meta::new()));
    for absent in ["empty", "folder", "none", "none/at/all"] {
        assert_eq!(storage.get(absent).await.unwrap(), None, "{absent}");
    }
}

#[tokio::test]
async fn a_use_is_noted_in_the_time_of_access_alone() {
    let folder = tempfile::tempdir().unwrap();
    let storage = FileStorage::new(folder.path());
    storage.put("a", "bytes".into(), &meta()).await.unwrap();
    let long_ago = SystemTime::now() - Duration::from_hours(48);
    let times = FileTimes::new().set_accessed(long_ago).set_modified(long_ago);
    File::open(folder.path().join("a")).unwrap().set_times(times).unwrap();
    assert!(storage.get("a").await.unwrap().is_some_and(|entry| entry.stored_at == long_ago));
    let about = fs::metadata(folder.path().join("a")).unwrap();
    assert!(about.accessed().unwrap() > long_ago + Duration::from_hours(24));
    assert_eq!(about.modified().unwrap(), long_ago);
}

#[tokio::test]
async fn a_folder_that_is_a_file_fails_every_time_and_says_where() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("file");
    fs::write(&root, "no folder").unwrap();
    let storage = FileStorage::new(&root);
    let failed = storage.put("a/b", "bytes".into(), &meta()).await.unwrap_err().to_string();
    assert!(failed.contains("file/a/b"), "{failed}");
    assert!(storage.get("a/b").await.is_err());
}
