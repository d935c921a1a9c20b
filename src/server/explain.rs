//! `GET /-/explain/<path of a picture>`: what would be done for that path and why, as JSON.
//!
//! Whoever may ask for the picture may ask this, with the same signature; rules rewrite the path as they do there.

use super::error::Refusal;
use super::image::Images;
use super::rewrite::{Original, Rewriting, Vouched};
use crate::error::SharedError;
use crate::pipeline::Explanation;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use std::sync::Arc;

/// Where paths of pictures stand behind.
pub(super) const PATH: &str = "/-/explain";

/// What the handler needs.
#[derive(Debug)]
pub(super) struct Explaining {
    images: Arc<Images>,
    rewriting: Arc<Rewriting>,
}

/// The answer.
#[derive(Serialize)]
struct View {
    /// As it came.
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rewritten: Option<Rewrite>,
    #[serde(flatten)]
    explanation: Explanation,
}

/// What a rule has made of the path.
#[derive(Serialize)]
struct Rewrite {
    rule: String,
    path: String,
}

impl Explaining {
    pub(super) fn new(images: Arc<Images>, rewriting: Arc<Rewriting>) -> Self {
        Self { images, rewriting }
    }

    async fn explain(&self, mut asked: Parts) -> Result<View, Refusal> {
        asked.uri = inner(&asked.uri).ok_or_else(Refusal::nothing_here)?;
        let path = asked.uri.path().to_owned();
        let rewritten = self.rewriting.rewritten(&asked.uri)?.map(|rewritten| {
            let original = std::mem::replace(&mut asked.uri, rewritten.uri);
            asked.extensions.insert(Original(original));
            if rewritten.vouched {
                asked.extensions.insert(Vouched);
            }
            Rewrite { rule: rewritten.rule, path: asked.uri.path().to_owned() }
        });
        let explanation =
            self.explained(&asked).await.map_err(|error: SharedError| self.images.refusal(&error, &asked))?;
        Ok(View { path, rewritten, explanation })
    }

    async fn explained(&self, asked: &Parts) -> Result<Explanation, SharedError> {
        let request = self.images.admit(asked).await?.request;
        self.images.pipeline().explain(&request, &self.images.client(asked)).await
    }
}

/// Answers with what would be done, or says why nothing would.
pub(super) async fn explain(State(explaining): State<Arc<Explaining>>, request: Request) -> Response {
    let (asked, _no_body) = request.into_parts();
    match explaining.explain(asked).await {
        Ok(view) => {
            let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
            (headers, serde_json::to_vec_pretty(&view).expect("plain values always serialize")).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// The path of the picture that is asked about.
fn inner(uri: &Uri) -> Option<Uri> {
    let path = uri.path().strip_prefix(PATH)?;
    PathAndQuery::try_from(path).ok().map(Uri::from)
}
