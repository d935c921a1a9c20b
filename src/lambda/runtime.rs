//! Lambda's Runtime API: where invocations come from and where answers go.
//!
//! Three requests over loopback are all there is of it, which is less than what AWS's crate for it brings: sixteen
//! crates more, URLs that are taken apart and written anew, so that signatures fail, and either buffered or streamed
//! answers for all events.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, TRAILER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::json;
use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;
use tracing::warn;

/// Where the API is, if it is anywhere: a host and a port.
const ADDRESS: &str = "AWS_LAMBDA_RUNTIME_API";
/// More than any event may have.
const MAX_EVENT_BYTES: usize = 32 << 20;

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const DEADLINE: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const RESPONSE_MODE: HeaderName = HeaderName::from_static("lambda-runtime-function-response-mode");
/// Says of which kind an error is; in the trailers of a stream, too.
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");
/// An error in the trailers of a stream.
const ERROR_BODY: HeaderName = HeaderName::from_static("lambda-runtime-function-error-body");
/// What a stream is that begins with status and headers.
const STREAM_TYPE: &str = "application/vnd.awslambda.http-integration-response";

/// The Runtime API of this process.
#[derive(Clone)]
pub struct Runtime {
    address: String,
    client: Client<HttpConnector, Body>,
}

/// One event that is to be answered.
#[derive(Debug)]
pub(super) struct Invocation {
    /// Its name at Lambda.
    pub(super) id: String,
    /// When the process is stopped if there is no answer.
    pub(super) deadline: Instant,
    /// The event, as JSON.
    pub(super) event: Bytes,
}

/// Why Lambda cannot be spoken with.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// There is no answer.
    #[error("the runtime API at `{address}` does not answer: {source}")]
    Silent {
        /// Where it should be.
        address: String,
        /// What went wrong.
        source: Box<dyn Error + Send + Sync>,
    },
    /// It wants the process to end.
    #[error("the runtime API answered {status}")]
    Refused {
        /// The status.
        status: StatusCode,
    },
    /// An invocation is not told as it should be.
    #[error("the runtime API sent an invocation without a good `{header}`")]
    Untold {
        /// What is missing or cannot be read.
        header: HeaderName,
    },
}

impl Runtime {
    /// The one that Lambda names in the environment of its processes.
    pub fn of_environment() -> Option<Self> {
        let address = std::env::var(ADDRESS).ok().filter(|address| !address.is_empty())?;
        Some(Self { address, client: Client::builder(TokioExecutor::new()).build_http() })
    }

    /// Says why there will be no answers at all.
    ///
    /// # Errors
    /// [`RuntimeError`], when nobody hears it.
    pub async fn fail_to_start(&self, error: &(dyn Error + 'static)) -> Result<(), RuntimeError> {
        self.post("init/error", &[(ERROR_TYPE, "Runtime.Settings")], said("Runtime.Settings", error).into()).await
    }

    /// The next invocation, however long that takes: the process may be frozen meanwhile.
    pub(super) async fn next(&self) -> Result<Invocation, RuntimeError> {
        let response = self.ask(Request::get(self.path("invocation/next")), Body::empty()).await?;
        let (head, body) = response.into_parts();
        if !head.status.is_success() {
            return Err(RuntimeError::Refused { status: head.status });
        }
        let text = |header: HeaderName| {
            let text = head.headers.get(&header).and_then(|value| value.to_str().ok());
            text.ok_or(RuntimeError::Untold { header })
        };
        let id = text(REQUEST_ID)?.to_owned();
        let deadline = text(DEADLINE)?.parse().map_err(|_| RuntimeError::Untold { header: DEADLINE })?;
        let event = Limited::new(body, MAX_EVENT_BYTES).collect().await.map_err(|error| self.silent(error))?.to_bytes();
        Ok(Invocation { id, deadline: at(deadline), event })
    }

    /// Sends the document that answers an invocation.
    pub(super) async fn respond(&self, to: &Invocation, document: Bytes) -> Result<(), RuntimeError> {
        let headers = [(CONTENT_TYPE, "application/json")];
        self.post(&format!("invocation/{}/response", to.id), &headers, document.into()).await
    }

    /// Sends status, headers and body of an answer as they come.
    pub(super) async fn stream(&self, to: &Invocation, body: Body) -> Result<(), RuntimeError> {
        let trailers = format!("{ERROR_TYPE}, {ERROR_BODY}");
        let headers = [(CONTENT_TYPE, STREAM_TYPE), (RESPONSE_MODE, "streaming"), (TRAILER, &trailers)];
        self.post(&format!("invocation/{}/response", to.id), &headers, body).await
    }

    /// Says why an invocation has no answer. `name` is a word for the kind of error.
    pub(super) async fn fail(
        &self,
        to: &Invocation,
        name: &str,
        error: &(dyn Error + 'static),
    ) -> Result<(), RuntimeError> {
        self.post(&format!("invocation/{}/error", to.id), &[(ERROR_TYPE, name)], said(name, error).into()).await
    }

    /// Refusals of single answers are logged: the next invocation may be answered well.
    async fn post(&self, path: &str, headers: &[(HeaderName, &str)], body: Body) -> Result<(), RuntimeError> {
        let mut request = Request::post(self.path(path));
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let response = self.ask(request, body).await?;
        let status = response.status();
        if status.is_server_error() {
            return Err(RuntimeError::Refused { status });
        }
        let told = Limited::new(response.into_body(), MAX_EVENT_BYTES).collect().await;
        let told = told.map_err(|error| self.silent(error))?.to_bytes();
        if !status.is_success() {
            warn!(status = status.as_u16(), told = %String::from_utf8_lossy(&told), "Lambda refused an answer");
        }
        Ok(())
    }

    async fn ask(&self, request: axum::http::request::Builder, body: Body) -> Result<Response<Incoming>, RuntimeError> {
        let request = request.body(body).map_err(|error| self.silent(error))?;
        self.client.request(request).await.map_err(|error| self.silent(error))
    }

    fn path(&self, path: &str) -> String {
        format!("http://{}/2018-06-01/runtime/{path}", self.address)
    }

    fn silent(&self, error: impl Into<Box<dyn Error + Send + Sync>>) -> RuntimeError {
        RuntimeError::Silent { address: self.address.clone(), source: error.into() }
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Runtime({})", self.address)
    }
}

/// An error as Lambda shows it.
fn said(name: &str, error: &(dyn Error + 'static)) -> String {
    json!({ "errorMessage": error.to_string(), "errorType": name, "stackTrace": [] }).to_string()
}

/// The moment so many milliseconds after 1970.
fn at(epoch_ms: u64) -> Instant {
    let left = (UNIX_EPOCH + Duration::from_millis(epoch_ms)).duration_since(SystemTime::now());
    Instant::now() + left.unwrap_or_default()
}

/// What a stream ends with that broke off.
pub(super) fn trailers(name: &'static str, error: &(dyn Error + 'static)) -> HeaderMap {
    let body = BASE64_STANDARD.encode(said(name, error));
    let mut trailers = HeaderMap::new();
    trailers.insert(ERROR_TYPE, HeaderValue::from_static(name));
    trailers.insert(ERROR_BODY, HeaderValue::from_maybe_shared(Bytes::from(body)).expect("base64 is visible ASCII"));
    trailers
}
