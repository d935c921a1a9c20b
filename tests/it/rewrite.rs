//! Paths that are rewritten, presets, and what everybody may ask; and that `docs/rewrite.md` tells the truth about it.

use crate::support::fixtures::quadrants_file;
use crate::support::{Server, jobs, settings};
use image::ImageFormat;
use std::fs;
use std::path::Path;
use tintype::config::{Config, Profile, RewriteConfig, RewriteSignature, Secret, Sources};
use tintype::request::sign;

/// A server with a picture of 600 by 400 pixels.
async fn server(config: Config) -> Server {
    Server::of(config, [("photo.jpg", quadrants_file(600, 400, ImageFormat::Jpeg))]).await
}

/// Settings with these rules.
fn rewriting(config: Config, rules: &str) -> Config {
    let rewrite = RewriteConfig { enabled: Some(true), patterns: rules.to_owned(), ..config.rewrite };
    Config { rewrite, ..config }
}

fn signed() -> Config {
    let mut config = Config::default();
    config.security.keys = vec![Secret::new("key")];
    config
}

/// The settings that a file with this text gives.
fn read(toml: &str) -> Config {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), toml).unwrap();
    let sources = Sources { file: Some(file.path().to_owned()), ..Sources::default() };
    sources.load().unwrap_or_else(|problems| panic!("{problems}\n{toml}")).config
}

/// What an example says that a server does.
async fn check_example(config: &Config, server: &Server, line: &str) {
    if let Some((path, result)) = line.split_once(" -> ") {
        let (path, result) = (path.trim(), result.trim());
        let rules = config.rewrite.rules(config.server.max_url_bytes).unwrap();
        let rewritten = rules.rewrite(path).unwrap();
        assert_eq!(rewritten.map_or(path.to_owned(), |hit| hit.path), result, "{line}");
    } else {
        let (path, expected) = line.split_once(" => ").unwrap_or_else(|| panic!("no example: {line}"));
        let answer = server.get(path.trim()).await;
        let size = (answer.status == 200).then(|| answer.picture().dimensions());
        let told = size.map_or(answer.status.to_string(), |(width, height)| format!("200 {width}x{height}"));
        assert_eq!(told, expected.trim(), "{line}: {}", String::from_utf8_lossy(&answer.body));
    }
}

#[tokio::test]
async fn every_example_of_the_page_is_true() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rewrite.md")).unwrap();
    let (mut example, mut lines) = (None, 0);
    for block in page.split("\n```").skip(1).step_by(2) {
        let (kind, text) = block.split_once('\n').unwrap();
        match (kind, &example) {
            ("toml", _) => {
                let config = read(text);
                example = Some((server(config.clone()).await, config));
            }
            ("text", Some((server, config))) => {
                for line in text.lines() {
                    check_example(config, server, line).await;
                    lines += 1;
                }
            }
            ("console run", _) => {} // by the test of all commands
            (kind, _) => panic!("a block of `{kind}` without settings before it"),
        }
    }
    assert!(lines > 30, "{lines} examples");
}

#[tokio::test]
async fn a_rewritten_path_is_answered_as_if_it_had_been_asked_for() {
    let rules = r"[(r'^/w/(\d+)/(.+)$', r'unsafe/\1x0/\2'), (r'^/blank/(.+)$', r'/unsafe/ \1')]";
    let server = server(rewriting(settings(), rules)).await;
    let direct = server.get("/unsafe/60x0/photo.jpg").await;
    let rewritten = server.get("/w/60/photo.jpg?h=1").await; // no slash needed, queries do not count
    assert_eq!(rewritten.picture().dimensions(), (60, 40));
    assert_eq!((rewritten.header("etag"), &rewritten.body), (direct.header("etag"), &direct.body));
    assert_eq!(server.request("HEAD", "/w/60/photo.jpg", "").await.header("etag"), direct.header("etag"));
    // What a URL cannot hold is encoded.
    assert_eq!(server.get("/blank/photo.jpg").await.text(), "source not found\n");
    assert_eq!(server.get("/w/x/photo.jpg").await.status, 400);
}

