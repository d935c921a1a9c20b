//! The header by which a CDN knows what to purge.

use crate::config::ServerConfig;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;

/// Its name, and what it carries besides the tag of a picture's source.
#[derive(Debug)]
pub(super) struct CacheTag {
    name: HeaderName,
    /// The tags of all pictures, each after a separator.
    of_all: String,
}

impl CacheTag {
    /// `None` where the settings want none, or name one that is no header: reading the configuration reports it.
    pub(super) fn new(config: &ServerConfig) -> Option<Self> {
        let name: HeaderName = config.cache_tag_header.as_deref()?.parse().ok()?;
        let separator = if name == "surrogate-key" { ' ' } else { ',' };
        let of_all = config.cache_tags.iter().flat_map(|tag| [separator.to_string(), tag.clone()]).collect();
        Some(Self { name, of_all })
    }

    /// Adds the header to the answer with a picture whose source has this tag.
    pub(super) fn insert(&self, tag: &Bytes, headers: &mut HeaderMap) {
        let tags = if self.of_all.is_empty() { tag.clone() } else { [tag, self.of_all.as_bytes()].concat().into() };
        if let Ok(tags) = HeaderValue::from_maybe_shared(tags) {
            headers.insert(self.name.clone(), tags);
        }
    }
}
