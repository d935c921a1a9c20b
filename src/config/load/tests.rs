//! Every rule of layering, and every message.

use super::*;
use crate::config::Secret;
use crate::transform::Kernel;
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
    let (problems, _) = apply_file(&mut Written::default(), toml, "a.toml");
    problems.iter().map(ToString::to_string).collect()
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
    let flags = Flags { host: Some([10, 0, 0, 1].into()), port: Some(3) };
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
    check("QUALITY = 101", "QUALITY = `101` (a.toml): expected a whole number from 0 to 100");
    check("QUALITY = 80.5", "QUALITY = `80.5` (a.toml): expected a whole number from 0 to 100");
    check("QUALITY = [1, 2]", "QUALITY = `[1, 2]` (a.toml): expected a whole number from 0 to 100");
    check("[QUALITY]\na = 1", "QUALITY = `a table` (a.toml): expected a whole number from 0 to 100");
    check("MAX_FRAMES = 0", "MAX_FRAMES = `0` (a.toml): expected a whole number from 1 to 1000000");
    check("AUTO_WEBP = 'maybe'", "AUTO_WEBP = `maybe` (a.toml): expected true or false");
    check("LOADER = 's3'", "LOADER = `s3` (a.toml): expected one of file, http, https, file_http, samples");
    check(
        "ALPHA_BACKGROUND = 'white'",
        "ALPHA_BACKGROUND = `white` (a.toml): expected a color as six hexadecimal digits, such as ffffff",
    );
    check("SECURITY_KEY = ['a', 'b']", "SECURITY_KEY = `***` (a.toml): expected a text");
    check("QUALTY = 3", "QUALTY (a.toml): no such key, did you mean QUALITY?");
    check("detector = 3", "detector (a.toml): no such key, did you mean DETECTORS?");
    check("XYZZY = 3", "XYZZY (a.toml): no such key");
    check("QUALITY = 3\nquality = 4", "QUALITY (a.toml): given twice");
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
    let broken = problems("QUALITY = 1\nQUALITY 2");
    assert!(broken.len() == 1 && broken[0].starts_with("a.toml: ") && broken[0].contains("line 2"), "{broken:?}");
}

#[test]
fn keys_of_thumbor_that_do_nothing_yet_are_noticed_once_each() {
    let loaded = from_both(
        "DETECTORS = ['thumbor.detectors.face_detector']\nRESULT_STORAGE = 'thumbor.result_storages.file_storage'",
        &[("ALLOW_UNSAFE_URL", "true"), ("STATSD_HOST", "s"), ("STORAGE", "file")],
    )
    .unwrap();
    assert_eq!(loaded.notices.len(), 4, "{:?}", loaded.notices);
    for key in ["DETECTORS (", "STATSD_HOST (environment)", "RESULT_STORAGE: `file`", "STORAGE: `file`"] {
        assert!(loaded.notices.iter().any(|notice| notice.starts_with(key)), "{key}: {:?}", loaded.notices);
    }
}

#[test]
fn videos_need_something_to_make_them_with() {
    let loaded = |toml: &str| from_file(&format!("OPTIMIZERS = ['thumbor.optimizers.jpegtran', 'gifv']\n{toml}"));
    assert_eq!(loaded("").unwrap_err(), Problems(vec![Problem::NoFfmpeg]));
    let config = loaded("FFMPEG_PATH = '/usr/bin/ffmpeg'").unwrap().config;
    assert_eq!((config.video.ffmpeg, config.policy.videos), (Some("/usr/bin/ffmpeg".into()), true));
    let unasked = from_file("FFMPEG_PATH = 'ffmpeg'\nOPTIMIZERS = ['a.b.pngquant']").unwrap();
    assert_eq!((unasked.config.video.ffmpeg, unasked.config.policy.videos), (None, false));
    assert_eq!(unasked.notices, ["OPTIMIZERS: `pngquant` is not an optimizer of this version"]);
}

#[test]
fn no_name_is_defined_twice() {
    let mut names: Vec<_> = keys::all().map(|key| key.name).chain(thumbor::IGNORED.iter().copied()).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
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
