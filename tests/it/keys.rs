//! Every key of Thumbor's reference that a server in its place should honor, by name.

use crate::honored;
use tintype::config::{Known, check_toml, lookup};

/// Keys that a server in Thumbor's place cannot do without.
const ESSENTIAL: &[&str] = &[
    "MAX_WIDTH",
    "MAX_HEIGHT",
    "MAX_PIXELS",
    "MIN_WIDTH",
    "MIN_HEIGHT",
    "ALLOWED_SOURCES",
    "QUALITY",
    "PROGRESSIVE_JPEG",
    "PILLOW_RESAMPLING_FILTER",
    "WEBP_QUALITY",
    "AVIF_QUALITY",
    "AVIF_SPEED",
    "PNG_COMPRESSION_LEVEL",
    "PILLOW_PRESERVE_INDEXED_MODE",
    "AUTO_WEBP",
    "AUTO_AVIF",
    "AUTO_JPG",
    "AUTO_HEIF",
    "AUTO_PNG",
    "AUTO_PNG_TO_JPG",
    "AUTO_IMAGE_FORMAT_PREFERENCE",
    "MAX_AGE",
    "MAX_AGE_TEMP_IMAGE",
    "RESPECT_ORIENTATION",
    "IGNORE_SMART_ERRORS",
    "SEND_IF_MODIFIED_LAST_MODIFIED_HEADERS",
    "PRESERVE_EXIF_INFO",
    "ALLOW_ANIMATED_GIFS",
    "USE_BLACKLIST",
    "LOADER",
    "STORAGE",
    "RESULT_STORAGE",
    "SECURITY_KEY",
    "ALLOW_UNSAFE_URL",
    "ENABLE_ETAGS",
    "ACCESS_CONTROL_ALLOW_ORIGIN_HEADER",
    "MAX_ID_LENGTH",
    "HEALTHCHECK_ROUTE",
    "META_CALLBACK_NAME",
    "MAX_WAIT_SECONDS_BEFORE_SERVER_SHUTDOWN",
    "MAX_WAIT_SECONDS_BEFORE_IO_SHUTDOWN",
    "FILE_LOADER_ROOT_PATH",
    "HTTP_LOADER_CONNECT_TIMEOUT",
    "HTTP_LOADER_REQUEST_TIMEOUT",
    "HTTP_LOADER_FOLLOW_REDIRECTS",
    "HTTP_LOADER_MAX_REDIRECTS",
    "HTTP_LOADER_MAX_CLIENTS",
    "HTTP_LOADER_FORWARD_USER_AGENT",
    "HTTP_LOADER_FORWARD_ALL_HEADERS",
    "HTTP_LOADER_FORWARD_HEADERS_WHITELIST",
    "HTTP_LOADER_DEFAULT_USER_AGENT",
    "STORAGE_EXPIRATION_SECONDS",
    "STORES_CRYPTO_KEY_FOR_EACH_IMAGE",
    "FILE_STORAGE_ROOT_PATH",
    "RESULT_STORAGE_EXPIRATION_SECONDS",
    "RESULT_STORAGE_FILE_STORAGE_ROOT_PATH",
    "RESULT_STORAGE_STORES_UNSAFE",
    "UPLOAD_ENABLED",
    "UPLOAD_PUT_ALLOWED",
    "UPLOAD_DELETE_ALLOWED",
    "UPLOAD_MAX_SIZE",
    "UPLOAD_PHOTO_STORAGE",
    "UPLOAD_DEFAULT_FILENAME",
    "DETECTORS",
    "FILTERS",
    "OPTIMIZERS",
];

