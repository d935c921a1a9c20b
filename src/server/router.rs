//! Which path is whose, and what holds for every answer.

use super::blacklist::Censor;
use super::carrier::Bounds;
use super::cors::{self, Cors};
use super::error::{self, Refusal};
use super::explain::Explaining;
use super::filters::FilterList;
use super::gate::Gate;
use super::health::{self, HealthRoute, Readiness};
use super::image::Images;
use super::metrics::Gauges;
use super::purge::Purges;
use super::render::Orders;
use super::rewrite::Rewriting;
use super::sign::Signing;
use super::ui::{self, Info};
use super::uploads::Uploads;
use super::usage::{self, Records};
use super::watch::Watch;
use super::{blacklist, explain, filters, image, metrics, purge, render, rewrite, sign, uploads};
use crate::config::{Config, ErrorFormat, Problems};
use crate::pipeline::Pipeline;
use axum::Extension;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ORIGIN, SERVER, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, delete, get, post};
use futures_util::FutureExt as _;
use std::any::Any;
use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// Without a version, which would help nobody but who looks for a hole.
const NAME: HeaderValue = HeaderValue::from_static("tintype");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// What most paths can be used with.
const READ: &str = "GET, HEAD";

/// The whole service. All paths but few belong to pictures.
///
/// What Thumbor does not have lives below `/-/`, where no picture can be.
///
/// # Errors
/// Rewrite rules and presets that mean nothing.
pub fn router(pipeline: Arc<Pipeline>, config: &Config) -> Result<Router, Problems> {
    let gate = Arc::new(Gate::new(config)?);
    let rewriting = Arc::new(Rewriting::new(config, Arc::clone(&gate))?);
    let purges = Arc::new(Purges::new(Arc::clone(&pipeline), config));
    let purging = only("DELETE", delete(purge::purge)).with_state(purges);
    let checks = check_routes(&pipeline, config, config.telemetry.metrics_public);
    let images = Arc::new(Images::new(pipeline, gate, config));
    let explaining = Explaining::new(Arc::clone(&images), Arc::clone(&rewriting));
    let explained = only(READ, get(explain::explain)).with_state(Arc::new(explaining));
    let ordered = only("POST", post(render::render)).with_state(Arc::new(Orders::new(Arc::clone(&images), config)));
    let routes = Router::new()
        .route("/healthcheck", only(READ, get(health::check)))
        .route("/healthcheck/", only(READ, get(health::check)))
        .route("/-/filters", only(READ, get(filters::list)).layer(Extension(FilterList::new(&config.policy.filters))))
        .route(&format!("{}/{{*path}}", explain::PATH), explained)
        .route(render::PATH, ordered.clone())
        .route(&format!("{}/", render::PATH), ordered.clone())
        .route(&format!("{}/{{*options}}", render::PATH), ordered)
        .route(purge::PATH, purging.clone())
        .route(&format!("{}/", purge::PATH), purging.clone())
        .route(&format!("{}/{{*image}}", purge::PATH), purging)
        .route("/-/", only(READ, get(nothing_here)))
        .route("/-/{*rest}", only(READ, get(nothing_here)))
        .fallback_service(only(READ, get(image::show)).with_state(Arc::clone(&images)))
        .with_state(Arc::clone(&images))
        .merge(checks);
    let pictures = rewrite::around(routes, rewriting);
    // Paths that are no pictures are never rewritten, and no rule leads there.
    let page = if config.ui.enabled { ui::routes(&config.ui, &Info::new(config)) } else { Router::new() };
    let own = upload_routes(&images, config).merge(blacklist_routes(&images, config)).merge(page);
    let own = own.merge(sign_route(&images, config));
    let all = if own.has_routes() { own.fallback_service(pictures) } else { pictures };
    let all = match HealthRoute::unusual(&config.server) {
        Some(route) => all.layer(from_fn_with_state(route, health::route)),
        None => all,
    };
    let mut service = surrounded(all, Surroundings::new(config, Watch::new(&config.telemetry)));
    if let Some(records) = Records::start(&config.usage) {
        service = service.layer(from_fn_with_state(records, usage::record));
    }
    Ok(service)
}

/// What operators ask on a port of their own: metrics, and how the server does.
pub fn operators(pipeline: &Arc<Pipeline>, config: &Config) -> Router {
    let routes = Router::new()
        .route("/healthcheck", only(READ, get(health::check)))
        .merge(check_routes(pipeline, config, true))
        .fallback(nothing_here);
    surrounded(routes, Surroundings::new(config, Watch::default()))
}

/// How the server does, and metrics if anybody may read them here.
fn check_routes(pipeline: &Arc<Pipeline>, config: &Config, metrics: bool) -> Router {
    let readiness = Readiness::new(Arc::clone(pipeline), &config.server);
    let routes = Router::new()
        .route("/-/livez", only(READ, get(health::live)))
        .route("/-/readyz", only(READ, get(health::ready)).with_state(readiness));
    if !metrics {
        return routes;
    }
    routes.route(metrics::PATH, only(READ, get(metrics::tell)).with_state(Gauges::new(Arc::clone(pipeline), config)))
}

