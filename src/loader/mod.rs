//! Where originals come from: one trait, one file per kind of source.
//!
//! Loaders take the image id as Thumbor has it: everything except `A-Z a-z 0-9 _ . - ~ /` is percent-encoded, so
//! `http://host/a b.jpg` arrives as `http%3A//host/a%20b.jpg`. They give whole bodies and look at no picture.

mod address;
mod budget;
mod exchange;
mod fallback;
mod file;
mod forwarded;
mod freshness;
mod guard;
mod http;
mod measured;
mod memory;
mod object;
mod routed;
mod samples;
mod slots;

#[cfg(test)]
pub(crate) mod conformance;
#[cfg(test)]
mod origin;

pub use address::AddressLoader;
pub use budget::{Budget, Share};
pub use exchange::{Conditions, Loaded, OriginFacts, Original, Validators};
pub use fallback::FallbackLoader;
pub use file::FileLoader;
pub use forwarded::{Forwarded, Forwarding};
pub use guard::{Guard, Refusal};
pub use http::HttpLoader;
pub use memory::MemoryLoader;
pub use object::ObjectLoader;
pub use routed::{Route, RoutedLoader};

use self::measured::Measured;
use crate::bucket::{BucketError, Service};
use crate::config::{LoaderConfig, LoaderKind};
use async_trait::async_trait;
use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Gives the bytes of originals.
///
/// `Display` names the loader and what it reads from, wrapped loaders included, for the log.
/// Dropping the future of [`Loader::load`] gives up the work.
#[async_trait]
pub trait Loader: Send + Sync + fmt::Debug + fmt::Display {
    /// The original with this id, whole, or [`Loaded::Unchanged`] if it is what `asked` says is known.
    ///
    /// # Errors
    /// [`LoadError`]. An id that leads out of the source's realm is [`LoadError::NotFound`], as if nothing was there.
    async fn load(&self, id: &str, asked: &Conditions) -> Result<Loaded, LoadError>;
}

/// Why there is no original. Cheap to clone, since several may wait for one answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LoadError {
    /// The source has nothing under this id.
    #[error("source not found")]
    NotFound,
    /// The id does not name anything that this loader could ask for.
    #[error("`{id}` does not name a source")]
    InvalidId {
        /// The id, as it came.
        id: String,
    },
    /// This server must not ask that host.
    #[error("source host `{host}` is not allowed: {reason}")]
    NotAllowed {
        /// Host name or address, as the URL has it.
        host: String,
        /// Which rule refuses it.
        reason: Refusal,
    },
    /// The original has more bytes than allowed.
    #[error("source exceeds the limit of {limit_bytes} bytes")]
    TooLarge {
        /// Most bytes allowed.
        limit_bytes: u64,
    },
    /// The origin answered with a status that is neither success nor absence.
    #[error("origin answered with status {status}")]
    Upstream {
        /// The status.
        status: u16,
    },
    /// The origin answered with success and nothing else.
    #[error("origin answered with an empty body")]
    Empty,
    /// The origin sends from one address to the next without end.
    #[error("origin redirects more than {limit} times")]
    TooManyRedirects {
        /// Redirects that are followed.
        limit: usize,
    },
    /// The origin has no address or takes no connection.
    #[error("origin `{host}` cannot be reached")]
    Unreachable {
        /// Host name or address, as the URL has it.
        host: String,
        /// What failed.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The connection ended, or was no HTTP, before the answer was whole.
    #[error("origin `{host}` broke its answer off")]
    Broken {
        /// Host name or address, as the URL has it.
        host: String,
        /// What failed.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The origin did not answer in time.
    #[error("origin did not answer in time")]
    Timeout,
    /// The originals that arrive at the same time take all the memory that they may.
    #[error("too many bytes of sources are arriving")]
    NoRoom,
    /// The machine failed to read a file that is there.
    #[error("source cannot be read")]
    Io(#[source] Arc<std::io::Error>),
    /// The object store refused, or failed to answer.
    #[error("{store} failed")]
    Store {
        /// Bucket and service.
        store: String,
        /// What failed.
        source: Arc<dyn Error + Send + Sync>,
    },
}

impl From<std::io::Error> for LoadError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

impl LoadError {
    /// Whether the same question may be answered in a while, so that an older copy can stand in until then.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Upstream { status } => matches!(status, 408 | 429 | 500..),
            Self::Empty
            | Self::Unreachable { .. }
            | Self::Broken { .. }
            | Self::Timeout
            | Self::NoRoom
            | Self::Io(_)
            | Self::Store { .. } => true,
            Self::NotFound
            | Self::InvalidId { .. }
            | Self::NotAllowed { .. }
            | Self::TooLarge { .. }
            | Self::TooManyRedirects { .. } => false,
        }
    }
}

