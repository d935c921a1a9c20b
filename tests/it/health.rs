//! Checks of health, and what they say of a server that stops.

use crate::support::fixtures::small_png;
use crate::support::program::{Serving, address_in, output};
use crate::support::{Client, Gate, Receiver, Server, eventually, jobs, settings};
use std::net::SocketAddr;
use std::time::Duration;

async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let mut client = Client::connect(address).await;
    client.ask("GET", path, "").await;
    let answer = client.answer("GET").await;
    (answer.status, answer.text().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_requests_in_flight_survive_sigterm_while_readiness_is_off() {
    const REQUESTS: usize = 50;
    let origin = Receiver::holding(small_png()).await;
    let folder = tempfile::tempdir().unwrap();
    let environment = [
        ("ALLOW_UNSAFE_URL", "true"),
        ("LOADER", "http"),
        ("ALLOW_PRIVATE_SOURCES", "127.0.0.1"),
        ("HTTP_LOADER_MAX_CLIENTS_PER_HOST", "64"),
        ("METRICS_PORT", "0"),
    ];
    let mut serving = Serving::start(folder.path(), &["--host", "127.0.0.1", "-p", "0"], &environment);
    let operators = address_in(&serving.line("metrics and checks of health on"));
    let mut clients = Vec::new();
    for number in 0..REQUESTS {
        let mut client = Client::connect(serving.address).await;
        client.ask("GET", &format!("/unsafe/2x2/http://{}/{number}.png", origin.address), "").await;
        clients.push(client);
    }
    eventually("all are in flight", || origin.letters().len() == REQUESTS).await;
    assert_eq!(get(operators, "/-/readyz").await, (200, "ready".into()));

    serving.signal("TERM");
    while get(operators, "/-/readyz").await != (503, "draining".into()) {}
    assert_eq!(get(operators, "/-/livez").await, (200, "alive".into()));
    while Client::try_connect(serving.address).await.is_some() {} // until the doors are closed
    assert_eq!(get(operators, "/-/readyz").await, (503, "draining".into()));
    origin.release();
    for client in &mut clients {
        let answer = client.answer("GET").await;
        assert_eq!(answer.picture().dimensions(), (2, 2));
    }
    assert_eq!(serving.end().code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_told_to_stop_is_not_ready_and_answers_until_its_time_is_up() {
    let mut config = settings();
    config.server.linger = Duration::from_hours(1);
    let server = Server::start(config, jobs::at_once).await;
    let address = server.address;
    assert_eq!(get(address, "/-/readyz").await, (200, "ready".into()));
    assert_eq!(get(address, "/-/livez").await, (200, "alive".into()));
    let stopping = server.stop();
    while get(address, "/-/readyz").await != (503, "draining".into()) {}
    assert_eq!(get(address, "/-/livez").await, (200, "alive".into()));
    assert_eq!(get(address, "/unsafe/a.png").await.0, 200);
    stopping.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_line_is_full_is_not_ready() {
    let gate = Gate::closed();
    let mut config = settings();
    (config.admission.workers, config.admission.max_queue) = (1, 1);
    let server = Server::start(config, gate.work()).await;
    let _works = server.asked("/unsafe/a.png").await;
    eventually("one works", || gate.started() == 1).await;
    assert_eq!(get(server.address, "/-/readyz").await, (200, "ready".into()));
    let _waits = server.asked("/unsafe/b.png").await;
    eventually("one waits", || server.pipeline.waiting() == 1).await;
    assert_eq!(get(server.address, "/-/readyz").await, (503, "busy".into()));
    assert_eq!(get(server.address, "/-/livez").await, (200, "alive".into()));
    gate.open();
}

#[tokio::test]
async fn the_command_health_tells_by_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let environment = [("ALLOW_UNSAFE_URL", "true")];
    let serving = Serving::start(folder.path(), &["--host", "127.0.0.1", "-p", "0"], &environment);
    let port = serving.address.port().to_string();
    for (args, said) in [(vec!["health", "-p", &port], "alive\n"), (vec!["health", "--ready", "-p", &port], "ready\n")]
    {
        let ended = output(folder.path(), &args, &environment);
        assert_eq!((ended.status.code(), String::from_utf8(ended.stdout).unwrap()), (Some(0), said.to_owned()));
    }
    drop(serving);
    let ended = output(folder.path(), &["health", "-p", &port], &environment);
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(said.contains(&format!("no answer from 127.0.0.1:{port}")), "{said}");
}
