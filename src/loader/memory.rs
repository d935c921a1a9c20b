//! Originals kept in memory: for tests, demonstrations and programs that embed the server.

use super::{LoadError, Loaded, Loader, unquote};
use async_trait::async_trait;
use bytes::Bytes;
use std::collections::HashMap;
use std::fmt;

/// Originals by name.
#[derive(Clone)]
pub struct MemoryLoader {
    by_name: HashMap<Vec<u8>, Bytes>,
    max_bytes: u64,
}

impl MemoryLoader {
    /// A loader of these originals. Names are plain text: `a b.jpg`, which is asked for as `a%20b.jpg`.
    pub fn new<N: Into<String>, B: Into<Bytes>>(originals: impl IntoIterator<Item = (N, B)>) -> Self {
        let by_name = originals.into_iter().map(|(name, body)| (name.into().into_bytes(), body.into())).collect();
        Self { by_name, max_bytes: u64::MAX }
    }

    /// The same loader, refusing originals of more than `max_bytes`.
    #[must_use]
    pub fn limited(self, max_bytes: u64) -> Self {
        Self { max_bytes, ..self }
    }
}

#[async_trait]
impl Loader for MemoryLoader {
    async fn load(&self, id: &str) -> Result<Loaded, LoadError> {
        let body = self.by_name.get(&unquote(id)).ok_or(LoadError::NotFound)?;
        if body.len() as u64 > self.max_bytes {
            return Err(LoadError::TooLarge { limit_bytes: self.max_bytes });
        }
        Ok(Loaded { body: body.clone() })
    }
}

impl fmt::Display for MemoryLoader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "memory ({} originals)", self.by_name.len())
    }
}

impl fmt::Debug for MemoryLoader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLoader").field("originals", &self.by_name.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::conformance::{self, LIMIT_BYTES};

    #[tokio::test]
    async fn keeps_the_loader_contract() {
        conformance::run(&MemoryLoader::new(conformance::originals()).limited(LIMIT_BYTES), "", conformance::quote)
            .await;
    }
}
