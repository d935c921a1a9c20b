//! Results that are there already, and what becomes of those that are new.

use super::key::Errand;
use super::rendition::Rendition;
use super::results::Shelfmark;
use super::{Pipeline, Served, Via};
use crate::error::{Error, SharedError};
use crate::metrics;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tracing::warn;

/// How long an answer is kept that was made from an old copy of an original, or long ago: its source is asked again soon.
const STALE_TTL: Duration = Duration::from_secs(5);

impl Pipeline {
    /// The rendition from the result storage, from now on in memory, too.
    pub(super) async fn stored(&self, errand: &Errand, mark: Option<&Shelfmark>) -> Option<Served> {
        let start = Instant::now();
        let found = self.results.as_ref()?.get(mark?).await;
        metrics::result_read(found.as_ref().map(|found| found.body.len() as u64), start.elapsed());
        let rendition = Arc::new(found?);
        self.remember(errand, &rendition).await;
        Some(Served { rendition, via: Via::Stored, instead_of: None })
    }

    /// An expired rendition from the result storage in place of one whose source fails with `error`.
    ///
    /// # Errors
    /// `error`, where there is none or the source will say the same tomorrow.
    pub(super) async fn spare(
        &self,
        errand: &Errand,
        mark: Option<&Shelfmark>,
        error: Error,
    ) -> Result<Served, SharedError> {
        let spare = match (&self.results, mark) {
            (Some(results), Some(mark)) if is_passing(&error) => results.spare(mark).await,
            _ => None,
        };
        let Some(rendition) = spare.map(Arc::new) else { return Err(error.into()) };
        warn!(image = errand.image, %error, "the source failed, an expired result is used");
        self.remember(errand, &rendition).await;
        Ok(Served { rendition, via: Via::Stored, instead_of: None })
    }

    /// Keeps what was made, in memory and in the result storage, unless it has to be made anew soon.
    pub(super) async fn keep(&self, errand: &Errand, mark: Option<Shelfmark>, rendition: &Arc<Rendition>) {
        if let (Some(results), Some(mark)) = (&self.results, mark)
            && !rendition.provisional
            && !rendition.stale
            && let Some(_sure) = self.doubts.none_since(errand.stamp, &errand.image).await
        {
            results.put_later(mark, rendition);
        }
        self.remember(errand, rendition).await;
    }

    /// Keeps a rendition in memory; what has to be made anew soon only for so long.
    async fn remember(&self, errand: &Errand, rendition: &Arc<Rendition>) {
        if rendition.provisional {
            return;
        }
        let Some(_sure) = self.doubts.none_since(errand.stamp, &errand.image).await else { return };
        let (key, rendition) = (errand.key.clone(), Arc::clone(rendition));
        if rendition.stale {
            self.cache.insert_for(STALE_TTL, key, rendition).await;
        } else {
            self.cache.insert(key, rendition).await;
        }
    }
}

/// Whether it is the source's failure, or that of a picture to draw with, and may be over soon.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::Load(error) => error.is_passing(),
        Error::Asset { source, .. } => is_passing(source),
        _ => false,
    }
}
