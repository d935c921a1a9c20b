//! Where originals come from: buckets, several sources in one server, and origins that look at who asks.

use crate::support::fixtures::{quadrants_file, small_png};
use crate::support::s3::S3Server;
use crate::support::{Origin, Server, settings};
use image::ImageFormat;
use std::fs;
use tintype::config::{Config, LoaderKind, Secret, SourceConfig};
use tintype::loader;
use tintype::pipeline::job;

async fn server(config: Config) -> Server {
    let loader = loader::from_config(&config.loader).unwrap();
    Server::start_with(config, loader, job::run).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn buckets_and_folders_and_the_web_make_one_server() {
    let (bucket, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::create_dir(bucket.path().join("2024")).unwrap();
    fs::write(bucket.path().join("2024/a b.png"), quadrants_file(40, 20, ImageFormat::Png)).unwrap();
    fs::write(folder.path().join("a b.png"), quadrants_file(20, 40, ImageFormat::Png)).unwrap();
    let s3 = S3Server::start(bucket.path());
    let web = Origin::giving(small_png()).await;
    let by_s3 = |[id, secret]: &[String; 2]| SourceConfig {
        loader: LoaderKind::S3,
        bucket: Some("pictures".into()),
        endpoint: Some(format!("http://127.0.0.1:{}", s3.port)),
        access_key_id: Secret::new(id),
        secret_access_key: Secret::new(secret),
        ..SourceConfig::default()
    };
    let mut config = settings();
    config.loader.kind = LoaderKind::Http;
    config.loader.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
    config.loader.sources = vec![
        SourceConfig { prefix: "shop/".into(), strip_prefix: true, root: Some("2024".into()), ..by_s3(&s3.reader) },
        SourceConfig { prefix: "closed/".into(), strip_prefix: true, ..by_s3(&s3.stranger) },
        SourceConfig { host: "cdn.example".into(), ..by_s3(&s3.reader) },
        SourceConfig {
            prefix: "local/".into(),
            strip_prefix: true,
            loader: LoaderKind::File,
            root: Some(folder.path().to_str().unwrap().into()),
            ..SourceConfig::default()
        },
    ];
    let server = server(config).await;
    let check = async |path: &str, status: u16, size: (u32, u32)| {
        let answer = server.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", String::from_utf8_lossy(&answer.body));
        assert!(status != 200 || answer.picture().dimensions() == size, "{path}");
    };
    check("/unsafe/shop/a%20b.png", 200, (40, 20)).await;
    check("/unsafe/20x10/shop/a%20b.png", 200, (20, 10)).await;
    check("/unsafe/http://cdn.example/2024/a%2520b.png", 200, (40, 20)).await;
    check("/unsafe/local/a%20b.png", 200, (20, 40)).await;
    check(&format!("/unsafe/http://{}/x.png", web.address), 200, (3, 2)).await;
    check("/unsafe/filters:watermark(shop/a%20b.png,0,0,0)/local/a%20b.png", 200, (20, 40)).await;
    check("/unsafe/shop/none.png", 404, (0, 0)).await;
    check("/unsafe/shop/../2024/a%20b.png", 404, (0, 0)).await;
    check("/unsafe/http://cdn.example/none.png", 404, (0, 0)).await;
    check("/unsafe/local/../local/a%20b.png", 404, (0, 0)).await;
    check("/unsafe/closed/2024/a%20b.png", 502, (0, 0)).await;
    let told = server.get("/unsafe/closed/2024/a%20b.png").await;
    assert_eq!(told.text(), "the origin of the source failed\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_come_from_the_bucket_and_addresses_from_the_web() {
    let bucket = tempfile::tempdir().unwrap();
    fs::write(bucket.path().join("httpd.png"), quadrants_file(40, 20, ImageFormat::Png)).unwrap();
    let s3 = S3Server::start(bucket.path());
    let web = Origin::giving(small_png()).await;
    let mut config = settings();
    config.loader.kind = LoaderKind::S3;
    config.loader.s3.bucket = Some("pictures".into());
    config.loader.bucket.s3.endpoint = Some(format!("http://127.0.0.1:{}", s3.port));
    config.loader.bucket.s3.access_key_id = Secret::new(&s3.reader[0]);
    config.loader.bucket.s3.secret_access_key = Secret::new(&s3.reader[1]);
    config.loader.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
    for (s3_or_http, status) in [(true, 200), (false, 404)] {
        config.loader.s3_or_http = s3_or_http;
        let server = server(config.clone()).await;
        assert_eq!(server.get("/unsafe/httpd.png").await.picture().dimensions(), (40, 20));
        assert_eq!(server.get(&format!("/unsafe/http://{}/x.png", web.address)).await.status, status);
    }
}

#[tokio::test]
async fn what_an_origin_sees_of_clients_tells_their_results_apart() {
    let origin = Origin::giving(small_png()).await;
    let mut config = settings();
    config.loader.kind = LoaderKind::Http;
    config.loader.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
    let path = format!("/unsafe/http://{}/x.png", origin.address);
    let fetches = async |config: &Config, headers: &[&str]| {
        let before = origin.asked().len();
        let server = server(config.clone()).await;
        let mut vary = None;
        for header in headers {
            let answer = server.request("GET", &path, header).await;
            assert_eq!(answer.status, 200);
            vary = answer.header("vary").map(str::to_owned);
        }
        (origin.asked().len() - before, vary)
    };
    let tenants = ["X-Tenant: a\r\n", "X-Tenant: b\r\n", "X-Tenant: a\r\n", "Cookie: c\r\nX-Tenant: a\r\n"];
    assert_eq!(fetches(&config, &tenants).await, (1, None));
    config.loader.http.forward_headers = vec!["x-tenant".into()];
    assert_eq!(fetches(&config, &tenants).await, (2, Some("x-tenant".into())));
    config.loader.http.forward_all = true;
    assert_eq!(fetches(&config, &["Cookie: a\r\n", "Cookie: b\r\n", "X-Any: 1\r\n"]).await, (2, Some("*".into())));
}
