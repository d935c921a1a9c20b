//! Methods, paths and forms of requests.

use crate::support::{Client, Server, jobs, settings};

#[tokio::test]
async fn only_get_and_head_are_allowed() {
    let server = Server::start(settings(), jobs::at_once).await;
    let paths = ["/unsafe/a.png", "/healthcheck", "/-/nothing", "/"];
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "FOO"] {
        for path in paths {
            let answer = server.request(method, path, "Content-Length: 0\r\n").await;
            assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn every_answer_has_the_headers_that_all_have() {
    let mut config = settings();
    config.cors.enabled = true;
    config.cors.origins = vec!["https://a.test".into()];
    config.server.max_url_bytes = 500;
    let server = Server::start(config, jobs::at_once).await;
    let etag = server.get("/unsafe/a.png").await.etag();
    let long = format!("/unsafe/{}", "a".repeat(500));
    for (method, path, more, status) in [
        ("GET", "/unsafe/a.png", "", 200),
        ("HEAD", "/unsafe/a.png", "", 200),
        ("GET", "/unsafe/a.png", "Range: bytes=0-1\r\n", 206),
        ("GET", "/unsafe/a.png", "Range: bytes=99-\r\n", 416),
        ("GET", "/unsafe/a.png", &format!("If-None-Match: {etag}\r\n"), 304),
        ("GET", "/healthcheck", "", 200),
        ("GET", "/x", "", 400),
        ("DELETE", "/-/purge/a.png", "", 401),
        ("GET", "/unsafe/none.png", "", 404),
        ("POST", "/unsafe/a.png", "Content-Length: 0\r\n", 405),
        ("GET", &long, "", 414),
        ("GET", "/unsafe/text.png", "", 415),
        ("OPTIONS", "/unsafe/a.png", "Origin: https://a.test\r\n", 204),
    ] {
        let answer = server.request(method, path, more).await;
        assert_eq!(answer.status, status, "{method} {path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("server", "tintype"),
            ("access-control-allow-origin", "https://a.test"),
        ] {
            let all: Vec<_> = answer.headers.iter().filter(|(have, _)| have == name).map(|(_, value)| value).collect();
            assert_eq!(all, [value], "{method} {path} {name}");
        }
        assert_eq!(answer.header("x-request-id").map(str::len), Some(16), "{method} {path}");
    }
}

#[tokio::test]
async fn head_has_the_headers_of_get() {
    let server = Server::start(settings(), jobs::at_once).await;
    for path in ["/unsafe/a.png", "/unsafe/none.png", "/healthcheck", "/-/nothing", "/x"] {
        let mut client = Client::connect(server.address).await;
        client.ask("HEAD", path, "").await;
        let head = client.answer("HEAD").await;
        client.ask("GET", path, "").await; // would be misread if a body had come
        let get = client.answer("GET").await;
        let comparable = |headers: &[(String, String)]| {
            let changing = ["date", "expires", "server-timing", "x-request-id"];
            headers.iter().filter(|(name, _)| !changing.contains(&name.as_str())).cloned().collect::<Vec<_>>()
        };
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(comparable(&head.headers), comparable(&get.headers), "{path}");
        assert_eq!(get.header("content-length"), Some(get.body.len().to_string().as_str()), "{path}");
    }
}

#[tokio::test]
async fn healthcheck_says_that_it_is_working() {
    let server = Server::start(settings(), jobs::at_once).await;
    for path in ["/healthcheck", "/healthcheck/"] {
        let answer = server.get(path).await;
        assert_eq!((answer.status, answer.text()), (200, "WORKING"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert!(answer.header("content-type").unwrap().starts_with("text/html"));
    }
    assert_eq!(server.get("/healthcheck/x").await.status, 400);
}

#[tokio::test]
async fn no_picture_lives_where_the_server_has_its_own_paths() {
    let server = Server::start(settings(), jobs::at_once).await;
    for path in ["/-/", "/-/nothing", "/-/unsafe/a.png"] {
        assert_eq!(server.get(path).await.status, 404, "{path}");
    }
    for path in ["/", "/-", "/unsafe", "/unsafe/", "/a.png"] {
        assert_eq!(server.get(path).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn paths_are_taken_as_they_are() {
    let server = Server::start(settings(), jobs::at_once).await;
    assert_eq!(server.get("/unsafe/10x10/%61.png").await.status, 200);
    assert_eq!(server.get("/unsafe/../unsafe/a.png").await.status, 404);
    assert_eq!(server.get("/unsafe/10x10/a.png?x=y").await.status, 200);
    assert_eq!(server.get("/unsafe/10x10/%ff.png").await.status, 400);
    assert_eq!(server.get("//unsafe/a.png").await.status, 400);
}

/// Sends raw bytes and gives the status.
async fn status(server: &Server, bytes: &[u8]) -> u16 {
    let mut client = Client::connect(server.address).await;
    client.send(bytes).await;
    client.answer("GET").await.status
}

#[tokio::test]
async fn odd_requests_are_answered_and_nobody_is_asked_for_them() {
    let server = Server::start(settings(), jobs::at_once).await;
    let check = [
        (&b"GET http://127.0.0.1:1/secret HTTP/1.1\r\nHost: a\r\n\r\n"[..], 400),
        (b"GET http://elsewhere/unsafe/a.png HTTP/1.1\r\nHost: elsewhere\r\n\r\n", 200), // our own path all the same
        (b"GET http://elsewhere HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n", 405),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 405),
        (b"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /unsafe/\xff\xfe.png HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /unsafe/\xc3\xa1.png HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /unsafe/a.png\t HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /unsafe/a.png HTTP/1.0\r\n\r\n", 200),
        (b"GET /unsafe/a.png HTTP/1.1\r\n\r\n", 200),
        (b"nonsense\r\n\r\n", 400),
    ];
    for (bytes, expected) in check {
        assert_eq!(status(&server, bytes).await, expected, "{}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(server.get("/healthcheck").await.status, 200);
}

#[tokio::test]
async fn what_is_no_http_is_refused_without_a_word() {
    let server = Server::start(settings(), jobs::at_once).await;
    let head = "GET /unsafe/a.png HTTP/1.1\r\nHost: a\r\n";
    for (bytes, expected) in [
        ("nonsense\r\n\r\n".to_owned(), 400),
        (format!("{head}no colon\r\n\r\n"), 400),
        (format!("{head}{}\r\n", "X: y\r\n".repeat(100)), 431),
        (format!("{head}X: {}\r\n\r\n", "y".repeat(1 << 20)), 431),
        (format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(66_000)), 414),
    ] {
        let mut client = Client::connect(server.address).await;
        client.send(&bytes).await;
        let answer = client.answer("GET").await;
        let names: Vec<_> = answer.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((answer.status, answer.body.len()), (expected, 0), "{bytes:.40}");
        assert!(names.iter().all(|name| ["date", "content-length", "connection"].contains(name)), "{names:?}");
        client.goodbye().await;
    }
    assert_eq!(server.get("/unsafe/a.png").await.status, 200);
}

#[tokio::test]
async fn http_2_is_spoken_without_tls() {
    let server = Server::start(settings(), jobs::at_once).await;
    let client = reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let answer = client.get(format!("http://{}/unsafe/a.png", server.address)).send().await.unwrap();
    assert_eq!(answer.version(), reqwest::Version::HTTP_2);
    assert_eq!(answer.bytes().await.unwrap(), jobs::BODY);
}
