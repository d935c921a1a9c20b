//! Settings of what is kept, where and for how long.

use super::CacheConfig;
use std::path::PathBuf;
use std::time::Duration;

/// A kind of place for what is kept outside of memory.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum StorageKind {
    /// None: nothing is kept.
    #[default]
    None,
    /// Files in a folder.
    File,
    /// Objects in a bucket of S3, or of what speaks like it.
    S3,
    /// Objects in a bucket of Google Cloud Storage.
    Gcs,
    /// Objects in a container of Azure Blob Storage.
    Azure,
}

impl StorageKind {
    /// Whether it needs the name of a bucket.
    pub fn is_bucket(self) -> bool {
        matches!(self, Self::S3 | Self::Gcs | Self::Azure)
    }
}

/// What `STORAGE` may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum OriginalStorage {
    /// One place for everything.
    One(StorageKind),
    /// `mixed`: a place for originals and a place for what is known about them.
    Mixed,
}

/// A place for what is kept outside of memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoragePlace {
    /// What it is.
    pub kind: StorageKind,
    /// The folder of a [`StorageKind::File`].
    pub folder: PathBuf,
    /// The bucket or container of the others.
    pub bucket: String,
    /// What goes before the keys in the bucket.
    pub prefix: String,
}

/// How those are treated who keep things outside of memory.
#[derive(Clone, Debug, PartialEq)]
pub struct StoragesConfig {
    /// `STORAGE_TIMEOUT`, `STORAGE_MAX_QUEUE_BYTES`.
    pub shelf: ShelfConfig,
    /// `JANITOR_INTERVAL`: how often folders are looked through for what has to go.
    pub janitor_interval: Duration,
    /// `TC_AWS_RANDOMIZE_KEYS`: a hash goes before the keys in buckets.
    pub randomize_keys: bool,
    /// `TC_AWS_STORE_METADATA`: what belongs to an answer is kept beside its bytes in buckets.
    pub store_metadata: bool,
}

/// What requests may suffer from a storage.
#[derive(Clone, Debug, PartialEq)]
pub struct ShelfConfig {
    /// How long one read or write may take.
    pub timeout: Duration,
    /// Bytes that may wait to be stored.
    pub max_queue_bytes: u64,
}

/// What a folder is held to.
#[derive(Clone, Debug, PartialEq)]
pub struct JanitorConfig {
    /// Its size; 0 = any.
    pub max_bytes: u64,
    /// The age of what lies there; `None` = any.
    pub max_age: Option<Duration>,
    /// How often it is looked through.
    pub interval: Duration,
}

/// Originals that are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct OriginalsConfig {
    /// Whether they come from elsewhere, so that keeping them is worth it. Follows from `LOADER`.
    pub remote: bool,
    /// `STORAGE`, `MIXED_STORAGE_FILE_STORAGE`: where.
    pub place: StoragePlace,
    /// `STORAGE`, `MIXED_STORAGE_DETECTOR_STORAGE`: where what is known about them is kept.
    pub notes: StoragePlace,
    /// `STORAGE_EXPIRATION_SECONDS`: stored originals are asked about after this long where their source does not say;
    /// `None` = never.
    pub expiration: Option<Duration>,
    /// `STORAGE_MAX_BYTES`: size of the folder; 0 = any.
    pub max_bytes: u64,
    /// `SOURCE_CACHE_BYTES`, `SOURCE_CACHE_TTL`: those in memory.
    pub cache: CacheConfig,
    /// `STALE_WHILE_REVALIDATE`: how long a copy is used that is no longer fresh, while its source is asked.
    pub stale_while_revalidate: Duration,
    /// `STALE_IF_ERROR`: how long a copy is used that is no longer fresh where its source fails.
    pub stale_if_error: Duration,
    /// `MISSING_SOURCE_TTL`: how long it is remembered that there is no original, or that its source failed.
    pub missing_ttl: Duration,
}

/// Results that are kept outside of memory.
#[derive(Clone, Debug, PartialEq)]
pub struct ResultsConfig {
    /// `RESULT_STORAGE`.
    pub place: StoragePlace,
    /// `RESULT_STORAGE_EXPIRATION_SECONDS`: stored results are made anew after this long; `None` = never.
    pub expiration: Option<Duration>,
    /// `RESULT_STORAGE_STORES_UNSAFE`: results of unsigned requests are stored, too.
    pub stores_unsafe: bool,
    /// `RESULT_STORAGE_MAX_BYTES`: size of the folder; 0 = any.
    pub max_bytes: u64,
}

impl StoragePlace {
    fn folder(name: &str) -> Self {
        Self { folder: PathBuf::from("/tmp/thumbor").join(name), ..Self::default() }
    }
}

impl Default for StoragesConfig {
    fn default() -> Self {
        Self {
            shelf: ShelfConfig { timeout: Duration::from_secs(3), max_queue_bytes: 64 << 20 },
            janitor_interval: Duration::from_mins(5),
            randomize_keys: false,
            store_metadata: true,
        }
    }
}

impl Default for OriginalsConfig {
    fn default() -> Self {
        Self {
            remote: false,
            place: StoragePlace::folder("storage"),
            notes: StoragePlace::folder("storage"),
            expiration: Some(Duration::from_hours(30 * 24)),
            max_bytes: 0,
            cache: CacheConfig { max_bytes: 64 << 20, ttl: Duration::from_mins(1) },
            stale_while_revalidate: Duration::from_mins(1),
            stale_if_error: Duration::from_hours(24),
            missing_ttl: Duration::from_secs(10),
        }
    }
}

impl Default for ResultsConfig {
    fn default() -> Self {
        Self {
            place: StoragePlace::folder("result_storage"),
            expiration: None,
            stores_unsafe: false,
            max_bytes: 10 << 30,
        }
    }
}
