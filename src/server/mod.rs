//! HTTP: the only room that knows status codes and headers.
//!
//! [`router`] is the whole service and needs no socket; [`serve`] puts it on one and drains it in the end.

mod access;
mod blacklist;
mod body;
mod cache_tag;
mod carrier;
mod client;
mod conditional;
mod cors;
mod disposition;
mod doors;
mod editions;
mod error;
mod explain;
mod filters;
mod gate;
mod health;
mod image;
mod jsonp;
mod live;
mod metrics;
#[cfg(feature = "otlp")]
mod otlp;
mod outbox;
mod purge;
mod range;
mod render;
mod request_id;
mod response;
mod rewrite;
mod router;
mod sentry;
mod sign;
mod timing;
mod token;
#[cfg(feature = "otlp")]
mod traces;
mod ui;
mod uploads;
mod usage;
mod watch;

pub use carrier::{Bounds, moved};
pub use doors::{Doors, ListenError, Passed};
pub use live::Live;
pub use router::{operators, router};

use self::client::Patient;
use self::doors::Stream;
use crate::config::ServerConfig;
use axum::body::Body;
use axum::http::Request;
use futures_util::FutureExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};
use tracing::{debug, error, warn};

/// How long requests that are on the wire when the doors close may take to arrive.
const LATE_ARRIVALS: Duration = Duration::from_millis(100);
/// Rest after an accept error that more accepting would not mend, such as no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Silence after which an HTTP/2 client is asked whether it is still there, and how long it has to say so.
const H2_PING: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));
/// Requests that one HTTP/2 connection may have open.
const H2_STREAMS: u32 = 256;

/// Answers HTTP/1 and cleartext HTTP/2 at these doors until `linger` after `shutdown`, then finishes every answer in flight.
/// From `shutdown` on, checks of readiness are told that the server drains.
///
/// A client that has not sent a whole request head after `header_timeout`, or takes nothing of its answer for as
/// long, is let go. Returns when all clients have gone, or after `shutdown_timeout`.
pub async fn serve(
    doors: impl Into<Doors>,
    live: impl Into<Live>,
    config: &ServerConfig,
    shutdown: impl Future<Output = ()> + Send,
) {
    let (doors, reception) = (doors.into(), Reception::new(live.into(), config));
    let mut shutdown = pin!(async {
        shutdown.await;
        reception.live.drain();
        sleep(config.linger).await;
    });
    loop {
        tokio::select! {
            accepted = doors.accept() => match accepted {
                Ok(stream) => reception.welcome(stream),
                Err(error) => after(&error).await,
            },
            () = &mut shutdown => break,
        }
    }
    while let Some(Ok(stream)) = doors.accept().now_or_never() {
        reception.welcome(stream); // was there before the signal
    }
    drop(doors);
    sleep(LATE_ARRIVALS).await;
    let clients = reception.clients.count();
    if timeout(config.shutdown_timeout, reception.clients.shutdown()).await.is_err() {
        warn!(clients, "shutdown timeout reached with answers in flight");
    }
}

/// A future that ends with the first SIGTERM or SIGINT from now on.
///
/// # Errors
/// When the operating system takes no handler.
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send> {
    let mut term = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Takes clients on and keeps track of them.
struct Reception {
    live: Live,
    http: Builder<TokioExecutor>,
    clients: GracefulShutdown,
    patience: Duration,
}

impl Reception {
    fn new(live: Live, config: &ServerConfig) -> Self {
        let mut http = Builder::new(TokioExecutor::new());
        http.http1().timer(TokioTimer::new()).header_read_timeout(config.header_timeout);
        http.http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(H2_PING.0)
            .keep_alive_timeout(H2_PING.1)
            .max_concurrent_streams(H2_STREAMS);
        Self { live, http, clients: GracefulShutdown::new(), patience: config.header_timeout }
    }

    /// Serves one client on a task of its own.
    fn welcome(&self, stream: Stream) {
        let asked = Arc::new(AtomicBool::new(false));
        let live = self.live.clone();
        let service = {
            let asked = Arc::clone(&asked);
            service_fn(move |request: Request<Incoming>| {
                asked.store(true, Ordering::Relaxed);
                live.answer(request.map(Body::new))
            })
        };
        let io = TokioIo::new(Patient::new(stream, self.patience));
        let conversation = self.clients.watch(self.http.serve_connection(io, service).into_owned());
        let patience = self.patience;
        tokio::spawn(async move {
            tokio::select! {
                ended = conversation => if let Err(error) = ended { debug!(error, "connection failed") },
                () = asks_nothing(patience, &asked) => debug!("client let go: no request in time"),
            }
        });
    }
}

/// Ends after `patience` if there was no request by then; never otherwise.
///
/// Covers what the timeout for request heads does not: telling the protocol, and the whole start of HTTP/2.
async fn asks_nothing(patience: Duration, asked: &AtomicBool) {
    sleep(patience).await;
    if asked.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

async fn after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        error!(%error, "accepting failed");
        sleep(ACCEPT_PAUSE).await;
    }
}
