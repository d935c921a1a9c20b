//! What is kept in memory.

use super::{Key, key};
use crate::config::kind::{Bytes, Time};

pub(super) const KEYS: &[Key] = &[
    key!("CACHE_MAX_BYTES", Bytes, config.cache.max_bytes, "Results kept in memory. Bytes; 0: none."),
    key!(
        "CACHE_TTL",
        Time<1>,
        config.cache.ttl,
        "Results are made anew after this long, so that changed originals show."
    ),
    key!(
        "SOURCE_CACHE_BYTES",
        Bytes,
        config.originals.cache.max_bytes,
        "Originals kept in memory, so that many sizes of one picture cost one fetch, if they come from elsewhere. Bytes;\n\
         0: none."
    ),
    key!(
        "SOURCE_CACHE_TTL",
        Time<1>,
        config.originals.cache.ttl,
        "Origins are asked after this long whether an original in memory has changed, where they do not say how long it\n\
         may be kept and there is no STORAGE."
    ),
    key!(
        "STALE_WHILE_REVALIDATE",
        Time,
        config.originals.stale_while_revalidate,
        "How long after that a copy is still used while the origin is asked."
    ),
    key!(
        "STALE_IF_ERROR",
        Time,
        config.originals.stale_if_error,
        "How long after that a copy is still used where the origin fails."
    ),
    key!(
        "MISSING_SOURCE_TTL",
        Time,
        config.originals.missing_ttl,
        "How long it is remembered that an origin does not have an original, or fails while there is a copy. 0: not at all."
    ),
    key!(
        "ASSET_CACHE_BYTES",
        Bytes,
        config.assets.max_bytes,
        "Files of watermarks and frames kept in memory. Bytes; 0: none."
    ),
    key!("ASSET_CACHE_TTL", Time<1>, config.assets.ttl, "Watermarks and frames are fetched anew after this long."),
];
