//! Object stores: S3 and what speaks like it, Google Cloud Storage, Azure Blob Storage.
//!
//! An [`Account`] is one service with one set of credentials and one pool of connections. It hands out buckets, which
//! cost nothing to ask for. What objects are called is in [`key`].

mod connect;
pub mod key;
mod profile;
mod s3;

pub use profile::ProfileError;

use self::connect::SharedClient;
use crate::config::{AzureConfig, BucketConfig, GcsConfig};
use object_store::aws::AwsCredentialProvider;
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::signer::Signer;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Rest before the first repetition of a request; the next ones wait longer.
const FIRST_BACKOFF: Duration = Duration::from_millis(100);
/// Longest rest.
const LONGEST_BACKOFF: Duration = Duration::from_secs(2);
/// Stands for a bucket where credentials are looked up and none is asked for yet.
const NO_BUCKET: &str = "none";

/// Which service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Service {
    /// Amazon's, and what speaks like it.
    S3,
    /// Google's.
    Gcs,
    /// Microsoft's.
    Azure,
}

/// A way into one service.
pub struct Account {
    service: Service,
    /// Shown in logs.
    endpoint: Option<String>,
    builder: Builder,
}

/// A bucket that makes links to its objects which need no credentials.
pub trait Linked: ObjectStore + Signer {}

impl<T: ObjectStore + Signer> Linked for T {}

/// What buckets are made with. Credentials and connections are in it and shared by all of them.
enum Builder {
    S3(Box<s3::Buckets>),
    Gcs(Box<GoogleCloudStorageBuilder>),
    Azure(Box<MicrosoftAzureBuilder>),
}

