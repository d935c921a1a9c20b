//! An answer without a picture, as text or as an object.

use super::code;
use crate::error::Kind;
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;

/// Bodies stay below this.
const MAX_TEXT_BYTES: usize = 180;

/// An answer without a picture.
#[derive(Clone, Debug)]
pub(in crate::server) struct Refusal {
    pub(super) status: StatusCode,
    /// A word for programs.
    pub(super) code: &'static str,
    pub(super) text: Cow<'static, str>,
    /// 0 = not to be kept.
    pub(super) max_age_s: u32,
    pub(super) extra: Option<Box<(HeaderName, HeaderValue)>>,
    /// What operators are told and clients are not, where there is more to say.
    pub(super) causes: Option<Box<str>>,
}

impl Refusal {
    pub(in crate::server) fn status(&self) -> StatusCode {
        self.status
    }

    /// A word for what went wrong, and all that is known about it.
    pub(in crate::server) fn for_operators(&self) -> (&'static str, &str) {
        (self.code, self.causes.as_deref().unwrap_or(&self.text))
    }

    /// The path is there, but not for this method. `allowed` are the methods, separated by commas.
    pub(in crate::server) fn method_not_allowed(allowed: &'static str) -> Self {
        let extra = Some(Box::new((ALLOW, HeaderValue::from_static(allowed))));
        let text = format!("only {allowed} can be used here");
        Self { extra, ..Self::new(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", text) }
    }

    /// No token, or one that is not good.
    pub(in crate::server) fn token_missing() -> Self {
        let extra = Some(Box::new((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))));
        Self {
            extra,
            ..Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", "this needs a bearer token that is good here")
        }
    }

    /// The URL is longer than the limit.
    pub(in crate::server) fn url_too_long(limit_bytes: usize) -> Self {
        Self::new(StatusCode::URI_TOO_LONG, "UriTooLong", format!("the URL is longer than {limit_bytes} bytes"))
    }

    /// The body is larger than the limit.
    pub(in crate::server) fn body_too_large(limit_bytes: u64) -> Self {
        let text = format!("the body is larger than {limit_bytes} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "TooLargeImageException", text)
    }

    /// The body has not come in time. The rest of it would be taken for the next request.
    pub(in crate::server) fn body_late() -> Self {
        let extra = Some(Box::new((CONNECTION, HeaderValue::from_static("close"))));
        Self { extra, ..Self::new(StatusCode::REQUEST_TIMEOUT, "RequestTimeout", "the body did not come in time") }
    }

    /// There is no such upload.
    pub(in crate::server) fn no_upload() -> Self {
        Self::new(StatusCode::NOT_FOUND, code(Kind::SourceNotFound), "no such upload")
    }

    /// What was sent is no picture that can be used.
    pub(in crate::server) fn not_an_image(text: String) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, code(Kind::SourceNotAnImage), text)
    }

    /// An upload is larger than the limit.
    pub(in crate::server) fn upload_too_large(limit_bytes: u64) -> Self {
        let text = format!("the picture is larger than {limit_bytes} bytes");
        Self::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", text)
    }

    /// An upload has fewer pixels than it must.
    pub(in crate::server) fn upload_too_small(width: u32, height: u32) -> Self {
        let text = format!("the picture is smaller than {width} by {height} pixels");
        Self::new(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", text)
    }

    /// Something else is wrong with the request.
    pub(in crate::server) fn bad_request(text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code(Kind::Malformed), text)
    }

    /// A path of ours that does not exist.
    pub(in crate::server) fn nothing_here() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NotFound", "nothing here")
    }

    /// There is too much to do.
    pub(in crate::server) fn too_busy() -> Self {
        let extra = Some(Box::new((RETRY_AFTER, HeaderValue::from_static("1"))));
        Self { extra, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, code(Kind::Busy), "too busy, try again soon") }
    }

    /// A storage failed in a way that whoever asks has to know of.
    pub(in crate::server) fn storage_failed() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "StorageFailed", "a storage failed")
    }

    /// Whoever carries the answer cannot carry one as large as it is.
    pub(in crate::server) fn answer_too_large(limit_bytes: u64) -> Self {
        let text = format!("the answer is larger than the {limit_bytes} bytes that can be sent back here");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "TooLargeImageException", text)
    }

    /// Whoever carries the answer cannot wait for it any longer.
    pub(in crate::server) fn no_time_left() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code(Kind::OutOfTime), "there was no time left for an answer")
    }

    /// A panic that was logged already, with what it said.
    pub(in crate::server) fn panicked(text: &str) -> Self {
        let causes = Some(format!("a handler panicked: {text}").into());
        Self { causes, ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, code(Kind::Bug), "internal error") }
    }

    fn new(status: StatusCode, code: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, text: text.into(), max_age_s: 0, extra: None, causes: None }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let keep = match self.max_age_s {
            0 => HeaderValue::from_static("no-store"),
            seconds => HeaderValue::from_str(&format!("max-age={seconds}")).expect("made of visible ASCII"),
        };
        let headers = [(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")), (CACHE_CONTROL, keep)];
        let mut response = (self.status, headers, harmless(&self.text)).into_response();
        response.headers_mut().extend(self.extra.as_deref().cloned());
        response.extensions_mut().insert(self);
        response
    }
}

/// Puts an object in place of the line of text in the answer to an error; other answers stay as they are.
pub(in crate::server) fn as_json(response: &mut Response) {
    let Some(refusal) = response.extensions().get::<Refusal>().cloned() else { return };
    let message = harmless(&refusal.text);
    let said = Said { status: refusal.status.as_u16(), code: refusal.code, message: message.trim_end() };
    let body = serde_json::to_vec(&said).expect("plain values always serialize");
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    *response.body_mut() = body.into();
}

/// The body of an error as Serverless Image Handler has it.
#[derive(Serialize)]
struct Said<'a> {
    status: u16,
    code: &'static str,
    message: &'a str,
}

/// One line of bounded length.
fn harmless(text: &str) -> String {
    let mut line: String = text.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
    if line.len() > MAX_TEXT_BYTES {
        line.truncate(line.floor_char_boundary(MAX_TEXT_BYTES));
        line.push('…');
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_one_short_line() {
        assert_eq!(harmless("a\r\nb"), "a??b\n");
        assert!(harmless(&"ü".repeat(1000)).len() < 200);
    }
}
