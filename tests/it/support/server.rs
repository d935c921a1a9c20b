//! The real router on a free port of this machine, with originals in memory.

use super::client::{Answer, Client};
use super::fixtures;
use std::net::SocketAddr;
use std::sync::Arc;
use tintype::cancel::CancelToken;
use tintype::config::Config;
use tintype::loader::{Loader, MemoryLoader};
use tintype::pipeline::Pipeline;
use tintype::pipeline::job::{self, Job, JobError, Rendered};
use tintype::storage::Stores;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A running server. Dropping it stops it without waiting.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) pipeline: Arc<Pipeline>,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

/// Defaults, with unsafe URLs.
pub(crate) fn settings() -> Config {
    let mut config = Config::default();
    config.security.allow_unsafe = true;
    config
}

/// Originals that every server has: `a.png` to `z.png`, all the same small picture, and some odd ones.
fn originals() -> MemoryLoader {
    let small = ('a'..='z').map(|name| (format!("{name}.png"), fixtures::small_png()));
    let odd = [
        ("huge.png".to_owned(), fixtures::huge_png_header()),
        ("text.png".to_owned(), b"not a picture".to_vec()),
        ("half.png".to_owned(), fixtures::small_png()[..20].to_vec()),
    ];
    MemoryLoader::new(small.chain(odd))
}

impl Server {
    /// A server whose pictures are rendered by `work`.
    pub(crate) async fn start(
        config: Config,
        work: impl Fn(&Job<'_>, &CancelToken) -> Result<Rendered, JobError> + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(config, Arc::new(originals()), work).await
    }

    /// The same with other originals.
    pub(crate) async fn start_with(
        config: Config,
        loader: Arc<dyn Loader>,
        work: impl Fn(&Job<'_>, &CancelToken) -> Result<Rendered, JobError> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stores = Stores::open(&config).unwrap();
        let pipeline = Arc::new(Pipeline::storing(&config, loader, stores).with_work(work));
        let router = tintype::server::router(Arc::clone(&pipeline), &config).unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            tintype::server::serve(listener, router, &config.server, stopped).await;
        });
        Self { address, pipeline, stop: Some(stop), running }
    }

    /// A server that renders these originals.
    pub(crate) async fn of(config: Config, originals: impl IntoIterator<Item = (&'static str, Vec<u8>)>) -> Self {
        Self::start_with(config, Arc::new(MemoryLoader::new(originals)), job::run).await
    }

    /// Asks on a connection of its own.
    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.request("GET", target, "").await
    }

    /// Asks on a connection of its own; `more` are header lines, each ended by CRLF.
    pub(crate) async fn request(&self, method: &str, target: &str, more: &str) -> Answer {
        let mut client = Client::connect(self.address).await;
        client.ask(method, target, more).await;
        client.answer(method).await
    }

    /// A client that has asked for this and not looked at the answer.
    pub(crate) async fn asked(&self, target: &str) -> Client {
        let mut client = Client::connect(self.address).await;
        client.ask("GET", target, "").await;
        client
    }

    /// Gives the signal to stop; the handle ends when the server has.
    pub(crate) fn stop(mut self) -> JoinHandle<()> {
        self.stop.take().unwrap().send(()).unwrap();
        self.running
    }
}
