//! `/-/filters`: which filters there are and what they take.

use crate::filter::Catalog;
use axum::Extension;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;

/// The answer, the same for as long as the server runs.
#[derive(Clone, Debug)]
pub(super) struct FilterList(Bytes);

impl FilterList {
    /// The filters of a server with this setting, as in [`Policy::filters`].
    ///
    /// [`Policy::filters`]: crate::recipe::Policy::filters
    pub(super) fn new(settings: &[String]) -> Self {
        Self(serde_json::to_vec_pretty(&Catalog::new(settings)).expect("plain values always serialize").into())
    }
}

/// Answers with the list as JSON.
pub(super) async fn list(Extension(list): Extension<FilterList>) -> Response {
    let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-cache")];
    (headers, list.0).into_response()
}
