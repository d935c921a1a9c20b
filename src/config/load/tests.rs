//! Every rule of layering, and every message.

use super::*;
use crate::config::written::Written;
use crate::config::{LoaderKind, Profile, Secret, SourceConfig, keys};
use crate::transform::Kernel;
use std::net::IpAddr;
use std::time::Duration;

fn sources(environment: &[(&str, &str)]) -> Sources {
    let environment = environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Sources { environment, ..Sources::default() }
}

/// Settings of a file, with unsafe URLs on so that they are a server's.
fn from_file(toml: &str) -> Result<Loaded, Problems> {
    from_both(toml, &[("ALLOW_UNSAFE_URL", "1")])
}

fn from_both(toml: &str, environment: &[(&str, &str)]) -> Result<Loaded, Problems> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), toml).unwrap();
    Sources { file: Some(file.path().to_owned()), ..sources(environment) }.load()
}

fn problems(toml: &str) -> Vec<String> {
    let mut layers = Layers::default();
    layers.text(toml, "a.toml");
    layers.values();
    layers.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn without_settings_it_is_a_demonstration_for_this_machine() {
    let loaded =
        sources(&[("PATH", "/bin"), ("LOG_LEVEL", "debug"), ("HOST", "my machine"), ("LOADER", "")]).load().unwrap();
    assert_eq!(loaded.mode, Mode::Demo);
    assert_eq!((loaded.config.server.host, loaded.config.server.port), (IpAddr::from([127, 0, 0, 1]), 8888));
    assert!(loaded.config.security.allow_unsafe);
    assert_eq!(loaded.config.loader.file_root, PathBuf::from("config/samples"));
    assert_eq!(loaded.config.log.filter, "debug");
}

#[test]
fn any_mark_of_production_ends_the_demonstration() {
    for (name, value) in [("SECURITY_KEY", "k"), ("SECURITY_KEYS", "a,b"), ("TINTYPE_ALLOW_UNSAFE_URL", "true")] {
        let loaded = sources(&[(name, value)]).load().unwrap();
        assert_eq!(loaded.mode, Mode::Production, "{name}");
        assert_eq!(loaded.config.server.host, IpAddr::from([0, 0, 0, 0]), "{name}");
        assert_eq!(loaded.config.security.allow_unsafe, name == "TINTYPE_ALLOW_UNSAFE_URL");
    }
    for (name, value) in [("LOADER", "http"), ("FILE_LOADER_ROOT_PATH", "/srv"), ("ALLOW_UNSAFE_URL", "no")] {
        assert_eq!(sources(&[(name, value)]).load().unwrap_err(), Problems(vec![Problem::NoWayIn]), "{name}");
    }
}

#[test]
fn the_public_key_needs_a_word() {
    for name in ["SECURITY_KEY", "SECURITY_KEYS"] {
        let public = [(name, "MY_SECURE_KEY")];
        assert_eq!(sources(&public).load().unwrap_err(), Problems(vec![Problem::PublicKey]));
        assert!(sources(&[public[0], ("ALLOW_DEFAULT_KEY", "true")]).load().is_ok());
    }
}

#[test]
fn flags_win_over_environment_over_file() {
    let file = "PORT = 1\nQUALITY = 11\nMAX_AGE = 12\nWEBP_QUALITY = 13";
    let loaded =
        from_both(file, &[("QUALITY", "21"), ("MAX_AGE", "22"), ("TINTYPE_MAX_AGE", "23"), ("SECURITY_KEY", "k")])
            .unwrap();
    let config = loaded.config;
    assert_eq!((config.server.port, config.policy.quality, config.server.max_age_s), (1, 21, 23));
    assert_eq!(config.policy.webp_quality, Some(13));
    let flags = Flags::default().with("HOST", "--host", Some("10.0.0.1")).with("PORT", "--port", Some(3));
    let loaded =
        Sources { flags, ..sources(&[("TINTYPE_PORT", "2"), ("TINTYPE_HOST", "::1"), ("SECURITY_KEY", "k")]) }.load();
    let server = loaded.unwrap().config.server;
    assert_eq!((server.host, server.port), ([10, 0, 0, 1].into(), 3));
}

#[test]
fn keys_of_a_file_are_good_in_any_case_and_values_in_toml_types_or_text() {
    let config = from_file(
        r#"
        quality = 75.0
        Max_Pixels = 75e6
        MAX_AGE = "1d"
        QUEUE_TIMEOUT = 1.5
        RENDER_TIMEOUT = "250ms"
        CACHE_MAX_BYTES = "1.5GiB"
        MAX_SOURCE_BYTES = 1000000
        AUTO_WEBP = "Yes"
        RESPECT_ORIENTATION = 1
        PROGRESSIVE_JPEG = "off"
        ALLOWED_SOURCES = ["a.test", '[a-z]{1,3}\.b\.test']
        ALLOW_PRIVATE_SOURCES = "10.0.0.0/8, ::1"
        PILLOW_RESAMPLING_FILTER = "BICUBIC"
        LOADER = "thumbor.loaders.file_loader_http_fallback"
        ACCESS_CONTROL_ALLOW_ORIGIN_HEADER = "*"
        ALPHA_BACKGROUND = "10ff80"
        HTTP_LOADER_FOLLOW_REDIRECTS = false
        SECURITY_KEY = 12345
        SECURITY_KEYS = ["older", "oldest"]
        LOG_LEVEL = "WARNING"
        "#,
    )
    .unwrap()
    .config;
    assert_eq!((config.policy.quality, config.limits.max_source_px, config.server.max_age_s), (75, 75_000_000, 86_400));
    let times = (config.admission.queue_timeout, config.admission.render_timeout);
    assert_eq!(times, (Duration::from_millis(1500), Duration::from_millis(250)));
    assert_eq!((config.cache.max_bytes, config.loader.max_bytes), (3 << 29, 1_000_000));
    assert!(config.policy.auto_webp && config.policy.respect_orientation && !config.policy.progressive_jpeg);
    assert_eq!(config.loader.allowed_sources, ["a.test", r"[a-z]{1,3}\.b\.test"]);
    assert_eq!(config.loader.allow_private, ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]);
    assert_eq!((config.policy.resample, config.loader.kind), (Kernel::Bicubic, LoaderKind::FileHttp));
    assert_eq!(config.server.allow_origin.as_deref(), Some("*"));
    assert_eq!((config.policy.flatten, config.loader.max_redirects), (Some([0x10, 0xff, 0x80]), 0));
    let keys: Vec<_> = config.security.keys.iter().map(Secret::reveal).collect();
    assert_eq!(keys, ["12345", "older", "oldest"]);
    assert_eq!(config.log.filter, "warn");
}

