//! Whoever asks for the same at the same time waits for one job, which goes on as long as anybody waits.

use crate::support::fixtures::quadrants_file;
use crate::support::{Gate, Origin, Server, eventually, jobs::BODY, settings};
use futures_util::future::join_all;
use image::ImageFormat;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tintype::cancel::CancelToken;
use tintype::config::LoaderKind;
use tintype::loader;
use tintype::pipeline::job::{self, Job, JobError, Rendered};

/// A server of originals that come over HTTP.
async fn fetching(
    work: impl Fn(&Job<'_>, &CancelToken) -> Result<Rendered, JobError> + Send + Sync + 'static,
) -> Server {
    let mut config = settings();
    config.loader.kind = LoaderKind::Http;
    config.loader.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
    config.originals.remote = true;
    let loader = loader::from_config(&config.loader).unwrap();
    Server::start_with(config, loader, work).await
}

/// Rendering that is counted.
fn counted(
    count: &Arc<AtomicUsize>,
) -> impl Fn(&Job<'_>, &CancelToken) -> Result<Rendered, JobError> + Send + Sync + use<> {
    let count = Arc::clone(count);
    move |job, cancel| {
        count.fetch_add(1, Ordering::SeqCst);
        job::run(job, cancel)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_requests_for_a_picture_cost_one_fetch_and_one_rendering() {
    let origin = Origin::holding_back(quadrants_file(40, 30, ImageFormat::Png)).await;
    let renders = Arc::new(AtomicUsize::new(0));
    let server = fetching(counted(&renders)).await;
    let url = format!("http://{}/unsafe/10x10/http://{}/a.png", server.address, origin.address);
    // Over few connections: a thousand of them would be more files than a process may have open in some places.
    let client = || reqwest::Client::builder().http2_prior_knowledge().build().unwrap();
    let clients: Vec<_> = (0..5).map(|_| client()).collect();
    let ask = |number: usize| {
        let request = clients[number % 5].get(&url);
        async move { request.send().await.unwrap().bytes().await.unwrap() }
    };
    let asking = tokio::spawn(join_all((0..1000).map(ask).collect::<Vec<_>>()));
    eventually("all wait for one fetch", || server.pipeline.passengers() == 1000 && origin.asked().len() == 1).await;
    origin.open();
    for body in asking.await.unwrap() {
        assert_eq!(image::load_from_memory(&body).unwrap().width(), 10);
    }
    assert_eq!((origin.asked().len(), renders.load(Ordering::SeqCst)), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_sizes_of_a_picture_at_once_cost_one_fetch() {
    let origin = Origin::holding_back(quadrants_file(400, 300, ImageFormat::Png)).await;
    let renders = Arc::new(AtomicUsize::new(0));
    let server = fetching(counted(&renders)).await;
    let mut clients = Vec::new();
    for size in 1..=20 {
        clients.push(server.asked(&format!("/unsafe/{0}x{0}/http://{1}/a.png", size * 10, origin.address)).await);
    }
    eventually("all wait", || server.pipeline.waiting() == 20 && origin.asked().len() == 1).await;
    origin.open();
    for (client, size) in clients.iter_mut().zip(1..) {
        assert_eq!(client.answer("GET").await.picture().width(), size * 10);
    }
    assert_eq!((origin.asked().len(), renders.load(Ordering::SeqCst)), (1, 20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn identical_concurrent_requests_render_once() {
    let gate = Gate::closed();
    let server = Server::start(settings(), gate.work()).await;
    let mut clients = Vec::new();
    for _ in 0..40 {
        clients.push(server.asked("/unsafe/10x10/a.png").await);
    }
    eventually("all wait", || server.pipeline.passengers() == 40).await;
    eventually("a job runs", || gate.started() == 1).await;
    assert_eq!(server.pipeline.waiting(), 0);
    gate.open();
    for answer in join_all(clients.iter_mut().map(|client| client.answer("GET"))).await {
        assert_eq!((answer.status, answer.body.as_slice()), (200, BODY));
    }
    assert_eq!(gate.started(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn different_requests_render_apart() {
    let gate = Gate::closed();
    let server = Server::start(settings(), gate.work()).await;
    let _clients = [server.asked("/unsafe/10x10/a.png").await, server.asked("/unsafe/10x11/a.png").await];
    eventually("both are under way", || gate.started() == 2).await;
    gate.open();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn last_client_leaving_cancels_the_job() {
    let gate = Gate::closed();
    let mut config = settings();
    config.admission.render_timeout = Duration::from_hours(1); // it is not the deadline that stops the job
    let server = Server::start(config, gate.work()).await;
    let first = server.asked("/unsafe/10x10/a.png").await;
    let second = server.asked("/unsafe/10x10/a.png").await;
    eventually("the job runs for both", || gate.started() == 1 && server.pipeline.passengers() == 2).await;
    drop(first);
    eventually("one has left", || server.pipeline.passengers() == 1).await;
    assert_eq!(gate.cancelled(), 0);
    drop(second);
    eventually("the job has stopped", || gate.cancelled() == 1).await;
    assert_eq!(server.pipeline.passengers(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_coalesced_waiter_survives_its_leader() {
    let gate = Gate::closed();
    let server = Server::start(settings(), gate.work()).await;
    let leader = server.asked("/unsafe/10x10/a.png").await;
    eventually("the leader's job runs", || gate.started() == 1).await;
    let mut waiter = server.asked("/unsafe/10x10/a.png").await;
    eventually("both wait", || server.pipeline.passengers() == 2).await;
    drop(leader);
    eventually("the leader has left", || server.pipeline.passengers() == 1).await;
    gate.open();
    let answer = waiter.answer("GET").await;
    assert_eq!((answer.status, answer.body.as_slice()), (200, BODY));
    assert_eq!((gate.started(), gate.cancelled()), (1, 0));
}