/// Keys that are useful.
const USEFUL: &[&str] = &[
    "PILLOW_JPEG_SUBSAMPLING",
    "AVIF_CODEC",
    "AVIF_CODEC_FALLBACK",
    "HEIF_QUALITY",
    "SVG_DPI",
    "PRESERVE_EXIF_COPYRIGHT_INFO",
    "PRESERVE_IPTC_INFO",
    "USE_GIFSICLE_ENGINE",
    "METRICS",
    "URL_SIGNER",
    "STATSD_HOST",
    "STATSD_PORT",
    "STATSD_PREFIX",
    "HTTP_LOADER_PROXY_HOST",
    "HTTP_LOADER_PROXY_PORT",
    "HTTP_LOADER_PROXY_USERNAME",
    "HTTP_LOADER_PROXY_PASSWORD",
    "HTTP_LOADER_CA_CERTS",
    "HTTP_LOADER_VALIDATE_CERTS",
    "HTTP_LOADER_CLIENT_KEY",
    "HTTP_LOADER_CLIENT_CERT",
    "HTTP_LOADER_CURL_LOW_SPEED_TIME",
    "HTTP_LOADER_CURL_LOW_SPEED_LIMIT",
    "MIXED_STORAGE_FILE_STORAGE",
    "MIXED_STORAGE_CRYPTO_STORAGE",
    "MIXED_STORAGE_DETECTOR_STORAGE",
    "FACE_DETECTOR_CASCADE_FILE",
    "GLASSES_DETECTOR_CASCADE_FILE",
    "PROFILE_DETECTOR_CASCADE_FILE",
    "REDIS_QUEUE_SERVER_HOST",
    "REDIS_QUEUE_SERVER_PORT",
    "REDIS_QUEUE_SERVER_DB",
    "REDIS_QUEUE_SERVER_PASSWORD",
    "REDIS_QUEUE_MODE",
    "REDIS_QUEUE_SENTINEL_INSTANCES",
    "REDIS_QUEUE_SENTINEL_PASSWORD",
    "REDIS_QUEUE_SENTINEL_MASTER_INSTANCE",
    "REDIS_QUEUE_SENTINEL_MASTER_PASSWORD",
    "REDIS_QUEUE_SENTINEL_MASTER_DB",
    "REDIS_QUEUE_SENTINEL_SOCKET_TIMEOUT",
    "JPEGTRAN_PATH",
    "JPEGTRAN_SCANS_FILE",
    "FFMPEG_PATH",
    "USE_CUSTOM_ERROR_HANDLING",
    "ERROR_HANDLER_MODULE",
    "SENTRY_DSN_URL",
    "SENTRY_ENVIRONMENT",
];

/// Essential keys that are accepted without effect, for a reason that the operator is told: secrets are not written
/// beside pictures.
const REFUSED: &[&str] = &["STORES_CRYPTO_KEY_FOR_EACH_IMAGE"];

#[test]
fn every_key_of_thumbor_is_known() {
    for name in ESSENTIAL.iter().chain(USEFUL) {
        assert!(!matches!(lookup(name), Known::Unknown { .. }), "{name}");
    }
}

#[test]
fn essential_keys_are_honored() {
    for name in ESSENTIAL.iter().filter(|name| !REFUSED.contains(name)) {
        assert!(matches!(lookup(name), Known::Key { .. } | Known::Alias { .. }), "{name}: {:?}", lookup(name));
    }
    for name in REFUSED {
        assert!(matches!(lookup(name), Known::Ignored { .. }), "{name}: {:?}", lookup(name));
    }
}

#[test]
fn what_an_essential_key_does_is_tried() {
    for name in ESSENTIAL.iter().filter(|name| !REFUSED.contains(name)) {
        let given = format!("(\"{name}\", ");
        let tried = honored::TEXTS.iter().any(|text| text.contains(&given));
        assert!(tried, "no test below tests/it/honored gives {name}");
    }
}

#[test]
fn a_bad_value_of_any_key_is_an_error_that_names_it() {
    for name in ESSENTIAL.iter().chain(USEFUL) {
        let defined = match lookup(name) {
            Known::Key { name, .. } => name,
            Known::Alias { of } => of,
            _ => continue,
        };
        let checked = check_toml(&format!("ALLOW_UNSAFE_URL = true\n{name} = [[1]]\n"), "a.toml");
        let said: Vec<_> = checked.problems.iter().map(ToString::to_string).collect();
        let names_it = |problem: &String| {
            problem.starts_with(&format!("{defined} = `")) && problem.contains("(a.toml:2): expected")
        };
        assert!(said.iter().any(names_it) || *name == "ALLOW_UNSAFE_URL", "{name}: {said:?}");
    }
}