/// Settings from which no way into a service follows.
#[derive(Debug, thiserror::Error)]
pub enum BucketError {
    /// The HTTP client cannot be set up.
    #[error("no HTTP client can be made: {0}")]
    Client(#[source] reqwest::Error),
    /// The service's settings do not fit together, or a credentials file cannot be read.
    #[error("{service} cannot be set up: {source}")]
    Setup {
        /// Which service.
        service: Service,
        /// What is wrong.
        source: object_store::Error,
    },
    /// Nothing names the account.
    #[error("AZURE_STORAGE_ACCOUNT: missing")]
    NoAccount,
    /// There is an access key and not its secret.
    #[error("AWS_SECRET_ACCESS_KEY: missing, there is only AWS_ACCESS_KEY_ID")]
    NoSecret,
    /// The profile is missing or has no keys.
    #[error("AWS_PROFILE: {0}")]
    Profile(#[source] ProfileError),
}

impl Account {
    /// The way into `service`. Nothing is asked over the network yet.
    ///
    /// # Errors
    /// [`BucketError`] for settings that cannot be, such as a credentials file that is not there.
    pub fn open(service: Service, config: &BucketConfig) -> Result<Self, BucketError> {
        let http = SharedClient::new(config)?;
        let setup = |source| BucketError::Setup { service, source };
        let (builder, endpoint) = match service {
            Service::S3 => (Builder::S3(Box::new(s3::Buckets::new(config, http)?)), &config.s3.endpoint),
            Service::Gcs => {
                let builder = gcs(&config.gcs, config, http);
                let any = builder.clone().with_bucket_name(NO_BUCKET).build().map_err(setup)?;
                let builder = builder.with_credentials(Arc::clone(any.credentials()));
                (Builder::Gcs(Box::new(builder)), &config.gcs.endpoint)
            }
            Service::Azure => {
                let builder = azure(&config.azure, config, http);
                if builder.get_config_value(&AzureConfigKey::AccountName).is_none() {
                    return Err(BucketError::NoAccount);
                }
                let any = builder.clone().with_container_name(NO_BUCKET).build().map_err(setup)?;
                let builder = builder.with_credentials(Arc::clone(any.credentials()));
                (Builder::Azure(Box::new(builder)), &config.azure.endpoint)
            }
        };
        Ok(Self { service, endpoint: endpoint.clone(), builder })
    }

    /// One of the account's buckets (containers, at Azure), there or not.
    ///
    /// # Errors
    /// [`BucketError::Setup`] if the name cannot be one; see [`key::is_bucket_name`].
    pub fn bucket(&self, name: &str) -> Result<Arc<dyn ObjectStore>, BucketError> {
        Ok(self.linked(name)?)
    }

    /// The same as something that makes links, too.
    ///
    /// # Errors
    /// [`BucketError::Setup`] if the name cannot be one; see [`key::is_bucket_name`].
    pub fn linked(&self, name: &str) -> Result<Arc<dyn Linked>, BucketError> {
        let built = match &self.builder {
            Builder::S3(builder) => builder.bucket(name).map(|store| Arc::new(store) as _),
            Builder::Gcs(builder) => {
                builder.as_ref().clone().with_bucket_name(name).build().map(|store| Arc::new(store) as _)
            }
            Builder::Azure(builder) => {
                builder.as_ref().clone().with_container_name(name).build().map(|store| Arc::new(store) as _)
            }
        };
        built.map_err(|source| BucketError::Setup { service: self.service, source })
    }

    /// Which service it is.
    pub fn service(&self) -> Service {
        self.service
    }
}

/// The credentials and the region that the settings of S3 mean, for other services of AWS.
///
/// # Errors
/// [`BucketError`] for settings that cannot be.
pub fn aws(config: &BucketConfig) -> Result<(AwsCredentialProvider, String), BucketError> {
    let s3::Buckets { credentials, region, .. } = s3::Buckets::new(config, SharedClient::new(config)?)?;
    Ok((credentials, region))
}

fn gcs(gcs: &GcsConfig, config: &BucketConfig, http: SharedClient) -> GoogleCloudStorageBuilder {
    let mut builder = GoogleCloudStorageBuilder::from_env()
        .with_retry(retries(config))
        .with_client_options(client_options(config, gcs.endpoint.as_deref()))
        .with_http_connector(http);
    if let Some(endpoint) = &gcs.endpoint {
        builder = builder.with_base_url(endpoint.trim_end_matches('/'));
    }
    if let Some(file) = &gcs.credentials_file {
        let path = file.to_string_lossy();
        // Only read as a service account's file is it asked for its endpoint and for `disable_oauth`, which
        // emulators need.
        let is_service_account = |text: String| text.contains("\"service_account\"");
        let service_account = std::fs::read_to_string(file).is_ok_and(is_service_account);
        builder = if service_account {
            builder.with_service_account_path(path)
        } else {
            builder.with_application_credentials(path)
        };
    }
    builder
}

fn azure(azure: &AzureConfig, config: &BucketConfig, http: SharedClient) -> MicrosoftAzureBuilder {
    let mut builder = MicrosoftAzureBuilder::from_env()
        .with_retry(retries(config))
        .with_client_options(client_options(config, azure.endpoint.as_deref()))
        .with_http_connector(http);
    if let Some(account) = &azure.account {
        builder = builder.with_account(account);
    }
    if !azure.access_key.reveal().is_empty() {
        builder = builder.with_access_key(azure.access_key.reveal());
    }
    if let Some(endpoint) = &azure.endpoint {
        builder = builder.with_endpoint(endpoint.clone());
    }
    builder
}

/// `allow_http` only where the operator has written an endpoint without TLS.
fn client_options(config: &BucketConfig, endpoint: Option<&str>) -> ClientOptions {
    ClientOptions::new()
        .with_connect_timeout(config.connect_timeout)
        .with_timeout(config.request_timeout)
        .with_allow_http(endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")))
}

fn retries(config: &BucketConfig) -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig { init_backoff: FIRST_BACKOFF, max_backoff: LONGEST_BACKOFF, base: 2.0 },
        max_retries: config.max_retries,
        retry_timeout: config.request_timeout,
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::S3 => "S3",
            Self::Gcs => "Google Cloud Storage",
            Self::Azure => "Azure Blob Storage",
        })
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.endpoint {
            Some(endpoint) => write!(f, "{} at {endpoint}", self.service),
            None => self.service.fmt(f),
        }
    }
}

/// Builders hold secrets, which must not show.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({self})")
    }
}
