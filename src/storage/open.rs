//! The storages that the settings name.

use super::janitor::Rounds;
use super::layout::Layout;
use super::{FileStorage, Janitor, ObjectStorage, Shelf, Storage};
use crate::config::{Config, JanitorConfig, StorageKind, StoragePlace, StoragesConfig};
use object_store::ObjectStore;
use std::sync::Arc;
use std::time::Duration;

/// A shelf, how keys are made for it, and who tidies it up.
#[derive(Clone, Debug)]
pub struct Store {
    /// The shelf.
    pub shelf: Arc<Shelf>,
    /// How its keys are made.
    pub layout: Layout,
    _rounds: Option<Arc<Rounds>>,
}

/// All storages of a server.
#[derive(Clone, Debug, Default)]
pub struct Stores {
    /// Of originals.
    pub originals: Option<Store>,
    /// Of what is known about originals.
    pub notes: Option<Store>,
    /// Of results.
    pub results: Option<Store>,
}

impl Store {
    /// A store over this storage, with nobody to tidy it up.
    pub fn new(storage: Arc<dyn Storage>, layout: Layout, config: &StoragesConfig) -> Self {
        Self { shelf: Arc::new(Shelf::new(storage, &config.shelf)), layout, _rounds: None }
    }

    fn open<E>(
        place: &StoragePlace,
        config: &StoragesConfig,
        tidiness: Tidiness,
        bucket: impl Fn(&str) -> Result<Arc<dyn ObjectStore>, E>,
    ) -> Result<Option<Self>, E> {
        Ok(match place.kind {
            StorageKind::None => None,
            StorageKind::File => {
                let store = Self::new(Arc::new(FileStorage::new(&place.folder)), Layout::Hashed, config);
                let janitor = JanitorConfig {
                    max_bytes: tidiness.max_bytes,
                    max_age: tidiness.max_age,
                    interval: config.janitor_interval,
                };
                let rounds = Janitor::new(&place.folder, &janitor).start(Arc::clone(&store.shelf));
                Some(Self { _rounds: Some(Arc::new(rounds)), ..store })
            }
            StorageKind::Object => {
                let root = place.prefix.trim_matches('/').to_owned();
                let layout = Layout::Named { root, randomized: config.randomize_keys };
                let storage = ObjectStorage::new(bucket(&place.bucket)?, config.store_metadata);
                Some(Self::new(Arc::new(storage), layout, config))
            }
        })
    }
}

/// What a janitor holds a folder to.
#[derive(Clone, Copy)]
struct Tidiness {
    max_bytes: u64,
    max_age: Option<Duration>,
}

impl Stores {
    /// The storages that the settings name; `bucket` opens a bucket by its name. Starts those who tidy up, who stop when
    /// the last clone is dropped; so it has to be called within a runtime.
    ///
    /// # Errors
    /// Those of `bucket`. Folders that cannot be used are no error: they cost speed, not answers.
    pub fn open<E>(config: &Config, bucket: impl Fn(&str) -> Result<Arc<dyn ObjectStore>, E>) -> Result<Self, E> {
        let Config { originals, results, storages, .. } = config;
        let of_originals = Tidiness {
            max_bytes: originals.max_bytes,
            max_age: originals
                .expiration
                .map(|expiration| expiration + originals.stale_while_revalidate.max(originals.stale_if_error)),
        };
        let of_results = Tidiness { max_bytes: results.max_bytes, max_age: results.expiration };
        let stored = Store::open(&originals.place, storages, of_originals, &bucket)?;
        let notes = if originals.notes == originals.place {
            stored.clone()
        } else {
            Store::open(&originals.notes, storages, Tidiness { max_bytes: 0, max_age: None }, &bucket)?
        };
        Ok(Self { originals: stored, notes, results: Store::open(&results.place, storages, of_results, &bucket)? })
    }
}
