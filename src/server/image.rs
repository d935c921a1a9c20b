//! The picture handler: reads the request, checks the right to ask it, and has it rendered.

use super::access::{Masked, Trail};
use super::blacklist::Blacklist;
use super::carrier::Bounds;
use super::conditional;
use super::editions::{Admitted, Editions};
use super::error::{ErrorRules, Refusal};
use super::gate::Gate;
use super::jsonp;
use super::response::{self, Answers};
use super::rewrite::Original;
use super::uploads;
use crate::config::Config;
use crate::error::{Error, SharedError};
use crate::loader::Forwarding;
use crate::pipeline::{Answer, Client, Held, Pipeline, Rendition, Served, Via, tag_of_file};
use crate::request::{self, Accept, ImageId, ImageRequest, RequestError};
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use std::sync::Arc;
use tracing::warn;

/// What the handler needs.
#[derive(Debug)]
pub(super) struct Images {
    pipeline: Arc<Pipeline>,
    gate: Arc<Gate>,
    /// Requests in the way of later editions of Serverless Image Handler, if they are taken.
    editions: Option<Editions>,
    /// Whether any answer depends on what the client accepts.
    negotiates: bool,
    /// What of a client's headers origins see.
    forwarding: Forwarding,
    answers: Answers,
    errors: ErrorRules,
    fallback_status: Option<StatusCode>,
    /// Whether pictures may be uploads with any name.
    uploads: bool,
    blacklist: Option<Arc<Blacklist>>,
    /// The function that every metadata view is handed to.
    meta_callback: Option<String>,
}

impl Images {
    pub(super) fn new(pipeline: Arc<Pipeline>, gate: Arc<Gate>, config: &Config) -> Self {
        let blacklist = config.uploads.blacklist.then(|| Arc::new(Blacklist::new(Arc::clone(&pipeline), config)));
        Self {
            pipeline,
            gate,
            editions: Editions::of(config),
            uploads: config.uploads.enabled && config.uploads.any_name,
            blacklist,
            negotiates: config.policy.negotiates(),
            forwarding: Forwarding::of_config(&config.loader),
            answers: Answers::new(config),
            meta_callback: config.server.meta_callback.clone(),
            errors: ErrorRules::new(&config.server),
            fallback_status: config.fallback.status.and_then(|status| StatusCode::from_u16(status).ok()),
        }
    }

    /// What is asked, if it may be, and headers that its answer is to have.
    pub(super) async fn admit(&self, asked: &Parts) -> Result<Admitted, SharedError> {
        let mut admitted = match &self.editions {
            Some(editions) => editions.admit(&self.gate, asked, as_it_came(asked), self.accepted(asked))?,
            None => self.gate.admit_asked(asked)?.into(),
        };
        Bounds::shrink(&asked.extensions, &mut admitted.request);
        self.name_upload(&mut admitted.request).await;
        if let Some(blacklist) = &self.blacklist {
            blacklist.check(&admitted.request.image).await?;
        }
        Ok(admitted)
    }

    async fn render(&self, asked: &Parts) -> Result<(Admitted, Answer), SharedError> {
        let Admitted { request, headers } = self.admit(asked).await?;
        let callback = self.callback(&request, asked)?;
        let answer = self.pipeline.render(&request, &self.client(asked)).await?;
        let answer = match (callback, answer) {
            (Some(name), Answer::Picture(view)) if view.instead_of.is_none() => {
                Answer::Picture(jsonp::handed_to(&name, view))
            }
            (_, answer) => answer,
        };
        Ok((Admitted { request, headers }, answer))
    }

    /// The function that the metadata view is to be handed to: the settings' or the query's.
    fn callback(&self, request: &ImageRequest, asked: &Parts) -> Result<Option<String>, RequestError> {
        match &self.meta_callback {
            _ if !request.meta => Ok(None),
            Some(name) => Ok(Some(name.clone())),
            None => request::callback(asked.uri.query()),
        }
    }

    /// The name of an upload is its id, whatever follows it in the path.
    async fn name_upload(&self, request: &mut ImageRequest) {
        let id = uploads::id_in(request.image.as_str()).filter(|id| *id != request.image.as_str());
        let Some(id) = id.filter(|_| self.uploads) else { return };
        if self.pipeline.originals().holds(id).await {
            request.image = ImageId::of(id);
        }
    }

    fn picture(&self, served: &Served, request: &ImageRequest, asked: &Parts) -> Response {
        match &served.instead_of {
            None => self.answers.picture(served, &request.image, asked),
            Some(error) => {
                let status = self.errors.refusal(error, as_it_came(asked)).status(); // and the causes to the log
                self.answers.stand_in(served, &request.image, self.fallback_status.unwrap_or(status))
            }
        }
    }

    /// An upload as it is, to a request.
    pub(super) fn original(&self, file: &Bytes, mime: &'static str, asked: &Parts) -> Response {
        self.answers.original(file, tag_of_file(file), mime, asked)
    }

    /// The list of what is not shown, if there is one.
    pub(super) fn blacklist(&self) -> Option<&Arc<Blacklist>> {
        self.blacklist.as_ref()
    }

    /// Who may ask.
    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }

    /// What renders.
    pub(super) fn pipeline(&self) -> &Arc<Pipeline> {
        &self.pipeline
    }

    /// The answer to a request that failed.
    pub(super) fn refusal(&self, error: &Error, asked: &Parts) -> Refusal {
        self.errors.refusal(error, as_it_came(asked))
    }

    /// The answer with a picture made of what its client sent.
    pub(super) fn made_to_order(&self, rendition: &Rendition) -> Response {
        self.answers.made_to_order(rendition)
    }

    /// What the headers of a request have to say in its answer.
    pub(super) fn client(&self, asked: &Parts) -> Client {
        let held = if self.answers.has_etags() { conditional::held(&asked.headers) } else { Held::default() };
        Client { accept: self.accepted(asked), held, forwarded: self.forwarding.of(&asked.headers) }
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
        Ok((Admitted { request, headers }, answer)) => {
            let (trail, mut response) = match answer {
                Answer::Picture(served) => {
                    warn_of_ignored(&served, &asked);
                    (Trail::of(&served, request.smart), images.picture(&served, &request, &asked))
                }
                Answer::Unchanged(unchanged) => {
                    (Trail::of_unchanged(&unchanged, request.smart), images.answers.unchanged(&unchanged))
                }
            };
            if let Some(vary) = images.forwarding.vary() {
                response.headers_mut().append(VARY, vary);
            }
            response.headers_mut().extend(headers);
            response.extensions_mut().insert(trail);
            response
        }
        Err(error) => images.refusal(&error, &asked).into_response(),
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
