//! Entries as objects in a bucket, the words about them as its metadata.

use super::{Entry, Meta, Storage, StorageError, checked};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{BoxStream, StreamExt as _};
use object_store::path::Path;
use object_store::{Attribute, Attributes, GetOptions, GetResult, ObjectStore, ObjectStoreExt as _, PutOptions};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use std::fmt;
use std::sync::Arc;

/// Which word about an entry is its content type, which object stores keep in a place of its own.
pub(crate) const CONTENT_TYPE: &str = "type";

/// Content types that stores tell where nobody has said any.
const UNSAID: [&str; 2] = ["binary/octet-stream", "application/octet-stream"];

/// What headers cannot carry, and the escape itself.
const ESCAPED: &AsciiSet = &CONTROLS.add(b'%');

/// Objects in one bucket.
///
/// Object stores replace objects as a whole and keep sums over them, so nothing is added against damage.
#[derive(Clone, Debug)]
pub struct ObjectStorage {
    bucket: Arc<dyn ObjectStore>,
    keeps_meta: bool,
}

impl ObjectStorage {
    /// Objects in `bucket`. Without `keeps_meta` nothing but the content type is kept besides the bytes.
    pub fn new(bucket: Arc<dyn ObjectStore>, keeps_meta: bool) -> Self {
        Self { bucket, keeps_meta }
    }

    fn attributes(&self, meta: &Meta) -> Attributes {
        let kept = meta.iter().filter(|(name, _)| self.keeps_meta || *name == CONTENT_TYPE);
        kept.map(|(name, value)| {
            let attribute = match name.as_str() {
                CONTENT_TYPE => Attribute::ContentType,
                name => Attribute::Metadata(name.to_owned().into()),
            };
            (attribute, utf8_percent_encode(value, ESCAPED).to_string())
        })
        .collect()
    }

    async fn ask(&self, key: &str, options: GetOptions) -> Result<Option<GetResult>, StorageError> {
        match self.bucket.get_opts(&path(key)?, options).await {
            Ok(found) => Ok(Some(found)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

#[async_trait]
impl Storage for ObjectStorage {
    async fn get(&self, key: &str) -> Result<Option<Entry>, StorageError> {
        let Some(found) = self.ask(key, GetOptions::default()).await? else { return Ok(None) };
        let (meta, stored_at) = (words(&found.attributes), found.meta.last_modified.into());
        let body = found.bytes().await?;
        Ok((!body.is_empty()).then_some(Entry { body, meta, stored_at }))
    }

    async fn head(&self, key: &str) -> Result<Option<Meta>, StorageError> {
        let found = self.ask(key, GetOptions { head: true, ..GetOptions::default() }).await?;
        Ok(found.filter(|found| found.meta.size > 0).map(|found| words(&found.attributes)))
    }

    async fn put(&self, key: &str, body: Bytes, meta: &Meta) -> Result<(), StorageError> {
        let options = PutOptions { attributes: self.attributes(meta), ..PutOptions::default() };
        self.bucket.put_opts(&path(key)?, body.into(), options).await?;
        Ok(())
    }

    async fn remove(&self, key: &str) -> Result<bool, StorageError> {
        // Deleting tells some stores nothing about whether there was anything.
        let was_there = self.ask(key, GetOptions { head: true, ..GetOptions::default() }).await?.is_some();
        if was_there {
            self.bucket.delete(&path(key)?).await?;
        }
        Ok(was_there)
    }

    fn list(&self, prefix: &str) -> BoxStream<'static, Result<String, StorageError>> {
        // Object stores list below whole segments; the rest of the prefix is compared here.
        let below = prefix.rsplit_once('/').and_then(|(folder, _)| Path::parse(folder).ok());
        let prefix = prefix.to_owned();
        self.bucket
            .list(below.as_ref())
            .filter_map(move |found| {
                let key = found.map(|found| String::from(found.location)).map_err(StorageError::from);
                std::future::ready((!key.as_ref().is_ok_and(|key| !key.starts_with(&prefix))).then_some(key))
            })
            .boxed()
    }
}

impl fmt::Display for ObjectStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "objects in {}", self.bucket)
    }
}

/// Escapes nothing: keys are those that others have written.
fn path(key: &str) -> Result<Path, StorageError> {
    let bad = |_| StorageError::Key { key: key.to_owned() };
    Path::parse(checked(key)?).map_err(bad)
}

fn words(attributes: &Attributes) -> Meta {
    let word = |(attribute, value): (&Attribute, &object_store::AttributeValue)| {
        let name = match attribute {
            Attribute::ContentType if !UNSAID.contains(&value.as_ref()) => CONTENT_TYPE.to_owned(),
            Attribute::Metadata(name) => name.to_ascii_lowercase(),
            _ => return None,
        };
        Some((name, percent_decode_str(value).decode_utf8_lossy().into_owned()))
    };
    attributes.iter().filter_map(word).collect()
}

#[cfg(test)]
mod tests;
