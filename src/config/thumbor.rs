//! Keys of Thumbor and its kin that have no effect here and why, other names of those that have, and Thumbor's files.

/// Why the keys of a group have no effect, and their names.
const IGNORED: &[(&str, &[&str])] = &[
    (
        "this is one program whose parts are not exchanged for Python modules",
        &["APP_CLASS", "ENGINE", "GIF_ENGINE", "HANDLER_LISTS", "URL_SIGNER"],
    ),
    (
        "loaders and storages of old Python modules are not run",
        &["COMPATIBILITY_LEGACY_LOADER", "COMPATIBILITY_LEGACY_RESULT_STORAGE", "COMPATIBILITY_LEGACY_STORAGE"],
    ),
    ("work never blocks other requests; WORKERS tells how much is done at a time", &["ENGINE_THREADPOOL_SIZE"]),
    (
        "no secret is stored beside pictures; SECURITY_KEYS holds those of a rotation",
        &["MIXED_STORAGE_CRYPTO_STORAGE", "STORES_CRYPTO_KEY_FOR_EACH_IMAGE"],
    ),
    ("there is no garbage to be collected", &["GC_INTERVAL"]),
    ("sockets never block", &["NON_BLOCKING_SOCKETS"]),
    (
        "errors go to the log, in one line each, and to SENTRY_DSN_URL",
        &["ERROR_FILE_LOGGER", "ERROR_FILE_NAME_USE_CONTEXT", "ERROR_HANDLER_MODULE", "USE_CUSTOM_ERROR_HANDLING"],
    ),
    (
        "logging of Python cannot be configured here; LOG_LEVEL and LOG_FORMAT are there",
        &["THUMBOR_LOG_CONFIG", "THUMBOR_LOG_DATE_FORMAT", "THUMBOR_LOG_FORMAT"],
    ),
    ("STATSD_HOST alone tells whether StatsD is", &["METRICS"]),
    ("AVIF is written by libaom only", &["AVIF_CODEC", "AVIF_CODEC_FALLBACK"]),
    ("HEIC is not written", &["HEIF_QUALITY"]),
    ("QUALITY and max_bytes() choose the tables", &["PILLOW_JPEG_QTABLES"]),
    ("the profile of sRGB is built in", &["SRGB_PROFILE"]),
    ("animations are read and written by this program, filters included", &["USE_GIFSICLE_ENGINE"]),
    (
        "curl is not used; HTTP_LOADER_REQUEST_TIMEOUT bounds slow origins",
        &["HTTP_LOADER_CURL_ASYNC_HTTP_CLIENT", "HTTP_LOADER_CURL_LOW_SPEED_LIMIT", "HTTP_LOADER_CURL_LOW_SPEED_TIME"],
    ),
    (
        "detection runs inside the server, without a queue",
        &[
            "REDIS_QUEUE_MASTER_DB",
            "REDIS_QUEUE_MASTER_INSTANCE",
            "REDIS_QUEUE_MASTER_PASSWORD",
            "REDIS_QUEUE_MODE",
            "REDIS_QUEUE_SENTINEL_INSTANCES",
            "REDIS_QUEUE_SENTINEL_MASTER_DB",
            "REDIS_QUEUE_SENTINEL_MASTER_INSTANCE",
            "REDIS_QUEUE_SENTINEL_MASTER_PASSWORD",
            "REDIS_QUEUE_SENTINEL_PASSWORD",
            "REDIS_QUEUE_SENTINEL_SOCKET_TIMEOUT",
            "REDIS_QUEUE_SERVER_DB",
            "REDIS_QUEUE_SERVER_HOST",
            "REDIS_QUEUE_SERVER_PASSWORD",
            "REDIS_QUEUE_SERVER_PORT",
            "SQS_QUEUE_KEY_ID",
            "SQS_QUEUE_KEY_SECRET",
            "SQS_QUEUE_REGION",
        ],
    ),
    (
        "faces are found by a network that is built in, without cascades",
        &["FACE_DETECTOR_CASCADE_FILE", "GLASSES_DETECTOR_CASCADE_FILE", "PROFILE_DETECTOR_CASCADE_FILE"],
    ),
    ("JPEGs are written as jpegtran would make them", &["JPEGTRAN_PATH", "JPEGTRAN_SCANS_FILE"]),
    ("lengths in drawings always count 150 pixels an inch, Thumbor's default", &["SVG_DPI"]),
    ("buckets have settings of their own for how objects are kept", &["TC_AWS_STORAGE_RRS", "TC_AWS_STORAGE_SSE"]),
];

