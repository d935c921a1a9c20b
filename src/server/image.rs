//! The picture handler: reads the request, checks the right to ask it, and has it rendered.

use super::access::{Masked, Trail};
use super::error::Refusal;
use super::gate::Gate;
use super::response::{self, Answers};
use super::rewrite::{Original, Vouched};
use crate::config::Config;
use crate::error::SharedError;
use crate::loader::Forwarded;
use crate::pipeline::{Pipeline, Served, Via};
use crate::request::Accept;
use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Uri};
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;
use tracing::warn;

/// What the handler needs.
#[derive(Debug)]
pub(super) struct Images {
    pipeline: Arc<Pipeline>,
    gate: Arc<Gate>,
    /// Whether any answer depends on what the client accepts.
    negotiates: bool,
    answers: Answers,
}

impl Images {
    pub(super) fn new(pipeline: Arc<Pipeline>, gate: Arc<Gate>, config: &Config) -> Self {
        Self {
            pipeline,
            gate,
            negotiates: config.policy.auto_webp || config.policy.auto_avif,
            answers: Answers::new(&config.server),
        }
    }

    async fn render(&self, asked: &Parts) -> Result<Served, SharedError> {
        let path = asked.uri.path(); // raw: what is signed is what came over the wire
        let request = match asked.extensions.get() {
            Some(Vouched) => self.gate.admit_vouched(path)?,
            None => self.gate.admit(path)?,
        };
        self.pipeline.render(&request, self.accepted(asked), Forwarded::default()).await
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
        Err(error) => Refusal::of(&error, as_it_came(&asked), images.answers.error_max_age_s()).into_response(),
    }
}

/// What the client asked for, before any rule rewrote it.
fn as_it_came(asked: &Parts) -> &Uri {
    asked.extensions.get().map_or(&asked.uri, |Original(uri)| uri)
}

/// One line for a picture that is not what its URL says; not again when it comes from the cache.
fn warn_of_ignored(served: &Served, asked: &Parts) {
    let filters = &served.rendition.ignored_filters;
    if served.via == Via::Made && !filters.is_empty() {
        warn!(path = %Masked(as_it_came(asked)), filters = response::ignored(filters), "filters skipped");
    }
}
