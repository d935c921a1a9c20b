//! `/healthcheck`, as load balancers in front of Thumbor ask it.

use crate::config::ServerConfig;
use axum::extract::{Request, State};
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

/// Says that the process answers.
pub(super) async fn check() -> Response {
    let headers = [(CONTENT_TYPE, "text/html; charset=UTF-8"), (CACHE_CONTROL, "no-cache")];
    (headers, "WORKING").into_response()
}
