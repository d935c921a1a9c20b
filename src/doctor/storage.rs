//! Storages: something is written, read again and removed.

use super::Diagnosis;
use crate::bucket::{Account, Service};
use crate::config::{Config, StorageKind};
use crate::storage::{FileStorage, Meta, ObjectStorage, Storage, StorageError};
use bytes::Bytes;
use std::time::Duration;

/// What is written.
const PROBE: &[u8] = b"written by `tintype doctor`, which removes it again";
/// Longer than any storage that is of use takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Tries the storages that the settings name.
pub(super) async fn check(config: &Config, diagnosis: &mut Diagnosis) {
    for (key, place) in [("STORAGE", &config.originals.place), ("RESULT_STORAGE", &config.results.place)] {
        let service = match place.kind {
            StorageKind::None => {
                diagnosis.ok("storage", format!("{key} is none"));
                continue;
            }
            StorageKind::File => {
                let folder = place.folder.display();
                let fix = format!("give this user the right to write into {folder}, or name another folder");
                try_out(key, "", &FileStorage::new(&place.folder), &fix, diagnosis).await;
                continue;
            }
            StorageKind::S3 => Service::S3,
            StorageKind::Gcs => Service::Gcs,
            StorageKind::Azure => Service::Azure,
        };
        let fix = format!("is `{}` the name of the bucket, and do the credentials allow to write there?", place.bucket);
        match Account::open(service, &config.loader.bucket).and_then(|account| account.bucket(&place.bucket)) {
            Ok(bucket) => {
                let storage = ObjectStorage::new(bucket, config.storages.store_metadata);
                try_out(key, &place.prefix, &storage, &fix, diagnosis).await;
            }
            Err(error) => diagnosis.fail("storage", format!("{key}: {error}"), fix),
        }
    }
}

async fn try_out(key: &str, prefix: &str, storage: &dyn Storage, fix: &str, diagnosis: &mut Diagnosis) {
    let subject = "storage";
    match tokio::time::timeout(PATIENCE, write_and_read(storage, prefix)).await {
        Ok(Ok(true)) => diagnosis.ok(subject, format!("{key}, {storage}: written, read and removed")),
        Ok(Ok(false)) => diagnosis.fail(subject, format!("{key}, {storage}: what was written does not come back"), fix),
        Ok(Err(error)) => diagnosis.fail(subject, format!("{key}, {storage}: {error}"), fix),
        Err(_) => diagnosis.fail(subject, format!("{key}, {storage}: no answer within {PATIENCE:?}"), fix),
    }
}

/// Whether what was written came back.
async fn write_and_read(storage: &dyn Storage, prefix: &str) -> Result<bool, StorageError> {
    let key = format!("{prefix}/tintype-doctor/{}", std::process::id());
    let key = key.trim_start_matches('/');
    storage.put(key, Bytes::from_static(PROBE), &Meta::new()).await?;
    let found = storage.get(key).await;
    storage.remove(key).await?;
    Ok(found?.is_some_and(|entry| entry.body == PROBE))
}
