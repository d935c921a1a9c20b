//! Settings of what operators see besides the log.

use super::Secret;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// What operators see besides the log.
#[derive(Clone, Debug, PartialEq)]
pub struct TelemetryConfig {
    /// `METRICS_PORT`: a port of its own for metrics and checks of health; `None`: there is none.
    pub metrics_port: Option<u16>,
    /// `METRICS_HOST`: the address of that port; `None`: that of the server.
    pub metrics_host: Option<IpAddr>,
    /// `METRICS_PUBLIC`: whether there is `/-/metrics` beside the pictures.
    pub metrics_public: bool,
    /// `SLOW_REQUEST_SECONDS`: requests that take longer are warned of; `None`: never.
    pub slow: Option<Duration>,
    /// Where traces go.
    pub otlp: OtlpConfig,
    /// Where Thumbor's metrics go.
    pub statsd: StatsdConfig,
    /// Where errors of ours go.
    pub sentry: SentryConfig,
}

impl TelemetryConfig {
    /// Where operators ask, if they have a port of their own. `host` is the server's.
    pub fn address(&self, host: IpAddr) -> Option<SocketAddr> {
        Some(SocketAddr::new(self.metrics_host.unwrap_or(host), self.metrics_port?))
    }
}

/// Where traces go.
#[derive(Clone, Debug, PartialEq)]
pub struct OtlpConfig {
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`: a collector of OpenTelemetry over HTTP; `None`: nowhere.
    pub endpoint: Option<String>,
    /// `OTEL_EXPORTER_OTLP_HEADERS`: what it is sent besides: names and values.
    pub headers: Vec<(String, Secret)>,
    /// `OTEL_SERVICE_NAME`.
    pub service: String,
    /// `OTEL_TRACES_SAMPLER_ARG`: the part of requests that is traced unless they say so themselves, 0 to 1.
    pub sample: f64,
}

/// Where Thumbor's metrics go.
#[derive(Clone, Debug, PartialEq)]
pub struct StatsdConfig {
    /// `STATSD_HOST`; `None`: nowhere.
    pub host: Option<String>,
    /// `STATSD_PORT`.
    pub port: u16,
    /// `STATSD_PREFIX`: stands before all names, with a dot.
    pub prefix: Option<String>,
}

/// Where errors of ours go.
#[derive(Clone, Debug, PartialEq)]
pub struct SentryConfig {
    /// `SENTRY_DSN_URL`; empty: nowhere.
    pub dsn: Secret,
    /// `SENTRY_ENVIRONMENT`.
    pub environment: Option<String>,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            metrics_port: None,
            metrics_host: None,
            metrics_public: false,
            slow: Some(Duration::from_secs(5)),
            otlp: OtlpConfig { endpoint: None, headers: Vec::new(), service: "tintype".into(), sample: 1.0 },
            statsd: StatsdConfig { host: None, port: 8125, prefix: None },
            sentry: SentryConfig { dsn: Secret::new(""), environment: None },
        }
    }
}
