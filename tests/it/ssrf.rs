//! Nobody makes the server ask for what is not on the public internet, whatever the address looks like.

use crate::support::fixtures::small_png;
use crate::support::{Origin, Server, settings};
use std::time::{Duration, Instant};
use tintype::config::{Config, LoaderConfig, LoaderKind};
use tintype::loader;
use tintype::pipeline::job;

/// Hosts that are this machine, its neighbors or nobody, in spellings that parsers of addresses differ about.
const HOSTS: &[&str] = &[
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1.",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "127。0。0。1",
    "①②⑦.0.0.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "pictures.localhost",
    "0.0.0.0",
    "0",
    "0x0",
    "0.1.2.3",
    "10.0.0.1",
    "012.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.170.2",
    "168.63.129.16",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "3232235521",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:169.254.169.254]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::127.0.0.1]",
    "[2001:0:7f00:1::]",
    "[2001:db8::1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2a00:1450::5efe:127.0.0.1]",
    "[3fff::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fd20:ce::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
];

/// Ways to write an address; `{host}` and `{port}` are replaced.
const FORMS: &[&str] = &[
    "http://{host}:{port}/x.png",
    "http:/{host}:{port}/x.png",
    "{host}:{port}/x.png",
    "//{host}:{port}/x.png",
    "HTTP://{host}:{port}/x.png",
    "http://example.com@{host}:{port}/x.png",
    "http://user:password@{host}:{port}/x.png",
    "http://{host}:{port}%23@example.com/x.png",
    "http%3A%2F%2F{host}%3A{port}%2Fx.png",
    "https://{host}:{port}/x.png",
];

fn over_http(change: impl Fn(&mut LoaderConfig)) -> Config {
    let mut config = settings();
    config.loader.kind = LoaderKind::Http;
    change(&mut config.loader);
    config
}

async fn server(config: Config) -> Server {
    let loader = loader::from_config(&config.loader).unwrap();
    Server::start_with(config, loader, job::run).await
}

/// The path as a browser sends it.
fn path(written: &str) -> String {
    written.bytes().fold("/unsafe/".to_owned(), |path, byte| match byte {
        b'!'..=b'~' if !matches!(byte, b'[' | b']' | b'\\' | b'#') => path + &char::from(byte).to_string(),
        _ => path + &format!("%{byte:02X}"),
    })
}

#[tokio::test]
async fn every_address_that_is_not_public_is_refused_at_once() {
    let canary = Origin::giving(small_png()).await;
    let server = server(over_http(|_| {})).await;
    for host in HOSTS {
        for form in FORMS {
            let written = form.replace("{host}", host).replace("{port}", &canary.address.port().to_string());
            let mut fastest = Duration::MAX;
            // A machine that does something else for a moment says nothing about us.
            for _ in 0..3 {
                let started = Instant::now();
                let answer = server.get(&path(&written)).await;
                assert_eq!(answer.status, 400, "{written}: {}", answer.text());
                fastest = fastest.min(started.elapsed());
                if fastest < Duration::from_millis(100) {
                    break;
                }
            }
            assert!(fastest < Duration::from_millis(100), "{written} took {fastest:?}");
        }
    }
    assert_eq!(canary.asked(), [] as [String; 0]);
}

#[tokio::test]
async fn what_the_settings_open_is_open_and_nothing_beside_it() {
    let origin = Origin::giving(small_png()).await;
    let port = origin.address.port();
    let server = server(over_http(|loader| loader.allow_private = vec!["127.0.0.1/32".parse().unwrap()])).await;
    for host in ["127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"] {
        assert_eq!(server.get(&path(&format!("http://{host}:{port}/x.png"))).await.status, 200, "{host}");
    }
    for host in ["127.0.0.2", "[::1]", "0.0.0.0", "10.0.0.1"] {
        assert_eq!(server.get(&path(&format!("http://{host}:{port}/x.png"))).await.status, 400, "{host}");
    }
}

#[tokio::test]
async fn other_protocols_are_not_spoken() {
    let server = server(over_http(|_| {})).await;
    for written in [
        "file:///etc/passwd",
        "ftp://example.com/x.png",
        "gopher://example.com/x.png",
        "dict://example.com:11211/x.png",
        "FILE:///etc/passwd",
        "jar://http://example.com/x.png",
    ] {
        let started = Instant::now();
        let answer = server.get(&path(written)).await;
        assert_eq!(answer.status, 400, "{written}: {}", answer.text());
        assert!(started.elapsed() < Duration::from_secs(1), "{written}");
    }
}

#[tokio::test]
async fn only_listed_hosts_are_asked() {
    let canary = Origin::giving(small_png()).await;
    let port = canary.address.port();
    let open = |loader: &mut LoaderConfig| loader.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
    let listed = server(over_http(|loader| {
        open(loader);
        loader.allowed_sources = vec!["127.0.0.1".into(), r"img\d\.example".into(), "http://127\\.0\\.0\\.3:".into()];
    }))
    .await;
    assert_eq!(listed.get(&path(&format!("http://127.0.0.1:{port}/x.png"))).await.status, 200);
    assert_eq!(listed.get(&path(&format!("http://127.0.0.1:{port}/../x.png"))).await.status, 200);
    let before = canary.asked().len();
    for written in [
        "http://127.0.0.2:{port}/x.png",
        "http://127.0.0.1@127.0.0.2:{port}/x.png",
        "http://127.0.0.2:{port}%23@127.0.0.1/x.png",
        "http://127.0.0.2:{port}%3F@127.0.0.1/x.png",
        "http://localhost:{port}/x.png",
        "http://127.0.0.1.localhost:{port}/x.png",
        "http://img1.example.localhost:{port}/x.png",
        "http://ximg1.example/x.png",
        "https://127.0.0.3:{port}/x.png",
        "http://127.0.0.3:1@127.0.0.2:{port}/x.png",
    ] {
        let answer = listed.get(&path(&written.replace("{port}", &port.to_string()))).await;
        assert_eq!(answer.status, 400, "{written}: {}", answer.text());
    }
    assert_eq!(canary.asked().len(), before);
}
