//! Rewriting around the router, which would choose a route before any layer within it could change the path.

use super::access::Masked;
use super::error::{ErrorRules, Refusal};
use super::gate::Gate;
use crate::config::{Config, Problems, Profile, RewriteSignature};
use crate::error::Error;
use crate::request::rewrite::{RewriteError, Rules};
use crate::request::{Access, edits};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use std::sync::Arc;
use tracing::{debug, warn};

/// What a path over HTTP cannot hold as it is.
const NOT_IN_PATHS: &AsciiSet = &CONTROLS.add(b' ').add(b'<').add(b'>').add(b'`');

/// The rules, and what a signature is checked against.
#[derive(Debug)]
pub(super) struct Rewriting {
    rules: Rules,
    signature: RewriteSignature,
    gate: Arc<Gate>,
    errors: ErrorRules,
    /// Requests may be objects in place of paths, which rules never see.
    takes_bodies: bool,
}

/// In a request that was rewritten: its path as it came.
#[derive(Clone, Debug)]
pub(super) struct Original(pub Uri);

/// In a request that was rewritten: the path needs neither a signature nor `unsafe`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vouched;

/// In an answer: what the path was rewritten to, as it may stand in the log.
#[derive(Clone, Debug)]
pub(super) struct RewrittenTo(pub String);

/// A path after its rules.
#[derive(Debug)]
pub(super) struct Rewritten {
    /// What is asked now.
    pub(super) uri: Uri,
    /// It needs neither a signature nor `unsafe`.
    pub(super) vouched: bool,
    /// What the rule is called.
    pub(super) rule: String,
}

impl Rewriting {
    /// # Errors
    /// Rules that mean nothing.
    pub(super) fn new(config: &Config, gate: Arc<Gate>) -> Result<Self, Problems> {
        let rules = config.rewrite.rules(config.server.max_url_bytes)?;
        let errors = ErrorRules::new(&config.server);
        let takes_bodies = config.profile == Profile::Sih7;
        Ok(Self { rules, signature: config.rewrite.signature, gate, errors, takes_bodies })
    }

    /// What becomes of what was asked; `None` if it stays.
    ///
    /// # Errors
    /// A path that takes too long to rewrite or becomes too long, or one of the server's own.
    pub(super) fn rewritten(&self, asked: &Uri) -> Result<Option<Rewritten>, Refusal> {
        let new = self.new_path(asked.path()).map_err(|error| {
            let (RewriteError::TooMuchWork { rule } | RewriteError::TooLong { rule, .. }) = &error;
            warn!(path = %Masked(asked), rule, "a path was not rewritten");
            self.errors.refusal(&Error::from(error), asked)
        })?;
        let Some((path, vouched, rule)) = new else { return Ok(None) };
        let uri = uri_of(&path).ok_or_else(Refusal::nothing_here)?;
        Ok(Some(Rewritten { uri, vouched, rule }))
    }

    /// The path that rules make of a path, whether they vouch for it, and which rule it was.
    fn new_path(&self, path: &str) -> Result<Option<(String, bool, String)>, RewriteError> {
        if is_own(path) || (self.takes_bodies && edits::is_body(path)) {
            return Ok(None);
        }
        let (subject, vouched) = match self.signature {
            RewriteSignature::After => (path, false),
            RewriteSignature::Trusted => (path, true),
            // Whoever has no right to ask this path hears so from the picture handler.
            RewriteSignature::Before => match self.gate.admit(path) {
                Ok(request) => (without_first_segment(path, &request.access), true),
                Err(_) => return Ok(None),
            },
        };
        let Some(rewritten) = self.rules.rewrite(subject)? else { return Ok(None) };
        debug!(rule = rewritten.rule.name, "path rewritten");
        let slash = if rewritten.path.starts_with('/') { "" } else { "/" };
        Ok(Some((format!("{slash}{}", rewritten.path), vouched, rewritten.rule.name.clone())))
    }
}

/// The path as rules see it where the signature has been checked already.
fn without_first_segment<'a>(path: &'a str, access: &Access) -> &'a str {
    let rest = match access {
        Access::Signed(_) => path[1..].find('/').map(|end| &path[1 + end..]),
        Access::Unsafe | Access::Vouched => path.strip_prefix("/unsafe").filter(|rest| rest.starts_with('/')),
    };
    rest.unwrap_or(path)
}

/// The routes, asked for the paths that the rules make of what was asked.
pub(super) fn around(routes: Router, rewriting: Arc<Rewriting>) -> Router {
    if rewriting.rules.is_empty() {
        return routes;
    }
    Router::new().fallback_service(routes).layer(from_fn_with_state(rewriting, rewrite))
}

async fn rewrite(State(rewriting): State<Arc<Rewriting>>, mut request: Request, next: Next) -> Response {
    let original = request.uri().clone();
    let Rewritten { uri, vouched, .. } = match rewriting.rewritten(&original) {
        Ok(Some(rewritten)) => rewritten,
        Ok(None) => return next.run(request).await,
        Err(refusal) => return refusal.into_response(),
    };
    let shown = if vouched { uri.path().to_owned() } else { Masked(&uri).to_string() };
    *request.uri_mut() = uri;
    request.extensions_mut().insert(Original(original));
    if vouched {
        request.extensions_mut().insert(Vouched);
    }
    let mut response = next.run(request).await;
    response.extensions_mut().insert(RewrittenTo(shown));
    response
}

/// Whether a path is the server's own: those are neither rewritten nor come out of a rule.
fn is_own(path: &str) -> bool {
    path.starts_with("/-/") || matches!(path, "/healthcheck" | "/healthcheck/")
}

/// A rewritten path as a URI, unless it is one of the server's own.
fn uri_of(path: &str) -> Option<Uri> {
    if is_own(path) {
        return None;
    }
    let encoded = utf8_percent_encode(path, NOT_IN_PATHS).to_string();
    PathAndQuery::try_from(encoded).ok().map(Uri::from)
}
