//! A source that says what tests want, and counts how often it is asked.

mod races;

use super::*;
use crate::loader::{OriginFacts, Original, Validators};
use crate::storage::{FileStorage, Layout, MemoryStorage, Storage, Store};
use futures_util::future::join_all;
use futures_util::stream::TryStreamExt as _;
use std::sync::Mutex;
use tokio::sync::Semaphore;

/// One answer to all, or what has gone wrong.
#[derive(Clone, Debug)]
enum Says {
    Picture(&'static str, OriginFacts),
    Fails(LoadError),
}

/// Answers one at a time, as often as it is let.
#[derive(Debug)]
struct Source {
    says: Mutex<Says>,
    asked: Mutex<Vec<Conditions>>,
    gate: Semaphore,
}

impl Source {
    fn new(says: Says) -> Arc<Self> {
        Arc::new(Self { says: Mutex::new(says), asked: Mutex::default(), gate: Semaphore::new(1000) })
    }

    fn now_says(&self, says: Says) {
        *self.says.lock().unwrap() = says;
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    fn last_known(&self) -> Validators {
        self.asked.lock().unwrap().last().unwrap().known.clone()
    }
}

#[async_trait]
impl Loader for Source {
    async fn load(&self, _: &str, asked: &Conditions) -> Result<Loaded, LoadError> {
        self.asked.lock().unwrap().push(asked.clone());
        self.gate.acquire().await.unwrap().forget();
        match self.says.lock().unwrap().clone() {
            Says::Picture(_, facts) if facts.validators.are_known(&asked.known) => Ok(Loaded::Unchanged(facts)),
            Says::Picture(body, facts) => Ok(Loaded::Original(Original { body: body.into(), facts })),
            Says::Fails(error) => Err(error),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a script")
    }
}

fn tag(tag: &str) -> OriginFacts {
    let validators = Validators { etag: Some(tag.to_owned()), last_modified: None };
    OriginFacts { validators, ..OriginFacts::default() }
}

fn fresh_for(seconds: u64) -> OriginFacts {
    OriginFacts { fresh_for: Some(Duration::from_secs(seconds)), ..tag("\"1\"") }
}

fn remote() -> OriginalsConfig {
    OriginalsConfig { remote: true, missing_ttl: Duration::from_hours(1), ..OriginalsConfig::default() }
}

/// What is silent about its freshness is stale at once, and may be used for an hour.
fn soon_stale() -> OriginalsConfig {
    let hour = Duration::from_hours(1);
    let cache = CacheConfig { ttl: Duration::from_nanos(1), ..remote().cache };
    OriginalsConfig { cache, stale_while_revalidate: hour, ..remote() }
}

fn store(storage: Arc<dyn Storage>) -> Store {
    Store::new(storage, Layout::Hashed, &crate::config::StoragesConfig::default())
}

fn of(source: &Arc<Source>, config: &OriginalsConfig) -> Originals {
    storing(source, config, None)
}

fn storing(source: &Arc<Source>, config: &OriginalsConfig, originals: Option<Store>) -> Originals {
    making(Arc::clone(source) as Arc<dyn Loader>, config, &Stores { originals, ..Stores::default() })
}

fn making(loader: Arc<dyn Loader>, config: &OriginalsConfig, stores: &Stores) -> Originals {
    Originals::new(loader, config, stores, &Budget::default())
}

async fn load(originals: &Originals) -> Result<Original, LoadError> {
    originals.load("a.jpg", &Conditions::default()).await?.whole()
}

fn down() -> Says {
    Says::Fails(LoadError::Timeout)
}

async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let waiting = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

#[tokio::test]
async fn keeps_the_loader_contract_whatever_it_keeps() {
    use crate::loader::MemoryLoader;
    use crate::loader::conformance::{self, LIMIT_BYTES};
    let loader: Arc<dyn Loader> = Arc::new(MemoryLoader::new(conformance::originals()).limited(LIMIT_BYTES));
    for config in [OriginalsConfig::default(), remote()] {
        for store in [None, Some(store(Arc::new(MemoryStorage::default())))] {
            let stores = Stores { originals: store, ..Stores::default() };
            let originals = making(Arc::clone(&loader), &config, &stores);
            for _ in 0..2 {
                conformance::run(&originals, "", conformance::quote).await;
                originals.settle().await;
            }
        }
    }
}

#[tokio::test]
async fn a_source_is_asked_again_when_its_word_is_over_telling_what_is_known() {
    let source = Source::new(Says::Picture("one", fresh_for(3600)));
    let originals = of(&source, &remote());
    for _ in 0..3 {
        assert_eq!(load(&originals).await.unwrap().body, "one");
    }
    assert_eq!(source.asked(), 1);

    let source = Source::new(Says::Picture("one", fresh_for(0)));
    let originals = of(&source, &remote());
    for _ in 0..3 {
        assert_eq!(load(&originals).await.unwrap().body, "one");
    }
    assert_eq!((source.asked(), source.last_known()), (3, tag("\"1\"").validators));
    source.now_says(Says::Picture("two", tag("\"2\"")));
    assert_eq!(load(&originals).await.unwrap().body, "two");
}

#[tokio::test]
async fn a_stale_copy_is_used_while_one_asks() {
    let source = Source::new(Says::Picture("one", tag("\"1\"")));
    let originals = of(&source, &soon_stale());
    assert!(!load(&originals).await.unwrap().facts.stale);
    source.gate.forget_permits(1000);
    source.now_says(Says::Picture("two", fresh_for(3600)));
    for _ in 0..5 {
        let old = load(&originals).await.unwrap();
        assert_eq!((old.body.as_ref(), old.facts.stale), (&b"one"[..], true));
    }
    eventually("somebody asks", || source.asked() == 2).await;
    source.gate.add_permits(1);
    eventually("nobody asks any more", || originals.0.refreshing.lock().unwrap().is_empty()).await;
    let new = load(&originals).await.unwrap();
    assert_eq!((new.facts.stale, source.asked()), (false, 2));
}

#[tokio::test]
async fn a_copy_stands_in_for_a_source_that_fails_and_is_left_alone_for_a_while() {
    let source = Source::new(Says::Picture("one", fresh_for(0)));
    let originals = of(&source, &remote());
    load(&originals).await.unwrap();
    source.now_says(down());
    for _ in 0..3 {
        let spare = load(&originals).await.unwrap();
        assert_eq!((spare.body.as_ref(), spare.facts.stale), (&b"one"[..], true));
    }
    assert_eq!(source.asked(), 2);
}

#[tokio::test]
async fn a_source_may_forbid_that_or_fail_in_ways_that_waiting_does_not_mend() {
    let strict = OriginFacts { must_revalidate: true, ..fresh_for(0) };
    let refused = || LoadError::Upstream { status: 403 };
    for (facts, fails) in [(strict, LoadError::Timeout), (fresh_for(0), refused())] {
        let source = Source::new(Says::Picture("one", facts));
        let originals = of(&source, &remote());
        load(&originals).await.unwrap();
        source.now_says(Says::Fails(fails));
        assert!(load(&originals).await.is_err());
    }
}

#[tokio::test]
async fn absence_is_remembered_and_ends_what_is_kept() {
    let source = Source::new(Says::Picture("one", fresh_for(0)));
    let originals = storing(&source, &remote(), Some(store(Arc::new(MemoryStorage::default()))));
    load(&originals).await.unwrap();
    originals.settle().await;
    assert!(originals.stored("a.jpg").await.is_some());
    source.now_says(Says::Fails(LoadError::NotFound));
    for _ in 0..5 {
        assert!(matches!(load(&originals).await, Err(LoadError::NotFound)));
    }
    assert_eq!((source.asked(), originals.stored("a.jpg").await), (2, None));
    let local = of(&source, &OriginalsConfig::default());
    for _ in 0..2 {
        assert!(load(&local).await.is_err());
    }
    assert_eq!(source.asked(), 4, "absence on this machine is not remembered");
}

#[tokio::test]
async fn those_who_want_the_same_wait_for_one_fetch_and_none_cancels_it() {
    let source = Source::new(Says::Picture("one", OriginFacts { no_store: true, ..tag("\"1\"") }));
    source.gate.forget_permits(1000);
    let originals = of(&source, &OriginalsConfig::default());
    let mut first = Box::pin(load(&originals));
    assert!(futures_util::poll!(&mut first).is_pending());
    let mut others = Box::pin(join_all((0..20).map(|_| load(&originals))));
    assert!(futures_util::poll!(&mut others).is_pending());
    eventually("the source is asked", || source.asked() == 1).await;
    drop(first);
    source.gate.add_permits(1);
    assert!(others.await.into_iter().all(|loaded| loaded.unwrap().body == "one"));
    assert_eq!(source.asked(), 1);
    source.gate.add_permits(1);
    load(&originals).await.unwrap();
    assert_eq!(source.asked(), 2, "what must not be stored is not");
}

#[tokio::test]
async fn stored_copies_are_there_after_a_restart_and_damaged_ones_are_fetched_anew() {
    let folder = tempfile::tempdir().unwrap();
    let source = Source::new(Says::Picture("one", tag("\"1\"")));
    let start = || storing(&source, &remote(), Some(store(Arc::new(FileStorage::new(folder.path())))));
    let originals = start();
    load(&originals).await.unwrap();
    originals.settle().await;
    assert_eq!(load(&start()).await.unwrap().facts, tag("\"1\""));
    assert_eq!(source.asked(), 1);
    let path = folder.path().join(Layout::Hashed.original("a.jpg"));
    std::fs::write(path, "on").unwrap();
    assert_eq!(load(&start()).await.unwrap().body, "one");
    assert_eq!(source.asked(), 2);
}

#[tokio::test]
async fn a_folder_of_thumbors_is_used_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("70/67c05f7e62a4c2d63f37b01fd628c98d5587dc");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, "of Thumbor").unwrap();
    let source = Source::new(down());
    let originals = storing(&source, &remote(), Some(store(Arc::new(FileStorage::new(folder.path())))));
    let loaded = originals.load("http%3A//example.com/pic.jpg", &Conditions::default()).await.unwrap();
    assert_eq!(loaded.whole().unwrap().body, "of Thumbor");
    assert_eq!(source.asked(), 0);
}

#[tokio::test]
async fn what_a_source_forbids_to_keep_any_longer_goes() {
    let source = Source::new(Says::Picture("one", fresh_for(0)));
    let originals = storing(&source, &remote(), Some(store(Arc::new(MemoryStorage::default()))));
    load(&originals).await.unwrap();
    originals.settle().await;
    assert_eq!(originals.stored("a.jpg").await.unwrap(), "one");
    source.now_says(Says::Picture("two", OriginFacts { no_store: true, ..tag("\"2\"") }));
    assert_eq!(load(&originals).await.unwrap().body, "two");
    originals.settle().await;
    assert_eq!(originals.stored("a.jpg").await, None);
    source.now_says(down());
    assert!(load(&originals).await.is_err(), "no older copy stands in");
}

#[tokio::test]
async fn an_upload_of_thumbors_is_told_by_its_name() {
    const ID: &str = "0123456789abcdef0123456789abcdef";
    let storage = Arc::new(MemoryStorage::default());
    storage.put(&Layout::Hashed.original(ID), "uploaded".into(), &Meta::new()).await.unwrap();
    let source = Source::new(Says::Fails(LoadError::NotFound));
    let config = OriginalsConfig { expiration: Some(Duration::ZERO), ..remote() };
    let originals = storing(&source, &config, Some(store(storage)));
    for _ in 0..2 {
        let loaded = originals.load(ID, &Conditions::default()).await.unwrap().whole().unwrap();
        assert_eq!(loaded.body, "uploaded", "it does not expire");
    }
    assert_eq!(source.asked(), 0);
}

#[tokio::test]
async fn uploads_may_lie_apart_from_copies() {
    const ID: &str = "0123456789abcdef0123456789abcdef";
    let (copies, uploads) = (Arc::new(MemoryStorage::default()), Arc::new(MemoryStorage::default()));
    let source = Source::new(Says::Picture("one", fresh_for(3600)));
    let stores = Stores { originals: Some(store(Arc::<MemoryStorage>::clone(&copies))), ..Stores::default() };
    let stores = Stores { uploads: Some(store(Arc::<MemoryStorage>::clone(&uploads))), ..stores };
    let originals = making(Arc::clone(&source) as Arc<dyn Loader>, &remote(), &stores);
    load(&originals).await.unwrap();
    originals.put(ID, "uploaded".into()).await.unwrap();
    originals.settle().await;
    let keys = async |storage: &MemoryStorage| storage.list("").try_collect::<Vec<_>>().await.unwrap();
    assert_eq!(keys(&copies).await, [Layout::Hashed.original("a.jpg")]);
    assert_eq!(keys(&uploads).await, [Layout::Hashed.original(ID)]);
    let loaded = originals.load(ID, &Conditions::default()).await.unwrap().whole().unwrap();
    assert_eq!((loaded.body.as_ref(), source.asked()), (&b"uploaded"[..], 1));
    assert!(originals.holds(ID).await && originals.remove(ID).await.unwrap() && !originals.holds(ID).await);
}

#[tokio::test]
async fn uploads_stay_until_they_are_removed() {
    let source = Source::new(Says::Fails(LoadError::NotFound));
    let config = OriginalsConfig { expiration: Some(Duration::ZERO), ..remote() };
    let originals = storing(&source, &config, Some(store(Arc::new(MemoryStorage::default()))));
    assert!(load(&originals).await.is_err());
    originals.put("a.jpg", "uploaded".into()).await.unwrap();
    assert_eq!(load(&originals).await.unwrap().body, "uploaded", "its absence is forgotten");
    for pick in [Pick::Image("a.jpg".into()), Pick::Prefix("a".into()), Pick::Tag(crate::storage::tag_of("a.jpg"))] {
        originals.forget(&pick).await.unwrap();
        assert_eq!(load(&originals).await.unwrap().body, "uploaded", "{pick:?}");
    }
    assert!(originals.remove("a.jpg").await.unwrap());
    assert!(load(&originals).await.is_err());
    let nowhere = of(&Source::new(down()), &remote());
    assert!(matches!(nowhere.put("a.jpg", "x".into()).await, Err(StorageError::Off)));
}

#[tokio::test]
async fn what_is_picked_is_forgotten_everywhere_with_its_notes() {
    for layout in [Layout::Hashed, Layout::Named { root: "r".into(), randomized: false }] {
        let source = Source::new(Says::Picture("one", fresh_for(3600)));
        let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
        let storages = crate::config::StoragesConfig::default();
        let store = Store::new(storage, layout.clone(), &storages);
        let stores = Stores { originals: Some(store.clone()), notes: Some(store), ..Stores::default() };
        let originals = making(Arc::clone(&source) as Arc<dyn Loader>, &remote(), &stores);
        let names = ["photos/1.jpg", "photos/2.jpg", "photos/2.jpg.old", "other.jpg"];
        let fill = async || {
            for name in names {
                originals.load(name, &Conditions::default()).await.unwrap();
                originals.keep_note(name, Note::Detectors, "[]".into()).await;
            }
            originals.settle().await;
        };
        let picks = [
            (Pick::Image("photos/2.jpg".into()), vec!["photos/2.jpg"]),
            (Pick::Prefix("photos/".into()), vec!["photos/1.jpg", "photos/2.jpg", "photos/2.jpg.old"]),
            (Pick::Tag(crate::storage::tag_of("other.jpg")), vec!["other.jpg"]),
            (Pick::Tag("nonsense".into()), vec![]),
        ];
        for (pick, gone) in picks {
            fill().await;
            assert_eq!(originals.forget(&pick).await.unwrap(), gone.len(), "{layout:?} {pick:?}");
            for name in names {
                let stays = !gone.contains(&name);
                assert_eq!(originals.stored(name).await.is_some(), stays, "{layout:?} {pick:?} {name}");
                assert_eq!(originals.note(name, Note::Detectors).await.is_some(), stays, "{layout:?} {pick:?} {name}");
            }
        }
    }
}

#[tokio::test]
async fn notes_without_a_storage_are_kept_in_memory() {
    let originals = of(&Source::new(down()), &OriginalsConfig::default());
    assert_eq!(originals.note("a.jpg", Note::Detectors).await, None);
    originals.keep_note("a.jpg", Note::Detectors, "[1]".into()).await;
    assert_eq!(originals.note("a.jpg", Note::Detectors).await, Some("[1]".into()));
}
