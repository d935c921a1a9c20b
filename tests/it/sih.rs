//! The habits of the Serverless Image Handler up to version 3.

use crate::support::fixtures::small_png;
use crate::support::{Client, Server, jobs};
use std::sync::Arc;
use tintype::config::{Config, CorsConfig, Profile, Secret};
use tintype::loader::MemoryLoader;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server with pictures of these names and this key.
async fn server(key: &str, allow_unsafe: bool, names: &[&str]) -> Server {
    let mut config = Config { profile: Profile::Sih3, ..Config::default() };
    config.security.keys = vec![Secret::new(key)];
    config.security.allow_unsafe = allow_unsafe;
    serving(config, names).await
}

async fn serving(config: Config, names: &[&str]) -> Server {
    let loader = MemoryLoader::new(names.iter().map(|name| (*name, small_png())));
    Server::start_with(config, Arc::new(loader), jobs::at_once).await
}

/// Signatures by Python's `hmac`, as the guide of the image handler has them.
macro_rules! vectors {
    ($($name:ident: $key:literal, $path:literal, $signature:literal;)*) => {
        $(
            #[tokio::test]
            async fn $name() {
                let names = [
                    "serverless-image-handler-ui/img/multiface.jpg",
                    "https://d2n9bu90z1w8su.cloudfront.net/serverless-image-handler-ui/img/aws-logo-watermark.png",
                    "sub-folder/myimage.jpg", "photos/cat.jpg", "https://cdn.example.com/logos/acme logo.png",
                    "some/path/example.jpg", "products/shoe (1).png", "images/été.jpg", "unsafe-looking/key.jpg",
                ];
                for allow_unsafe in [false, true] {
                    let server = server($key, allow_unsafe, &names).await;
                    let answer = server.get(concat!("/", $signature, "/", $path)).await;
                    assert_eq!(answer.status, 200, "{}", answer.text());
                    let forged = format!("/{}/{}", $signature.replace(&$signature[..1], "."), $path);
                    let forged = forged.replacen('.', if $signature.starts_with('A') { "B" } else { "A" }, 1);
                    assert_eq!(server.get(&forged).await.status, 400, "{forged}");
                }
            }
        )*
    };
}

vectors! {
    the_example_of_the_guide:
        "mysecuritykey",
        "210x210/smart/filters:watermark(https://d2n9bu90z1w8su.cloudfront.net/serverless-image-handler-ui/img/aws-logo-watermark.png,75,0,0)/serverless-image-handler-ui/img/multiface.jpg",
        "Wwjr74-R7GrVN0XPT-Aq_DGFOh8=";
    the_sample_path_of_the_guide: "mysecuritykey", "200x200/smart/sub-folder/myimage.jpg", "xYPyZ85kv-zKtzHsGe84Sx3IaeE=";
    an_encoded_address_of_a_watermark:
        "mysecuritykey",
        "300x200/smart/filters:watermark(https%3A%2F%2Fcdn.example.com%2Flogos%2Facme%20logo.png,-10,-10,50)/photos/cat.jpg",
        "Erkyz4Mj52_PcA4kDJSl0fNfbGQ=";
    fill_and_rotate:
        "rotate-me-2024",
        "fit-in/300x400/filters:fill(00ff00):rotate(90)/some/path/example.jpg",
        "WUboqVzwaQzh7sqfQBYbNzMeyzY=";
    every_part_of_a_url:
        "rotate-me-2024",
        "meta/10x10:310x210/-300x-200/left/top/filters:quality(40):format(webp)/products/shoe%20(1).png",
        "Et_XsK5Qj0R1-PhBivlBbVRJHEk=";
    an_encoded_accent: "0123456789abcdef", "fit-in/100x100/images/%C3%A9t%C3%A9.jpg", "Z3ZVyCTZ9jxhlc07TpJlumOnT04=";
    a_folder_like_unsafe: "my-security-key", "unsafe-looking/key.jpg", "YHzGMxNMYuu6qThW48qRg9LoL8k=";
}

#[tokio::test]
async fn only_the_form_on_the_wire_is_signed() {
    let server = server("0123456789abcdef", false, &["images/été.jpg"]).await;
    let of_raw_text = "yntk4m74ohtNr2YzzAtQ78kOjzs=";
    assert_eq!(server.get(&format!("/{of_raw_text}/fit-in/100x100/images/%C3%A9t%C3%A9.jpg")).await.status, 400);
}

