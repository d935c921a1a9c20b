//! How much there is to do, and how much of what it takes is in use.

use super::{Crowd, Pipeline};
use crate::storage::Counts;

/// What a pipeline is busy with at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Who is there.
    pub crowd: Crowd,
    /// Bytes of results kept in memory.
    pub cache_bytes: u64,
    /// What happened to the result storage since the settings were read, if there is one.
    pub results: Option<Counts>,
    /// The same of the storage of originals.
    pub originals: Option<Counts>,
}

impl Pipeline {
    /// What it is busy with.
    pub async fn load(&self) -> Load {
        Load {
            crowd: self.admission.crowd(),
            cache_bytes: self.cache.size_bytes().await,
            results: self.result_counts(),
            originals: self.originals.counts(),
        }
    }

    /// Whether it takes on more: fewer requests than `max_waiting` fetch or wait; 0 = than may.
    pub fn takes_more(&self, max_waiting: usize) -> bool {
        let Crowd { waiting, places, .. } = self.admission.crowd();
        if max_waiting == 0 { waiting < places } else { waiting <= max_waiting }
    }
}
