//! Addresses from the web, all other names from elsewhere.

use super::{Conditions, LoadError, Loaded, Loader, unquote};
use async_trait::async_trait;
use std::fmt;

/// Asks HTTP for ids that are addresses (`http://` or `https://`, also with one slash), and another loader for the
/// rest: the rule of `TC_AWS_ENABLE_HTTP_LOADER`.
#[derive(Debug)]
pub struct AddressLoader<W, L> {
    web: W,
    names: L,
}

impl<W: Loader, L: Loader> AddressLoader<W, L> {
    /// Addresses from `web`, names from `names`.
    pub fn new(web: W, names: L) -> Self {
        Self { web, names }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<W: Loader, L: Loader> Loader for AddressLoader<W, L> {
    async fn load(&self, id: &str, asked: &Conditions) -> Result<Loaded, LoadError> {
        if is_address(id) { self.web.load(id, asked).await } else { self.names.load(id, asked).await }
    }
}

impl<W: Loader, L: Loader> fmt::Display for AddressLoader<W, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "addresses: {}; names: {}", self.web, self.names)
    }
}

/// Whether an id begins as an address does. One slash is enough, since some proxies merge them.
pub(super) fn is_address(id: &str) -> bool {
    let begins = |scheme: &[u8]| {
        let text = unquote(id);
        text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    begins(b"http:/") || begins(b"https:/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::LoaderConfig;
    use crate::loader::conformance::{self, LIMIT_BYTES};
    use crate::loader::{HttpLoader, MemoryLoader};

    #[test]
    fn addresses_are_told_from_names() {
        for id in ["http%3A//host/a.jpg", "https%3A//host/a.jpg", "HTTP%3A//host/a", "http%3A/host/a", "http:/host"] {
            assert!(is_address(id), "{id}");
        }
        for id in ["httpd.png", "http", "http/a.jpg", "https%3Aa.jpg", "a/http%3A//host/a.jpg", "ftp%3A//host/a", ""] {
            assert!(!is_address(id), "{id}");
        }
    }

    #[tokio::test]
    async fn names_keep_the_loader_contract_and_addresses_are_judged() {
        let names = MemoryLoader::new(conformance::originals()).limited(LIMIT_BYTES);
        let loader = AddressLoader::new(HttpLoader::new(&LoaderConfig::default()).unwrap(), names);
        conformance::run(&loader, "", conformance::quote).await;
        let refused = conformance::body(&loader, "http%3A//127.0.0.1/photo.jpg").await;
        assert!(matches!(refused, Err(LoadError::NotAllowed { .. })), "{refused:?}");
        assert_eq!(loader.to_string(), "addresses: HTTP from all public hosts; names: memory (16 originals)");
    }
}
