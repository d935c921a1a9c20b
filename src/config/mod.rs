//! One tree of plain settings; each section goes to the part of the program that it configures.

use crate::plan::Limits;
use crate::recipe::Policy;
use ipnet::IpNet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

/// All settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Sockets and answers.
    pub server: ServerConfig,
    /// Who may ask for what.
    pub security: SecurityConfig,
    /// Where originals come from.
    pub loader: LoaderConfig,
    /// Results kept in memory.
    pub cache: CacheConfig,
    /// Lines and slots.
    pub admission: AdmissionConfig,
    /// What requests mean.
    pub policy: Policy,
    /// What a request may cost.
    pub limits: Limits,
}

/// Sockets and answers.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerConfig {
    /// Address to listen on (`--host`).
    pub host: IpAddr,
    /// Port to listen on (`--port`).
    pub port: u16,
    /// `MAX_AGE`: seconds an answer may be kept; 0 = not at all.
    pub max_age_s: u32,
    /// `ENABLE_ETAGS`.
    pub etags: bool,
    /// `ACCESS_CONTROL_ALLOW_ORIGIN_HEADER`.
    pub allow_origin: Option<String>,
    /// `ERROR_MAX_AGE`: seconds a 4xx for a missing or unusable source may be kept.
    pub error_max_age_s: u32,
    /// `MAX_URL_BYTES`: longer request targets are refused with 414.
    pub max_url_bytes: usize,
    /// `HEADER_TIMEOUT`: a client that has not sent its request head by then is let go.
    pub header_timeout: Duration,
    /// `SHUTDOWN_TIMEOUT`: answers in flight get this long after SIGTERM.
    pub shutdown_timeout: Duration,
}

/// Who may ask for what.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SecurityConfig {
    /// `SECURITY_KEY` and `SECURITY_KEYS`, the signing one first.
    pub keys: Vec<Secret>,
    /// `ALLOW_UNSAFE_URL`.
    pub allow_unsafe: bool,
}

/// Text that never prints.
#[derive(Clone, PartialEq)]
pub struct Secret(String);

/// Which loader.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LoaderKind {
    /// Files below a root.
    #[default]
    File,
    /// HTTP and HTTPS.
    Http,
    /// Files, and what is not there over HTTP.
    FileHttp,
}

/// Where originals come from.
#[derive(Clone, Debug, PartialEq)]
pub struct LoaderConfig {
    /// `LOADER`.
    pub kind: LoaderKind,
    /// `FILE_LOADER_ROOT_PATH`.
    pub file_root: PathBuf,
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
    /// `HTTP_LOADER_MAX_CLIENTS`: originals fetched over HTTP at a time.
    pub max_clients: usize,
    /// `ALLOWED_SOURCES`: host names; empty = all that are not private.
    pub allowed_sources: Vec<String>,
    /// `ALLOW_PRIVATE_SOURCES`: networks that may be asked although they are private.
    pub allow_private: Vec<IpNet>,
}

/// Results kept in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct CacheConfig {
    /// `CACHE_MAX_BYTES`; 0 = none are kept.
    pub max_bytes: u64,
    /// `CACHE_TTL`: results are made anew after this long, so that changed originals show.
    pub ttl: Duration,
}

/// Lines and slots.
#[derive(Clone, Debug, PartialEq)]
pub struct AdmissionConfig {
    /// `WORKERS`: pictures rendered at a time.
    pub workers: usize,
    /// `MAX_QUEUE`: requests that may be fetching or waiting; more are refused with 503.
    pub max_queue: usize,
    /// `QUEUE_TIMEOUT`: a request that has waited this long for a slot is refused with 503.
    pub queue_timeout: Duration,
    /// `RENDER_TIMEOUT`: rendering stops after this long with 504.
    pub render_timeout: Duration,
    /// `MAX_FETCH_BYTES`: bytes of originals held in memory at a time.
    pub max_fetch_bytes: u64,
}

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: IpAddr::from([0, 0, 0, 0]),
            port: 8888,
            max_age_s: 86_400,
            etags: true,
            allow_origin: None,
            error_max_age_s: 0,
            max_url_bytes: 8 * 1024,
            header_timeout: Duration::from_secs(15),
            shutdown_timeout: Duration::from_secs(15),
        }
    }
}

impl Default for LoaderConfig {
    fn default() -> Self {
        Self {
            kind: LoaderKind::File,
            file_root: PathBuf::from("."),
            max_bytes: 64 << 20,
            connect_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(20),
            max_redirects: 5,
            user_agent: concat!("tintype/", env!("CARGO_PKG_VERSION")).into(),
            max_clients: 64,
            allowed_sources: Vec::new(),
            allow_private: Vec::new(),
        }
    }
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self { max_bytes: 256 << 20, ttl: Duration::from_hours(1) }
    }
}

impl Default for AdmissionConfig {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            max_queue: 256,
            queue_timeout: Duration::from_secs(5),
            render_timeout: Duration::from_secs(10),
            max_fetch_bytes: 512 << 20,
        }
    }
}