/// Settings from which no loader can be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The root folder is missing or unreadable.
    #[error("FILE_LOADER_ROOT_PATH: folder `{path}` cannot be opened: {source}")]
    Root {
        /// The folder.
        path: PathBuf,
        /// What failed.
        source: std::io::Error,
    },
    /// An entry looks like a regular expression and is none.
    #[error("ALLOWED_SOURCES: `{entry}` is not a regular expression: {source}")]
    Pattern {
        /// The entry.
        entry: String,
        /// What is wrong with it.
        source: regex::Error,
    },
    /// A file that a key names cannot be read.
    #[error("{key}: `{path}` cannot be read: {source}")]
    File {
        /// The key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What failed.
        source: std::io::Error,
    },
    /// A file of certificates or keys holds none that can be used.
    #[error("{key}: `{path}` cannot be used: {reason}")]
    Pem {
        /// The key.
        key: &'static str,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is a key to show a certificate with, but no certificate.
    #[error("HTTP_LOADER_CLIENT_KEY: there is no HTTP_LOADER_CLIENT_CERT that it belongs to")]
    KeyWithoutCertificate,
    /// There is a proxy, but not where it listens.
    #[error("HTTP_LOADER_PROXY_PORT: missing, there is only HTTP_LOADER_PROXY_HOST")]
    ProxyPort,
    /// The proxy cannot be one.
    #[error("HTTP_LOADER_PROXY_HOST: `{host}` cannot be a proxy: {reason}")]
    Proxy {
        /// The host.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
    /// No way into an object store follows from the settings.
    #[error(transparent)]
    Bucket(#[from] BucketError),
    /// The bucket cannot be one.
    #[error("`{name}` cannot be the name of a bucket")]
    BucketName {
        /// Its name.
        name: String,
    },
    /// The service has no buckets that a name could tell.
    #[error("{key}: missing, and there is no other way to tell where originals are")]
    NoBucket {
        /// The key that names the bucket.
        key: &'static str,
    },
    /// The HTTP client cannot be set up.
    #[error("HTTP_LOADER_*: no HTTP client can be made: {source}")]
    Client {
        /// What failed.
        source: reqwest::Error,
    },
}

/// The loader that the settings ask for: `[[sources]]` and, for what belongs to none of them, `LOADER`.
///
/// # Errors
/// [`SetupError`], with the name of the key at fault.
pub fn from_config(config: &LoaderConfig) -> Result<Arc<dyn Loader>, SetupError> {
    let otherwise = single(config)?;
    if config.sources.is_empty() {
        return Ok(otherwise);
    }
    let routes = config.sources.iter().map(|source| Ok(Route::new(source, single(&source.over(config))?)));
    Ok(Arc::new(RoutedLoader::new(routes.collect::<Result<_, SetupError>>()?, otherwise)))
}

/// The loader of one source.
fn single(config: &LoaderConfig) -> Result<Arc<dyn Loader>, SetupError> {
    let file = || -> Result<_, SetupError> {
        Ok(Measured::new("file", FileLoader::open(&config.file_root, config.symlinks, config.max_bytes)?))
    };
    let http = || -> Result<_, SetupError> { Ok(Measured::new("http", HttpLoader::new(config)?)) };
    let bucket =
        |name, service| -> Result<_, SetupError> { Ok(Measured::new(name, ObjectLoader::new(service, config)?)) };
    Ok(match config.kind {
        LoaderKind::File => Arc::new(file()?),
        LoaderKind::Http | LoaderKind::Https | LoaderKind::StrictHttps => Arc::new(http()?),
        LoaderKind::FileHttp => Arc::new(FallbackLoader::new(file()?, http()?)),
        LoaderKind::S3 if config.s3_or_http => Arc::new(AddressLoader::new(http()?, bucket("s3", Service::S3)?)),
        LoaderKind::S3 => Arc::new(bucket("s3", Service::S3)?),
        LoaderKind::Gcs => Arc::new(bucket("gcs", Service::Gcs)?),
        LoaderKind::Azure => Arc::new(bucket("azure", Service::Azure)?),
        LoaderKind::Samples => Arc::new(Measured::new("samples", samples::loader())),
    })
}

/// The id with one layer of percent-encoding removed. A `%` without two hex digits stands for itself.
fn unquote(id: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{HttpConfig, Secret, SourceConfig};

    #[test]
    fn settings_choose_the_loader() {
        for (kind, name) in [
            (LoaderKind::File, "files in `.`"),
            (LoaderKind::Http, "HTTP from all public hosts"),
            (LoaderKind::Https, "HTTP from all public hosts"),
            (LoaderKind::StrictHttps, "HTTPS from all public hosts"),
            (LoaderKind::FileHttp, "files in `.`, then HTTP from all public hosts"),
            (LoaderKind::S3, "any bucket of S3"),
            (LoaderKind::Gcs, "bucket `pictures` of Google Cloud Storage at http://127.0.0.1:1"),
            (LoaderKind::Azure, "bucket `pictures` of Azure Blob Storage"),
            (LoaderKind::Samples, "memory (9 originals)"),
        ] {
            let loader = from_config(&LoaderConfig { kind, ..stores() }).unwrap();
            assert_eq!(loader.to_string(), name, "{kind:?}");
        }
        let both = LoaderConfig { kind: LoaderKind::S3, s3_or_http: true, ..stores() };
        let name = "addresses: HTTP from all public hosts; names: any bucket of S3";
        assert_eq!(from_config(&both).unwrap().to_string(), name);
    }

    /// Settings with which every store can be set up.
    fn stores() -> LoaderConfig {
        let mut config = LoaderConfig::default();
        config.bucket.s3.access_key_id = Secret::new("id");
        config.bucket.s3.secret_access_key = Secret::new("secret");
        config.bucket.gcs.endpoint = Some("http://127.0.0.1:1".into());
        config.bucket.azure.account = Some("account".into());
        config.bucket.azure.access_key = Secret::new("c2VjcmV0");
        config.gcs.bucket = Some("pictures".into());
        config.azure.bucket = Some("pictures".into());
        config
    }

    #[test]
    fn sources_are_asked_before_the_loader() {
        let source = SourceConfig {
            prefix: "shop/".into(),
            loader: LoaderKind::S3,
            bucket: Some("shop".into()),
            endpoint: Some("http://127.0.0.1:1".into()),
            access_key_id: Secret::new("id"),
            secret_access_key: Secret::new("secret"),
            ..SourceConfig::default()
        };
        let config = LoaderConfig { sources: vec![source], ..LoaderConfig::default() };
        let name = "`shop/`: bucket `shop` of S3 at http://127.0.0.1:1; else files in `.`";
        assert_eq!(from_config(&config).unwrap().to_string(), name);
    }

    #[test]
    fn settings_at_fault_are_named() {
        let check = |config: LoaderConfig, key: &str| {
            let error = from_config(&config).unwrap_err().to_string();
            assert!(error.starts_with(key), "{error}");
        };
        let default = LoaderConfig::default;
        check(LoaderConfig { file_root: "/no/such/folder".into(), ..default() }, "FILE_LOADER_ROOT_PATH: ");
        let patterns = vec!["(".to_owned()];
        check(LoaderConfig { kind: LoaderKind::Http, allowed_sources: patterns, ..default() }, "ALLOWED_SOURCES: ");
        check(LoaderConfig { kind: LoaderKind::Http, user_agent: "a\nb".into(), ..default() }, "HTTP_LOADER_*: ");
        let http = |http: HttpConfig| LoaderConfig { kind: LoaderKind::Http, http, ..default() };
        let (missing, no_pem) =
            (Some("/no/such.pem".into()), Some(concat!(env!("CARGO_MANIFEST_DIR"), "/Makefile").into()));
        let plain = HttpConfig::default;
        check(
            http(HttpConfig { ca_certs: missing.clone(), ..plain() }),
            "HTTP_LOADER_CA_CERTS: `/no/such.pem` cannot be read",
        );
        check(http(HttpConfig { ca_certs: no_pem.clone(), ..plain() }), "HTTP_LOADER_CA_CERTS: `");
        check(http(HttpConfig { client_cert: missing.clone(), ..plain() }), "HTTP_LOADER_CLIENT_CERT: `/no/such.pem`");
        check(http(HttpConfig { client_cert: no_pem, ..plain() }), "HTTP_LOADER_CLIENT_CERT: `");
        check(http(HttpConfig { client_key: missing, ..plain() }), "HTTP_LOADER_CLIENT_KEY: there is no");
        check(http(HttpConfig { proxy_host: Some("proxy".into()), ..plain() }), "HTTP_LOADER_PROXY_PORT: missing");
        check(LoaderConfig { kind: LoaderKind::Gcs, ..default() }, "GCS_LOADER_BUCKET: missing");
        check(LoaderConfig { kind: LoaderKind::Azure, ..default() }, "AZURE_LOADER_CONTAINER: missing");
        let mut config = LoaderConfig { kind: LoaderKind::S3, ..default() };
        config.bucket.s3.profile = Some("no such profile".into());
        check(config, "AWS_PROFILE: profile `no such profile` has no");
        let mut config = LoaderConfig { kind: LoaderKind::Azure, ..stores() };
        config.bucket.azure.account = None;
        check(config, "AZURE_STORAGE_ACCOUNT: missing");
        let mut config = LoaderConfig { kind: LoaderKind::S3, ..stores() };
        config.bucket.s3.secret_access_key = Secret::new("");
        check(config, "AWS_SECRET_ACCESS_KEY: missing");
        let mut config = stores();
        config.kind = LoaderKind::S3;
        config.s3.bucket = Some("not/a/bucket".into());
        check(config, "`not/a/bucket` cannot be the name of a bucket");
    }
}
