//! Where originals come from, and how they are asked for.

use super::{with, with_all};
use crate::support::fixtures::small_png;
use crate::support::{Client, Configured, Origin, eventually};
use std::time::{Duration, Instant};
use tokio::net::TcpSocket;

/// A server that asks hosts, with these settings, and such a host.
async fn asking(settings: &[(&str, &str)]) -> (Configured, Origin) {
    let origin = Origin::giving(small_png()).await;
    (with_all(&[&[("LOADER", "http")], settings].concat()).await, origin)
}

/// What the host is told when it is asked by a client with these header lines.
async fn told(settings: &[(&str, &str)], more: &str) -> String {
    let (server, origin) = asking(settings).await;
    let answer = server.request("GET", &format!("/unsafe/{}/a.png", origin.address), more).await;
    assert_eq!(answer.status, 200, "{settings:?}");
    origin.heads().concat().to_ascii_lowercase()
}

#[tokio::test]
async fn loader_decides_what_a_name_means() {
    let (server, origin) = asking(&[]).await;
    let address = format!("/unsafe/{}/a.png", origin.address);
    assert_eq!(server.get(&address).await.status, 200);
    assert_eq!(server.get("/unsafe/127.0.0.1:1/a.png").await.status, 502);
    let files = with("LOADER", "thumbor.loaders.file_loader").await;
    assert_eq!((files.get("/unsafe/a.png").await.status, files.get(&address).await.status), (200, 404));
    let both = with("LOADER", "thumbor.loaders.file_loader_http_fallback").await;
    assert_eq!((both.get("/unsafe/a.png").await.status, both.get(&address).await.status), (200, 200));
}

#[tokio::test]
async fn file_loader_root_path_is_where_files_are() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("other.png"), small_png()).unwrap();
    let server = with("FILE_LOADER_ROOT_PATH", folder.path().to_str().unwrap()).await;
    assert_eq!(server.get("/unsafe/other.png").await.status, 200);
    assert_eq!(server.get("/unsafe/a.png").await.status, 404);
}

#[tokio::test]
async fn allowed_sources_are_the_only_ones() {
    for (value, status) in [("127.0.0.1", 200), ("a.test, b.test", 400), ("[r'127\\.0\\.0\\..']", 200), ("[]", 200)] {
        let (server, origin) = asking(&[("ALLOWED_SOURCES", value)]).await;
        assert_eq!(server.get(&format!("/unsafe/{}/a.png", origin.address)).await.status, status, "{value}");
    }
}

#[tokio::test]
async fn http_loader_connect_timeout_gives_up_on_hosts_that_take_no_connection() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Nobody accepts: once as many wait as may, nobody else gets in.
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) =
        tokio::time::timeout(Duration::from_millis(200), tokio::net::TcpStream::connect(address)).await
    {
        waiting.push(stream);
    }
    let settings = [("LOADER", "http"), ("HTTP_LOADER_CONNECT_TIMEOUT", "0.2"), ("HTTP_LOADER_MAX_RETRY", "0")];
    let server = with_all(&settings).await;
    let start = Instant::now();
    assert_eq!(server.get(&format!("/unsafe/{address}/a.png")).await.status, 504);
    assert!(start.elapsed() < Duration::from_secs(4), "5 s are the default: {:?}", start.elapsed());
}

#[tokio::test]
async fn http_loader_request_timeout_gives_up_on_hosts_that_do_not_answer() {
    let (server, origin) = asking(&[("HTTP_LOADER_REQUEST_TIMEOUT", "0.2")]).await;
    assert_eq!(server.get(&format!("/unsafe/{}/slow.png", origin.address)).await.status, 504);
}

#[tokio::test]
async fn http_loader_follow_redirects_and_max_redirects_decide_how_far_a_host_may_send_us() {
    for (settings, hops, status) in [
        (("HTTP_LOADER_MAX_REDIRECTS", "2"), 2, 200),
        (("HTTP_LOADER_MAX_REDIRECTS", "2"), 3, 502),
        (("HTTP_LOADER_FOLLOW_REDIRECTS", "true"), 5, 200),
        (("HTTP_LOADER_FOLLOW_REDIRECTS", "false"), 1, 502),
    ] {
        let (server, origin) = asking(&[settings]).await;
        let answer = server.get(&format!("/unsafe/{}/hops/{hops}/a.png", origin.address)).await;
        assert_eq!(answer.status, status, "{settings:?} {hops}");
    }
}

#[tokio::test]
async fn http_loader_max_clients_is_how_many_are_asked_at_a_time() {
    for (value, at_once) in [("1", 1), ("3", 3)] {
        let (server, origin) = asking(&[("HTTP_LOADER_MAX_CLIENTS", value)]).await;
        let mut clients = Vec::new();
        for number in 0..3 {
            let mut client = Client::connect(server.address).await;
            client.ask("GET", &format!("/unsafe/{}/slow/{number}.png", origin.address), "").await;
            clients.push(client);
        }
        eventually("the host is asked", || origin.asked().len() >= at_once).await;
        // Whoever waits does not reach the host while this answer is made.
        assert_eq!(server.get("/healthcheck").await.status, 200);
        assert_eq!(origin.asked().len(), at_once, "{value}");
    }
}

#[tokio::test]
async fn http_loader_default_user_agent_is_what_we_are_called() {
    assert!(told(&[("HTTP_LOADER_DEFAULT_USER_AGENT", "Pictures/1")], "").await.contains("user-agent: pictures/1\r\n"));
    assert!(told(&[], "User-Agent: browser\r\n").await.contains("user-agent: tintype/"));
}

#[tokio::test]
async fn http_loader_forward_user_agent_names_the_clients() {
    let settings = |value| [("HTTP_LOADER_FORWARD_USER_AGENT", value)];
    assert!(told(&settings("true"), "User-Agent: browser\r\n").await.contains("user-agent: browser\r\n"));
    assert!(told(&settings("false"), "User-Agent: browser\r\n").await.contains("user-agent: tintype/"));
}

#[tokio::test]
async fn http_loader_forward_all_headers_and_the_whitelist_pass_headers_on() {
    let headers = "X-Tenant: a\r\nX-Other: b\r\n";
    for (settings, tenant, other) in [
        (("HTTP_LOADER_FORWARD_ALL_HEADERS", "true"), true, true),
        (("HTTP_LOADER_FORWARD_HEADERS_WHITELIST", "X-Tenant"), true, false),
        (("HTTP_LOADER_FORWARD_ALL_HEADERS", "false"), false, false),
    ] {
        let told = told(&[settings], headers).await;
        assert_eq!(
            (told.contains("x-tenant: a\r\n"), told.contains("x-other: b\r\n")),
            (tenant, other),
            "{settings:?}"
        );
    }
}
