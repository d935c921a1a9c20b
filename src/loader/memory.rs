//! Originals kept in memory: for tests, demonstrations and programs that embed the server.

use super::{Conditions, LoadError, Loaded, Loader, OriginFacts, Original, Validators, unquote};
use async_trait::async_trait;
use bytes::Bytes;
use sha1::{Digest as _, Sha1};
use std::collections::HashMap;
use std::fmt;

/// Originals by name.
#[derive(Clone)]
pub struct MemoryLoader {
    by_name: HashMap<Vec<u8>, Original>,
    max_bytes: u64,
}

impl MemoryLoader {
    /// A loader of these originals. Names are plain text: `a b.jpg`, which is asked for as `a%20b.jpg`.
    pub fn new<N: Into<String>, B: Into<Bytes>>(originals: impl IntoIterator<Item = (N, B)>) -> Self {
        let named = |(name, body): (N, B)| (name.into().into_bytes(), tagged(body.into()));
        Self { by_name: originals.into_iter().map(named).collect(), max_bytes: u64::MAX }
    }

    /// The same loader, refusing originals of more than `max_bytes`.
    #[must_use]
    pub fn limited(self, max_bytes: u64) -> Self {
        Self { max_bytes, ..self }
    }
}

#[async_trait]
impl Loader for MemoryLoader {
    async fn load(&self, id: &str, asked: &Conditions) -> Result<Loaded, LoadError> {
        let original = self.by_name.get(&unquote(id)).ok_or(LoadError::NotFound)?;
        if original.facts.validators.are_known(&asked.known) {
            return Ok(Loaded::Unchanged(original.facts.clone()));
        }
        if original.body.len() as u64 > self.max_bytes {
            return Err(LoadError::TooLarge { limit_bytes: self.max_bytes });
        }
        Ok(Loaded::Original(original.clone()))
    }
}

/// An original with its hash as its entity tag.
fn tagged(body: Bytes) -> Original {
    let etag = Sha1::digest(&body).iter().fold(String::from('"'), |tag, byte| tag + &format!("{byte:02x}")) + "\"";
    let validators = Validators { etag: Some(etag), last_modified: None };
    Original { body, facts: OriginFacts { validators, ..OriginFacts::default() } }
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
