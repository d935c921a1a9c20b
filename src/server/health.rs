//! `/healthcheck`, as load balancers in front of Thumbor ask it.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

/// Says that the process answers.
pub(super) async fn check() -> Response {
    let headers = [(CONTENT_TYPE, "text/html; charset=UTF-8"), (CACHE_CONTROL, "no-cache")];
    (headers, "WORKING").into_response()
}
