//! Originals in object stores.

use super::budget::Arrival;
use super::freshness::CachingHeaders;
use super::slots::Slots;
use super::{Budget, Conditions, LoadError, Loaded, Loader, OriginFacts, Original, SetupError, Validators, unquote};
use crate::bucket::{Account, Service, key};
use crate::config::{LoaderConfig, ObjectsConfig};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt as _;
use object_store::client::{HttpError, HttpErrorKind};
use object_store::path::Path;
use object_store::{Attribute, GetOptions, GetResult, ObjectStore as _};
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Objects of one bucket, or of the bucket that the first part of the name says.
#[derive(Debug)]
pub struct ObjectLoader {
    account: Account,
    objects: ObjectsConfig,
    max_bytes: u64,
    timeout: Duration,
    slots: Slots,
}

impl ObjectLoader {
    /// A loader of the service's objects as the settings say. Asks nothing over the network yet.
    ///
    /// # Errors
    /// [`SetupError::Bucket`] for settings from which no way into the service follows.
    pub fn new(service: Service, config: &LoaderConfig) -> Result<Self, SetupError> {
        let objects = match service {
            Service::S3 => config.s3.clone(),
            Service::Gcs => config.gcs.clone(),
            Service::Azure => config.azure.clone(),
        };
        let key = match service {
            Service::S3 => None,
            Service::Gcs => Some("GCS_LOADER_BUCKET"),
            Service::Azure => Some("AZURE_LOADER_CONTAINER"),
        };
        // Only the settings of S3 can say which buckets a name may tell.
        if let (Some(key), None) = (key, &objects.bucket) {
            return Err(SetupError::NoBucket { key });
        }
        if let Some(name) = objects.bucket.as_ref().filter(|name| !key::is_bucket_name(name)) {
            return Err(SetupError::BucketName { name: name.clone() });
        }
        Ok(Self {
            account: Account::open(service, &config.bucket)?,
            objects,
            max_bytes: config.max_bytes,
            timeout: config.request_timeout,
            slots: Slots::new(config.max_clients, config.max_clients_per_host),
        })
    }

    /// The bucket and the key that an id stands for. `None` for what cannot be there or must not be asked for.
    fn find(&self, id: &str) -> Option<(String, Path)> {
        let name = String::from_utf8(unquote(id)).ok()?;
        let ObjectsConfig { bucket, root, index, allowed } = &self.objects;
        let (bucket, name) = match bucket {
            Some(bucket) => (bucket.as_str(), name.as_str()),
            None => name.trim_start_matches('/').split_once('/').filter(|(bucket, _)| key::is_bucket_name(bucket))?,
        };
        let may_be_asked = allowed.is_empty() || allowed.iter().any(|allowed| allowed == bucket);
        Some((bucket.to_owned(), key::of_name(root, name, index)?)).filter(|_| may_be_asked)
    }

    async fn get(&self, bucket: &str, key: &Path, asked: &Conditions) -> Result<Loaded, LoadError> {
        let _slot = self.slots.take(bucket).await;
        let store = self.account.bucket(bucket).map_err(|error| self.failed(bucket, Arc::new(error)))?;
        let conditions = GetOptions {
            if_none_match: asked.known.etag.clone(),
            if_modified_since: asked.known.last_modified.map(Into::into),
            ..GetOptions::default()
        };
        match store.get_opts(key, conditions).await {
            Ok(found) => {
                let facts = facts(&found);
                let body = self.body(bucket, found, &asked.budget).await?;
                Ok(Loaded::Original(Original { body, facts }))
            }
            Err(object_store::Error::NotModified { .. }) => Ok(Loaded::Unchanged(OriginFacts::default())),
            Err(error) => Err(self.meaning(bucket, error)),
        }
    }

    async fn body(&self, bucket: &str, found: GetResult, budget: &Budget) -> Result<Bytes, LoadError> {
        let mut arrival = Arrival::new(budget, self.max_bytes, found.meta.size)?;
        let mut pieces = found.into_stream();
        while let Some(piece) = pieces.next().await {
            arrival.add(piece.map_err(|error| self.meaning(bucket, error))?)?;
        }
        arrival.finish()
    }

    /// What a failed request means. Only absence is told apart, and what the connection says; the rest is for the log.
    fn meaning(&self, bucket: &str, error: object_store::Error) -> LoadError {
        if matches!(error, object_store::Error::NotFound { .. }) {
            return LoadError::NotFound;
        }
        let timed_out = std::iter::successors(Some(&error as &(dyn Error + 'static)), |&error| error.source())
            .filter_map(|error| error.downcast_ref::<HttpError>())
            .any(|error| error.kind() == HttpErrorKind::Timeout);
        if timed_out { LoadError::Timeout } else { self.failed(bucket, Arc::new(error)) }
    }

    fn failed(&self, bucket: &str, source: Arc<dyn Error + Send + Sync>) -> LoadError {
        LoadError::Store { store: format!("bucket `{bucket}` of {}", self.account), source }
    }
}

/// What the store says about the object, its `Cache-Control` included.
fn facts(found: &GetResult) -> OriginFacts {
    let validators =
        Validators { etag: found.meta.e_tag.clone(), last_modified: Some(SystemTime::from(found.meta.last_modified)) };
    let cache_control = found.attributes.get(&Attribute::CacheControl).map_or("", AsRef::as_ref);
    CachingHeaders { cache_control, ..CachingHeaders::default() }.facts(validators)
}

#[async_trait]
impl Loader for ObjectLoader {
    /// The time given includes the wait for a free slot, for credentials, and all repetitions.
    async fn load(&self, id: &str, asked: &Conditions) -> Result<Loaded, LoadError> {
        let (bucket, key) = self.find(id).ok_or(LoadError::NotFound)?;
        tokio::time::timeout(self.timeout, self.get(&bucket, &key, asked)).await.map_err(|_| LoadError::Timeout)?
    }
}

impl fmt::Display for ObjectLoader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.objects.bucket, self.objects.allowed.len()) {
            (Some(bucket), _) => write!(f, "bucket `{bucket}`")?,
            (None, 0) => f.write_str("any bucket")?,
            (None, count) => write!(f, "{count} allowed buckets")?,
        }
        write!(f, " of {}", self.account)
    }
}

#[cfg(test)]
mod tests;
