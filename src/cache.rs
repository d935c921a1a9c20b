//! Finished answers kept in memory, weighed in bytes.

use crate::config::CacheConfig;
use crate::pipeline::{CacheKey, Rendition};
use moka::future::Cache;
use std::sync::Arc;

/// What an entry takes beside its key and body: both allocations' heads, the cache's own bookkeeping.
const ENTRY_OVERHEAD_BYTES: usize = 512;

/// Renditions by what was asked for. Cheap to clone; clones share the entries.
#[derive(Clone, Debug)]
pub struct ResultCache(Option<Cache<CacheKey, Arc<Rendition>>>);

impl ResultCache {
    /// A cache of `max_bytes` whose entries live for `ttl`; 0 bytes make one that keeps nothing.
    pub fn new(config: &CacheConfig) -> Self {
        if config.max_bytes == 0 {
            return Self(None);
        }
        let cache = Cache::builder().max_capacity(config.max_bytes).time_to_live(config.ttl).weigher(weight).build();
        Self(Some(cache))
    }

    /// What is kept under `key`.
    pub async fn get(&self, key: &CacheKey) -> Option<Arc<Rendition>> {
        self.0.as_ref()?.get(key).await
    }

    /// Keeps a rendition; others go, or this one, when there is no room.
    pub async fn insert(&self, key: CacheKey, rendition: Arc<Rendition>) {
        if let Some(cache) = &self.0 {
            cache.insert(key, rendition).await;
        }
    }
}

fn weight(key: &CacheKey, rendition: &Arc<Rendition>) -> u32 {
    let bytes = ENTRY_OVERHEAD_BYTES + key.size_bytes() + rendition.body.len();
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
