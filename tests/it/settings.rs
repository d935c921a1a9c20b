//! What the program makes of its settings before it serves.

use crate::support::program::{Serving, output};
use std::process::Output;
use tempfile::tempdir;
use tintype::request::{Digest, Scheme};

/// Values that no key of the kind takes; one key for each kind.
const BAD: &[(&str, &str, &str)] = &[
    ("a flag", "AUTO_WEBP", "maybe"),
    ("a whole number", "QUALITY", "101"),
    ("a whole number or none", "WEBP_QUALITY", "high"),
    ("a number or 0", "SIGNER_TRUNCATE", "3"),
    ("a limit", "MAX_PIXELS", "-1"),
    ("a margin", "JPEG_SHRINK_MARGIN", "finest"),
    ("bytes", "CACHE_MAX_BYTES", "1 potato"),
    ("a time", "QUEUE_TIMEOUT", "5 weeks"),
    ("seconds", "MAX_AGE", "0.5"),
    ("a word", "LOADER", "carrier_pigeon"),
    ("a list of words", "AUTO_IMAGE_FORMAT_PREFERENCE", "webp,bmp"),
    ("a list of networks", "ALLOW_PRIVATE_SOURCES", "10.0.0.0/33"),
    ("a list of names", "FILTERS", "thumbor.filters.blur()"),
    ("text of a header", "HTTP_LOADER_DEFAULT_USER_AGENT", "naïve"),
    ("a header or false", "ACCESS_CONTROL_ALLOW_ORIGIN_HEADER", "naïve"),
    ("a color", "ALPHA_BACKGROUND", "white"),
    ("an address to listen on", "TINTYPE_HOST", "example.com"),
    ("a port", "PORT", "65536"),
    ("a regular expression", "HEALTHCHECK_ROUTE", "/(health"),
    ("a web address", "ANONYMOUS_DATA_ENDPOINT", "ftp://example.com"),
    ("a filter of the log", "LOG_LEVEL", "loud"),
    ("a list of sizes", "ALLOWED_SIZES", "300x200,large"),
    ("the address of an object store", "TC_AWS_ENDPOINT", "s3.example.com"),
    ("the name of a header", "CACHE_TAG_HEADER", "Cache Tag"),
    ("a list of tags", "CACHE_TAGS", "a,ü"),
    ("the name of a function", "META_CALLBACK_NAME", "alert(1)"),
    ("a path of the page", "UI_PREFIX", "a?b"),
    ("a length of ids", "MAX_ID_LENGTH", "long"),
    ("a list of optimizers", "OPTIMIZERS", "gifv;rm"),
    ("a detector", "DETECTORS", "face,nose"),
    ("a profile", "PROFILE", "sih2"),
    ("a status or none", "FALLBACK_STATUS", "99"),
    ("a kind of storage", "RESULT_STORAGE", "floppy"),
    ("a key among keys that may be none", "HTTP_LOADER_PROXY_PORT", "http"),
    ("a table", "PRESETS", "{"),
    ("a table of names", "TINTYPE_SOURCES", "{\"a\": 1}"),
];

