//! In memory, and against a server that checks S3's signatures.

use super::*;
use crate::bucket::{Account, Service};
use crate::config::{BucketConfig, Secret};
use crate::s3_server::S3Server;
use crate::storage::conformance;
use object_store::memory::InMemory;

#[tokio::test]
async fn keeps_the_storage_contract() {
    conformance::run(&ObjectStorage::new(Arc::new(InMemory::new()), true)).await;
}

#[tokio::test]
async fn keeps_the_storage_contract_in_a_bucket_of_s3() {
    let nothing = tempfile::tempdir().unwrap();
    let server = S3Server::start(nothing.path());
    let mut config = BucketConfig::default();
    config.s3.endpoint = Some(format!("http://127.0.0.1:{}", server.port));
    config.s3.access_key_id = Secret::new(&server.reader[0]);
    config.s3.secret_access_key = Secret::new(&server.reader[1]);
    let bucket = Account::open(Service::S3, &config).unwrap().bucket("pictures").unwrap();
    conformance::run(&ObjectStorage::new(bucket, true)).await;
}

#[tokio::test]
async fn without_metadata_the_type_alone_is_kept() {
    let storage = ObjectStorage::new(Arc::new(InMemory::new()), false);
    let meta = Meta::from([("etag".into(), "\"a\"".into()), ("type".into(), "image/png".into())]);
    storage.put("a", "bytes".into(), &meta).await.unwrap();
    assert_eq!(storage.head("a").await.unwrap().unwrap(), Meta::from([("type".into(), "image/png".into())]));
}
