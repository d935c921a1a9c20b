//! An event read as the request that it was.
//!
//! Paths are passed on as they were written wherever the event still says how that was, since signatures are made over
//! that: REST APIs, function URLs and load balancers say it, HTTP APIs decode paths before they pass them on.

mod pairs;
mod target;

use self::pairs::Pairs;
use crate::server::Bounds;
use axum::body::Body;
use axum::http::header::{CONTENT_LENGTH, COOKIE, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Names a request in logs of several servers. Where a client has not given one, the invocation's is taken.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Who sent an event, and so in which form the answer has to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Front {
    /// API Gateway's REST API.
    RestApi,
    /// API Gateway's HTTP API, with events in either format.
    HttpApi {
        /// Format 1.0, which looks like that of REST APIs.
        first_format: bool,
    },
    /// A function's own URL.
    FunctionUrl,
    /// An application load balancer.
    Balancer {
        /// Whether its target group has headers with several values.
        several: bool,
    },
}

impl Front {
    /// Whether it takes answers as streams.
    pub(super) fn streams(self) -> bool {
        matches!(self, Self::RestApi | Self::FunctionUrl)
    }

    pub(super) fn is_balancer(self) -> bool {
        matches!(self, Self::Balancer { .. })
    }

    /// Whether headers of answers are lists of values.
    pub(super) fn repeats_headers(self) -> bool {
        match self {
            Self::RestApi => true,
            Self::HttpApi { first_format } => first_format,
            Self::FunctionUrl => false,
            Self::Balancer { several } => several,
        }
    }
}

