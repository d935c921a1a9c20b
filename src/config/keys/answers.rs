//! Sockets and answers.

use super::{Key, key};
use crate::config::kind::{
    Address, CacheTag, Choice, FileMode, Flag, FunctionName, HeaderName, Limit, List, Maybe, MaybeHeader, Path,
    Pattern, Seconds, Text, Time, Whole,
};
use crate::config::{Disposition, ErrorFormat};

pub(super) const KEYS: &[Key] = &[
    key!(
        "HOST",
        Address,
        config.server.host,
        "Address to listen on. Also --host. In the environment only as TINTYPE_HOST, since shells set HOST themselves."
    ),
    key!("PORT", Whole<u16, 0, 65535>, config.server.port, "Port to listen on; 0: any free one. Also --port."),
    key!(
        "UNIX_SOCKET",
        Maybe<Path>,
        config.server.unix_socket,
        "Unix socket to listen on instead of HOST and PORT. Also --unix, and --fd with a path. A file that a server has\n\
         left there is replaced."
    ),
    key!(
        "UNIX_SOCKET_MODE",
        FileMode,
        config.server.unix_socket_mode,
        "Who may connect to UNIX_SOCKET: the bits of its file, as chmod takes them."
    ),
    key!(
        "LISTEN_FD",
        Maybe<Whole<i32, 0, 1_048_576>>,
        config.server.listen_fd,
        "Number of a listening socket that the server is started with and uses instead of all others. Also --fd. Sockets\n\
         that systemd passes (LISTEN_FDS) need no setting; they go before UNIX_SOCKET, HOST and PORT."
    ),
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
    key!(
        "READY_MAX_QUEUE",
        Limit<usize>,
        config.server.ready_max_queue,
        "/-/readyz says 503 while more requests fetch or wait than this. 0: when MAX_QUEUE are there."
    ),
    key!("MAX_AGE", Seconds, config.server.max_age_s, "Seconds that clients may keep an answer. 0: not at all."),
    key!(
        "MAX_AGE_TEMP_IMAGE",
        Seconds,
        config.server.provisional_max_age_s,
        "The same for pictures that will be others as soon as detection is done."
    ),
    key!(
        "CACHE_TAG_HEADER",
        Maybe<HeaderName>,
        config.server.cache_tag_header,
        "Header that carries the tags of a picture, by which a CDN can purge it: Cache-Tag, Surrogate-Key (separated by\n\
         spaces, other names by commas) or another; none: not sent."
    ),
    key!(
        "CACHE_TAGS",
        List<CacheTag>,
        config.server.cache_tags,
        "Tags of every picture besides the one of its source."
    ),
    key!(
        "ERROR_MAX_AGE",
        Seconds,
        config.server.error_max_age_s,
        "Seconds that clients may keep the answer that an original is missing or unusable."
    ),
    key!("ENABLE_ETAGS", Flag, config.server.etags, "Send ETag and answer If-None-Match with 304."),
    key!(
        "SEND_IF_MODIFIED_LAST_MODIFIED_HEADERS",
        Flag,
        config.server.last_modified,
        "Send Last-Modified, the time at which the answer was made, and answer If-Modified-Since with 304."
    ),
    key!(
        "CONTENT_DISPOSITION",
        Choice<Disposition>,
        config.server.disposition,
        "Whether browsers show a picture (inline) or save it (attachment). Both tell them its name; off: nothing is said."
    ),
    key!(
        "SERVER_TIMING",
        Flag,
        config.server.timing,
        "Tell in Server-Timing how an answer was come by and how long each stage took."
    ),
    key!(
        "ACCESS_CONTROL_ALLOW_ORIGIN_HEADER",
        MaybeHeader,
        config.server.allow_origin,
        "Value of that header, such as \"*\"; false: not sent."
    ),
    key!(
        "ERROR_FORMAT",
        Choice<ErrorFormat>,
        config.server.error_format,
        "Bodies of errors: text (one line), or json with status, code and message."
    ),
    key!(
        "THUMBOR_COMPAT_ORIGIN_STATUS",
        Flag,
        config.server.compat_origin_status,
        "Answer failures of origins as Thumbor does: 404 where the origin refuses, 504 where it cannot be reached, 400\n\
         where it sends no picture."
    ),
    key!(
        "FALLBACK_IMAGE",
        Maybe<Text>,
        config.fallback.image,
        "Picture that is shown, treated as the URL says, where the original is missing or cannot be used. It comes from\n\
         where originals come from. none: an error is answered. A URL names its own with fallback(...)."
    ),
    key!(
        "FALLBACK_STATUS",
        Maybe<Whole<u16, 200, 599>>,
        config.fallback.status,
        "Status of answers with a fallback. none: that of the error."
    ),
    key!(
        "FALLBACK_MAX_AGE",
        Seconds,
        config.fallback.max_age_s,
        "Seconds that clients may keep a fallback. 0: not at all."
    ),
    key!(
        "ENABLE_DEFAULT_FALLBACK_IMAGE",
        Flag,
        sih_fallback,
        "Serverless Image Handler's way to switch the fallback on: DEFAULT_FALLBACK_IMAGE_KEY is FALLBACK_IMAGE then."
    ),
    key!("DEFAULT_FALLBACK_IMAGE_KEY", Maybe<Text>, sih_fallback_key, "See ENABLE_DEFAULT_FALLBACK_IMAGE."),
    key!(
        "META_CALLBACK_NAME",
        Maybe<FunctionName>,
        config.server.meta_callback,
        "Function that every metadata view is handed to, as JSONP; none: only where a URL says ?callback=name."
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
