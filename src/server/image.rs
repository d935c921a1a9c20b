//! The picture handler: reads the request, checks the right to ask it, and has it rendered.

use super::access::{Masked, Trail};
use super::error::Refusal;
use super::response::{self, Answers};
use crate::config::{Config, Secret};
use crate::error::{Error, SharedError};
use crate::loader::Forwarded;
use crate::pipeline::{Pipeline, Served, Via};
use crate::request::{self, Accept, Access, Keys, SignatureError};
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;
use tracing::warn;

/// What the handler needs.
#[derive(Debug)]
pub(super) struct Images {
    pipeline: Arc<Pipeline>,
    keys: Keys,
    allow_unsafe: bool,
    /// Whether any answer depends on what the client accepts.
    negotiates: bool,
    answers: Answers,
}

impl Images {
    pub(super) fn new(pipeline: Arc<Pipeline>, config: &Config) -> Self {
        Self {
            pipeline,
            keys: Keys::new(config.security.keys.iter().map(Secret::reveal)),
            allow_unsafe: config.security.allow_unsafe,
            negotiates: config.policy.auto_webp || config.policy.auto_avif,
            answers: Answers::new(&config.server),
        }
    }

    async fn render(&self, asked: &Parts) -> Result<Served, SharedError> {
        let path = asked.uri.path(); // raw: what is signed is what came over the wire
        let request = request::parse(path)?;
        self.check_access(&request.access, path)?;
        self.pipeline.render(&request, self.accepted(asked), Forwarded::default()).await
    }

    fn check_access(&self, access: &Access, path: &str) -> Result<(), Error> {
        match access {
            Access::Unsafe if self.allow_unsafe => Ok(()),
            Access::Unsafe => Err(Error::UnsafeNotAllowed),
            Access::Signed(_) if self.keys.is_empty() => Err(SignatureError::Mismatch.into()),
            Access::Signed(_) => Ok(self.keys.verify(path)?),
        }
    }

    fn accepted(&self, asked: &Parts) -> Accept {
        if !self.negotiates {
            return Accept::NONE;
        }
        Accept::parse(asked.headers.get_all(ACCEPT).iter().map(HeaderValue::as_bytes))
    }
}

/// Answers with a picture, or says why there is none.
pub(super) async fn show(State(images): State<Arc<Images>>, request: Request) -> Response {
    let (asked, _no_body) = request.into_parts();
    match images.render(&asked).await {
        Ok(served) => {
            warn_of_ignored(&served, &asked);
            let picture = images.answers.picture(&served.rendition, &asked.headers);
            (Extension(Trail::of(&served)), picture).into_response()
        }
        Err(error) => Refusal::of(&error, &asked.uri, images.answers.error_max_age_s()).into_response(),
    }
}

/// One line for a picture that is not what its URL says; not again when it comes from the cache.
fn warn_of_ignored(served: &Served, asked: &Parts) {
    let filters = &served.rendition.ignored_filters;
    if served.via == Via::Made && !filters.is_empty() {
        warn!(path = %Masked(&asked.uri), filters = response::ignored(filters), "filters skipped");
    }
}