/// Older names, and those that other editions have for the same, with ours.
const ALIASES: &[(&str, &str)] = &[
    ("ALLOW_ORIGINAL_PHOTO_DELETION", "UPLOAD_DELETE_ALLOWED"),
    ("ALLOW_ORIGINAL_PHOTO_PUTTING", "UPLOAD_PUT_ALLOWED"),
    ("AWS_LOADER_BUCKET_NAME", "TC_AWS_LOADER_BUCKET"),
    ("AWS_LOADER_REGION_NAME", "TC_AWS_REGION"),
    ("AWS_LOADER_ROOT_PATH", "TC_AWS_LOADER_ROOT_PATH"),
    ("AWS_LOADER_S3_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"),
    ("AWS_LOADER_S3_ENDPOINT_URL", "TC_AWS_ENDPOINT"),
    ("AWS_LOADER_S3_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY"),
    ("CORS_ENABLED", "ENABLE_CORS"),
    ("ENABLE_ORIGINAL_PHOTO_UPLOAD", "UPLOAD_ENABLED"),
    ("MAX_WAIT_SECONDS_BEFORE_IO_SHUTDOWN", "SHUTDOWN_TIMEOUT"),
    ("MAX_SIZE", "UPLOAD_MAX_SIZE"),
    ("OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"),
    ("ORIGINAL_PHOTO_STORAGE", "UPLOAD_PHOTO_STORAGE"),
    ("SIGNATURE_SECRET", "SECURITY_KEY"),
    ("SOURCE_BUCKETS", "TC_AWS_ALLOWED_BUCKETS"),
];

/// A key that has no effect, as it is defined, and why.
pub(super) fn ignored(name: &str) -> Option<(&'static str, &'static str)> {
    let group = |(reason, names): &(&'static str, &'static [&'static str])| {
        names.iter().find(|known| known.eq_ignore_ascii_case(name)).map(|known| (*known, *reason))
    };
    IGNORED.iter().find_map(group)
}

/// Reasons, each with the keys that have no effect for it.
pub(super) fn groups() -> &'static [(&'static str, &'static [&'static str])] {
    IGNORED
}

/// Other names, each with the one that it stands for.
pub(super) fn aliases() -> &'static [(&'static str, &'static str)] {
    ALIASES
}

/// All keys that have no effect.
pub(super) fn ignored_names() -> impl Iterator<Item = &'static str> {
    IGNORED.iter().flat_map(|(_, names)| *names).copied()
}

/// Another name as it is defined, and the one that it stands for.
pub(super) fn alias(name: &str) -> Option<(&'static str, &'static str)> {
    ALIASES.iter().find(|(old, _)| old.eq_ignore_ascii_case(name)).copied()
}

/// Whether a text that is no TOML is a `thumbor.conf`, which is Python.
pub(super) fn is_python(text: &str) -> bool {
    let python = |line: &str| {
        let line = line.split(" #").next().unwrap_or(line).trim_end();
        let value = line.split_once('=').map(|(_, value)| value.trim());
        line.starts_with("import ")
            || line.starts_with("from ")
            || value.is_some_and(|value| {
                matches!(value, "True" | "False" | "None")
                    || value.starts_with('(')
                    || value.starts_with("r'")
                    || value.contains("os.environ")
            })
    };
    text.lines().any(python)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys;

    #[test]
    fn no_name_means_two_things() {
        let ours = keys::all().map(|key| key.name).chain(keys::TABLES.iter().map(|table| table.name));
        let mut names: Vec<_> = ours.chain(ignored_names()).chain(ALIASES.iter().map(|(old, _)| *old)).collect();
        names.sort_unstable();
        let twice: Vec<_> = names.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn a_configuration_of_thumbor_is_recognized() {
        for text in
            ["QUALITY = 80\nALLOW_UNSAFE_URL = False", "import os\nQUALITY = 2", "FILTERS = (\n'a',\n)", "A = None # x"]
        {
            assert!(is_python(text), "{text}");
        }
        for text in ["QUALITY 80", "A = 'True'", "A = true", "LOADER = \"thumbor.loaders.http_loader\""] {
            assert!(!is_python(text), "{text}");
        }
    }
}
