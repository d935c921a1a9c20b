//! The router in force, which other settings exchange while requests run, and whether the server drains.

use arc_swap::ArcSwap;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tower::Service as _;

/// What answers requests from now on. Clones are the same: exchanged in one, exchanged in all.
///
/// A request stays with the router that it began with.
#[derive(Clone, Debug)]
pub struct Live {
    router: Arc<ArcSwap<Router>>,
    draining: Arc<AtomicBool>,
}

/// In a request that came after the server was told to stop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draining;

impl Live {
    /// Lets `router` answer whatever comes from now on, on old connections, too.
    pub fn exchange(&self, router: Router) {
        self.router.store(Arc::new(router));
    }

    /// Another router, on another port, of the same server: it drains with this one.
    #[must_use]
    pub fn beside(&self, router: Router) -> Self {
        Self { draining: Arc::clone(&self.draining), ..Self::from(router) }
    }

    /// Says in answers to checks that no more requests should come. They are answered nevertheless.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// The answer to a request, also to one that came by other ways than a socket.
    pub fn answer(&self, mut request: Request<Body>) -> impl Future<Output = Result<Response, Infallible>> + use<> {
        if self.draining.load(Ordering::Relaxed) {
            request.extensions_mut().insert(Draining);
        }
        Router::clone(&self.router.load()).call(request)
    }
}

impl From<Router> for Live {
    fn from(router: Router) -> Self {
        Self { router: Arc::new(ArcSwap::from_pointee(router)), draining: Arc::default() }
    }
}