/// The same in a file, where lists, tables and empty texts can stand: what is written, and the line that is told.
const BAD_IN_FILES: &[(&str, &str)] = &[
    ("FILE_LOADER_ROOT_PATH = ''", "FILE_LOADER_ROOT_PATH = `` (tintype.toml:1): expected a path"),
    ("FILE_STORAGE_ROOT_PATH = [1]", "FILE_STORAGE_ROOT_PATH = `[1]` (tintype.toml:1): expected a path"),
    ("SECURITY_KEYS = [['k']]", "SECURITY_KEYS = `***` (tintype.toml:1): expected a list, each a text"),
    ("UUID = ['a']", "UUID = `[a]` (tintype.toml:1): expected a text"),
    ("TC_AWS_ALLOWED_BUCKETS = [[1]]", "TC_AWS_ALLOWED_BUCKETS = `"),
    ("MAX_SOURCE_BYTES = '5 XB'", "MAX_SOURCE_BYTES = `5 XB` (tintype.toml:1): expected a number of bytes"),
    ("RENDER_TIMEOUT = '1 fortnight'", "RENDER_TIMEOUT = `1 fortnight` (tintype.toml:1): expected a time"),
    ("MAX_AGE = 2020-01-01", "MAX_AGE = `2020-01-01` (tintype.toml:1): expected "),
    (
        "[[sources]]\nloader = 'ftp'\nprefix = 'a/'",
        "[[sources]] #1 loader = `ftp` (tintype.toml:2): expected one of file, http,",
    ),
    (
        "[[sources]]\nloader = 's3'\nprefix = 'a/'\nendpoint = 'nowhere'",
        "[[sources]] #1 endpoint = `nowhere` (tintype.toml:4): expected an address",
    ),
    (
        "[[sources]]\nloader = 'http'\nprefix = 'a/'\nallow_private_sources = ['10.0.0.0/99']",
        "[[sources]] #1 allow_private_sources = `[10.0.0.0/99]` (tintype.toml:4): expected ",
    ),
    ("[[sources]]\nloader = 'file'", "[[sources]] #1 (tintype.toml:1): it needs a prefix or a host"),
    ("[[rewrite]]\npattern = '('\nreplacement = '/'", "[[rewrite]] #1"),
    (
        "[[rewrite]]\npattern = ['a']\nreplacement = '/'",
        "[[rewrite]] #1 pattern = `[a]` (tintype.toml:2): expected a text",
    ),
    ("[[rewrite]]\npattern = 'a'\nreplacement = '\\2'", "[[rewrite]] #1"),
    ("[[rewrite]]\npattern = 'a'", "[[rewrite]] #1 replacement (tintype.toml:1): is missing"),
    ("[presets]\nthumb = '300x200/nonsense'", "[presets] thumb = `300x200/nonsense`: "),
    ("[presets]\nthumb = 'filters:blur(high)'", "[presets] thumb = `filters:blur(high)`: "),
    ("[presets]\nthumb = 3", "[presets] thumb = `3`: "),
];

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_bad_value_of_any_kind_ends_the_program_with_code_2_and_the_keys_name() {
    let folder = tempdir().unwrap();
    for (kind, key, value) in BAD {
        let ended =
            output(folder.path(), &["-p", "0"], &[("ALLOW_UNSAFE_URL", "true"), ("LOADER", "samples"), (key, value)]);
        assert_eq!(ended.status.code(), Some(2), "{kind}: {}", errors(&ended));
        let name = key.trim_start_matches("TINTYPE_");
        assert!(
            errors(&ended).contains(name) && errors(&ended).contains("expected") || kind.starts_with("a table"),
            "{kind}: {}",
            errors(&ended)
        );
    }
}

#[test]
fn a_bad_value_in_a_file_ends_the_program_with_code_2_and_the_keys_name() {
    let folder = tempdir().unwrap();
    for (written, told) in BAD_IN_FILES {
        std::fs::write(folder.path().join("tintype.toml"), written).unwrap();
        for command in [&["serve", "-p", "0"][..], &["config", "show"]] {
            let ended = output(folder.path(), command, &[("ALLOW_UNSAFE_URL", "true")]);
            let said = errors(&ended);
            assert_eq!(ended.status.code(), Some(2), "{command:?}\n{written}\n{said}");
            assert!(said.contains(told) && said.lines().count() == 1, "{command:?}\n{written}\n{said}");
        }
    }
}

#[test]
fn all_problems_of_all_layers_are_told_together() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("tintype.toml"), "QUALITY = 'x'\nQUALTY = 3\n[[sources]]\nprefx = 1\n").unwrap();
    let ended = output(folder.path(), &["--host", "nowhere"], &[("WORKERS", "many"), ("TINTYPE_PROT", "1")]);
    let said = errors(&ended);
    assert_eq!(ended.status.code(), Some(2));
    for part in [
        "QUALITY = `x` (tintype.toml:1): expected a whole number from 0 to 100",
        "QUALTY (tintype.toml:2): no such key, did you mean QUALITY?",
        "[[sources]] #1 prefx (tintype.toml:4): no such key, did you mean prefix?",
        "[[sources]] #1 loader (tintype.toml:3): is missing",
        "WORKERS = `many` (environment)",
        "PROT (environment): no such key, did you mean PORT?",
        "HOST = `nowhere` (--host): expected an IP address",
        "SECURITY_KEY is not set",
    ] {
        assert!(said.contains(part), "{part} is missing in:\n{said}");
    }
}

#[test]
fn a_file_that_cannot_be_read_says_what_to_do() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("thumbor.conf"), "import os\nQUALITY = 80\nALLOW_UNSAFE_URL = True\n").unwrap();
    for (file, part) in [
        ("missing.toml", "missing.toml: cannot be read"),
        (".", ".: is a directory"),
        ("thumbor.conf", "`tintype import thumbor.conf > tintype.toml`"),
    ] {
        let ended = output(folder.path(), &["-c", file], &[]);
        assert_eq!(ended.status.code(), Some(2), "{file}");
        assert!(errors(&ended).contains(part), "{file}: {}", errors(&ended));
    }
}

