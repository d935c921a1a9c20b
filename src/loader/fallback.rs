//! Two loaders in a row.

use super::{Conditions, LoadError, Loaded, Loader};
use async_trait::async_trait;
use std::fmt;

/// Asks the first loader, and the second for what the first does not have.
///
/// Only [`LoadError::NotFound`] and [`LoadError::InvalidId`] go on to the second: a source that is there and cannot
/// be read is no reason to answer with another.
#[derive(Clone, Debug)]
pub struct FallbackLoader<A, B> {
    first: A,
    second: B,
}

impl<A: Loader, B: Loader> FallbackLoader<A, B> {
    /// `first`, then `second`.
    pub fn new(first: A, second: B) -> Self {
        Self { first, second }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<A: Loader, B: Loader> Loader for FallbackLoader<A, B> {
    async fn load(&self, id: &str, asked: &Conditions) -> Result<Loaded, LoadError> {
        match self.first.load(id, asked).await {
            Err(LoadError::NotFound | LoadError::InvalidId { .. }) => self.second.load(id, asked).await,
            settled => settled,
        }
    }
}

impl<A: Loader, B: Loader> fmt::Display for FallbackLoader<A, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, then {}", self.first, self.second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::MemoryLoader;
    use crate::loader::conformance::{self, LIMIT_BYTES};

    fn one(name: &str, body: &'static [u8]) -> MemoryLoader {
        MemoryLoader::new([(name, body)])
    }

    #[tokio::test]
    async fn keeps_the_loader_contract_whichever_has_the_original() {
        let all = MemoryLoader::new(conformance::originals()).limited(LIMIT_BYTES);
        let none = MemoryLoader::new([] as [(String, &'static [u8]); 0]);
        conformance::run(&FallbackLoader::new(all.clone(), none.clone()), "", conformance::quote).await;
        conformance::run(&FallbackLoader::new(none, all), "", conformance::quote).await;
    }

    #[tokio::test]
    async fn the_first_is_preferred_and_its_failures_stand() {
        let both = FallbackLoader::new(one("a", b"first"), one("a", b"second"));
        assert_eq!(conformance::body(&both, "a").await.unwrap(), "first");
        let large = FallbackLoader::new(one("a", b"first").limited(1), one("a", b"second"));
        assert!(matches!(conformance::body(&large, "a").await, Err(LoadError::TooLarge { limit_bytes: 1 })));
    }

    #[test]
    fn its_name_is_the_whole_chain() {
        let both = FallbackLoader::new(one("a", b""), one("b", b""));
        assert_eq!(both.to_string(), "memory (1 originals), then memory (1 originals)");
    }
}
