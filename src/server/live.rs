//! The router in force, which other settings exchange while requests run.

use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use std::sync::Arc;
use tower::ServiceExt as _;

/// What answers requests from now on. Clones are the same: exchanged in one, exchanged in all.
///
/// A request stays with the router that it began with.
#[derive(Clone, Debug)]
pub struct Live(Arc<ArcSwap<Router>>);

impl Live {
    /// Lets `router` answer whatever comes from now on, on old connections, too.
    pub fn exchange(&self, router: Router) {
        self.0.store(Arc::new(router));
    }

    /// The answer to a request that came by other ways than a socket of [`serve`](super::serve).
    pub async fn answer(&self, request: Request) -> Response {
        self.router().oneshot(request).await.unwrap_or_else(|never| match never {})
    }

    pub(super) fn router(&self) -> Router {
        Router::clone(&self.0.load())
    }
}

impl From<Router> for Live {
    fn from(router: Router) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(router)))
    }
}
