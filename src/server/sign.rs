//! `GET /-/sign/<options>/<picture>`: that path with its signature, for those who show a token.
//!
//! So URLs can be made by people and scripts that do not get the secret.

use super::image::Images;
use super::token::Tokens;
use crate::config::Config;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// Where paths to sign stand behind.
pub(super) const PATH: &str = "/-/sign";

/// What the handler needs.
#[derive(Debug)]
pub(super) struct Signing {
    images: Arc<Images>,
    tokens: Tokens,
}

impl Signing {
    pub(super) fn new(images: Arc<Images>, config: &Config) -> Self {
        Self { images, tokens: Tokens::new(&config.security.tokens) }
    }
}

/// Answers with the signed path in a line of text.
pub(super) async fn sign(State(signing): State<Arc<Signing>>, request: Request) -> Response {
    let (asked, _no_body) = request.into_parts();
    if let Err(refusal) = signing.tokens.check(&asked.headers) {
        return refusal.into_response();
    }
    let message = asked.uri.path().strip_prefix(PATH).and_then(|path| path.strip_prefix('/')).unwrap_or_default();
    match signing.images.gate().sign(message) {
        Ok(path) => {
            let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-store")];
            (headers, format!("{path}\n")).into_response()
        }
        Err(error) => signing.images.refusal(&error, &asked).into_response(),
    }
}
