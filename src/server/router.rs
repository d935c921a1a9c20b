//! Which path is whose, and what holds for every answer.

use super::access::AccessLine;
use super::cors::{self, Cors};
use super::error::Refusal;
use super::filters::FilterList;
use super::health::{self, HealthRoute};
use super::image::Images;
use super::usage::{self, Records};
use super::{filters, image};
use crate::config::Config;
use crate::pipeline::Pipeline;
use axum::Extension;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{SERVER, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use std::any::Any;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::error;

const NAME_AND_VERSION: HeaderValue = HeaderValue::from_static(concat!("tintype/", env!("CARGO_PKG_VERSION")));
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// The whole service. Answers GET and HEAD; all paths but few belong to pictures.
///
/// What Thumbor does not have lives below `/-/`, where no picture can be.
pub fn router(pipeline: Arc<Pipeline>, config: &Config) -> Router {
    let images = Arc::new(Images::new(pipeline, config));
    let routes = Router::new()
        .route("/healthcheck", get(health::check))
        .route("/healthcheck/", get(health::check))
        .route("/-/filters", get(filters::list).layer(Extension(FilterList::new(&config.policy.filters))))
        .route("/-/", get(nothing_here))
        .route("/-/{*rest}", get(nothing_here))
        .fallback(image::show)
        .with_state(images);
    let routes = match HealthRoute::unusual(&config.server) {
        Some(route) => routes.layer(from_fn_with_state(route, health::route)),
        None => routes,
    };
    let mut service = surrounded(routes, config.server.max_url_bytes);
    if let Some(records) = Records::start(&config.usage) {
        service = service.layer(from_fn_with_state(records, usage::record));
    }
    if let Some(cors) = Cors::of(&config.cors) {
        service = service.layer(from_fn_with_state(cors, cors::share));
    }
    service
}

/// Routes with what stands around all of them.
fn surrounded(routes: Router, max_url_bytes: usize) -> Router {
    routes.layer(CatchPanicLayer::custom(panicked)).layer(from_fn_with_state(max_url_bytes, every_answer))
}

/// Turns away what nobody here answers, gives every answer the headers that all have, and logs it.
async fn every_answer(State(max_url_bytes): State<usize>, request: Request, next: Next) -> Response {
    let line = AccessLine::start(&request);
    let mut response = match turned_away(&request, max_url_bytes) {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    };
    response.headers_mut().insert(SERVER, NAME_AND_VERSION);
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    line.finish(&response);
    response
}

fn turned_away(request: &Request, max_url_bytes: usize) -> Option<Refusal> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Some(Refusal::method_not_allowed());
    }
    let url_bytes = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    (url_bytes > max_url_bytes).then(|| Refusal::url_too_long(max_url_bytes))
}

async fn nothing_here() -> Refusal {
    Refusal::nothing_here()
}

/// For handlers. A job that panics has its own net.
#[expect(clippy::needless_pass_by_value, reason = "the layer hands panics over")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
    error!(panic = text.unwrap_or("no text"), "a handler panicked");
    Refusal::internal().into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::header::CONTENT_TYPE;
    use tower::ServiceExt as _;

    async fn panics() {
        panic!("drawn by a test")
    }

    #[tokio::test]
    async fn a_handler_that_panics_answers_500() {
        let router = surrounded(Router::new().route("/panics", get(panics)), 99);
        let response = router.oneshot(Request::get("/panics").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()[CONTENT_TYPE], "text/plain; charset=utf-8");
        assert_eq!(response.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
    }
}
