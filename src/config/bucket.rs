//! Settings of object stores: how each service is reached. Which bucket is used for what stands elsewhere.

use super::Secret;
use std::path::PathBuf;
use std::time::Duration;

/// How object stores are reached.
#[derive(Clone, Debug, PartialEq)]
pub struct BucketConfig {
    /// S3 and what speaks like it.
    pub s3: S3Config,
    /// Google Cloud Storage.
    pub gcs: GcsConfig,
    /// Azure Blob Storage.
    pub azure: AzureConfig,
    /// `TC_AWS_MAX_RETRY`: how often a request that failed is tried again, for all services.
    pub max_retries: usize,
    /// As `HTTP_LOADER_CONNECT_TIMEOUT`.
    pub connect_timeout: Duration,
    /// As `HTTP_LOADER_REQUEST_TIMEOUT`: time for one request, retries included.
    pub request_timeout: Duration,
}

/// S3. What is not set here is looked up as AWS's own programs do: environment, web identity, profile, container,
/// instance.
#[derive(Clone, Debug, PartialEq)]
pub struct S3Config {
    /// `TC_AWS_REGION`; `None`: as the environment or the profile says.
    pub region: Option<String>,
    /// `TC_AWS_ENDPOINT`, with scheme; `None`: AWS.
    pub endpoint: Option<String>,
    /// `S3_PATH_STYLE`: the bucket is the first part of the path, not of the host name.
    pub path_style: bool,
    /// `AWS_PROFILE`: section of the shared credentials and config files.
    pub profile: Option<String>,
    /// `AWS_ACCESS_KEY_ID`; empty: none.
    pub access_key_id: Secret,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: Secret,
    /// `AWS_SESSION_TOKEN`; empty: none.
    pub session_token: Secret,
}

/// Google Cloud Storage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GcsConfig {
    /// `GCS_ENDPOINT`, with scheme; `None`: Google.
    pub endpoint: Option<String>,
    /// `GOOGLE_APPLICATION_CREDENTIALS`; `None`: the well-known file, else the instance's account.
    pub credentials_file: Option<PathBuf>,
}

/// Azure Blob Storage. What is not set here is looked up in the environment, then asked of the instance.
#[derive(Clone, Debug, PartialEq)]
pub struct AzureConfig {
    /// `AZURE_STORAGE_ACCOUNT`.
    pub account: Option<String>,
    /// `AZURE_STORAGE_KEY`; empty: another way in.
    pub access_key: Secret,
    /// `AZURE_ENDPOINT`, with scheme; `None`: Azure.
    pub endpoint: Option<String>,
}

impl Default for BucketConfig {
    fn default() -> Self {
        Self {
            s3: S3Config::default(),
            gcs: GcsConfig::default(),
            azure: AzureConfig::default(),
            max_retries: 3,
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(20),
        }
    }
}

impl Default for S3Config {
    fn default() -> Self {
        Self {
            region: None,
            endpoint: None,
            path_style: true,
            profile: None,
            access_key_id: Secret::new(""),
            secret_access_key: Secret::new(""),
            session_token: Secret::new(""),
        }
    }
}

impl Default for AzureConfig {
    fn default() -> Self {
        Self { account: None, access_key: Secret::new(""), endpoint: None }
    }
}
