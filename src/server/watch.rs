//! What others than its client learn of a request: who waits for an answer, and what became of it.

use super::access::{self, Masked, Trail};
use super::error::Refusal;
use super::request_id::{RequestId, X_REQUEST_ID};
use super::rewrite::RewrittenTo;
use super::sentry::Sentry;
#[cfg(feature = "otlp")]
use super::traces::Traces;
use crate::config::{OtlpConfig, TelemetryConfig};
use crate::metrics::{self, ABANDONED, Answered, IN_FLIGHT};
use crate::trace::{self, Context};
use axum::body::HttpBody as _;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use axum::response::Response;
use std::time::{Duration, Instant};
use tracing::{Instrument as _, error_span, field};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Those who are told besides the log and the metrics; by default nobody.
#[derive(Debug, Default)]
pub(super) struct Watch {
    slow: Option<Duration>,
    traces: Option<Traces>,
    sentry: Option<Sentry>,
}

/// A request under way.
#[derive(Debug)]
pub(super) struct Visit {
    start: Instant,
    id: RequestId,
    context: Option<Context>,
    /// The span that the client names, if this request has one of its own.
    parent: Option<u64>,
    method: Method,
    uri: Uri,
    place: Option<Place>,
}

/// What became of a request.
#[derive(Debug)]
pub(super) struct Account<'a> {
    pub(super) id: &'a RequestId,
    pub(super) context: Option<Context>,
    pub(super) parent: Option<u64>,
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
    pub(super) status: StatusCode,
    pub(super) mime: &'a str,
    /// Of the body; `None` where nobody knows yet.
    pub(super) bytes: Option<u64>,
    pub(super) total: Duration,
    /// How a picture was come by.
    pub(super) trail: Option<&'a Trail>,
    /// Why there is none.
    pub(super) refusal: Option<&'a Refusal>,
    /// The path that rules have made of what was asked.
    pub(super) rewritten: Option<&'a str>,
}

impl Watch {
    /// Those whom the settings name. Needs a runtime if there are any.
    pub(super) fn new(config: &TelemetryConfig) -> Self {
        Self { slow: config.slow, traces: traces(&config.otlp), sentry: Sentry::start(&config.sentry) }
    }

    /// Sees a request come.
    pub(super) fn begin(&self, request: &Request) -> Visit {
        let headers = request.headers();
        let told = headers.get(TRACEPARENT).and_then(|value| Context::parse(value.to_str().ok()?));
        let own = self.traces.as_ref().map(|traces| told.map_or_else(|| traces.new_trace(), Context::child));
        Visit {
            start: Instant::now(),
            id: RequestId::of(headers),
            context: own.or(told),
            parent: own.and(told).map(|told| told.span_id),
            method: request.method().clone(),
            uri: request.uri().clone(),
            place: (!is_check(request.uri().path())).then(Place::take),
        }
    }

    /// Sees its answer go.
    pub(super) fn end(&self, visit: Visit, response: &mut Response) {
        let Visit { start, id, context, parent, method, uri, place } = visit;
        response.headers_mut().insert(X_REQUEST_ID, id.value());
        let extensions = response.extensions();
        let account = Account {
            id: &id,
            context,
            parent,
            method: &method,
            uri: &uri,
            status: response.status(),
            mime: text(response.headers(), &CONTENT_TYPE),
            bytes: if method == Method::HEAD { Some(0) } else { response.body().size_hint().exact() },
            total: start.elapsed(),
            trail: extensions.get(),
            refusal: extensions.get(),
            rewritten: extensions.get().map(|RewrittenTo(path)| path.as_str()),
        };
        if let Some(place) = place {
            place.leave();
            account.count();
        }
        access::log(&account, self.slow.is_some_and(|slow| account.total >= slow));
        if let (Some(traces), false) = (&self.traces, is_check(uri.path())) {
            traces.report(&account);
        }
        if let Some(sentry) = &self.sentry {
            sentry.report(&account);
        }
    }
}

impl Visit {
    /// Does what is to be done for it. The lines of its log carry its id.
    pub(super) fn during<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        let span = error_span!("request", request_id = %self.id, trace_id = field::Empty);
        if let Some(context) = self.context {
            span.record("trace_id", format_args!("{:032x}", context.trace_id));
        }
        trace::within(self.context, work).instrument(span)
    }
}

impl Account<'_> {
    fn count(&self) {
        metrics::answered(&Answered {
            status: self.status.as_str(),
            mime: self.mime,
            bytes: self.bytes.unwrap_or(0),
            time: self.total,
            way: self.trail.map(|trail| trail.way),
            smart: self.trail.map(|trail| trail.smart),
        });
    }

    /// The path without what gives rights.
    pub(super) fn path(&self) -> Masked<'_> {
        Masked(self.uri)
    }
}

/// A request that has no answer yet. Dropped without one if its client leaves.
#[derive(Debug)]
struct Place;

impl Place {
    fn take() -> Self {
        IN_FLIGHT.only().add(1);
        Self
    }

    /// Leaves with an answer.
    fn leave(self) {
        IN_FLIGHT.only().sub(1);
        std::mem::forget(self);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        IN_FLIGHT.only().sub(1);
        ABANDONED.only().add(1);
    }
}

/// Whether machines ask this all the time to see how the server does.
fn is_check(path: &str) -> bool {
    matches!(path, "/healthcheck" | "/healthcheck/" | "/-/livez" | "/-/readyz" | "/-/metrics")
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[cfg(feature = "otlp")]
fn traces(config: &OtlpConfig) -> Option<Traces> {
    Traces::start(config)
}

/// In a program without OpenTelemetry.
#[cfg(not(feature = "otlp"))]
fn traces(config: &OtlpConfig) -> Option<Traces> {
    if config.endpoint.is_some() {
        tracing::warn!("OTEL_EXPORTER_OTLP_ENDPOINT: this program was built without the feature `otlp`");
    }
    None
}

/// Nobody, in a program without OpenTelemetry.
#[cfg(not(feature = "otlp"))]
#[derive(Debug)]
enum Traces {}

#[cfg(not(feature = "otlp"))]
impl Traces {
    fn new_trace(&self) -> Context {
        match *self {}
    }

    fn report(&self, _: &Account<'_>) {
        match *self {}
    }
}
