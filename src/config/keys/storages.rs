//! What is kept outside of memory.

use super::{Key, key};
use crate::config::StorageKind;
use crate::config::kind::{Bytes, Choice, Flag, Maybe, Path, Text, Time};
use crate::config::storage::OriginalStorage;

pub(super) const KEYS: &[Key] = &[
    key!(
        "STORAGE",
        Choice<OriginalStorage>,
        storage,
        "Where originals are kept: none, file, s3, gcs, azure, or mixed (originals and what is known about them apart).\n\
         Thumbor's and tc_aws' module names are good, too."
    ),
    key!(
        "FILE_STORAGE_ROOT_PATH",
        Path,
        config.originals.place.folder,
        "Folder of STORAGE = file. One of Thumbor's is used as it is."
    ),
    key!(
        "STORAGE_EXPIRATION_SECONDS",
        Maybe<Time>,
        config.originals.expiration,
        "Stored originals are asked about after this long, where their origin does not say how long they may be kept.\n\
         none: never."
    ),
    key!(
        "STORAGE_MAX_BYTES",
        Bytes,
        config.originals.max_bytes,
        "Size of FILE_STORAGE_ROOT_PATH; beyond, what was not used for longest goes. 0: any, since uploads of a Thumbor\n\
         cannot be told from copies."
    ),
    key!(
        "MIXED_STORAGE_FILE_STORAGE",
        Choice<StorageKind>,
        mixed_file_storage,
        "STORAGE = mixed: where originals are kept."
    ),
    key!(
        "MIXED_STORAGE_DETECTOR_STORAGE",
        Choice<StorageKind>,
        mixed_detector_storage,
        "STORAGE = mixed: where it is kept what detectors have found."
    ),
    key!("TC_AWS_STORAGE_BUCKET", Text, config.originals.place.bucket, "Bucket or container of STORAGE."),
    key!("TC_AWS_STORAGE_ROOT_PATH", Text, config.originals.place.prefix, "What goes before the keys there."),
    key!(
        "RESULT_STORAGE",
        Choice<StorageKind>,
        config.results.place.kind,
        "Where results are kept besides memory: none, file, s3, gcs or azure. Thumbor's and tc_aws' module names are good, too."
    ),
    key!(
        "RESULT_STORAGE_FILE_STORAGE_ROOT_PATH",
        Path,
        config.results.place.folder,
        "Folder of RESULT_STORAGE = file. One of Thumbor's is used as it is."
    ),
    key!(
        "RESULT_STORAGE_EXPIRATION_SECONDS",
        Maybe<Time>,
        config.results.expiration,
        "Stored results are made anew after this long. none or 0: never."
    ),
    key!(
        "RESULT_STORAGE_STORES_UNSAFE",
        Flag,
        config.results.stores_unsafe,
        "Store results of unsigned requests, too."
    ),
    key!(
        "RESULT_STORAGE_MAX_BYTES",
        Bytes,
        config.results.max_bytes,
        "Size of RESULT_STORAGE_FILE_STORAGE_ROOT_PATH; beyond, what was not used for longest goes. 0: any."
    ),
    key!("TC_AWS_RESULT_STORAGE_BUCKET", Text, config.results.place.bucket, "Bucket or container of RESULT_STORAGE."),
    key!("TC_AWS_RESULT_STORAGE_ROOT_PATH", Text, config.results.place.prefix, "What goes before the keys there."),
    key!(
        "TC_AWS_RANDOMIZE_KEYS",
        Flag,
        config.storages.randomize_keys,
        "Put a hash before the keys in the buckets of storages."
    ),
    key!(
        "TC_AWS_STORE_METADATA",
        Flag,
        config.storages.store_metadata,
        "Keep what belongs to a picture beside its bytes as metadata in the buckets of storages. (Thumbor's default is\n\
         false; then ETag, age and the like are lost with a restart.)"
    ),
    key!(
        "STORAGE_TIMEOUT",
        Time<1>,
        config.storages.shelf.timeout,
        "Time for reading or writing one entry of a storage; then the request goes on without it."
    ),
    key!(
        "STORAGE_MAX_QUEUE_BYTES",
        Bytes<1>,
        config.storages.shelf.max_queue_bytes,
        "Bytes that may wait to be stored, for each storage; beyond, they are not stored."
    ),
    key!(
        "JANITOR_INTERVAL",
        Time<1000>,
        config.storages.janitor_interval,
        "How often folders are looked through for what has to go. Also whenever a tenth of their size was stored."
    ),
];
