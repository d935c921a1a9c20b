//! Settings of what is kept in memory.

use std::time::Duration;

/// What is kept in memory: results, or pictures to draw with.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheConfig {
    /// `CACHE_MAX_BYTES`; 0 = none are kept.
    pub max_bytes: u64,
    /// `CACHE_TTL`: results are made anew after this long, so that changed originals show.
    pub ttl: Duration,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self { max_bytes: 256 << 20, ttl: Duration::from_hours(1) }
    }
}
