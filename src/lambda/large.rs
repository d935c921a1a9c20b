//! Answers that are too large for a function, put into the bucket of results, and links to them.

use super::FunctionError;
use crate::bucket::{Account, Linked, Service};
use crate::config::{Config, StorageKind};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderName, Method, Response};
use bytes::Bytes;
use object_store::path::Path;
use object_store::signer::Url;
use object_store::{Attribute, Attributes, ObjectStoreExt as _, PutOptions};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// Below which key they lie. Nothing else is there, so that a rule of the bucket can remove them.
const FOLDER: &str = "-/large";

/// Where large answers go.
#[derive(Debug)]
pub(super) struct Links {
    bucket: Arc<dyn Linked>,
    prefix: String,
    age: Duration,
}

impl Links {
    pub(super) fn open(config: &Config) -> Result<Self, FunctionError> {
        let place = &config.results.place;
        let service = match place.kind {
            StorageKind::None | StorageKind::File => return Err(FunctionError::NoBucket),
            StorageKind::S3 => Service::S3,
            StorageKind::Gcs => Service::Gcs,
            StorageKind::Azure => Service::Azure,
        };
        let bucket = Account::open(service, &config.loader.bucket)?.linked(&place.bucket)?;
        Ok(Self { bucket, prefix: place.prefix.trim_matches('/').to_owned(), age: config.lambda.link_age })
    }

    /// How long the answer with a link may be kept, so that the link is good whenever it is followed.
    pub(super) fn max_age(&self) -> Duration {
        self.age / 2
    }

    /// Puts an answer into the bucket, unless it is there, and gives the link to it.
    pub(super) async fn put(&self, answer: &Response<Bytes>) -> Result<Url, object_store::Error> {
        let about: Vec<_> = [
            (CONTENT_TYPE, Attribute::ContentType),
            (CACHE_CONTROL, Attribute::CacheControl),
            (CONTENT_DISPOSITION, Attribute::ContentDisposition),
        ]
        .into_iter()
        .filter_map(|(header, attribute)| Some((attribute, text(answer, &header)?)))
        .collect();
        let mut hash = Sha256::new_with_prefix(answer.body());
        for (_, text) in &about {
            hash.update(text);
        }
        let path = self.path(&hash.finalize());
        if self.bucket.head(&path).await.is_err() {
            let attributes: Attributes = about.into_iter().collect();
            let options = PutOptions { attributes, ..PutOptions::default() };
            self.bucket.put_opts(&path, answer.body().clone().into(), options).await?;
        }
        self.bucket.signed_url(Method::GET, &path, self.age).await
    }

    fn path(&self, hash: &[u8]) -> Path {
        let mut key = format!("{}/{FOLDER}/", self.prefix);
        for byte in hash {
            write!(key, "{byte:02x}").expect("strings take all text");
        }
        Path::from(key.trim_start_matches('/'))
    }
}

fn text(answer: &Response<Bytes>, header: &HeaderName) -> Option<String> {
    answer.headers().get(header)?.to_str().ok().map(str::to_owned)
}
