//! Everything thrown away that was made from some source, wherever it is kept.

use super::Pipeline;
use crate::originals::Pick;
use crate::storage::StorageError;
use serde::Serialize;

/// What a purge has removed from this server.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Purged {
    /// Results in memory.
    pub memory: usize,
    /// Results in the result storage.
    pub results: usize,
    /// Copies of originals, in memory or the source storage.
    pub originals: usize,
}

impl Pipeline {
    /// Removes the copies of these sources and all results made from them. What is being made meanwhile is answered but
    /// not kept.
    ///
    /// Results that draw one of these sources over another are results of the other. Uploads stay.
    ///
    /// # Errors
    /// The storages', after everything else was tried: what they could not remove is still there.
    pub async fn purge(&self, pick: &Pick) -> Result<Purged, StorageError> {
        let _doubt = self.doubts.raise(pick).await;
        self.assets.forget(pick).await;
        let originals = self.originals.forget(pick).await;
        let results = match &self.results {
            Some(results) => results.forget(pick).await,
            None => Ok(0),
        };
        let memory = self.cache.remove_where(|key| key.image().is_some_and(|image| pick.takes(image.as_str()))).await;
        Ok(Purged { memory, results: results?, originals: originals? })
    }
}
