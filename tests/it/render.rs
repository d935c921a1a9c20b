//! A picture may come with the request for it.

use crate::support::fixtures::{QUADRANTS, huge_png_header, quadrants_file};
use crate::support::{Client, Gate, Server, assert_quadrants, eventually, jobs, settings};
use image::ImageFormat;
use std::time::Duration;
use tintype::config::{Config, Secret};

const TOKEN: &str = "Authorization: Bearer open sesame\r\n";

fn with_token() -> Config {
    let mut config = settings();
    config.security.tokens = vec![Secret::new("open sesame")];
    config
}

fn head(options: &str, more: &str, length: usize) -> String {
    format!("POST /-/render{options} HTTP/1.1\r\nHost: a\r\n{more}Content-Length: {length}\r\n\r\n")
}

async fn post(server: &Server, options: &str, more: &str, body: &[u8]) -> crate::support::client::Answer {
    let mut client = Client::connect(server.address).await;
    client.send(head(options, more, body.len())).await;
    client.send(body).await;
    client.answer("POST").await
}

#[tokio::test]
async fn bytes_in_picture_out() {
    let server = Server::of(with_token(), [] as [(&str, Vec<u8>); 0]).await;
    let file = quadrants_file(80, 40, ImageFormat::Png);
    let answer = post(&server, "/40x20/filters:format(webp)", TOKEN, &file).await;
    assert_eq!(answer.header("content-type"), Some("image/webp"));
    assert_eq!((answer.header("cache-control"), answer.header("etag")), (Some("no-store"), None));
    let picture = answer.picture();
    assert_eq!(picture.dimensions(), (40, 20));
    assert_quadrants(&picture, QUADRANTS, 12, "webp");
    for path in ["", "/"] {
        assert_eq!(post(&server, path, TOKEN, &file).await.picture().dimensions(), (80, 40));
    }
}

#[tokio::test]
async fn only_who_holds_a_token_may_ask() {
    let server = Server::start(with_token(), jobs::at_once).await;
    let file = quadrants_file(8, 8, ImageFormat::Png);
    for wrong in ["", "Authorization: Bearer other\r\n", "Authorization: Basic open sesame\r\n"] {
        let answer = post(&server, "/10x10", wrong, &file).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")), "{wrong}");
    }
    let closed = Server::start(settings(), jobs::at_once).await;
    assert_eq!(post(&closed, "/10x10", "Authorization: Bearer \r\n", &file).await.status, 401);
    let answer = server.request("GET", "/-/render/10x10", TOKEN).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("POST")));
}

#[tokio::test]
async fn the_limits_are_those_of_all_pictures() {
    let mut config = with_token();
    config.loader.max_bytes = 5000;
    let server = Server::of(config, [] as [(&str, Vec<u8>); 0]).await;
    for (options, body, status) in [
        ("/10x10", b"not a picture".to_vec(), 415),
        ("/10x10", Vec::new(), 415),
        ("/10x10", huge_png_header(), 422),
        ("/10x10", vec![0; 5001], 413),
        ("/10x10/a.jpg", Vec::new(), 400),
        ("/99999999999x1", Vec::new(), 400),
    ] {
        assert_eq!(post(&server, options, TOKEN, &body).await.status, status, "{options} {}", body.len());
    }
    // Without a length the bytes are counted as they come.
    let mut client = Client::connect(server.address).await;
    let head = format!("POST /-/render HTTP/1.1\r\nHost: a\r\n{TOKEN}Transfer-Encoding: chunked\r\n\r\n");
    client.send(head).await;
    client.send(format!("1400\r\n{}\r\n1\r\n!\r\n", "x".repeat(0x1400))).await;
    assert_eq!(client.answer("POST").await.status, 413);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let mut config = with_token();
    config.server.body_timeout = Duration::from_millis(30);
    let server = Server::start(config, jobs::at_once).await;
    let mut client = Client::connect(server.address).await;
    client.send(head("/10x10", TOKEN, 100) + "some").await;
    assert_eq!(client.answer("POST").await.status, 408);
    client.goodbye().await;
    assert_eq!(server.pipeline.waiting(), 0);
}

#[tokio::test]
async fn bodies_that_are_still_coming_stand_in_line() {
    let mut config = with_token();
    config.admission.max_queue = 1;
    let server = Server::start(config, jobs::at_once).await;
    let file = quadrants_file(8, 8, ImageFormat::Png);
    let mut slow = Client::connect(server.address).await;
    slow.send(head("/10x10", TOKEN, file.len())).await;
    eventually("it has a place", || server.pipeline.waiting() == 1).await;
    assert_eq!(post(&server, "/10x10", TOKEN, &file).await.status, 503);
    slow.send(&file).await;
    assert_eq!(slow.answer("POST").await.body, jobs::BODY);
    assert_eq!(post(&server, "/10x10", TOKEN, &file).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_for_a_client_that_has_left_is_stopped() {
    let gate = Gate::closed();
    let server = Server::start(with_token(), gate.work()).await;
    let file = quadrants_file(8, 8, ImageFormat::Png);
    let mut client = Client::connect(server.address).await;
    client.send(head("/10x10", TOKEN, file.len())).await;
    client.send(&file).await;
    eventually("it is under way", || gate.started() == 1).await;
    drop(client);
    eventually("it has stopped", || gate.cancelled() == 1).await;
}
