//! Finished answers kept in memory, weighed in bytes.

use crate::config::CacheConfig;
use moka::future::Cache;
use std::fmt;
use std::hash::Hash;

/// What an entry takes beside what it is weighed at: the heads of its allocations, the cache's own bookkeeping.
const ENTRY_OVERHEAD_BYTES: usize = 512;

/// Results by what was asked for. Values are cloned on the way out, so they should be cheap to clone.
pub struct ResultCache<K, V>(Option<Cache<K, V>>);

impl<K, V> ResultCache<K, V>
where
    K: Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// A cache of `max_bytes`, as `weigh_bytes` counts them, whose entries live for `ttl`; with 0 bytes it keeps
    /// nothing.
    pub fn new(config: &CacheConfig, weigh_bytes: impl Fn(&K, &V) -> usize + Send + Sync + 'static) -> Self {
        if config.max_bytes == 0 {
            return Self(None);
        }
        let weigh = move |key: &K, value: &V| {
            u32::try_from(weigh_bytes(key, value).saturating_add(ENTRY_OVERHEAD_BYTES)).unwrap_or(u32::MAX)
        };
        Self(Some(Cache::builder().max_capacity(config.max_bytes).time_to_live(config.ttl).weigher(weigh).build()))
    }

    /// What is kept under `key`.
    pub async fn get(&self, key: &K) -> Option<V> {
        self.0.as_ref()?.get(key).await
    }

    /// Keeps a value; others go, or this one, when there is no room.
    pub async fn insert(&self, key: K, value: V) {
        if let Some(cache) = &self.0 {
            cache.insert(key, value).await;
        }
    }
}

impl<K, V> fmt::Debug for ResultCache<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultCache").field("on", &self.0.is_some()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    async fn kept(max_bytes: u64, ttl: Duration, sizes: &[usize]) -> usize {
        let cache = ResultCache::new(&CacheConfig { max_bytes, ttl }, |_: &usize, size: &usize| *size);
        for (key, size) in sizes.iter().enumerate() {
            cache.insert(key, *size).await;
        }
        if let Some(cache) = &cache.0 {
            cache.run_pending_tasks().await;
        }
        let mut kept = 0;
        for key in 0..sizes.len() {
            kept += usize::from(cache.get(&key).await.is_some());
        }
        kept
    }

    #[tokio::test]
    async fn entries_are_kept_by_weight_and_for_a_while() {
        let long = Duration::from_mins(1);
        assert_eq!(kept(10_000, long, &[1_000; 3]).await, 3);
        assert_eq!(kept(10_000, long, &[1_000; 50]).await, 6); // 1,512 each
        assert_eq!(kept(10_000, long, &[9_489]).await, 0); // too large by one
        assert_eq!(kept(10_000, long, &[9_488]).await, 1);
        assert_eq!(kept(0, long, &[1]).await, 0);
        assert_eq!(kept(10_000, Duration::ZERO, &[1]).await, 0);
    }
}
