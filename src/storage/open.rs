//! The storages that the settings name.

use super::janitor::Rounds;
use super::layout::Layout;
use super::{FileStorage, Janitor, ObjectStorage, Shelf, Storage};
use crate::bucket::{Account, BucketError, Service};
use crate::config::{BucketConfig, Config, JanitorConfig, StorageKind, StoragePlace, StoragesConfig};
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
    /// Of originals that clients bring, where those lie apart.
    pub uploads: Option<Store>,
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

    fn open(
        place: &StoragePlace,
        config: &StoragesConfig,
        bucket: &BucketConfig,
        tidiness: Tidiness,
    ) -> Result<Option<Self>, BucketError> {
        let service = match place.kind {
            StorageKind::None => return Ok(None),
            StorageKind::File => return Ok(Some(Self::of_files(place, config, tidiness))),
            StorageKind::S3 => Service::S3,
            StorageKind::Gcs => Service::Gcs,
            StorageKind::Azure => Service::Azure,
        };
        let bucket = Account::open(service, bucket)?.bucket(&place.bucket)?;
        let root = place.prefix.trim_matches('/').to_owned();
        let layout = Layout::Named { root, randomized: config.randomize_keys };
        Ok(Some(Self::new(Arc::new(ObjectStorage::new(bucket, config.store_metadata)), layout, config)))
    }

    fn of_files(place: &StoragePlace, config: &StoragesConfig, tidiness: Tidiness) -> Self {
        let store = Self::new(Arc::new(FileStorage::new(&place.folder)), Layout::Hashed, config);
        let Tidiness { max_bytes, max_age } = tidiness;
        let janitor = JanitorConfig { max_bytes, max_age, interval: config.janitor_interval };
        let rounds = Janitor::new(&place.folder, &janitor).start(Arc::clone(&store.shelf));
        Self { _rounds: Some(Arc::new(rounds)), ..store }
    }
}

/// What a janitor holds a folder to.
#[derive(Clone, Copy)]
struct Tidiness {
    max_bytes: u64,
    max_age: Option<Duration>,
}

impl Stores {
    /// The storages that the settings name. Starts those who tidy up, who stop when the last clone is dropped; so it has
    /// to be called within a runtime.
    ///
    /// # Errors
    /// [`BucketError`] for buckets that no settings lead to. Folders that cannot be used are no error: they cost speed, not
    /// answers.
    pub fn open(config: &Config) -> Result<Self, BucketError> {
        let Config { originals, results, storages, loader, .. } = config;
        let open = |place: &StoragePlace, tidiness| Store::open(place, storages, &loader.bucket, tidiness);
        let of_originals = Tidiness {
            max_bytes: originals.max_bytes,
            max_age: originals
                .expiration
                .map(|expiration| expiration + originals.stale_while_revalidate.max(originals.stale_if_error)),
        };
        let of_results = Tidiness {
            max_bytes: results.max_bytes,
            max_age: results.expiration.map(|expiration| expiration + originals.stale_if_error),
        };
        let stored = open(&originals.place, of_originals)?;
        let notes = if originals.notes == originals.place {
            stored.clone()
        } else {
            open(&originals.notes, Tidiness { max_bytes: 0, max_age: None })?
        };
        let place = place_of_uploads(config).filter(|place| *place != originals.place);
        let uploads = place.map_or(Ok(None), |place| open(&place, Tidiness { max_bytes: 0, max_age: None }))?;
        Ok(Self { originals: stored, uploads, notes, results: open(&results.place, of_results)? })
    }
}

/// Where originals go that clients bring; `None` if they may not.
fn place_of_uploads(config: &Config) -> Option<StoragePlace> {
    let place = &config.originals.place;
    let kind = match (config.uploads.storage, place.kind) {
        (StorageKind::None, StorageKind::None) => StorageKind::File, // as in Thumbor
        (StorageKind::None, kind) | (kind, _) => kind,
    };
    config.uploads.enabled.then(|| StoragePlace { kind, ..place.clone() })
}
