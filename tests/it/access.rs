//! Who may ask for what.

use crate::support::{Server, jobs, settings};
use tintype::config::{Config, Secret};
use tintype::request::sign;

fn signed_only() -> Config {
    let mut config = Config::default();
    config.security.keys = vec![Secret::new("new"), Secret::new("old")];
    config
}

#[tokio::test]
async fn only_a_right_signature_is_served() {
    let server = Server::start(signed_only(), jobs::at_once).await;
    let path = "10x10/a.png";
    for key in ["new", "old"] {
        assert_eq!(server.get(&format!("/{}/{path}", sign(key.as_bytes(), path))).await.status, 200);
    }
    let forged = [
        format!("/{}/{path}", sign(b"other", path)),
        format!("/{}/10x11/a.png", sign(b"new", path)),
        format!("/{}/{path}", sign(b"", path)),
        format!("/unsafe/{path}"),
        format!("/%75nsafe/{path}"),
        format!("/unsafe/{}/{path}", sign(b"new", path)),
        format!("/{path}"),
    ];
    for path in forged {
        let answer = server.get(&path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn without_a_key_no_signature_is_right() {
    let server = Server::start(settings(), jobs::at_once).await;
    assert_eq!(server.get(&format!("/{}/a.png", sign(b"", "a.png"))).await.status, 400);
    assert_eq!(server.get("/unsafe/a.png").await.status, 200);
}
