//! The way of an original: from memory, from the storage, from its source.

use super::copy::{Copy, Standing, Times};
use super::doubts::{Doubts, Stamp};
use super::forget::{forget_one, is_id_of_upload};
use crate::cache::ResultCache;
use crate::flight::Flights;
use crate::loader::{Budget, Conditions, Forwarded, LoadError, Loaded, Loader};
use crate::metrics;
use crate::storage::{Note, Store};
use bytes::Bytes;
use std::collections::HashSet;
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
    /// The memory in which originals arrive.
    pub(super) budget: Budget,
    pub(super) memory: ResultCache<Asked, Arc<Copy>>,
    pub(super) store: Option<Store>,
    /// Where uploads are, if they lie apart.
    pub(super) uploads: Option<Store>,
    pub(super) notes: Option<Store>,
    /// Notes where there is no storage for them.
    pub(super) loose_notes: ResultCache<(String, Note), Bytes>,
    pub(super) setbacks: ResultCache<Asked, Setback>,
    /// Who asks after a doubt does not wait with those who asked before.
    pub(super) flights: Flights<(Asked, Stamp), Result<Arc<Copy>, LoadError>>,
    pub(super) refreshing: Mutex<HashSet<Asked>>,
    /// Raised by whoever forgets copies or takes uploads: what a source says then no longer counts.
    pub(super) doubts: Doubts,
    pub(super) times: Times,
}