#[test]
fn settings_are_shown_with_their_origins_and_without_secrets() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("tintype.toml"), "QUALITY = 70\nSECURITY_KEY = 'hush'\n").unwrap();
    let shown = output(folder.path(), &["config", "show", "-p", "99"], &[("MAX_AGE", "5")]);
    let text = String::from_utf8(shown.stdout).unwrap();
    for line in ["QUALITY = 70 # tintype.toml:1", "MAX_AGE = 5 # environment", "PORT = 99 # --port", "AVIF_SPEED = 8"] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in:\n{text}");
    }
    assert!(!text.contains("hush"));
    // What is shown are settings: they come to the same.
    std::fs::write(folder.path().join("shown.toml"), text.replace("\"***\"", "'hush'")).unwrap();
    let again = output(folder.path(), &["config", "show", "-c", "shown.toml"], &[]);
    assert!(again.status.success(), "{}", errors(&again));
}

#[test]
fn keys_that_have_no_effect_are_noticed_with_the_reason() {
    let folder = tempdir().unwrap();
    let environment =
        [("ALLOW_UNSAFE_URL", "1"), ("LOADER", "samples"), ("GC_INTERVAL", "60"), ("SECURITY_KEY", "'k'")];
    let serving = Serving::start(folder.path(), &["-i", "127.0.0.1", "-p", "0"], &environment);
    serving.line("GC_INTERVAL (environment): has no effect: there is no garbage to be collected");
    serving.line("SECURITY_KEY: a secret has quotes around it");
    assert_eq!(serving.count("GC_INTERVAL"), 1);
}

#[test]
fn a_demonstration_for_everybody_says_so() {
    let folder = tempdir().unwrap();
    let serving = Serving::start(folder.path(), &["--host", "0.0.0.0", "--port", "0"], &[]);
    serving.line("EVERYBODY who reaches this address");
    let quiet = Serving::start(folder.path(), &["--port", "0"], &[]);
    quiet.line("this is a demonstration");
    assert_eq!(quiet.count("EVERYBODY"), 0);
}

#[test]
fn the_key_file_wins_and_has_to_hold_something() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("key"), "\n").unwrap();
    let args = ["config", "show", "-k", "key"];
    let empty = output(folder.path(), &args, &[("SECURITY_KEY", "k")]);
    assert_eq!(empty.status.code(), Some(2));
    assert!(errors(&empty).contains("SECURITY_KEY_FILE `key`: holds no secret"), "{}", errors(&empty));
    std::fs::write(folder.path().join("key"), " MY_SECURE_KEY\n").unwrap();
    let public = output(folder.path(), &args, &[("SECURITY_KEY", "k")]);
    assert!(errors(&public).contains("everybody knows this key"), "{}", errors(&public));
}

#[test]
fn urls_are_signed_as_the_settings_of_the_server_say() {
    let folder = tempdir().unwrap();
    let settings = "SECURITY_KEY = 'of-the-file'\nSIGNER_TYPE = 'sha256'\nSIGNER_TRUNCATE = 40\n";
    std::fs::write(folder.path().join("tintype.toml"), settings).unwrap();
    std::fs::write(folder.path().join("other.toml"), "SECURITY_KEY_FILE = 'key'\n").unwrap();
    std::fs::write(folder.path().join("key"), "of-the-key-file\n").unwrap();
    let signed = |args: &[&str], environment: &[(&str, &str)]| {
        let ended = output(folder.path(), &[&["sign"], args, &["-w", "30", "a.png"]].concat(), environment);
        assert!(ended.status.success(), "{}", errors(&ended));
        String::from_utf8(ended.stdout).unwrap()
    };
    let imagor = Scheme { digest: Digest::Sha256, length: 40 };
    let check = |found: String, scheme: Scheme, key: &str| {
        assert_eq!(found, format!("URL:\n/{}/30x0/a.png\n", scheme.sign(key.as_bytes(), "30x0/a.png")), "{key}");
    };
    check(signed(&[], &[]), imagor, "of-the-file");
    check(signed(&[], &[("SECURITY_KEY", "of-the-environment")]), imagor, "of-the-environment");
    check(
        signed(&["-k", "of-the-flag"], &[("SIGNER_TYPE", "sha1"), ("SIGNER_TRUNCATE", "0")]),
        Scheme::default(),
        "of-the-flag",
    );
    check(signed(&["--config", "other.toml"], &[]), Scheme::default(), "of-the-key-file");
    let ended = output(folder.path(), &["sign", "a.png"], &[("SIGNER_TYPE", "md5")]);
    assert_eq!(ended.status.code(), Some(2));
    assert!(
        errors(&ended).contains("SIGNER_TYPE = `md5` (environment): expected one of sha1, sha256, sha512"),
        "{}",
        errors(&ended)
    );
}
