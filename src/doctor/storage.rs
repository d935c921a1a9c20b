//! Storages: something is written, read again and removed.

use super::Diagnosis;
use crate::config::{Config, StorageKind};
use crate::storage::{FileStorage, Meta, Storage, StorageError};
use bytes::Bytes;
use std::time::Duration;

/// What is written.
const PROBE: &[u8] = b"written by `tintype doctor`, which removes it again";
/// Longer than any storage that is of use takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Tries the storages that the settings name.
pub(super) async fn check(config: &Config, diagnosis: &mut Diagnosis) {
    for (key, place) in [("STORAGE", &config.originals.place), ("RESULT_STORAGE", &config.results.place)] {
        match place.kind {
            StorageKind::None => diagnosis.ok("storage", format!("{key} is none")),
            StorageKind::File => {
                let fix = format!(
                    "give this user the right to write into {}, or name another folder",
                    place.folder.display()
                );
                try_out(key, &FileStorage::new(&place.folder), &fix, diagnosis).await;
            }
            StorageKind::Object => diagnosis.warn(
                "storage",
                format!("{key} is the bucket `{}`, which this check does not try", place.bucket),
                "look into the log of the server after the first answers",
            ),
        }
    }
}

async fn try_out(key: &str, storage: &dyn Storage, fix: &str, diagnosis: &mut Diagnosis) {
    let subject = "storage";
    match tokio::time::timeout(PATIENCE, write_and_read(storage)).await {
        Ok(Ok(true)) => diagnosis.ok(subject, format!("{key}, {storage}: written, read and removed")),
        Ok(Ok(false)) => diagnosis.fail(subject, format!("{key}, {storage}: what was written does not come back"), fix),
        Ok(Err(error)) => diagnosis.fail(subject, format!("{key}, {storage}: {error}"), fix),
        Err(_) => diagnosis.fail(subject, format!("{key}, {storage}: no answer within {PATIENCE:?}"), fix),
    }
}

/// Whether what was written came back.
async fn write_and_read(storage: &dyn Storage) -> Result<bool, StorageError> {
    let key = format!("tintype-doctor/{}", std::process::id());
    storage.put(&key, Bytes::from_static(PROBE), &Meta::new()).await?;
    let found = storage.get(&key).await;
    storage.remove(&key).await?;
    Ok(found?.is_some_and(|entry| entry.body == PROBE))
}