/// What a source says of keeping.
enum Word<'a> {
    /// This copy may be kept.
    Keep(&'a Arc<Copy>),
    /// None may be kept.
    KeepNone,
    /// There is no such original.
    Missing,
    /// Nothing: it failed.
    Failed,
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
        let stamp = self.doubts.stamp(&asked.id);
        let find = |(asked, stamp)| Arc::clone(self).find(asked, stamp);
        let landing = self.flights.join((asked, stamp), find).await;
        landing.outcome.unwrap_or_else(|| Err(std::io::Error::other("a flight ended without an original").into()))
    }

    async fn find(self: Arc<Self>, asked: Asked, stamp: Stamp) -> Result<Arc<Copy>, LoadError> {
        let setback = self.setbacks.get(&asked).await;
        if setback == Some(Setback::Missing) {
            return Err(LoadError::NotFound);
        }
        let old = self.recall(&asked, stamp).await;
        metrics::original_found(old.is_some());
        let Some(old) = old else { return self.fetch(&asked, stamp, None).await };
        match old.standing(SystemTime::now(), &self.times) {
            Standing::Fresh => Ok(old),
            Standing::Stale | Standing::Spare if setback.is_some() => Ok(Arc::new(old.as_stale())),
            Standing::Stale if self.refresh_later(&asked, stamp, &old) => Ok(Arc::new(old.as_stale())),
            Standing::Stale | Standing::Spare | Standing::Past => self.fetch(&asked, stamp, Some(old)).await,
        }
    }

    /// The copy that is here, whatever it is still good for.
    async fn recall(&self, asked: &Asked, stamp: Stamp) -> Option<Arc<Copy>> {
        if let Some(copy) = self.memory.get(asked).await {
            return Some(copy);
        }
        let copy = Arc::new(self.stored(asked).await?);
        if let Some(_sure) = self.doubts.none_since(stamp, &asked.id).await {
            self.memory.insert(asked.clone(), Arc::clone(&copy)).await;
        }
        Some(copy)
    }

    /// What is stored of it. Uploads are for everybody; copies only for those in whose name origins are told nothing.
    async fn stored(&self, asked: &Asked) -> Option<Copy> {
        let takes_copies = asked.forwarded.is_empty();
        for store in self.shelves_of(&asked.id).filter(|_| takes_copies || is_id_of_upload(&asked.id)) {
            let entry = store.shelf.get(&store.layout.original(&asked.id)).await;
            let copy = entry.map(|entry| Copy::stored(entry, is_id_of_upload(&asked.id)));
            if let Some(copy) = copy.filter(|copy| takes_copies || copy.pinned) {
                return Some(copy);
            }
        }
        None
    }

    /// Where an original may be stored, that of uploads first.
    fn shelves_of(&self, id: &str) -> impl Iterator<Item = &Store> {
        self.uploads.as_ref().filter(|_| is_id_of_upload(id)).into_iter().chain(&self.store)
    }

    /// Where an original that somebody brings is stored.
    pub(super) fn home_of(&self, id: &str) -> Option<&Store> {
        self.shelves_of(id).next()
    }

    /// Asks the source, telling what is here already.
    async fn fetch(&self, asked: &Asked, stamp: Stamp, old: Option<Arc<Copy>>) -> Result<Arc<Copy>, LoadError> {
        let known = old.as_ref().map(|old| old.facts.validators.clone()).unwrap_or_default();
        let conditions = Conditions { known, forwarded: asked.forwarded.clone(), budget: self.budget.clone() };
        let loaded = self.loader.load(&asked.id, &conditions).await;
        let (now, has_copy) = (SystemTime::now(), old.is_some());
        let copy = match (loaded, old) {
            (Ok(Loaded::Unchanged(facts)), Some(old)) => old.renewed(facts, now),
            (Ok(loaded), _) => Copy::fetched(loaded.whole()?, now),
            (Err(error), Some(old)) if error.is_passing() && old.standing(now, &self.times) != Standing::Past => {
                warn!(image = asked.id, %error, "the source failed, an older copy is used");
                // Where there is no room here, the source has not failed.
                if !matches!(error, LoadError::NoRoom) {
                    self.heed(Word::Failed, asked, stamp, has_copy).await;
                }
                return Ok(Arc::new(old.as_stale()));
            }
            (Err(error), _) => {
                if matches!(error, LoadError::NotFound) {
                    self.heed(Word::Missing, asked, stamp, has_copy).await;
                }
                return Err(error);
            }
        };
        let copy = Arc::new(copy);
        let word = if copy.facts.no_store { Word::KeepNone } else { Word::Keep(&copy) };
        self.heed(word, asked, stamp, has_copy).await;
        Ok(copy)
    }

    /// Does with what is kept as the source says, unless somebody has thrown it away or exchanged it since the source
    /// was asked.
    async fn heed(&self, word: Word<'_>, asked: &Asked, stamp: Stamp, has_copy: bool) {
        let Some(_sure) = self.doubts.none_since(stamp, &asked.id).await else { return };
        match word {
            Word::Keep(copy) => return self.keep(asked, copy).await,
            Word::KeepNone => {}
            Word::Missing => self.setbacks.insert(asked.clone(), Setback::Missing).await,
            Word::Failed => return self.setbacks.insert(asked.clone(), Setback::Failed).await,
        }
        if has_copy {
            self.drop_copy(asked).await;
        }
    }

    async fn keep(&self, asked: &Asked, copy: &Arc<Copy>) {
        self.memory.insert(asked.clone(), Arc::clone(copy)).await;
        if let (Some(store), true) = (&self.store, asked.forwarded.is_empty()) {
            let key = store.layout.original(&asked.id);
            store.shelf.put_later(vec![(key, copy.body.clone(), copy.to_meta(&asked.id))]);
        }
    }

    /// Removes a copy that its source has disowned. What another server has taken for an upload meanwhile stays.
    async fn drop_copy(&self, asked: &Asked) {
        self.memory.remove(asked).await;
        let Some(store) = self.store.as_ref().filter(|_| asked.forwarded.is_empty()) else { return };
        store.shelf.settle().await; // it may still be on its way there
        if let Err(error) = forget_one(store, &store.layout.original(&asked.id), |_| true).await {
            warn!(image = asked.id, %error, "a copy that must not be kept cannot be removed");
        }
    }

    /// Asks the source in the background; whether somebody does.
    fn refresh_later(self: &Arc<Self>, asked: &Asked, stamp: Stamp, old: &Arc<Copy>) -> bool {
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
            drop(refresh.keeper.fetch(&refresh.asked, stamp, Some(old)).await);
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
