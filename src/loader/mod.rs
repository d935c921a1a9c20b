//! STUB until the loaders are merged: same names and shapes.
#![allow(missing_docs, reason = "stub")]

use async_trait::async_trait;
use bytes::Bytes;
use std::collections::HashMap;
use std::error::Error;
use std::fmt;

#[async_trait]
pub trait Loader: Send + Sync + fmt::Debug + fmt::Display {
    async fn load(&self, id: &str) -> Result<Loaded, LoadError>;
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Loaded {
    pub body: Bytes,
}

#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("source not found")]
    NotFound,
    #[error("`{id}` does not name a source")]
    InvalidId { id: String },
    #[error("source host `{host}` is not allowed: {reason}")]
    NotAllowed { host: String, reason: String },
    #[error("source exceeds the limit of {limit_bytes} bytes")]
    TooLarge { limit_bytes: u64 },
    #[error("origin answered with status {status}")]
    Upstream { status: u16 },
    #[error("origin answered with an empty body")]
    Empty,
    #[error("origin redirects more than {limit} times")]
    TooManyRedirects { limit: usize },
    #[error("origin `{host}` cannot be reached")]
    Unreachable { host: String, source: Box<dyn Error + Send + Sync> },
    #[error("origin `{host}` broke its answer off")]
    Broken { host: String, source: Box<dyn Error + Send + Sync> },
    #[error("origin did not answer in time")]
    Timeout,
    #[error("source cannot be read")]
    Io(#[source] std::io::Error),
}

#[derive(Clone, Debug)]
pub struct MemoryLoader(HashMap<String, Bytes>);

impl MemoryLoader {
    pub fn new<N: Into<String>, B: Into<Bytes>>(originals: impl IntoIterator<Item = (N, B)>) -> Self {
        Self(originals.into_iter().map(|(name, body)| (name.into(), body.into())).collect())
    }
}

#[async_trait]
impl Loader for MemoryLoader {
    async fn load(&self, id: &str) -> Result<Loaded, LoadError> {
        self.0.get(id).cloned().map(|body| Loaded { body }).ok_or(LoadError::NotFound)
    }
}

impl fmt::Display for MemoryLoader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}
