//! No name leads out of the folder with the originals.

use crate::support::fixtures::small_png;
use crate::support::{Client, Server, settings};
use std::fs;
use std::os::unix::fs::symlink;
use tintype::loader;
use tintype::pipeline::job;

/// Ways up; each is tried in several depths, before several names.
const UP: &[&str] = &[
    "../",
    "..//",
    "./../",
    ".././",
    "%2e%2e/",
    "%2E%2E/",
    ".%2e/",
    "%2e./",
    "..%2f",
    "..%2F",
    "%2e%2e%2f",
    "%252e%252e/",
    "%252e%252e%252f",
    "..%252f",
    "%25252e%25252e%25252f",
    "..%5c",
    "..\\",
    "%2e%2e%5c",
    "..%5c/",
    "..%c0%af",
    "%c0%ae%c0%ae/",
    "%e0%80%ae%e0%80%ae/",
    "..%e2%88%95",
    "%ef%bc%8e%ef%bc%8e/",
    "..%00/",
    "..%0d%0a/",
    "..%20/",
    "..;/",
    "..%3b/",
    "....//",
    ".../",
    "folder/../../",
    "folder/%2e%2e/%2e%2e/",
    "folder%2f..%2f..%2f",
    "//../",
    "/%2f../",
];

/// Names that begin elsewhere.
const ABSOLUTE: &[&str] = &[
    "/etc/passwd",
    "//etc/passwd",
    "%2fetc/passwd",
    "%2fetc%2fpasswd",
    "%252fetc%252fpasswd",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "file%3a%2f%2f%2fetc%2fpasswd",
    "~/secret.png",
    "~root/secret.png",
    "$HOME/secret.png",
    "%24%7BHOME%7D/secret.png",
    "/proc/self/environ",
    "proc/self/environ",
    "/proc/self/cwd/Cargo.toml",
    "/dev/zero",
    "/dev/stdin",
    "dev/fd/0",
    "C:/secret.png",
    "%5c%5cserver%5cshare%5csecret.png",
    "inside.png%00.jpg",
    "inside.png/",
    "inside.png/.",
    "inside.png/../../secret.png",
    "link.png",
    "links/secret.png",
    "chain.png",
    "loop.png",
    "folder",
    ".",
    "..",
];

#[tokio::test]
async fn nothing_outside_of_the_folder_is_served() {
    let tree = tempfile::tempdir().unwrap();
    let root = tree.path().join("root");
    fs::create_dir_all(root.join("folder")).unwrap();
    fs::create_dir_all(tree.path().join("root-sibling")).unwrap();
    fs::write(root.join("inside.png"), small_png()).unwrap();
    for secret in ["secret.png", "root-sibling/secret.png"] {
        fs::write(tree.path().join(secret), small_png()).unwrap();
    }
    symlink("../secret.png", root.join("link.png")).unwrap();
    symlink("..", root.join("links")).unwrap();
    symlink("link.png", root.join("chain.png")).unwrap();
    symlink("loop.png", root.join("loop.png")).unwrap();
    let mut config = settings();
    config.loader.file_root = root;
    let loader = loader::from_config(&config.loader).unwrap();
    let server = Server::start_with(config, loader, job::run).await;
    assert_eq!(server.get("/unsafe/inside.png").await.status, 200);

    let ups = UP.iter().flat_map(|up| {
        let deep = |depth: usize, name: &str| format!("{}{name}", up.repeat(depth));
        [deep(1, "secret.png"), deep(1, "root-sibling/secret.png"), deep(3, "secret.png"), deep(12, "etc/passwd")]
    });
    let names: Vec<String> = ups.chain(ABSOLUTE.iter().map(|&name| name.to_owned())).collect();
    assert!(names.len() > 60);
    // One client for all, since there are many.
    let mut client = Client::connect(server.address).await;
    for name in names {
        for path in [
            format!("/unsafe/{name}"),
            format!("/unsafe/filters:watermark({name},0,0,0)/inside.png"),
            format!("/unsafe/filters:frame({name})/inside.png"),
        ] {
            let path: String = path.chars().map(|c| if c == '\\' { "%5C".into() } else { c.to_string() }).collect();
            client.ask("GET", &path, "").await;
            let answer = client.answer("GET").await;
            assert_eq!(answer.status / 100, 4, "{path}: {}", String::from_utf8_lossy(&answer.body));
        }
    }
}
