//! Originals that were fetched before: a loader around the one that the settings name.
//!
//! Copies are kept in memory and in the source storage. A copy that is no longer fresh is asked about with what the
//! source has said of it, in the background where that is allowed; it stands in where the source fails. Those who want
//! the same original at the same time wait for one fetch.

mod copy;
mod doubts;
mod forget;
mod keeper;
#[cfg(test)]
mod tests;

pub(crate) use doubts::{Doubts, Stamp};
pub use forget::Pick;

use self::copy::{Copy, Times};
use self::keeper::{Asked, Keeper};
use crate::cache::ResultCache;
use crate::config::{CacheConfig, OriginalsConfig};
use crate::loader::{Budget, Conditions, LoadError, Loaded, Loader};
use crate::storage::{Counts, Meta, Note, StorageError, Stores};
use async_trait::async_trait;
use bytes::Bytes;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Notes kept in memory where no storage is named for them.
const LOOSE_NOTES: CacheConfig = CacheConfig { max_bytes: 4 << 20, ttl: Duration::from_hours(24) };
/// Nothing stays in memory for longer.
const LONG: Duration = Duration::from_hours(365 * 24);
/// What a remembered failure is weighed at beside its name.
const SETBACKS_BYTES: u64 = 4 << 20;

/// A loader that keeps what it has loaded. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Originals(Arc<Keeper>);

impl Originals {
    /// Keeps what `loader` gives in memory and in the storages. What arrives counts against the budget.
    ///
    /// Where the loader reads what is on this machine anyway (`config.remote` is false), nothing is kept in memory and
    /// no absence is remembered.
    pub fn new(loader: Arc<dyn Loader>, config: &OriginalsConfig, stores: &Stores, budget: &Budget) -> Self {
        let times = Times {
            fresh: if stores.originals.is_some() { config.expiration } else { Some(config.cache.ttl) },
            while_revalidating: config.stale_while_revalidate,
            if_error: config.stale_if_error,
        };
        let of_remote = |bytes| if config.remote { bytes } else { 0 };
        let useful = (config.cache.ttl + times.while_revalidating.max(times.if_error)).min(LONG);
        let memory = CacheConfig { max_bytes: of_remote(config.cache.max_bytes), ttl: useful };
        let setbacks = CacheConfig { max_bytes: of_remote(SETBACKS_BYTES), ttl: config.missing_ttl };
        Self(Arc::new(Keeper {
            loader,
            memory: ResultCache::new(&memory, |asked: &Asked, copy: &Arc<Copy>| asked.size_bytes() + copy.body.len()),
            budget: budget.clone(),
            store: stores.originals.clone(),
            uploads: stores.uploads.clone(),
            notes: stores.notes.clone(),
            loose_notes: ResultCache::new(&LOOSE_NOTES, |(id, _): &(String, Note), note: &Bytes| id.len() + note.len()),
            setbacks: ResultCache::new(&setbacks, |asked: &Asked, _| asked.size_bytes()),
            flights: crate::flight::Flights::default(),
            refreshing: std::sync::Mutex::default(),
            doubts: Doubts::default(),
            times,
        }))
    }

    /// Stores an original that somebody has uploaded. It never expires, and nothing but [`Originals::remove`] takes it
    /// away.
    ///
    /// # Errors
    /// [`StorageError::Off`] without a storage for it; otherwise the storage's.
    pub async fn put(&self, id: &str, body: Bytes) -> Result<(), StorageError> {
        let store = self.0.home_of(id).ok_or(StorageError::Off)?;
        let meta = Copy::uploaded(body.clone()).to_meta(id);
        let pick = Pick::Image(id.to_owned());
        let _doubt = self.0.doubts.raise(&pick).await; // from now on nobody keeps a copy in its place
        store.shelf.settle().await; // nor is one on its way
        store.shelf.storage().put(&store.layout.original(id), body, &meta).await?;
        self.0.forget_in_memory(&pick).await;
        Ok(())
    }

    /// The original as it is stored, whatever its age; `None` also where the storage fails.
    pub async fn stored(&self, id: &str) -> Option<Bytes> {
        let store = self.0.home_of(id)?;
        store.shelf.get(&store.layout.original(id)).await.map(|entry| entry.body)
    }

    /// Whether an original is stored; no also where the storage fails.
    pub async fn holds(&self, id: &str) -> bool {
        let Some(store) = self.0.home_of(id) else { return false };
        store.shelf.head(&store.layout.original(id)).await.is_ok_and(|found| found.is_some())
    }

    /// Removes an original from the storage, uploaded or not; whether there was one.
    ///
    /// # Errors
    /// As [`Originals::put`].
    pub async fn remove(&self, id: &str) -> Result<bool, StorageError> {
        let store = self.0.home_of(id).ok_or(StorageError::Off)?;
        let pick = Pick::Image(id.to_owned());
        let _doubt = self.0.doubts.raise(&pick).await;
        store.shelf.settle().await;
        let removed = store.shelf.remove(&store.layout.original(id)).await?;
        self.0.forget_in_memory(&pick).await;
        Ok(removed)
    }

    /// What was noted about an original.
    pub async fn note(&self, id: &str, note: Note) -> Option<Bytes> {
        match &self.0.notes {
            Some(notes) => notes.shelf.get(&notes.layout.note(id, note)).await.map(|entry| entry.body),
            None => self.0.loose_notes.get(&(id.to_owned(), note)).await,
        }
    }

    /// Notes something about an original, for later.
    pub async fn keep_note(&self, id: &str, note: Note, body: Bytes) {
        match &self.0.notes {
            Some(notes) => {
                notes.shelf.put_later(vec![(notes.layout.note(id, note), body, Meta::new())]);
            }
            None => self.0.loose_notes.insert((id.to_owned(), note), body).await,
        }
    }

    /// Removes all copies of these originals and what was noted about them; how many copies there were. Uploads stay.
    ///
    /// # Errors
    /// The storage's.
    pub async fn forget(&self, pick: &Pick) -> Result<usize, StorageError> {
        self.0.forget(pick).await
    }

    /// What happened to the storage so far, if there is one.
    pub fn counts(&self) -> Option<Counts> {
        self.0.store.as_ref().map(|store| store.shelf.counts())
    }

    /// Waits until all that has to be stored is.
    pub async fn settle(&self) {
        for store in self.0.store.iter().chain(&self.0.uploads).chain(&self.0.notes) {
            store.shelf.settle().await;
        }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Loader for Originals {
    async fn load(&self, id: &str, asked: &Conditions) -> Result<Loaded, LoadError> {
        let copy = self.0.copy(Asked { id: id.to_owned(), forwarded: asked.forwarded.clone() }).await?;
        Ok(copy.answer(&asked.known))
    }
}

impl fmt::Display for Originals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.loader)?;
        self.0.store.iter().try_for_each(|store| write!(f, ", kept in {}", store.shelf.storage()))
    }
}