#[test]
fn settings_that_act_together_are_joined() {
    let config = from_file("THUMBOR_COMPAT_ALPHA = true\nWORKERS = 3\nHTTP_LOADER_DEFAULT_USER_AGENT = 'me {version}'")
        .unwrap()
        .config;
    assert_eq!((config.policy.flatten, config.admission.workers), (None, 3));
    assert_eq!(config.loader.user_agent, concat!("me ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn all_problems_are_told_together() {
    let error = from_both("QUALITY = 'abc'\nQUALTY = 3\nMAX_AGE = -1", &[("WORKERS", "many")]).unwrap_err();
    let text = error.to_string();
    for key in
        ["QUALITY = `abc`", "QUALTY", "MAX_AGE = `-1`", "WORKERS = `many` (environment)", "SECURITY_KEY is not set"]
    {
        assert!(text.contains(key), "{key} is missing in:\n{text}");
    }
    assert_eq!(text.lines().count(), 5);
}

#[test]
fn a_bad_value_names_its_key_itself_and_what_was_expected() {
    let check = |toml: &str, expected: &str| assert_eq!(problems(toml), [expected], "{toml}");
    check("QUALITY = 101", "QUALITY = `101` (a.toml:1): expected a whole number from 0 to 100");
    check("QUALITY = 80.5", "QUALITY = `80.5` (a.toml:1): expected a whole number from 0 to 100");
    check("QUALITY = [1, 2]", "QUALITY = `[1, 2]` (a.toml:1): expected a whole number from 0 to 100");
    check("[QUALITY]\na = 1", "QUALITY = `a table` (a.toml:1): expected a whole number from 0 to 100");
    check("MAX_FRAMES = 0", "MAX_FRAMES = `0` (a.toml:1): expected a whole number from 1 to 1000000");
    check("AUTO_WEBP = 'maybe'", "AUTO_WEBP = `maybe` (a.toml:1): expected true or false");
    check(
        "LOADER = 's4'",
        "LOADER = `s4` (a.toml:1): expected one of file, http, https, strict_https, file_http, s3, gcs, azure, samples",
    );
    check(
        "ALPHA_BACKGROUND = 'white'",
        "ALPHA_BACKGROUND = `white` (a.toml:1): expected a color as six hexadecimal digits, such as ffffff",
    );
    check("SECURITY_KEY = ['a', 'b']", "SECURITY_KEY = `***` (a.toml:1): expected a text");
    check("QUALTY = 3", "QUALTY (a.toml:1): no such key, did you mean QUALITY?");
    check("detector = 3", "detector (a.toml:1): no such key, did you mean DETECTORS?");
    check("XYZZY = 3", "XYZZY (a.toml:1): no such key");
    check("QUALITY = 3\nquality = 4", "QUALITY (a.toml:2): given twice");
    for (key, value) in [
        ("QUEUE_TIMEOUT", "0"),
        ("QUEUE_TIMEOUT", "5 weeks"),
        ("QUEUE_TIMEOUT", "-5s"),
        ("CACHE_MAX_BYTES", "1TB?"),
        ("CACHE_MAX_BYTES", "-1"),
        ("MAX_SOURCE_BYTES", "0"),
        ("ALLOW_PRIVATE_SOURCES", "10.0.0.0/33"),
        ("HOST", "example.com"),
        ("PORT", "65536"),
        ("JPEG_SHRINK_MARGIN", "0.5"),
        ("JPEG_SHRINK_MARGIN", "nan"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("PILLOW_RESAMPLING_FILTER", "sinc"),
        ("HTTP_LOADER_DEFAULT_USER_AGENT", "a\\nb"),
        ("FILE_LOADER_ROOT_PATH", ""),
        ("MAX_PIXELS", "inf"),
        ("MAX_AGE", "0.5"),
    ] {
        let found = problems(&format!("{key} = \"{value}\""));
        assert!(found.len() == 1 && found[0].starts_with(&format!("{key} = `")), "{key} = {value}: {found:?}");
    }
}

#[test]
fn a_file_that_is_missing_or_no_toml_is_told() {
    let missing = Sources { file: Some("/no/such.toml".into()), ..sources(&[]) }.load().unwrap_err();
    assert_eq!(missing.0.len(), 1);
    assert!(missing.to_string().starts_with("/no/such.toml: cannot be read"), "{missing}");
    let folder = Sources { file: Some("/".into()), ..sources(&[]) }.load().unwrap_err();
    assert_eq!(folder.to_string(), "/: is a directory; name a file in it");
    assert_eq!(
        problems("import os\nQUALITY = 80\nALLOW_UNSAFE_URL = True"),
        [
            "a.toml: is no TOML but looks like a thumbor.conf, which is Python; `tintype import a.toml > tintype.toml` makes \
             settings of it"
        ]
    );
    let broken = problems("QUALITY = 1\nQUALITY 2");
    assert!(broken.len() == 1 && broken[0].starts_with("a.toml:2: "), "{broken:?}");
}

#[test]
fn tables_become_rows_and_pairs() {
    let config = from_file(
        r#"
        [[sources]]
        Prefix = "a/"
        loader = "http"
        [[sources]]
        host = "cdn.example.com"
        loader = "file"
        root = "/srv"
        [presets]
        Thumb-2x = "fit-in/200x200"
        "#,
    )
    .unwrap()
    .config;
    let first = SourceConfig { prefix: "a/".into(), loader: LoaderKind::Http, ..SourceConfig::default() };
    let second = SourceConfig { host: "cdn.example.com".into(), root: Some("/srv".into()), ..SourceConfig::default() };
    assert_eq!(config.loader.sources, [first, second]);
    assert_eq!(config.rewrite.presets, BTreeMap::from([("Thumb-2x".to_owned(), "fit-in/200x200".to_owned())]));
    assert_eq!(from_file("sources = []").unwrap().config.loader.sources, []);
}

#[test]
fn a_bad_table_names_row_field_line_and_what_was_expected() {
    let check = |toml: &str, expected: &[&str]| assert_eq!(problems(toml), expected, "{toml}");
    check(
        "[[sources]]\nloader = 'file'\nprefix = 'y'\n[[sources]]\nprefix = 'x'\nstrip_prefix = 'maybe'",
        &[
            "[[sources]] #2 loader (a.toml:4): is missing, expected one of file, http, https, strict_https, file_http, s3, \
             gcs, azure, samples",
            "[[sources]] #2 strip_prefix = `maybe` (a.toml:6): expected true or false",
        ],
    );
    check(
        "[[sources]]\nloader = 'file'\nhost = 'h'\nstrip_prefix = true",
        &["[[sources]] #1 (a.toml:1): strip_prefix needs a prefix"],
    );
    check(
        "[[sources]]\nloader = 'file'\nprefx = 'a'\nquality = 3",
        &[
            "[[sources]] #1 prefx (a.toml:3): no such key, did you mean prefix?",
            "[[sources]] #1 quality (a.toml:4): no such key, QUALITY belongs above the first [table] of the file",
        ],
    );
    check("[sources]\nloader = 'file'", &["[[sources]] = `a table` (a.toml): expected tables, one for each"]);
    check("[[presets]]\na = 'b'", &["[presets] = `a list of tables` (a.toml): expected a table of names and values"]);
    check("[presets]\na = [1]", &["[presets] a = `[1]` (a.toml:2): expected a text"]);
    check(
        "[presets]\n'a b' = 'c'",
        &["[presets] = `a b` (a.toml:2): expected a name of letters, digits, `_`, `-` and `.`"],
    );
    check("[[source]]", &["source (a.toml:1): no such key, did you mean sources?"]);
}

#[test]
fn keys_of_thumbor_that_do_nothing_yet_are_noticed_once_each() {
    let loaded = from_both("GC_INTERVAL = 5", &[("ALLOW_UNSAFE_URL", "true"), ("ERROR_FILE_LOGGER", "s")]).unwrap();
    assert_eq!(loaded.notices.len(), 2, "{:?}", loaded.notices);
    for key in ["GC_INTERVAL (", "ERROR_FILE_LOGGER (environment)"] {
        assert!(loaded.notices.iter().any(|notice| notice.starts_with(key)), "{key}: {:?}", loaded.notices);
    }
}

#[test]
fn videos_need_something_to_make_them_with() {
    let loaded = |toml: &str| from_file(&format!("OPTIMIZERS = ['thumbor.optimizers.jpegtran', 'gifv']\n{toml}"));
    let error = loaded("").unwrap_err().to_string();
    assert_eq!(error, "FFMPEG_PATH is not set, and gifv among OPTIMIZERS needs it");
    let config = loaded("FFMPEG_PATH = '/usr/bin/ffmpeg'").unwrap().config;
    assert_eq!((config.video.ffmpeg, config.policy.videos), (Some("/usr/bin/ffmpeg".into()), true));
    let unasked = from_file("FFMPEG_PATH = 'ffmpeg'\nOPTIMIZERS = ['a.b.pngquant']").unwrap();
    assert_eq!((unasked.config.video.ffmpeg, unasked.config.policy.videos), (None, false));
    assert_eq!(unasked.notices, ["OPTIMIZERS: `pngquant` is not an optimizer of this version"]);
}

#[test]
fn a_variable_with_our_prefix_that_is_no_key_is_an_error() {
    let error = sources(&[("TINTYPE_QUALTY", "3"), ("ALLOW_UNSAFE_URL", "1")]).load().unwrap_err();
    assert_eq!(error.to_string(), "QUALTY (environment): no such key, did you mean QUALITY?");
}

#[test]
fn tables_stand_in_the_environment_as_json() {
    let read = |name, value| sources(&[(name, value), ("ALLOW_UNSAFE_URL", "1")]).load();
    let loaded = read("PRESETS", r#"{"thumb": "300x200"}"#).unwrap();
    assert_eq!(loaded.config.rewrite.presets["thumb"], "300x200");
    let loaded = read("TINTYPE_SOURCES", r#"[{"loader": "http", "prefix": "a/"}]"#).unwrap();
    assert_eq!(loaded.config.loader.sources[0].loader, LoaderKind::Http);
    let error = read("PRESETS", "thumb=300x200").unwrap_err().to_string();
    assert!(error.starts_with("PRESETS (environment): a table stands there as JSON: "), "{error}");
}

#[test]
fn a_profile_brings_other_defaults_that_every_layer_may_change() {
    let config = |environment: &[(&str, &str)]| sources(environment).load().unwrap().config;
    let sih3 = config(&[("PROFILE", "SIH3"), ("SECURITY_KEY", "k"), ("MAX_AGE", "5")]);
    assert_eq!((sih3.profile, sih3.policy.quality, sih3.server.max_age_s), (Profile::Sih3, 85, 5));
    assert_eq!(sih3.loader.kind, LoaderKind::File);
    let bucket = config(&[("PROFILE", "sih3"), ("SECURITY_KEY", "k"), ("TC_AWS_LOADER_BUCKET", "b")]);
    assert_eq!(bucket.loader.kind, LoaderKind::S3);
    let file = from_file("QUALITY = 70\nPROFILE = 'sih3'").unwrap().config;
    assert_eq!((file.policy.quality, file.policy.webp_quality), (70, Some(80)));
    assert_eq!(config(&[("PROFILE", "thumbor"), ("SECURITY_KEY", "k")]).policy.quality, 80);
}

#[test]
fn what_is_in_force_is_shown_with_where_it_comes_from() {
    let file = "QUALITY = 70\nMAX_AGE = 5\n[presets]\na = '1x1'";
    let loaded = from_both(file, &[("MAX_AGE", "6"), ("SECURITY_KEY", "hush"), ("PROFILE", "sih3")]).unwrap();
    let shown = loaded.show();
    let file = loaded.file.unwrap().display().to_string();
    for line in [
        &format!("QUALITY = 70 # {file}:1"),
        "MAX_AGE = 6 # environment",
        "WEBP_QUALITY = 80 # PROFILE = sih3",
        "SECURITY_KEY = \"***\" # environment",
        "WORKERS = 0",
        &format!("# presets: {file}:3"),
        "\"a\" = \"1x1\"",
    ] {
        assert!(shown.lines().any(|found| found == line), "{line} is missing in:\n{shown}");
    }
    assert_eq!(problems(&shown), [""; 0]);
}

#[test]
fn secrets_do_not_print() {
    let loaded = sources(&[("SECURITY_KEY", "hush"), ("SECURITY_KEYS", "hush-too")]).load().unwrap();
    assert!(!format!("{loaded:?} {:?}", sources(&[("SECURITY_KEY", "hush")])).contains("hush"));
    let written = Written { key: Secret::new("hush"), ..Written::default() };
    assert!(keys::all().all(|key| !(key.show)(&written).contains("hush")));
}

#[test]
fn the_production_example_is_good() {
    let text = include_str!("../../../config/production.toml");
    let loaded = from_both(text, &[("SECURITY_KEY", "k")]).unwrap();
    assert_eq!((loaded.mode, loaded.notices), (Mode::Production, vec![]));
}
