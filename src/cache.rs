//! Finished answers kept in memory, weighed in bytes.

use crate::config::CacheConfig;
use moka::Expiry;
use moka::future::Cache;
use std::fmt;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// What an entry takes beside what it is weighed at: the heads of its allocations, the cache's own bookkeeping.
const ENTRY_OVERHEAD_BYTES: usize = 512;

/// Results by what was asked for. Values are cloned on the way out, so they should be cheap to clone.
pub struct ResultCache<K, V>(Option<Cache<K, Kept<V>>>);

/// A value and how long it is kept, if that is less than all are.
#[derive(Clone)]
struct Kept<V> {
    value: V,
    ttl: Option<Duration>,
}

/// Lets values say how long they are kept.
struct OwnTtl;

impl<K, V> Expiry<K, Kept<V>> for OwnTtl {
    fn expire_after_create(&self, _: &K, kept: &Kept<V>, _: Instant) -> Option<Duration> {
        kept.ttl
    }

    fn expire_after_update(&self, _: &K, kept: &Kept<V>, _: Instant, _: Option<Duration>) -> Option<Duration> {
        kept.ttl
    }
}

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
        let weigh = move |key: &K, kept: &Kept<V>| {
            u32::try_from(weigh_bytes(key, &kept.value).saturating_add(ENTRY_OVERHEAD_BYTES)).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder().max_capacity(config.max_bytes).time_to_live(config.ttl).expire_after(OwnTtl);
        Self(Some(cache.weigher(weigh).build()))
    }

    /// What is kept under `key`.
    pub async fn get(&self, key: &K) -> Option<V> {
        self.0.as_ref()?.get(key).await.map(|kept| kept.value)
    }

    /// Whether something is kept under `key`. Does not count as a use of it.
    pub fn contains(&self, key: &K) -> bool {
        self.0.as_ref().is_some_and(|cache| cache.contains_key(key))
    }

    /// Keeps a value; others go, or this one, when there is no room.
    pub async fn insert(&self, key: K, value: V) {
        self.insert_kept(key, Kept { value, ttl: None }).await;
    }

    /// Keeps a value for a time that is shorter than usual.
    pub async fn insert_for(&self, ttl: Duration, key: K, value: V) {
        self.insert_kept(key, Kept { value, ttl: Some(ttl) }).await;
    }

    /// Removes what is kept under `key`.
    pub async fn remove(&self, key: &K) {
        if let Some(cache) = &self.0 {
            cache.invalidate(key).await;
        }
    }

    /// Removes everything under keys that `gone` says yes to, having looked at all keys; how many.
    pub async fn remove_where(&self, gone: impl Fn(&K) -> bool) -> usize {
        let Some(cache) = &self.0 else { return 0 };
        let keys: Vec<_> = cache.iter().map(|(key, _)| key).filter(|key| gone(key)).collect();
        for key in &keys {
            cache.invalidate(&**key).await;
        }
        keys.len()
    }

    /// Bytes that everything kept is weighed at.
    pub async fn size_bytes(&self) -> u64 {
        let Some(cache) = &self.0 else { return 0 };
        cache.run_pending_tasks().await;
        cache.weighted_size()
    }

    async fn insert_kept(&self, key: K, kept: Kept<V>) {
        if let Some(cache) = &self.0 {
            cache.insert(key, kept).await;
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
        cache.size_bytes().await; // lets it settle
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

    #[tokio::test]
    async fn a_value_may_go_sooner_than_others() {
        let config = CacheConfig { max_bytes: 10_000, ttl: Duration::from_mins(1) };
        let cache = ResultCache::new(&config, |_: &u8, _: &u8| 1);
        cache.insert_for(Duration::ZERO, 1, 10).await;
        cache.insert(2, 20).await;
        assert_eq!((cache.get(&1).await, cache.get(&2).await), (None, Some(20)));
        cache.insert(1, 11).await;
        assert_eq!(cache.get(&1).await, Some(11));
    }

    #[tokio::test]
    async fn what_is_picked_goes() {
        let config = CacheConfig { max_bytes: 100_000, ttl: Duration::from_mins(1) };
        let cache = ResultCache::new(&config, |_: &u8, (): &()| 1);
        for key in 0..10 {
            cache.insert(key, ()).await;
        }
        assert_eq!(cache.remove_where(|key| key % 3 == 0).await, 4);
        assert_eq!((cache.get(&3).await, cache.get(&4).await), (None, Some(())));
    }

    /// What is admitted is weighed before anything else goes, so one entry too many may be there for a moment.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_limit_is_exceeded_by_one_entry_at_most() {
        let config = CacheConfig { max_bytes: 50_000, ttl: Duration::from_mins(1) };
        let cache = ResultCache::new(&config, |_: &usize, size: &usize| *size);
        for number in 0..2_000 {
            cache.insert(number, 500 + number % 1000).await;
            if number % 7 == 0 {
                let size_bytes = cache.size_bytes().await;
                assert!(size_bytes <= 50_000 + 2_012, "{size_bytes} after {number}");
            }
        }
        assert!(cache.size_bytes().await > 40_000);
    }
}