/// Thumbor's interface for originals, where the settings open it. Its paths are pictures' otherwise.
fn upload_routes(images: &Arc<Images>, config: &Config) -> Router {
    if !config.uploads.enabled {
        return Router::new();
    }
    let uploads = Arc::new(Uploads::new(Arc::clone(images), config));
    let one = only(uploads.allowed(), get(uploads::answer).put(uploads::answer).delete(uploads::answer));
    Router::new()
        .route(uploads::PATH, only("POST", post(uploads::answer)).with_state(Arc::clone(&uploads)))
        .route(&format!("{}/", uploads::PATH), one.clone().with_state(Arc::clone(&uploads)))
        .route(&format!("{}/{{*id}}", uploads::PATH), one.with_state(uploads))
}

/// The list of pictures that are not shown, where the settings have one.
fn blacklist_routes(images: &Arc<Images>, config: &Config) -> Router {
    let Some(blacklist) = images.blacklist() else { return Router::new() };
    let censor = Arc::new(Censor::new(Arc::clone(images), Arc::clone(blacklist), config));
    let route = only("GET, HEAD, PUT", get(blacklist::answer).put(blacklist::answer)).with_state(censor);
    Router::new().route("/blacklist", route.clone()).route("/blacklist/", route)
}

/// Signatures for who holds a token, where the settings allow it.
fn sign_route(images: &Arc<Images>, config: &Config) -> Router {
    if !config.security.signs {
        return Router::new();
    }
    let signing = Arc::new(Signing::new(Arc::clone(images), config));
    Router::new().route(&format!("{}/{{*path}}", sign::PATH), only(READ, get(sign::sign)).with_state(signing))
}

/// What holds for every answer.
#[derive(Debug)]
struct Surroundings {
    max_url_bytes: usize,
    json_errors: bool,
    cors: Option<Cors>,
    watch: Watch,
}

impl Surroundings {
    fn new(config: &Config, watch: Watch) -> Self {
        let Config { server, cors, .. } = config;
        Self {
            max_url_bytes: server.max_url_bytes,
            json_errors: server.error_format == ErrorFormat::Json,
            cors: Cors::of(cors),
            watch,
        }
    }

    /// The answer to what is no question for any route.
    fn answer(&self, request: &Request) -> Option<Response> {
        if self.cors.is_some() && *request.method() == Method::OPTIONS {
            return Some(cors::preflight());
        }
        let url_bytes = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
        (url_bytes > self.max_url_bytes).then(|| Refusal::url_too_long(self.max_url_bytes).into_response())
    }
}

/// Turns away what the route has no handler for. `allowed` are the methods that it has, separated by commas.
fn only<S: Clone + Send + Sync + 'static>(allowed: &'static str, route: MethodRouter<S>) -> MethodRouter<S> {
    route.fallback(move || ready(Refusal::method_not_allowed(allowed)))
}

/// Routes with what stands around all of them.
fn surrounded(routes: Router, surroundings: Surroundings) -> Router {
    routes.layer(from_fn_with_state(Arc::new(surroundings), every_answer))
}

/// Turns away URLs that are too long, gives every answer the headers that all have, and has it watched.
async fn every_answer(State(here): State<Arc<Surroundings>>, request: Request, next: Next) -> Response {
    let visit = here.watch.begin(&request);
    let origin = here.cors.as_ref().and_then(|_| request.headers().get(ORIGIN).cloned());
    let answer = async {
        if let Some(response) = here.answer(&request) {
            return response;
        }
        let bounds = Bounds::of(request.extensions());
        // Nothing that a handler shares is half changed when it panics: locks are held for no other code.
        let answer = AssertUnwindSafe(next.run(request)).catch_unwind();
        Bounds::hold(bounds, answer.map(|answer| answer.unwrap_or_else(panicked))).await
    };
    let mut response = visit.during(answer).await;
    if here.json_errors {
        error::as_json(&mut response);
    }
    if let Some(cors) = &here.cors {
        cors.mark(origin.as_ref(), response.headers_mut());
    }
    response.headers_mut().insert(SERVER, NAME);
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    here.watch.end(visit, &mut response);
    response
}

async fn nothing_here() -> Refusal {
    Refusal::nothing_here()
}

/// For handlers. A job that panics has its own net.
#[expect(clippy::needless_pass_by_value, reason = "it is where a panic ends")]
fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref().copied());
    let text = text.unwrap_or("no text");
    tracing::error!(panic = text, "a handler panicked");
    Refusal::panicked(text).into_response()
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
        let router = surrounded(
            Router::new().route("/panics", get(panics)),
            Surroundings::new(&Config::default(), Watch::default()),
        );
        let response = router.oneshot(Request::get("/panics").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()[CONTENT_TYPE], "text/plain; charset=utf-8");
        assert_eq!(response.headers()[X_CONTENT_TYPE_OPTIONS], "nosniff");
    }
}
