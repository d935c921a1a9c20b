//! Settings of where originals come from.

use super::sources::SourceConfig;
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
    /// Files, and what is not there over HTTP.
    FileHttp,
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

impl Default for LoaderConfig {
    fn default() -> Self {
        Self {
            sources: Vec::new(),
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