#[tokio::test]
async fn a_signature_of_the_leading_slash_is_wrong() {
    let server = server("mysecuritykey", false, &["serverless-image-handler-ui/img/multiface.jpg"]).await;
    let path = "210x210/smart/filters:watermark(https://d2n9bu90z1w8su.cloudfront.net/serverless-image-handler-ui/img/aws-logo-watermark.png,75,0,0)/serverless-image-handler-ui/img/multiface.jpg";
    assert_eq!(server.get(&format!("/oARh5XTMfJ02qX6V47h9PSRNIus=/{path}")).await.status, 400);
}

#[tokio::test]
async fn urls_need_no_unsafe_where_it_is_allowed() {
    let open = server("k", true, &["image01.jpg", "a/b.jpg", "twenty-seven-letters-in-all/b.jpg"]).await;
    let whole =
        ["/image01.jpg", "/fit-in/30x20/a/b.jpg", "/unsafe/30x20/a/b.jpg", "/twenty-seven-letters-in-all/b.jpg"];
    for path in whole {
        assert_eq!(open.get(path).await.status, 200, "{path}");
    }
    assert_eq!(open.get("/no/such.jpg").await.status, 404);
    assert_eq!(open.get("/healthcheck").await.text(), "WORKING");
    let closed = server("k", false, &["image01.jpg", "a/b.jpg"]).await;
    for path in whole {
        assert_eq!(closed.get(path).await.status, 400, "{path}");
    }
}

fn sharing(origins: &[&str]) -> Config {
    let mut config = Config { profile: Profile::Sih3, ..Config::default() };
    config.security.allow_unsafe = true;
    config.cors = CorsConfig { enabled: true, origins: origins.iter().map(ToString::to_string).collect() };
    config
}

#[tokio::test]
async fn every_answer_says_which_sites_may_use_it() {
    let server = serving(sharing(&["*"]), &["a.jpg"]).await;
    for (method, path, status) in [
        ("GET", "/a.jpg", 200),
        ("HEAD", "/a.jpg", 200),
        ("GET", "/no.jpg", 404),
        ("PUT", "/a.jpg", 405),
        ("OPTIONS", "/a.jpg", 204),
    ] {
        let mut client = Client::connect(server.address).await;
        client.ask(method, path, "Origin: https://a.test\r\n").await;
        // An answer to OPTIONS has no body, as one to HEAD.
        let answer = client.answer(if method == "OPTIONS" { "HEAD" } else { method }).await;
        assert_eq!(
            (answer.status, answer.header("access-control-allow-origin")),
            (status, Some("*")),
            "{method} {path}"
        );
        assert_eq!(answer.header("access-control-allow-methods").is_some(), method == "OPTIONS");
    }
}

#[tokio::test]
async fn of_several_sites_the_one_that_asks_is_named() {
    let server = serving(sharing(&["https://a.test", "https://b.test"]), &["a.jpg"]).await;
    for (origin, expected) in [("https://b.test", Some("https://b.test")), ("https://c.test", None)] {
        let answer = server.request("GET", "/a.jpg", &format!("Origin: {origin}\r\n")).await;
        assert_eq!(answer.header("access-control-allow-origin"), expected);
        assert!(answer.headers.iter().any(|(name, value)| name == "vary" && value == "Origin"), "{:?}", answer.headers);
    }
}

#[tokio::test]
async fn records_of_use_go_to_the_operators_collector_and_hold_nothing_up() {
    let collector = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = sharing(&["*"]);
    config.usage.send = true;
    config.usage.uuid = "u-1".into();
    config.usage.endpoint = Some(format!("http://{}/collect", collector.local_addr().unwrap()));
    let server = serving(config, &["secret/a.jpg"]).await;
    // The collector takes no connection yet, and pictures come all the same.
    for _ in 0..3 {
        assert_eq!(server.get("/fit-in/30x20/filters:blur(2)/secret/a.jpg").await.status, 200);
    }
    let (mut stream, _) = collector.accept().await.unwrap();
    let mut posted = Vec::new();
    while !posted.ends_with(b"}}") {
        assert!(stream.read_buf(&mut posted).await.unwrap() > 0);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    let posted = String::from_utf8(posted).unwrap();
    let (head, body) = posted.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /collect HTTP/1.1\r\n") && !posted.contains("secret"), "{posted}");
    let record: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!((&record["Solution"], &record["UUID"]), (&"SO0023".into(), &"u-1".into()));
    let data = &record["Data"];
    assert_eq!((&data["StatusCode"], &data["Options"]["width"]), (&200.into(), &"30".into()));
    assert_eq!(data["Options"]["filters"], serde_json::json!(["blur"]));
}
