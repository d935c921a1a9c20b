//! What a source says about which somebody changes his mind meanwhile. Gates decide what comes first.

use super::*;
use crate::storage::Entry;
use futures_util::stream::BoxStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::task::JoinHandle;

type Loading = JoinHandle<Result<Original, LoadError>>;

/// A request whose source is asked and does not answer.
async fn under_way(source: &Arc<Source>, originals: &Originals) -> Loading {
    source.gate.forget_permits(1000);
    let before = source.asked();
    let loading = spawn(originals);
    eventually("the source is asked", || source.asked() > before).await;
    loading
}

fn spawn(originals: &Originals) -> Loading {
    let originals = originals.clone();
    tokio::spawn(async move { load(&originals).await })
}

fn picks() -> [Pick; 3] {
    [Pick::Image("a.jpg".into()), Pick::Prefix("a".into()), Pick::Tag(crate::storage::tag_of("a.jpg"))]
}

fn in_memory() -> Store {
    store(Arc::new(MemoryStorage::default()))
}

#[tokio::test]
async fn an_upload_stays_whatever_a_source_says_that_was_asked_before() {
    let forbids = OriginFacts { no_store: true, ..tag("\"2\"") };
    let answers = [
        Says::Fails(LoadError::NotFound),
        Says::Picture("two", fresh_for(3600)),
        Says::Picture("two", forbids),
        down(),
    ];
    for (says, has_copy) in answers.into_iter().flat_map(|says| [(says.clone(), false), (says, true)]) {
        let source =
            Source::new(Says::Picture("one", OriginFacts { validators: Validators::default(), ..fresh_for(0) }));
        let originals = storing(&source, &remote(), Some(in_memory()));
        if has_copy {
            load(&originals).await.unwrap();
            originals.settle().await;
        }
        let loading = under_way(&source, &originals).await;
        originals.put("a.jpg", "uploaded".into()).await.unwrap();
        source.now_says(says.clone());
        source.gate.add_permits(1);
        drop(loading.await.unwrap());
        originals.settle().await;
        assert_eq!(originals.stored("a.jpg").await.unwrap(), "uploaded", "{says:?} {has_copy}");
        assert_eq!(load(&originals).await.unwrap().body, "uploaded", "{says:?} {has_copy}");
    }
}

#[tokio::test]
async fn what_a_source_says_that_was_asked_before_a_purge_is_not_remembered() {
    for pick in picks() {
        for says in [Says::Picture("one", fresh_for(3600)), Says::Fails(LoadError::NotFound)] {
            let source = Source::new(says.clone());
            let originals = storing(&source, &remote(), Some(in_memory()));
            let loading = under_way(&source, &originals).await;
            originals.forget(&pick).await.unwrap();
            source.gate.add_permits(2);
            drop(loading.await.unwrap());
            originals.settle().await;
            assert_eq!(originals.stored("a.jpg").await, None, "{pick:?} {says:?}");
            source.now_says(Says::Picture("two", fresh_for(3600)));
            assert_eq!(load(&originals).await.unwrap().body, "two", "{pick:?} {says:?}");
        }
    }
}

#[tokio::test]
async fn who_asks_after_a_purge_does_not_wait_with_those_before() {
    for pick in picks() {
        let source = Source::new(Says::Picture("one", fresh_for(3600)));
        let originals = storing(&source, &remote(), Some(in_memory()));
        let before = under_way(&source, &originals).await;
        originals.forget(&pick).await.unwrap();
        let after = spawn(&originals);
        eventually("the source is asked again", || source.asked() == 2).await;
        source.gate.add_permits(1); // those who came first go first
        assert_eq!(before.await.unwrap().unwrap().body, "one");
        source.now_says(Says::Picture("two", fresh_for(3600)));
        source.gate.add_permits(1);
        assert_eq!(after.await.unwrap().unwrap().body, "two", "{pick:?}");
    }
}

/// Holds back what it has read until it is let.
#[derive(Debug)]
struct Slow {
    storage: MemoryStorage,
    read: AtomicUsize,
    gate: Semaphore,
}

#[async_trait]
impl Storage for Slow {
    async fn get(&self, key: &str) -> Result<Option<Entry>, StorageError> {
        let entry = self.storage.get(key).await;
        self.read.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        entry
    }

    async fn head(&self, key: &str) -> Result<Option<Meta>, StorageError> {
        self.storage.head(key).await
    }

    async fn put(&self, key: &str, body: Bytes, meta: &Meta) -> Result<(), StorageError> {
        self.storage.put(key, body, meta).await
    }

    async fn remove(&self, key: &str) -> Result<bool, StorageError> {
        self.storage.remove(key).await
    }

    fn list(&self, prefix: &str) -> BoxStream<'static, Result<String, StorageError>> {
        self.storage.list(prefix)
    }
}

impl fmt::Display for Slow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a slow storage")
    }
}

#[tokio::test]
async fn what_was_read_from_a_storage_before_a_purge_does_not_come_back_after_it() {
    for pick in picks() {
        let storage = MemoryStorage::default();
        let meta = Copy::fetched(Bytes::from("old").into(), std::time::SystemTime::now()).to_meta("a.jpg");
        storage.put(&Layout::Hashed.original("a.jpg"), "old".into(), &meta).await.unwrap();
        let slow = Arc::new(Slow { storage, read: AtomicUsize::new(0), gate: Semaphore::new(0) });
        let source = Source::new(Says::Picture("new", fresh_for(3600)));
        let originals = storing(&source, &remote(), Some(store(Arc::<Slow>::clone(&slow))));
        let loading = spawn(&originals);
        eventually("the storage is read", || slow.read.load(Ordering::SeqCst) == 1).await;
        originals.forget(&pick).await.unwrap();
        slow.gate.add_permits(1000);
        assert_eq!(loading.await.unwrap().unwrap().body, "old", "it was asked for before");
        assert_eq!(load(&originals).await.unwrap().body, "new", "{pick:?}");
    }
}
