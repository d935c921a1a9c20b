//! Paths are signed for those who hold a token, where the operator wants that.

use crate::support::{Server, jobs, settings};
use tintype::config::{Config, Secret};
use tintype::request::{Digest, sign};

const TOKEN: &str = "Authorization: Bearer open sesame\r\n";

fn signing() -> Config {
    let mut config = settings();
    config.security.allow_unsafe = false;
    config.security.keys = ["new", "old"].map(Secret::new).to_vec();
    config.security.tokens = vec![Secret::new("open sesame")];
    config.security.signs = true;
    config
}

#[tokio::test]
async fn what_is_signed_here_is_served_here() {
    let server = Server::start(signing(), jobs::at_once).await;
    for path in ["10x10/smart/a.png", "filters:nosuch(a%29%2F):quality(7)/b.png", "a.png"] {
        let answer = server.request("GET", &format!("/-/sign/{path}"), TOKEN).await;
        assert_eq!(answer.text(), format!("/{}/{path}\n", sign(b"new", path)), "by the current key");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(server.get(answer.text().trim()).await.status, 200, "{path}");
    }
    let mut config = signing();
    (config.security.scheme.digest, config.security.scheme.length) = (Digest::Sha256, 40);
    let server = Server::start(config, jobs::at_once).await;
    let answer = server.request("GET", "/-/sign/10x10/a.png", TOKEN).await;
    assert_eq!(server.get(answer.text().trim()).await.status, 200, "as the settings say");
}

#[tokio::test]
async fn nobody_else_gets_a_signature() {
    let server = Server::start(signing(), jobs::at_once).await;
    for wrong in ["", "Authorization: Bearer other\r\n", "Authorization: Basic open sesame\r\n"] {
        let answer = server.request("GET", "/-/sign/10x10/a.png", wrong).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")), "{wrong}");
    }
    let refused = server.request("GET", "/-/sign/99999999999x1/a.png", TOKEN).await;
    assert_eq!(refused.status, 400, "what could not be asked is not signed: {}", refused.text());
    let mut off = signing();
    off.security.signs = false;
    let mut keyless = signing();
    keyless.security.keys.clear();
    for (config, status) in [(off, 404), (keyless, 400)] {
        let server = Server::start(config, jobs::at_once).await;
        assert_eq!(server.request("GET", "/-/sign/10x10/a.png", TOKEN).await.status, status);
    }
}
