//! What is kept outside of memory: bytes under keys, with a few words about them.
//!
//! One trait, one file for each kind of place. Keys are relative paths, made by [`layout`] the way Thumbor and
//! `tc_aws` make them, so that what those have stored is found again. A [`Shelf`] stands between a storage and those
//! who use it: its faults cost them time, never an answer. A [`Janitor`] holds a folder under a size and an age.

mod file;
mod janitor;
pub mod layout;
mod memory;
mod object;
mod open;
mod shelf;
mod sidecar;

#[cfg(test)]
mod conformance;

pub use file::FileStorage;
pub(crate) use janitor::PINNED;
pub use janitor::{Janitor, Rounds, Swept};
pub use layout::{Layout, Note, Variant, tag_of};
pub use memory::MemoryStorage;
pub(crate) use object::CONTENT_TYPE;
pub use object::ObjectStorage;
pub use open::{Store, Stores};
pub use shelf::{Counts, Parcel, Shelf};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

/// Words about an entry, by name. Names and values are short, of visible ASCII and spaces, names in lower case.
pub type Meta = BTreeMap<String, String>;

/// What is stored under a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The bytes.
    pub body: Bytes,
    /// What was said about them; empty for what others stored.
    pub meta: Meta,
    /// When they were stored.
    pub stored_at: SystemTime,
}

/// Keeps entries under keys.
///
/// A key is a relative path of segments that are neither empty, `.` nor `..`. Whoever reads while another writes gets
/// an old entry, the new one or none, never a mixture; an entry that is damaged counts as none.
/// `Display` names the kind and the place, for the log.
#[async_trait]
pub trait Storage: Send + Sync + fmt::Debug + fmt::Display {
    /// The entry under `key`, if there is a whole one.
    async fn get(&self, key: &str) -> Result<Option<Entry>, StorageError>;

    /// What is said about the entry under `key`, without reading its bytes.
    async fn head(&self, key: &str) -> Result<Option<Meta>, StorageError>;

    /// Stores an entry in place of any other under `key`.
    async fn put(&self, key: &str, body: Bytes, meta: &Meta) -> Result<(), StorageError>;

    /// Removes the entry under `key`; whether there was one.
    async fn remove(&self, key: &str) -> Result<bool, StorageError>;

    /// Keys that begin with `prefix`, in no order. What is stored or removed meanwhile may be there or not.
    fn list(&self, prefix: &str) -> BoxStream<'static, Result<String, StorageError>>;
}

/// Why a storage could not do as it was told.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The key is no relative path.
    #[error("`{key}` cannot be the key of an entry")]
    Key {
        /// The key.
        key: String,
    },
    /// The file system failed.
    #[error("`{path}` cannot be used: {source}")]
    File {
        /// The file or folder.
        path: String,
        /// What failed.
        source: std::io::Error,
    },
    /// The object store failed.
    #[error("the object store failed: {0}")]
    Object(#[from] object_store::Error),
    /// There was no answer in time.
    #[error("the storage did not answer in time")]
    Timeout,
    /// The settings name no storage for this.
    #[error("nothing is stored here: the settings name no storage")]
    Off,
}

/// The same key, if its segments lead nowhere but down.
fn checked(key: &str) -> Result<&str, StorageError> {
    let fine = |segment: &str| !matches!(segment, "" | "." | "..") && !segment.contains('\0');
    if key.split('/').all(fine) { Ok(key) } else { Err(StorageError::Key { key: key.to_owned() }) }
}
