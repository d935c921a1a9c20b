//! The way of an original: from memory, from the storage, from its source.

use super::copy::{Copy, Standing, Times};
use crate::cache::ResultCache;
use crate::flight::Flights;
use crate::loader::{Conditions, Forwarded, LoadError, Loaded, Loader};
use crate::metrics;
use crate::storage::{Note, Store};
use bytes::Bytes;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use tracing::warn;

/// Copies that are asked about in the background at a time. Beyond that, requests wait for the answer.
const MAX_REFRESHING: usize = 64;

/// Which original, and in whose name. Those asked for with different headers may be different.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Asked {
    pub(super) id: String,
    pub(super) forwarded: Forwarded,
}

impl Asked {
    pub(super) fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.id.len() + self.forwarded.size_bytes()
    }
}

/// Why a source is not asked again at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Setback {
    /// It has no such original.
    Missing,
    /// It failed.
    Failed,
}

/// Keeps copies and knows when to ask again.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) loader: Arc<dyn Loader>,
    pub(super) memory: ResultCache<Asked, Arc<Copy>>,
    pub(super) store: Option<Store>,
    pub(super) notes: Option<Store>,
    /// Notes where there is no storage for them.
    pub(super) loose_notes: ResultCache<(String, Note), Bytes>,
    pub(super) setbacks: ResultCache<Asked, Setback>,
    pub(super) flights: Flights<Asked, Result<Arc<Copy>, LoadError>>,
    pub(super) refreshing: Mutex<HashSet<Asked>>,
    /// How often something was forgotten: what was fetched before may be what had to be forgotten.
    pub(super) forgotten: AtomicU64,
    pub(super) times: Times,
}

impl Keeper {
    /// The original, or a copy that will do. Everybody who wants the same waits for the same.
    pub(super) async fn copy(self: &Arc<Self>, asked: Asked) -> Result<Arc<Copy>, LoadError> {
        if let Some(copy) = self.memory.get(&asked).await
            && copy.standing(SystemTime::now(), &self.times) == Standing::Fresh
        {
            metrics::original_found(true);
            return Ok(copy);
        }
        let landing = self.flights.join(asked, |asked| Arc::clone(self).find(asked)).await;
        landing.outcome.unwrap_or_else(|| Err(std::io::Error::other("a flight ended without an original").into()))
    }

    async fn find(self: Arc<Self>, asked: Asked) -> Result<Arc<Copy>, LoadError> {
        let setback = self.setbacks.get(&asked).await;
        if setback == Some(Setback::Missing) {
            return Err(LoadError::NotFound);
        }
        let old = self.recall(&asked).await;
        metrics::original_found(old.is_some());
        let Some(old) = old else { return self.fetch(&asked, None).await };
        match old.standing(SystemTime::now(), &self.times) {
            Standing::Fresh => Ok(old),
            Standing::Stale | Standing::Spare if setback.is_some() => Ok(Arc::new(old.as_stale())),
            Standing::Stale if self.refresh_later(&asked, &old) => Ok(Arc::new(old.as_stale())),
            Standing::Stale | Standing::Spare | Standing::Past => self.fetch(&asked, Some(old)).await,
        }
    }

    /// The copy that is here, whatever it is still good for.
    async fn recall(&self, asked: &Asked) -> Option<Arc<Copy>> {
        if let Some(copy) = self.memory.get(asked).await {
            return Some(copy);
        }
        let store = self.store.as_ref().filter(|_| asked.forwarded.is_empty())?;
        let entry = store.shelf.get(&store.layout.original(&asked.id)).await?;
        let copy = Arc::new(Copy::stored(entry));
        self.memory.insert(asked.clone(), Arc::clone(&copy)).await;
        Some(copy)
    }

    /// Asks the source, telling what is here already.
    async fn fetch(&self, asked: &Asked, old: Option<Arc<Copy>>) -> Result<Arc<Copy>, LoadError> {
        let forgotten = self.forgotten.load(Ordering::Acquire);
        let known = old.as_ref().map(|old| old.facts.validators.clone()).unwrap_or_default();
        let conditions = Conditions { known, forwarded: asked.forwarded.clone() };
        let loaded = self.loader.load(&asked.id, &conditions).await;
        let now = SystemTime::now();
        let copy = match (loaded, old) {
            (Ok(Loaded::Unchanged(facts)), Some(old)) => old.renewed(facts, now),
            (Ok(loaded), _) => Copy::fetched(loaded.whole()?, now),
            (Err(LoadError::NotFound), old) => {
                self.setbacks.insert(asked.clone(), Setback::Missing).await;
                if old.is_some() {
                    self.drop_copy(asked).await;
                }
                return Err(LoadError::NotFound);
            }
            (Err(error), Some(old)) if error.is_passing() && old.standing(now, &self.times) != Standing::Past => {
                warn!(image = asked.id, %error, "the source failed, an older copy is used");
                self.setbacks.insert(asked.clone(), Setback::Failed).await;
                return Ok(Arc::new(old.as_stale()));
            }
            (Err(error), _) => return Err(error),
        };
        let copy = Arc::new(copy);
        if !copy.facts.no_store && forgotten == self.forgotten.load(Ordering::Acquire) {
            self.keep(asked, &copy).await;
        }
        Ok(copy)
    }

    async fn keep(&self, asked: &Asked, copy: &Arc<Copy>) {
        self.memory.insert(asked.clone(), Arc::clone(copy)).await;
        if let (Some(store), true) = (&self.store, asked.forwarded.is_empty()) {
            let key = store.layout.original(&asked.id);
            store.shelf.put_later(vec![(key, copy.body.clone(), copy.to_meta(&asked.id))]);
        }
    }

    /// Removes a copy whose source is gone.
    async fn drop_copy(&self, asked: &Asked) {
        self.memory.remove(asked).await;
        if let (Some(store), true) = (&self.store, asked.forwarded.is_empty())
            && let Err(error) = store.shelf.remove(&store.layout.original(&asked.id)).await
        {
            warn!(image = asked.id, %error, "a copy without source cannot be removed");
        }
    }

    /// Asks the source in the background; whether somebody does.
    fn refresh_later(self: &Arc<Self>, asked: &Asked, old: &Arc<Copy>) -> bool {
        {
            let mut refreshing = self.refreshing.lock().unwrap_or_else(PoisonError::into_inner);
            if refreshing.contains(asked) {
                return true;
            }
            if refreshing.len() >= MAX_REFRESHING {
                return false;
            }
            refreshing.insert(asked.clone());
        }
        let refresh = Refresh { keeper: Arc::clone(self), asked: asked.clone() };
        let old = Arc::clone(old);
        tokio::spawn(async move {
            // A failure was logged and is remembered; the next request meets it.
            drop(refresh.keeper.fetch(&refresh.asked, Some(old)).await);
        });
        true
    }
}

/// Held while a source is asked in the background.
struct Refresh {
    keeper: Arc<Keeper>,
    asked: Asked,
}

impl Drop for Refresh {
    fn drop(&mut self) {
        self.keeper.refreshing.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.asked);
    }
}
