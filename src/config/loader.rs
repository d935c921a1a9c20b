//! Settings of where originals come from.

use super::bucket::BucketConfig;
use super::sources::SourceConfig;
use super::{Secret, kind::Words};
use ipnet::IpNet;
use std::path::PathBuf;
use std::time::Duration;

/// Which loader.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LoaderKind {
    /// Files below a root.
    #[default]
    File,
    /// HTTP and HTTPS; `http://` is added where no scheme is given.
    Http,
    /// The same, but `https://` is added.
    Https,
    /// Only HTTPS: `http://` is refused.
    StrictHttps,
    /// Files, and what is not there over HTTP.
    FileHttp,
    /// S3 and what speaks like it.
    S3,
    /// Google Cloud Storage.
    Gcs,
    /// Azure Blob Storage.
    Azure,
    /// The pictures that come with the program.
    Samples,
}

/// Where originals come from.
#[derive(Clone, Debug, PartialEq)]
pub struct LoaderConfig {
    /// `[[sources]]`, in order.
    pub sources: Vec<SourceConfig>,
    /// `LOADER`.
    pub kind: LoaderKind,
    /// `FILE_LOADER_ROOT_PATH`.
    pub file_root: PathBuf,
    /// `FILE_LOADER_SYMLINKS`.
    pub symlinks: Symlinks,
    /// `MAX_SOURCE_BYTES`: larger originals are refused.
    pub max_bytes: u64,
    /// `HTTP_LOADER_CONNECT_TIMEOUT`.
    pub connect_timeout: Duration,
    /// `HTTP_LOADER_REQUEST_TIMEOUT`.
    pub request_timeout: Duration,
    /// `HTTP_LOADER_MAX_REDIRECTS`; 0 when `HTTP_LOADER_FOLLOW_REDIRECTS` is off.
    pub max_redirects: usize,
    /// `HTTP_LOADER_DEFAULT_USER_AGENT`.
    pub user_agent: String,
    /// `HTTP_LOADER_MAX_CLIENTS`: originals fetched over the network at a time.
    pub max_clients: usize,
    /// `HTTP_LOADER_MAX_CLIENTS_PER_HOST`: how many of them from one host or bucket.
    pub max_clients_per_host: usize,
    /// What concerns only HTTP.
    pub http: HttpConfig,
    /// `ALLOWED_SOURCES`: host names; empty = all that are not private.
    pub allowed_sources: Vec<String>,
    /// `ALLOW_PRIVATE_SOURCES`: networks that may be asked although they are private.
    pub allow_private: Vec<IpNet>,
    /// How object stores are reached.
    pub bucket: BucketConfig,
    /// Objects of `LOADER = "s3"`: `TC_AWS_LOADER_BUCKET` and its kin.
    pub s3: ObjectsConfig,
    /// `TC_AWS_ENABLE_HTTP_LOADER`: addresses are fetched over HTTP, and only names from S3.
    pub s3_or_http: bool,
    /// Objects of `LOADER = "gcs"`.
    pub gcs: ObjectsConfig,
    /// Objects of `LOADER = "azure"`.
    pub azure: ObjectsConfig,
}

/// Which objects of a service are originals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ObjectsConfig {
    /// The bucket; `None`: the first part of the name is the bucket.
    pub bucket: Option<String>,
    /// Stands before all names.
    pub root: String,
    /// Appended to names that end in a slash; empty: those are not there.
    pub index: String,
    /// Buckets that may be asked; none: all.
    pub allowed: Vec<String>,
}

/// Which symbolic links below a folder of originals are followed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Symlinks {
    /// None: what a link leads to is not there.
    None,
    /// Those that stay inside of the folder.
    #[default]
    Inside,
    /// All, as Thumbor does.
    Outside,
}

