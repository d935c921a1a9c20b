//! Configurations of other servers become files that ours starts with.

use crate::support::fixtures::{quadrants_file, small_png};
use crate::support::program::Serving;
use crate::support::{Client, Origin};
use image::ImageFormat;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;
use tintype::config::{Loaded, LoaderKind, Sources};
use tintype::request::sign;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// `tintype import ...` in an environment of these variables only.
fn import(args: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tintype"));
    command.arg("import").args(args).env_clear().envs(environment.iter().copied()).output().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What a server says to the file written, in this environment.
fn loaded(toml: &[u8], environment: &[(&str, &str)]) -> Loaded {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), toml).unwrap();
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let sources = Sources { file: Some(file.path().to_owned()), environment, ..Sources::default() };
    sources.load().unwrap_or_else(|problems| panic!("{problems}\n{}", String::from_utf8_lossy(toml)))
}

#[test]
fn a_configuration_of_literals_arithmetic_and_expressions_for_hosts_is_taken_over() {
    let output = import(&[fixture("thumbor/shop.conf").to_str().unwrap()], &[]);
    let told = told(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let config = loaded(&output.stdout, &[]).config;
    assert_eq!(config.security.keys[0].reveal(), "a-long-secret-of-the-shop-2026");
    assert!(!config.security.allow_unsafe);
    assert_eq!((config.policy.quality, config.policy.webp_quality), (85, Some(80)));
    assert_eq!((config.policy.max_width, config.policy.max_height), (3000, 3000));
    assert_eq!(config.server.max_age_s, 30 * 24 * 60 * 60);
    assert_eq!(config.loader.file_root, Path::new("/srv/thumbor/originals"));
    assert_eq!(
        config.loader.allowed_sources,
        ["static.shop.example", r"re.compile(r'^https?://(.+\.)?cdn\.shop\.example/.*$')", r".+\.media\.shop\.example"]
    );
    assert!(config.policy.filters.contains(&"watermark".to_owned()) && config.policy.filters.len() == 5);

    let toml = String::from_utf8(output.stdout).unwrap();
    assert!(toml.contains("# Rotated every January.\nSECURITY_KEY = "), "{toml}");
    assert!(toml.contains("# a month\nMAX_AGE = 2592000 # shop.conf:32: MAX_AGE = ONE_DAY * 30\n"), "{toml}");
    assert!(told.contains("shop.conf:14: note: SECURITY_KEY is a secret"), "{told}");
    assert!(told.contains("shop.conf:36: ignored: ENGINE: "), "{told}");
    assert!(!told.contains("a-long-secret"), "{told}");
}

#[test]
fn a_configuration_from_the_environment_is_followed_as_far_as_it_goes_and_the_rest_is_named_by_line() {
    let environment = [("SECURITY_KEY", "from-the-environment"), ("QUALITY", "70")];
    let output = import(&[fixture("thumbor/container.conf").to_str().unwrap()], &environment);
    let told = told(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let toml = String::from_utf8(output.stdout.clone()).unwrap();
    let loaded = loaded(&output.stdout, &environment);
    let config = loaded.config;
    assert_eq!(config.security.keys[0].reveal(), "from-the-environment");
    assert!(config.security.allow_unsafe && !config.policy.auto_webp);
    assert_eq!((config.policy.quality, config.policy.webp_quality, config.server.max_age_s), (70, None, 86_400));
    assert_eq!(config.loader.allowed_sources, ["img.example", r".+\.img\.example"]);
    assert_eq!((config.loader.max_clients, config.loader.user_agent.as_str()), (64, "Thumbor/7 (img-team)"));
    assert_eq!(config.server.allow_origin.as_deref(), Some("*"));
    for line in [
        "container.conf:6: not understood: ",
        "container.conf:28-30: not understood: `if os.environ.get(...` and what belongs to it is not followed; it may set",
        "container.conf:32-33: not understood: `def _megabytes(n):` and what belongs to it is not followed",
        "container.conf:35: not understood: MAX_SOURCE_BYTES: ",
        "container.conf:11: note: SECURITY_KEY comes from the environment variable of this name",
        "container.conf:15: note: QUALITY depends on the environment variable QUALITY: as it is set here",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    // What is written is the operator's wish; what is only told, or has no effect, never shows.
    assert!(toml.contains("HTTP_LOADER_PROXY_PASSWORD = \"hunter2\"") && !told.contains("hunter2"), "{toml}\n{told}");
    for secret in ["from-the-environment", "swordfish"] {
        assert!(!toml.contains(secret) && !told.contains(secret), "{toml}\n{told}");
    }
}

#[test]
fn a_folder_of_configurations_is_read_in_the_order_of_names() {
    let output = import(&[fixture("thumbor/media").to_str().unwrap()], &[]);
    let told = told(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let config = loaded(&output.stdout, &[]).config;
    assert_eq!(config.policy.quality, 80);
    assert_eq!(config.loader.allowed_sources, ["a.media.example", "b.media.example", "c.media.example"]);
    assert!(told.contains("20-site.conf:7: note: MAX_SIZE is called UPLOAD_MAX_SIZE now"), "{told}");
    assert!(
        told.contains("20-site.conf:9: ignored: ALLOWED_SORCES: neither Thumbor nor Tintype has this setting"),
        "{told}"
    );
    assert!(
        told.contains("SECURITY_KEY is not set, so that Thumbor signs with the key from its documentation"),
        "{told}"
    );
}

/// Numbers of the lines that were not understood, as they are told.
fn lost_lines(told: &str) -> Vec<&str> {
    let place = |line: &'_ str| line.split_once(": not understood: ").map(|(place, _)| place.len());
    told.lines().filter_map(|line| Some(line[..place(line)?].rsplit(':').next().unwrap())).collect()
}

/// The program serving with a file that `tintype import` has written, and the folder that it is in. Of the environment
/// it gets what belongs to this machine.
fn serving(imported: &Output, environment: &[(&str, &str)]) -> (Serving, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tintype.toml"), &imported.stdout).unwrap();
    let originals = folder.path().join("stored").display().to_string();
    let environment = [environment, &[("FILE_STORAGE_ROOT_PATH", &originals)]].concat();
    (Serving::start(folder.path(), &["-i", "127.0.0.1", "-p", "0"], &environment), folder)
}

/// The size of the picture that is answered.
async fn size(serving: &Serving, path: &str) -> (u32, u32) {
    let mut client = Client::connect(serving.address).await;
    client.ask("GET", path, "").await;
    client.answer("GET").await.picture().dimensions()
}

#[tokio::test]
async fn the_server_of_the_shop_starts_and_makes_pictures() {
    let shop = tempfile::tempdir().unwrap();
    let conf = std::fs::read_to_string(fixture("thumbor/shop.conf")).unwrap();
    let conf = conf.replace("/srv/thumbor", shop.path().to_str().unwrap());
    std::fs::write(shop.path().join("shop.conf"), conf).unwrap();
    std::fs::create_dir(shop.path().join("originals")).unwrap();
    std::fs::write(shop.path().join("originals/a.png"), quadrants_file(60, 40, ImageFormat::Png)).unwrap();
    let imported = import(&[shop.path().join("shop.conf").to_str().unwrap()], &[]);
    assert_eq!(lost_lines(&told(&imported)), [""; 0]);
    let (serving, _folder) = serving(&imported, &[]);
    let signed = |path: &str| format!("/{}/{path}", sign(b"a-long-secret-of-the-shop-2026", path));
    assert_eq!(size(&serving, &signed("fit-in/30x30/a.png")).await, (30, 20));
    assert_eq!(serving.status("/unsafe/a.png").await, 400);
    // What is not among the files may come from the hosts of the list only.
    assert_eq!(serving.status(&signed("127.0.0.1/a.png")).await, 400);
}

#[tokio::test]
async fn the_server_of_the_container_starts_and_makes_pictures() {
    let origin = Origin::giving(small_png()).await;
    let environment =
        [("SECURITY_KEY", "k"), ("ALLOWED_SOURCES", "['127.0.0.1']"), ("ALLOW_PRIVATE_SOURCES", "127.0.0.1")];
    let imported = import(&[fixture("thumbor/container.conf").to_str().unwrap()], &environment);
    assert_eq!(lost_lines(&told(&imported)), ["6", "28-30", "32-33", "35"]);
    // Lists stand in the environment of Thumbor's container in Python; ours are in the file by now.
    let (serving, _folder) = serving(&imported, &[environment[0], environment[2]]);
    assert_eq!(size(&serving, &format!("/unsafe/6x4/{}/a.png", origin.address)).await, (6, 4));
    assert_eq!(origin.asked(), ["/a.png"]);
    assert_eq!(serving.status("/unsafe/other.example/a.png").await, 400);
}

#[tokio::test]
async fn the_server_of_a_folder_starts_and_makes_pictures() {
    let origin = Origin::giving(small_png()).await;
    let media = tempfile::tempdir().unwrap();
    for name in ["10-base.conf", "20-site.conf"] {
        std::fs::copy(fixture("thumbor/media").join(name), media.path().join(name)).unwrap();
    }
    std::fs::write(media.path().join("30-here.conf"), "ALLOWED_SOURCES.append('127.0.0.1')\n").unwrap();
    let imported = import(&[media.path().to_str().unwrap()], &[]);
    assert_eq!(lost_lines(&told(&imported)), [""; 0]);
    let (serving, _folder) = serving(&imported, &[("ALLOW_PRIVATE_SOURCES", "127.0.0.1")]);
    assert_eq!(size(&serving, &format!("/unsafe/6x4/{}/a.png", origin.address)).await, (6, 4));
    assert_eq!(serving.status("/unsafe/d.media.example/a.png").await, 400);
}

#[test]
fn a_file_with_secrets_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tintype.toml");
    // One that was there and open to all before.
    std::fs::write(&path, "").unwrap();
    let output = import(&[fixture("thumbor/shop.conf").to_str().unwrap(), "-o", path.to_str().unwrap()], &[]);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), &b""[..]));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_cannot_be_read_is_named_and_ends_with_2() {
    for (args, words) in [
        (&["/no/such/thumbor.conf"][..], "/no/such/thumbor.conf: "),
        (&["sih", "--env", "/no/such/env"], "/no/such/env: "),
        (&["sih", "--env", "LICENSE-MIT"], "LICENSE-MIT: line 1: not NAME=value"),
        (&["src"], "src: no file ends in .conf"),
        (&[], "<THUMBOR.CONF>"),
    ] {
        let output = import(args, &[]);
        let told = told(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?} {told}");
        assert!(told.contains(words), "{args:?} {told}");
    }
}

#[test]
fn the_environment_of_a_lambda_function_is_taken_over_from_lines_and_from_json() {
    let lines = "# from the console\nALLOW_UNSAFE_URL=True\nexport AUTO_WEBP=\"Yes\"\nQUALITY=77\nENABLE_CORS=Yes\nCORS_ORIGIN=*\n\
                 SECURITY_KEY=1234567890123456\nTC_AWS_LOADER_BUCKET=pictures\nSEND_ANONYMOUS_DATA=Yes\nREWRITE_PATTERNS=[('^/a$', '/b')]\nREWRITE_ENABLED=Yes\nAWS_REGION=eu-west-1\nEMPTY=\n";
    let json = r#"{"FunctionName": "handler", "Environment": {"Variables": {"ALLOW_UNSAFE_URL": "True", "AUTO_WEBP": "Yes",
        "QUALITY": "77", "ENABLE_CORS": "Yes", "CORS_ORIGIN": "*", "SECURITY_KEY": "1234567890123456",
        "TC_AWS_LOADER_BUCKET": "pictures", "SEND_ANONYMOUS_DATA": "Yes", "AWS_REGION": "eu-west-1"}}}"#;
    for text in [lines, json] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let output = import(&["sih", "--env", file.path().to_str().unwrap()], &[]);
        let told = told(&output);
        assert_eq!(output.status.code(), Some(0), "{told}");
        let config = loaded(&output.stdout, &[]).config;
        assert!(config.security.allow_unsafe && config.policy.auto_webp);
        assert_eq!((config.policy.quality, config.policy.webp_quality), (77, Some(80)));
        assert_eq!((config.loader.kind, config.loader.s3_or_http), (LoaderKind::S3, true));
        assert_eq!(config.security.keys[0].reveal(), "1234567890123456");
        assert!(!told.contains("REWRITE"), "each of both is of use through the other: {told}");
        assert!(told.contains("AWS_REGION: note: belongs to the function"), "{told}");
        assert!(!told.contains("1234567890123456"), "{told}");
    }
}
