//! Settings of sockets and answers.

use std::net::IpAddr;
use std::os::fd::RawFd;
use std::path::PathBuf;
use std::time::Duration;

/// Sockets and answers.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerConfig {
    /// Address to listen on (`--host`).
    pub host: IpAddr,
    /// Port to listen on (`--port`).
    pub port: u16,
    /// `UNIX_SOCKET`: a socket to listen on instead (`--unix`).
    pub unix_socket: Option<PathBuf>,
    /// `UNIX_SOCKET_MODE`: bits of its file that say who may connect.
    pub unix_socket_mode: u32,
    /// `LISTEN_FD`: a listening socket that the process was started with (`--fd`).
    pub listen_fd: Option<RawFd>,
    /// `RELOAD_ON_CHANGE`.
    pub reload_on_change: bool,
    /// `HEALTHCHECK_ROUTE`: a regular expression for the whole path.
    pub health_route: String,
    /// `READY_MAX_QUEUE`: not ready while more requests wait; 0 = when no more are taken.
    pub ready_max_queue: usize,
    /// `MAX_AGE`: seconds an answer may be kept; 0 = not at all.
    pub max_age_s: u32,
    /// `MAX_AGE_TEMP_IMAGE`: the same for provisional answers.
    pub provisional_max_age_s: u32,
    /// `ENABLE_ETAGS`.
    pub etags: bool,
    /// `SEND_IF_MODIFIED_LAST_MODIFIED_HEADERS`.
    pub last_modified: bool,
    /// `CONTENT_DISPOSITION`.
    pub disposition: Disposition,
    /// `SERVER_TIMING`.
    pub timing: bool,
    /// `ERROR_FORMAT`.
    pub error_format: ErrorFormat,
    /// `THUMBOR_COMPAT_ORIGIN_STATUS`: failures of origins get the statuses that Thumbor gives them.
    pub compat_origin_status: bool,
    /// `ACCESS_CONTROL_ALLOW_ORIGIN_HEADER`.
    pub allow_origin: Option<String>,
    /// `CACHE_TAG_HEADER`: the header that carries the tags of a picture.
    pub cache_tag_header: Option<String>,
    /// `CACHE_TAGS`: tags of every picture, after that of its source.
    pub cache_tags: Vec<String>,
    /// `META_CALLBACK_NAME`: the function that every metadata view is handed to.
    pub meta_callback: Option<String>,
    /// `ERROR_MAX_AGE`: seconds a 4xx for a missing or unusable source may be kept.
    pub error_max_age_s: u32,
    /// `MAX_URL_BYTES`: longer request targets are refused with 414.
    pub max_url_bytes: usize,
    /// `HEADER_TIMEOUT`: a client that has not sent its request head by then is let go.
    pub header_timeout: Duration,
    /// `MAX_WAIT_SECONDS_BEFORE_SERVER_SHUTDOWN`: requests are taken for so long after SIGTERM.
    pub linger: Duration,
    /// `BODY_TIMEOUT`: a client that has not sent the whole body of its request by then gets 408.
    pub body_timeout: Duration,
    /// `SHUTDOWN_TIMEOUT`: answers in flight get this long after SIGTERM.
    pub shutdown_timeout: Duration,
}

/// What browsers are told to do with a picture.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Disposition {
    /// Show it; its name is for those who save it.
    #[default]
    Inline,
    /// Save it under its name.
    Attachment,
    /// Nothing.
    Off,
}

/// What bodies of errors are.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ErrorFormat {
    /// One line of text.
    #[default]
    Text,
    /// An object with `status`, `code` and `message`.
    Json,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: IpAddr::from([0, 0, 0, 0]),
            port: 8888,
            unix_socket: None,
            unix_socket_mode: 0o660,
            listen_fd: None,
            reload_on_change: false,
            health_route: "/healthcheck/?".into(),
            ready_max_queue: 0,
            max_age_s: 86_400,
            provisional_max_age_s: 0,
            etags: true,
            last_modified: false,
            disposition: Disposition::Inline,
            timing: true,
            error_format: ErrorFormat::Text,
            compat_origin_status: false,
            allow_origin: None,
            meta_callback: None,
            cache_tag_header: Some("cache-tag".into()),
            cache_tags: Vec::new(),
            error_max_age_s: 0,
            max_url_bytes: 8 * 1024,
            header_timeout: Duration::from_secs(15),
            linger: Duration::ZERO,
            body_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(15),
        }
    }
}
