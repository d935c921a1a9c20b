//! What operators see besides the log.

use super::{Key, key};
use crate::config::kind::{Address, Dsn, Flag, HeaderPairs, HttpUrl, Maybe, Share, Text, Time, Whole};

pub(super) const KEYS: &[Key] = &[
    key!(
        "METRICS_PORT",
        Maybe<Whole<u16, 0, 65535>>,
        config.telemetry.metrics_port,
        "Port for Prometheus, /-/metrics, and for checks of health; 0: any free one; none: there is none."
    ),
    key!("METRICS_HOST", Maybe<Address>, config.telemetry.metrics_host, "Address of that port. none: HOST."),
    key!(
        "METRICS_PUBLIC",
        Flag,
        config.telemetry.metrics_public,
        "Answer /-/metrics on PORT, too, where everybody can read it."
    ),
    key!(
        "SLOW_REQUEST_SECONDS",
        Maybe<Time<1>>,
        config.telemetry.slow,
        "The log warns of requests that take longer, with the time of each stage. none: never."
    ),
    key!(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        Maybe<HttpUrl>,
        config.telemetry.otlp.endpoint,
        "Collector of OpenTelemetry that traces are posted to, over HTTP, such as http://127.0.0.1:4318; /v1/traces is\n\
         added. none: there are no traces. Also OTLP_ENDPOINT."
    ),
    key!(
        "OTEL_EXPORTER_OTLP_HEADERS",
        HeaderPairs,
        config.telemetry.otlp.headers,
        "Headers that it is sent, as name=value,name=value, values percent-encoded where they must be."
    ),
    key!("OTEL_SERVICE_NAME", Text, config.telemetry.otlp.service, "What this server is called in traces."),
    key!(
        "OTEL_TRACES_SAMPLER_ARG",
        Share,
        config.telemetry.otlp.sample,
        "Part of the requests that is traced, 0 to 1. What comes with a traceparent says so itself."
    ),
    key!(
        "STATSD_HOST",
        Maybe<Text>,
        config.telemetry.statsd.host,
        "Server of StatsD that gets Thumbor's metrics, over UDP. none: nobody does."
    ),
    key!("STATSD_PORT", Whole<u16, 1, 65535>, config.telemetry.statsd.port, "Its port."),
    key!(
        "STATSD_PREFIX",
        Maybe<Text>,
        config.telemetry.statsd.prefix,
        "Stands before the names of those metrics, with a dot."
    ),
    key!(
        "SENTRY_DSN_URL",
        Dsn,
        config.telemetry.sentry.dsn,
        "Project of Sentry that hears of errors of this server: 500, 502, 504 and panics. Empty: nobody does."
    ),
    key!(
        "SENTRY_ENVIRONMENT",
        Maybe<Text>,
        config.telemetry.sentry.environment,
        "What Sentry calls where this server runs."
    ),
];
