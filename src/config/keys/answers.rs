//! Sockets and answers.

use super::{Key, key};
use crate::config::kind::{Address, Flag, MaybeHeader, Pattern, Seconds, Time, Whole};

pub(super) const KEYS: &[Key] = &[
    key!(
        "HOST",
        Address,
        config.server.host,
        "Address to listen on. Also --host. In the environment only as TINTYPE_HOST, since shells set HOST themselves."
    ),
    key!("PORT", Whole<u16, 0, 65535>, config.server.port, "Port to listen on; 0: any free one. Also --port."),
    key!(
        "RELOAD_ON_CHANGE",
        Flag,
        config.server.reload_on_change,
        "Read the settings anew when their files have changed; SIGHUP always does that."
    ),
    key!(
        "HEALTHCHECK_ROUTE",
        Pattern,
        config.server.health_route,
        "Regular expression for the whole path that tells whether the server works."
    ),
    key!("MAX_AGE", Seconds, config.server.max_age_s, "Seconds that clients may keep an answer. 0: not at all."),
    key!(
        "ERROR_MAX_AGE",
        Seconds,
        config.server.error_max_age_s,
        "Seconds that clients may keep the answer that an original is missing or unusable."
    ),
    key!("ENABLE_ETAGS", Flag, config.server.etags, "Send ETag and answer If-None-Match with 304."),
    key!(
        "ACCESS_CONTROL_ALLOW_ORIGIN_HEADER",
        MaybeHeader,
        config.server.allow_origin,
        "Value of that header, such as \"*\"; false: not sent."
    ),
    key!("MAX_URL_BYTES", Whole<usize, 256, 1_048_576>, config.server.max_url_bytes, "Longer URLs are answered 414. Bytes."),
    key!("HEADER_TIMEOUT", Time<1>, config.server.header_timeout, "Time for a client to send its request head."),
    key!(
        "MAX_WAIT_SECONDS_BEFORE_SERVER_SHUTDOWN",
        Time,
        config.server.linger,
        "Time after SIGTERM in which requests are still taken, so that load balancers can turn away."
    ),
    key!(
        "SHUTDOWN_TIMEOUT",
        Time,
        config.server.shutdown_timeout,
        "Time for answers in flight after SIGTERM. Also MAX_WAIT_SECONDS_BEFORE_IO_SHUTDOWN."
    ),
];
