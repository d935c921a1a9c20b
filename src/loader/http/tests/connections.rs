//! Lost connections, dead hosts, proxies and certificates.

use super::*;
use crate::config::HttpConfig;
use std::path::Path;
use std::process::{Command, Stdio};

fn retrying(max_retries: usize) -> LoaderConfig {
    LoaderConfig { http: HttpConfig { max_retries, ..HttpConfig::default() }, ..config() }
}

#[tokio::test]
async fn a_connection_that_is_lost_before_the_answer_is_made_again() {
    let flaky = |failures: usize| async move {
        let asked = Arc::new(AtomicUsize::new(0));
        Origin::start(move |stream, _| {
            let lost = asked.fetch_add(1, Ordering::SeqCst) < failures;
            async move {
                if !lost {
                    say(stream, whole("200 OK", "", "there")).await;
                }
            }
        })
        .await
    };
    let origin = flaky(1).await;
    assert_eq!(load(&retrying(1), &origin.id("a")).await.unwrap(), "there");
    assert_eq!(origin.requests(), 2);
    let origin = flaky(2).await;
    let answer = load(&retrying(1), &origin.id("a")).await;
    assert!(matches!(answer, Err(LoadError::Broken { .. })), "{answer:?}");
    assert_eq!(origin.requests(), 2);
    let origin = flaky(1).await;
    assert!(load(&retrying(0), &origin.id("a")).await.is_err());
    assert_eq!(origin.requests(), 1);
}

#[tokio::test]
async fn an_answer_is_not_asked_for_twice() {
    for answer in [whole("500 Oh", "", "no"), "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort".to_owned()] {
        let origin = Origin::saying(answer).await;
        assert!(load(&retrying(3), &origin.id("a")).await.is_err());
        assert_eq!(origin.requests(), 1);
    }
}

#[tokio::test]
async fn one_dead_host_leaves_the_others_alone() {
    let dead = Origin::silent().await;
    let alive = Origin::saying(whole("200 OK", "", "alive")).await;
    let impatient = LoaderConfig {
        max_clients: 4,
        max_clients_per_host: 3,
        request_timeout: Duration::from_millis(1500),
        ..config()
    };
    let loader = Arc::new(HttpLoader::new(&impatient).unwrap());
    let hung: Vec<_> = (0..20)
        .map(|at| {
            let (loader, id) = (Arc::clone(&loader), dead.id(&at.to_string()));
            tokio::spawn(async move { conformance::body(&*loader, &id).await })
        })
        .collect();
    while dead.requests() < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let started = Instant::now();
    assert_eq!(conformance::body(&*loader, &alive.id("a")).await.unwrap(), "alive");
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
    assert_eq!(dead.requests(), 3); // until those give up, when the next may try for what is left of their own time
    for load in hung {
        assert!(matches!(load.await.unwrap(), Err(LoadError::Timeout)));
    }
}

#[tokio::test]
async fn without_tls_nothing_is_asked_where_it_has_to_be_secure() {
    let origin = Origin::saying(whole("200 OK", "", "x")).await;
    let strict = LoaderConfig { kind: LoaderKind::StrictHttps, ..config() };
    let answer = load(&strict, &origin.id("a")).await;
    assert!(matches!(answer, Err(LoadError::NotAllowed { reason: Refusal::Insecure, .. })), "{answer:?}");
    assert_eq!(origin.requests(), 0);
}

#[tokio::test]
async fn a_proxy_is_asked_for_everything_that_may_be_asked() {
    let proxy = Origin::saying(whole("200 OK", "", "by proxy")).await;
    let through = |allow_private: &[&str]| LoaderConfig {
        allow_private: allow_private.iter().map(|network| network.parse().unwrap()).collect(),
        http: HttpConfig {
            proxy_host: Some("localhost".into()),
            proxy_port: Some(proxy.address.port()),
            proxy_username: Some("user".into()),
            proxy_password: crate::config::Secret::new("password"),
            ..HttpConfig::default()
        },
        ..config()
    };
    // Nothing but the proxy is connected to.
    assert_eq!(load(&through(&[]), "http%3A//8.8.8.8/a.jpg").await.unwrap(), "by proxy");
    let head = proxy.heads().remove(0);
    assert!(head.starts_with("GET http://8.8.8.8/a.jpg HTTP/1.1\r\n"), "{head}");
    assert!(head.to_ascii_lowercase().contains("proxy-authorization: basic dxnlcjpwyxnzd29yza==\r\n"), "{head}");
    for inside in ["http%3A//127.0.0.1/a", "http%3A//localhost/a", "http%3A//x.localhost/a", "http%3A//10.0.0.1/a"] {
        let answer = load(&through(&[]), inside).await;
        let private = matches!(answer, Err(LoadError::NotAllowed { reason: Refusal::PrivateAddress, .. }));
        assert!(private, "{inside}: {answer:?}");
    }
    assert_eq!(proxy.requests(), 1);
    assert_eq!(load(&through(&["127.0.0.0/8"]), "http%3A//localhost/a").await.unwrap(), "by proxy");
}

/// `openssl s_server`, which gives the files of a folder and wants to see a certificate.
struct TlsOrigin {
    folder: tempfile::TempDir,
    port: u16,
    server: std::process::Child,
}

impl TlsOrigin {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.txt"), "over tls").unwrap();
        for name in ["server", "client"] {
            let made = openssl(folder.path())
                .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
                .args(["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-addext", "basicConstraints=CA:FALSE"])
                .args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")])
                .output();
            assert!(made.unwrap().status.success());
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = openssl(folder.path())
            .args(["s_server", "-accept", &format!("127.0.0.1:{port}"), "-WWW", "-quiet"])
            .args(["-cert", "server.pem", "-key", "server.key", "-CAfile", "client.pem", "-Verify", "1"])
            .arg("-verify_return_error")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let origin = Self { folder, port, server: server.unwrap() };
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(5));
        }
        origin
    }

    async fn load(&self, http: HttpConfig) -> Result<Bytes, LoadError> {
        let id = conformance::quote(&format!("https://127.0.0.1:{}/a.txt", self.port));
        load(&LoaderConfig { http: HttpConfig { max_retries: 0, ..http }, ..config() }, &id).await
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }
}

impl Drop for TlsOrigin {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

fn openssl(folder: &Path) -> Command {
    let mut command = Command::new("openssl");
    command.current_dir(folder);
    command
}

#[tokio::test]
async fn certificates_are_checked_and_shown_as_the_settings_say() {
    let origin = TlsOrigin::start();
    let identity = HttpConfig {
        client_cert: Some(origin.file("client.pem")),
        client_key: Some(origin.file("client.key")),
        ..HttpConfig::default()
    };
    let trusting = HttpConfig { ca_certs: Some(origin.file("server.pem")), ..identity.clone() };
    let careless = HttpConfig { validate_certs: Some(false), ..identity.clone() };
    assert_eq!(origin.load(trusting.clone()).await.unwrap(), "over tls");
    assert_eq!(origin.load(careless).await.unwrap(), "over tls");
    let stranger = origin.load(identity).await;
    assert!(matches!(stranger, Err(LoadError::Unreachable { .. })), "{stranger:?}");
    let unnamed = origin.load(HttpConfig { client_cert: None, client_key: None, ..trusting }).await;
    assert!(matches!(unnamed, Err(LoadError::Unreachable { .. } | LoadError::Broken { .. })), "{unnamed:?}");
}