#[tokio::test]
async fn under_the_handlers_profile_its_rules_need_no_unsafe() {
    let rules = r"[(r'^/([s])/([a-z]+)-(zoom)\.([a-zA-Z0-9]+)$', r'/fit-in/300x300/\2.\4')]";
    let server = server(Config { profile: Profile::Sih3, ..rewriting(settings(), rules) }).await;
    for path in ["/s/photo-zoom.jpg", "/fit-in/300x300/photo.jpg", "/unsafe/fit-in/300x300/photo.jpg"] {
        assert_eq!(server.get(path).await.picture().dimensions(), (300, 200), "{path}");
    }
}

#[tokio::test]
async fn the_servers_own_paths_are_out_of_reach_of_rules() {
    let rules = r"[(r'^/x/(.*)$', r'/\1'), (r'.+', r'/unsafe/photo.jpg')]";
    let server = server(rewriting(settings(), rules)).await;
    assert_eq!(server.get("/healthcheck").await.text(), "WORKING");
    assert_eq!(server.get("/-/filters").await.header("content-type"), Some("application/json"));
    assert_eq!(server.get("/-/nothing").await.status, 404);
    for path in ["/x/-/filters", "/x/healthcheck", "/x/healthcheck/"] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.text()), (404, "nothing here\n"), "{path}");
    }
    assert_eq!(server.get("/anything").await.picture().dimensions(), (600, 400));
}

#[tokio::test]
async fn signatures_are_checked_against_the_path_that_the_settings_say() {
    let rules = r"[(r'^(/[^/]+)?/s/(.+)$', r'\1/60x0/\2')]";
    let status = async |signature, path: String| {
        let mut config = rewriting(signed(), rules);
        config.rewrite.signature = signature;
        Server::start(config, jobs::at_once).await.get(&path).await.status
    };
    let (asked, meant) = ("s/a.png", "60x0/a.png");
    let by = |signed: &str| format!("/{}/{asked}", sign(b"key", signed));
    assert_eq!(status(RewriteSignature::After, by(meant)).await, 200);
    assert_eq!(status(RewriteSignature::After, by(asked)).await, 400);
    assert_eq!(status(RewriteSignature::After, format!("/{asked}")).await, 400);
    assert_eq!(status(RewriteSignature::Before, by(asked)).await, 200);
    assert_eq!(status(RewriteSignature::Before, by(meant)).await, 400);
    assert_eq!(status(RewriteSignature::Before, format!("/{asked}")).await, 400);
    assert_eq!(status(RewriteSignature::Before, format!("/unsafe/{asked}")).await, 400);
    assert_eq!(status(RewriteSignature::Trusted, format!("/{asked}")).await, 200);
    assert_eq!(status(RewriteSignature::Trusted, format!("/{meant}")).await, 400);
    assert_eq!(status(RewriteSignature::Trusted, format!("/unsafe/{meant}")).await, 400);
    assert_eq!(status(RewriteSignature::Trusted, format!("/{}/{meant}", sign(b"key", meant))).await, 200);
}

#[tokio::test]
async fn a_path_that_takes_too_long_is_refused_at_once() {
    let server = server(rewriting(settings(), r"[(r'(?:(\w+)\1)*!', 'x'), ('-', '_')]")).await;
    let answer = server.get(&format!("/unsafe/{}", "a".repeat(4000))).await;
    assert_eq!((answer.status, answer.text()), (400, "the path takes too long to rewrite\n"));
    let answer = server.get(&format!("/unsafe/{}", "-".repeat(300))).await;
    assert_eq!((answer.status, answer.text()), (400, "the path takes too long to rewrite\n"));
}

#[tokio::test]
async fn an_unknown_preset_is_named() {
    let server = Server::start(settings(), jobs::at_once).await;
    let answer = server.get("/preset:thumb/a.png").await;
    assert_eq!((answer.status, answer.text()), (400, "there is no preset `thumb`\n"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn presets_need_leave_where_nothing_unsigned_is_served() {
    let mut config = signed();
    config.rewrite.presets.insert("thumb".into(), "60x0".into());
    let server = Server::start(config, jobs::at_once).await;
    let path = "preset:thumb/a.png";
    assert_eq!(server.get(&format!("/{path}")).await.status, 400);
    assert_eq!(server.get(&format!("/unsafe/{path}")).await.status, 400);
    assert_eq!(server.get(&format!("/{}/{path}", sign(b"key", path))).await.status, 200);
    assert_eq!(server.get(&format!("/{}/{path}", sign(b"key", "60x0/a.png"))).await.status, 400);
}
