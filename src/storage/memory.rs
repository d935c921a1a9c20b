//! Entries in memory, without a limit: for tests and programs that embed the server.

use super::{Entry, Meta, Storage, StorageError, checked};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

/// Entries by key.
#[derive(Debug, Default)]
pub struct MemoryStorage(Mutex<BTreeMap<String, Entry>>);

impl MemoryStorage {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Storage for MemoryStorage {
    async fn get(&self, key: &str) -> Result<Option<Entry>, StorageError> {
        Ok(self.entries().get(checked(key)?).filter(|entry| !entry.body.is_empty()).cloned())
    }

    async fn head(&self, key: &str) -> Result<Option<Meta>, StorageError> {
        Ok(self.get(key).await?.map(|entry| entry.meta))
    }

    async fn put(&self, key: &str, body: Bytes, meta: &Meta) -> Result<(), StorageError> {
        let entry = Entry { body, meta: meta.clone(), stored_at: SystemTime::now() };
        self.entries().insert(checked(key)?.to_owned(), entry);
        Ok(())
    }

    async fn remove(&self, key: &str) -> Result<bool, StorageError> {
        Ok(self.entries().remove(checked(key)?).is_some())
    }

    fn list(&self, prefix: &str) -> BoxStream<'static, Result<String, StorageError>> {
        let keys: Vec<_> = self.entries().keys().filter(|key| key.starts_with(prefix)).cloned().map(Ok).collect();
        stream::iter(keys).boxed()
    }
}

impl fmt::Display for MemoryStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::conformance;

    #[tokio::test]
    async fn keeps_the_storage_contract() {
        conformance::run(&MemoryStorage::default()).await;
    }
}
