//! Settings of sockets and answers.

use std::net::IpAddr;
use std::time::Duration;

/// Sockets and answers.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerConfig {
    /// Address to listen on (`--host`).
    pub host: IpAddr,
    /// Port to listen on (`--port`).
    pub port: u16,
    /// `RELOAD_ON_CHANGE`.
    pub reload_on_change: bool,
    /// `HEALTHCHECK_ROUTE`: a regular expression for the whole path.
    pub health_route: String,
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
    /// `MAX_WAIT_SECONDS_BEFORE_SERVER_SHUTDOWN`: requests are taken for so long after SIGTERM.
    pub linger: Duration,
    /// `SHUTDOWN_TIMEOUT`: answers in flight get this long after SIGTERM.
    pub shutdown_timeout: Duration,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            host: IpAddr::from([0, 0, 0, 0]),
            port: 8888,
            reload_on_change: false,
            health_route: "/healthcheck/?".into(),
            max_age_s: 86_400,
            etags: true,
            allow_origin: None,
            error_max_age_s: 0,
            max_url_bytes: 8 * 1024,
            header_timeout: Duration::from_secs(15),
            linger: Duration::ZERO,
            shutdown_timeout: Duration::from_secs(15),
        }
    }
}
