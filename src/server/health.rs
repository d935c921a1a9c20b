//! `/healthcheck`, as load balancers in front of Thumbor ask it; `/-/livez` and `/-/readyz`, as Kubernetes does.

use super::live::Draining;
use crate::config::ServerConfig;
use crate::pipeline::Pipeline;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use regex::Regex;
use std::sync::Arc;

/// A path for checks besides the usual one.
#[derive(Clone, Debug)]
pub(super) struct HealthRoute(Arc<Regex>);

impl HealthRoute {
    /// The route of a configuration, if it is not the usual one.
    pub(super) fn unusual(config: &ServerConfig) -> Option<Self> {
        let route = Some(&config.health_route).filter(|route| **route != ServerConfig::default().health_route)?;
        // Reading the configuration has refused what is no regular expression.
        Regex::new(&format!("^(?:{route})$")).ok().map(|route| Self(Arc::new(route)))
    }
}

/// Answers checks on an unusual route.
pub(super) async fn route(State(HealthRoute(route)): State<HealthRoute>, request: Request, next: Next) -> Response {
    if route.is_match(request.uri().path()) { check().await } else { next.run(request).await }
}

/// Says that the process answers, in Thumbor's words.
pub(super) async fn check() -> Response {
    let headers = [(CONTENT_TYPE, "text/html; charset=UTF-8"), (CACHE_CONTROL, "no-cache")];
    (headers, "WORKING").into_response()
}

/// Says that the process answers: nothing that a restart would mend is wrong.
pub(super) async fn live() -> Response {
    plain(StatusCode::OK, "alive")
}

/// When a server takes on more.
#[derive(Clone, Debug)]
pub(super) struct Readiness {
    pipeline: Arc<Pipeline>,
    max_waiting: usize,
}

impl Readiness {
    pub(super) fn new(pipeline: Arc<Pipeline>, config: &ServerConfig) -> Self {
        Self { pipeline, max_waiting: config.ready_max_queue }
    }
}

/// Says whether further requests should come here. While the server starts, nobody listens that could say so.
pub(super) async fn ready(State(here): State<Readiness>, draining: Option<Extension<Draining>>) -> Response {
    if draining.is_some() {
        plain(StatusCode::SERVICE_UNAVAILABLE, "draining")
    } else if here.pipeline.takes_more(here.max_waiting) {
        plain(StatusCode::OK, "ready")
    } else {
        plain(StatusCode::SERVICE_UNAVAILABLE, "busy")
    }
}

fn plain(status: StatusCode, word: &'static str) -> Response {
    let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-store")];
    (status, headers, word).into_response()
}