/// The request of an event.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) front: Front,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Asked {
    /// The request, with these bounds for its answer.
    pub(super) fn request(&self, bounds: Bounds) -> Request<Body> {
        let mut request = Request::new(Body::from(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        request.extensions_mut().insert(bounds);
        request
    }
}

/// Why an event is no request.
#[derive(Debug, thiserror::Error)]
pub(super) enum EventError {
    /// It is no object, or parts of it are of other types than they should be.
    #[error("the event cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// It was sent by something else.
    #[error("the event is none of an API gateway, a function URL or a load balancer")]
    Stranger,
    /// There is no such method.
    #[error("the event's method `{method}` cannot be one")]
    Method {
        /// It.
        method: String,
    },
    /// It leads nowhere.
    #[error("the event's path `{target}` cannot be one")]
    Target {
        /// Path and query.
        target: String,
    },
    /// HTTP has no such header.
    #[error("the event's header `{name}` cannot be one")]
    Header {
        /// Its name.
        name: String,
    },
    /// The body is not what the event says it is.
    #[error("the event's body is not in base64")]
    Body(#[from] base64::DecodeError),
}

/// What is read of an event, whoever sent it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    version: Option<String>,
    raw_path: Option<String>,
    raw_query_string: Option<String>,
    cookies: Option<Vec<String>>,
    http_method: Option<String>,
    path: Option<String>,
    query_string_parameters: Option<Pairs<String>>,
    multi_value_query_string_parameters: Option<Pairs<Vec<String>>>,
    headers: Option<Pairs<String>>,
    multi_value_headers: Option<Pairs<Vec<String>>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
    request_context: Option<Context>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    elb: Option<IgnoredAny>,
    http: Option<Http>,
    domain_name: Option<String>,
    stage: Option<String>,
}

#[derive(Deserialize)]
struct Http {
    method: String,
}

/// Reads an event. `id` is the invocation's.
pub(super) fn read(event: &[u8], id: &str) -> Result<Asked, EventError> {
    let event: Event = serde_json::from_slice(event)?;
    let (front, method) = event.sender().ok_or(EventError::Stranger)?;
    let method = Method::from_bytes(method.as_bytes()).map_err(|_| EventError::Method { method: method.into() })?;
    let uri = event.uri(front)?;
    let mut headers = event.headers()?;
    let body = match (event.body, event.is_base64_encoded) {
        (None, _) => Bytes::new(),
        (Some(text), Some(true)) => BASE64_STANDARD.decode(text)?.into(),
        (Some(text), _) => text.into(),
    };
    // Whatever it was on its way, now it is here as a whole.
    headers.remove(TRANSFER_ENCODING);
    if !body.is_empty() {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    if let (false, Ok(id)) = (headers.contains_key(REQUEST_ID), HeaderValue::from_str(id)) {
        headers.insert(REQUEST_ID, id);
    }
    Ok(Asked { front, method, uri, headers, body })
}

impl Event {
    /// Who sent it, and the method.
    fn sender(&self) -> Option<(Front, &str)> {
        let context = self.request_context.as_ref()?;
        if let Some(http) = &context.http {
            let url = context.domain_name.as_ref().is_some_and(|domain| domain.contains(".lambda-url."));
            let front = if url { Front::FunctionUrl } else { Front::HttpApi { first_format: false } };
            return Some((front, &http.method));
        }
        let front = match (&context.elb, self.version.as_deref()) {
            (Some(_), _) => Front::Balancer { several: self.multi_value_headers.is_some() },
            (None, Some(_)) => Front::HttpApi { first_format: true },
            (None, None) => Front::RestApi,
        };
        Some((front, self.http_method.as_deref()?))
    }

    fn uri(&self, front: Front) -> Result<Uri, EventError> {
        let mut path = self.raw_path.as_deref().or(self.path.as_deref()).unwrap_or_default();
        if matches!(front, Front::HttpApi { .. }) {
            path = self.without_stage(path);
        }
        let mut target = match front {
            Front::HttpApi { .. } => target::of_decoded(path),
            _ => target::as_written(path),
        };
        let query = self.query(front);
        if !query.is_empty() {
            target.extend(["?", &query]);
        }
        target.parse().map_err(|_| EventError::Target { target })
    }

    /// HTTP APIs leave their stage in front of the path, unless they have a domain of their own.
    fn without_stage<'a>(&self, path: &'a str) -> &'a str {
        let context = self.request_context.as_ref();
        let own_domain = !context
            .is_some_and(|context| context.domain_name.as_ref().is_some_and(|domain| domain.contains(".execute-api.")));
        let Some(stage) = context.and_then(|context| context.stage.as_deref()).filter(|_| !own_domain) else {
            return path;
        };
        let rest = path.strip_prefix('/').and_then(|path| path.strip_prefix(stage));
        rest.filter(|rest| rest.starts_with('/')).unwrap_or(path)
    }

    fn query(&self, front: Front) -> String {
        if let Some(query) = &self.raw_query_string {
            return target::as_written_query(query);
        }
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        match (&self.multi_value_query_string_parameters, &self.query_string_parameters) {
            (Some(several), _) => {
                let all = several.0.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
                pairs.extend(all.map(|(name, value)| (name.as_str(), value.as_str())));
            }
            (None, Some(once)) => pairs.extend(once.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
            (None, None) => {}
        }
        // Load balancers pass on what was written, API Gateway what was meant.
        if front.is_balancer() { target::as_written_query(&target::joined(pairs)) } else { target::query_of(pairs) }
    }

    fn headers(&self) -> Result<HeaderMap, EventError> {
        let mut headers = HeaderMap::new();
        let mut add = |name: &str, value: &str| -> Result<(), EventError> {
            let bad = || EventError::Header { name: name.to_owned() };
            let (name, value) = (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes()));
            headers.append(name.map_err(|_| bad())?, value.map_err(|_| bad())?);
            Ok(())
        };
        match (&self.multi_value_headers, &self.headers) {
            (Some(several), _) => {
                for (name, values) in &several.0 {
                    values.iter().try_for_each(|value| add(name, value))?;
                }
            }
            (None, Some(once)) => once.0.iter().try_for_each(|(name, value)| add(name, value))?,
            (None, None) => {}
        }
        if let Some(cookies) = self.cookies.as_ref().filter(|cookies| !cookies.is_empty()) {
            add(COOKIE.as_str(), &cookies.join("; "))?;
        }
        Ok(headers)
    }
}

#[cfg(test)]
mod tests;
