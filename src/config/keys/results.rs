//! Results and assets kept.

use super::{Key, key};
use crate::config::kind::{Bytes, Choice, StorageKind, Time};

pub(super) const KEYS: &[Key] = &[
    key!("CACHE_MAX_BYTES", Bytes, config.cache.max_bytes, "Results kept in memory. Bytes; 0: none."),
    key!(
        "CACHE_TTL",
        Time<1>,
        config.cache.ttl,
        "Results are made anew after this long, so that changed originals show."
    ),
    key!(
        "ASSET_CACHE_BYTES",
        Bytes,
        config.assets.max_bytes,
        "Files of watermarks and frames kept in memory. Bytes; 0: none."
    ),
    key!("ASSET_CACHE_TTL", Time<1>, config.assets.ttl, "Watermarks and frames are fetched anew after this long."),
    key!(
        "RESULT_STORAGE",
        Choice<StorageKind>,
        result_storage,
        "Where results are kept besides memory: none or file. (file: not in this version.)"
    ),
];