/// What concerns originals over HTTP only.
#[derive(Clone, Debug, PartialEq)]
pub struct HttpConfig {
    /// `HTTP_LOADER_FORWARD_USER_AGENT`: origins see the client's own.
    pub forward_user_agent: bool,
    /// `HTTP_LOADER_FORWARD_ALL_HEADERS`: origins see all headers of the client but those that are about this
    /// connection or prove who the client is.
    pub forward_all: bool,
    /// `HTTP_LOADER_FORWARD_HEADERS_WHITELIST`: names of headers that origins see.
    pub forward_headers: Vec<String>,
    /// `HTTP_LOADER_FORWARD_TRACE`: origins see `traceparent`.
    pub forward_trace: bool,
    /// `HTTP_LOADER_MAX_RETRY`: how often a lost connection is made again.
    pub max_retries: usize,
    /// `HTTP_LOADER_PROXY_HOST`; `None`: no proxy.
    pub proxy_host: Option<String>,
    /// `HTTP_LOADER_PROXY_PORT`.
    pub proxy_port: Option<u16>,
    /// `HTTP_LOADER_PROXY_USERNAME`.
    pub proxy_username: Option<String>,
    /// `HTTP_LOADER_PROXY_PASSWORD`.
    pub proxy_password: Secret,
    /// `HTTP_LOADER_CA_CERTS`: a PEM file; `None`: the machine's.
    pub ca_certs: Option<PathBuf>,
    /// `HTTP_LOADER_VALIDATE_CERTS`; `None`: yes.
    pub validate_certs: Option<bool>,
    /// `HTTP_LOADER_CLIENT_CERT`: a PEM file with the certificate that origins are shown.
    pub client_cert: Option<PathBuf>,
    /// `HTTP_LOADER_CLIENT_KEY`: a PEM file with its key; `None`: it is in the same file.
    pub client_key: Option<PathBuf>,
}

impl LoaderConfig {
    /// Whether originals of any source come over the network.
    pub fn is_remote(&self) -> bool {
        let kinds = std::iter::once(self.kind).chain(self.sources.iter().map(|source| source.loader));
        kinds.into_iter().any(|kind| !matches!(kind, LoaderKind::File | LoaderKind::Samples))
    }

    /// Whether originals of any source come over HTTP, so that headers of clients may matter.
    pub fn speaks_http(&self) -> bool {
        let kinds = std::iter::once(self.kind).chain(self.sources.iter().map(|source| source.loader));
        kinds.into_iter().any(|kind| match kind {
            LoaderKind::Http | LoaderKind::Https | LoaderKind::StrictHttps | LoaderKind::FileHttp => true,
            LoaderKind::S3 => self.s3_or_http,
            LoaderKind::File | LoaderKind::Gcs | LoaderKind::Azure | LoaderKind::Samples => false,
        })
    }
}

impl Words for Symlinks {
    const WORDS: &'static [(&'static str, Self)] =
        &[("inside", Self::Inside), ("none", Self::None), ("outside", Self::Outside)];
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            forward_user_agent: false,
            forward_all: false,
            forward_headers: Vec::new(),
            forward_trace: false,
            max_retries: 1,
            proxy_host: None,
            proxy_port: None,
            proxy_username: None,
            proxy_password: Secret::new(""),
            ca_certs: None,
            validate_certs: None,
            client_cert: None,
            client_key: None,
        }
    }
}

impl Default for LoaderConfig {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            kind: LoaderKind::File,
            file_root: PathBuf::from("."),
            symlinks: Symlinks::Inside,
            max_bytes: 64 << 20,
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(20),
            max_redirects: 5,
            user_agent: concat!("tintype/", env!("CARGO_PKG_VERSION")).into(),
            max_clients: 64,
            max_clients_per_host: 32,
            http: HttpConfig::default(),
            allowed_sources: Vec::new(),
            allow_private: Vec::new(),
            bucket: BucketConfig::default(),
            s3: ObjectsConfig::default(),
            s3_or_http: false,
            gcs: ObjectsConfig::default(),
            azure: ObjectsConfig::default(),
        }
    }
}
