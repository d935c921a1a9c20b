//! Answers without a picture: one match from meanings to statuses, short plain words, causes to the log.

mod refusal;

pub(super) use refusal::{Refusal, as_json};

use super::access::Masked;
use crate::config::ServerConfig;
use crate::error::{Error, Kind};
use crate::loader::LoadError;
use crate::metrics::{FAILED, SHED};
use crate::pipeline::Busy;
use crate::request::edits::EditsError;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode, Uri};
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use tracing::{debug, warn};

/// Names in bodies stay below this.
const MAX_NAME_BYTES: usize = 60;

/// The status for each meaning.
///
/// Thumbor answers 400 to all that is the caller's fault, wrong signatures too, and its users' checks expect that.
/// Its 400, 404 and 500 for all else are told apart here; classes only differ where Thumbor's 500 was a bug.
fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Malformed | Kind::Forbidden | Kind::SourceNotAllowed | Kind::ResultTooLarge | Kind::AssetUnusable => {
            StatusCode::BAD_REQUEST
        }
        Kind::SourceNotFound => StatusCode::NOT_FOUND,
        Kind::SourceTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::SourceNotAnImage => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::SourceUnusable => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::OriginFailed => StatusCode::BAD_GATEWAY,
        Kind::OriginLate | Kind::OutOfTime => StatusCode::GATEWAY_TIMEOUT,
        Kind::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Bug => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// What Thumbor answers where it blames the origin.
fn thumbor_status(error: &Error) -> Option<StatusCode> {
    match error {
        Error::Load(LoadError::Upstream { .. } | LoadError::TooManyRedirects { .. }) => Some(StatusCode::NOT_FOUND),
        Error::Load(LoadError::Unreachable { .. } | LoadError::Broken { .. }) => Some(StatusCode::GATEWAY_TIMEOUT),
        _ if matches!(error.kind(), Kind::SourceNotAnImage | Kind::SourceUnusable) => Some(StatusCode::BAD_REQUEST),
        _ => None,
    }
}

/// A word for programs: that of Serverless Image Handler where it has one.
fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::Malformed => "BadRequest",
        Kind::Forbidden => "Forbidden",
        Kind::SourceNotAllowed => "SourceNotAllowed",
        Kind::ResultTooLarge => "ResultTooLarge",
        Kind::AssetUnusable => "OverlayImageException",
        Kind::SourceNotFound => "NoSuchKey",
        Kind::SourceTooLarge => "TooLargeImageException",
        Kind::SourceNotAnImage => "RequestTypeError",
        Kind::SourceUnusable => "ProcessingFailure",
        Kind::OriginFailed | Kind::OriginLate => "ImageRetrieval::CannotRetrieveImage",
        Kind::OutOfTime => "TimeoutException",
        Kind::Busy => "TooManyRequests",
        Kind::Bug => "InternalError",
    }
}

/// A word of the metrics for each meaning.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Malformed => "malformed",
        Kind::Forbidden => "forbidden",
        Kind::SourceNotAllowed => "source_not_allowed",
        Kind::ResultTooLarge => "result_too_large",
        Kind::AssetUnusable => "asset_unusable",
        Kind::SourceNotFound => "source_not_found",
        Kind::SourceTooLarge => "source_too_large",
        Kind::SourceNotAnImage => "source_not_an_image",
        Kind::SourceUnusable => "source_unusable",
        Kind::OriginFailed => "origin_failed",
        Kind::OriginLate => "origin_late",
        Kind::Busy => "busy",
        Kind::OutOfTime => "out_of_time",
        Kind::Bug => "bug",
    }
}

/// A word of the metrics for what there was not enough of.
fn shortage(busy: Busy) -> &'static str {
    match busy {
        Busy::LineFull => "places",
        Busy::MemoryFull => "memory",
        Busy::WaitedTooLong => "time",
    }
}

/// Status and word of later editions of Serverless Image Handler for what only they can be asked.
fn of_edits(error: &EditsError) -> (StatusCode, &'static str) {
    match error {
        EditsError::NotJson { .. } => (StatusCode::BAD_REQUEST, "DecodeRequest::CannotDecodeRequest"),
        EditsError::NoKey => (StatusCode::NOT_FOUND, "ImageEdits::CannotFindImage"),
        EditsError::Bucket { .. } => (StatusCode::FORBIDDEN, "ImageBucket::CannotAccessBucket"),
        EditsError::Side { .. } => (StatusCode::BAD_REQUEST, "InvalidResizeException"),
        EditsError::Format { .. } => (StatusCode::BAD_REQUEST, "UnsupportedOutputImageFormatException"),
        EditsError::Value { .. } => (StatusCode::BAD_REQUEST, "ImageEdits::CannotParseEdits"),
        EditsError::Refused { .. } => (StatusCode::BAD_REQUEST, "BadRequest"),
        EditsError::Query { .. } => (StatusCode::BAD_REQUEST, "QueryParameterParsingError"),
        EditsError::Unsigned => (StatusCode::BAD_REQUEST, "AuthorizationQueryParametersError"),
        EditsError::Signature => (StatusCode::FORBIDDEN, "SignatureDoesNotMatch"),
        EditsError::NotATime { .. } => (StatusCode::BAD_REQUEST, "ImageRequestExpiryFormat"),
        EditsError::Expired => (StatusCode::BAD_REQUEST, "ImageRequestExpired"),
    }
}

/// What clients are told: what they can do something about in detail, nothing about what lies behind us.
fn words(error: &Error) -> Cow<'static, str> {
    if let Error::Asset { name, source } = error {
        return format!("picture `{}`: {}", shortened(name), words(source)).into();
    }
    match error.kind() {
        Kind::Malformed
        | Kind::Forbidden
        | Kind::ResultTooLarge
        | Kind::AssetUnusable
        | Kind::SourceTooLarge
        | Kind::SourceNotAnImage
        | Kind::SourceUnusable => error.to_string().into(),
        Kind::SourceNotAllowed => "the source's host is not allowed".into(),
        Kind::SourceNotFound => "source not found".into(),
        Kind::OriginFailed => "the origin of the source failed".into(),
        Kind::OriginLate => "the origin of the source did not answer in time".into(),
        Kind::OutOfTime => "rendering took too long".into(),
        Kind::Busy => "too busy, try again soon".into(),
        Kind::Bug => "internal error".into(),
    }
}

/// The end of a long name, which tells more than its beginning.
fn shortened(name: &str) -> Cow<'_, str> {
    let start = name.ceil_char_boundary(name.len().saturating_sub(MAX_NAME_BYTES));
    if start == 0 { name.into() } else { format!("…{}", &name[start..]).into() }
}

/// Whether the answer is about the source and may be kept for a while if the settings say so.
fn may_be_kept(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::SourceNotFound
            | Kind::SourceTooLarge
            | Kind::SourceNotAnImage
            | Kind::SourceUnusable
            | Kind::AssetUnusable
    )
}

/// How errors are answered, as the settings say.
#[derive(Debug)]
pub(super) struct ErrorRules {
    max_age_s: u32,
    compat: bool,
}

impl ErrorRules {
    pub(super) fn new(config: &ServerConfig) -> Self {
        Self { max_age_s: config.error_max_age_s, compat: config.compat_origin_status }
    }

    /// The answer to a request for `uri` that failed. Logs the causes.
    pub(super) fn refusal(&self, error: &Error, uri: &Uri) -> Refusal {
        let kind = error.kind();
        let (status, code) = match error {
            Error::Edits(error) => of_edits(error),
            _ => (thumbor_status(error).filter(|_| self.compat).unwrap_or_else(|| status(kind)), code(kind)),
        };
        let extra = (kind == Kind::Busy).then(|| Box::new((RETRY_AFTER, HeaderValue::from_static("1"))));
        // Turning requests away is how an overloaded server stays well; the access log shows it.
        let ours = status.is_server_error() && kind != Kind::Busy;
        if ours {
            warn!(path = %Masked(uri), status = status.as_u16(), error = %Causes(error), "request failed");
        } else {
            debug!(path = %Masked(uri), status = status.as_u16(), error = %Causes(error), "request refused");
        }
        FAILED.of(word(kind)).add(1);
        if let Error::Busy(busy) = error {
            SHED.of(shortage(*busy)).add(1);
        }
        let keep = may_be_kept(kind) || status == StatusCode::NOT_FOUND;
        Refusal {
            status,
            code,
            text: words(error),
            max_age_s: if keep { self.max_age_s } else { 0 },
            extra,
            causes: ours.then(|| Causes(error).to_string().into()),
        }
    }
}

/// An error followed by what caused it.
struct Causes<'a>(&'a Error);

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(error) = cause {
            // Errors of some crates tell what caused them, too.
            let text = error.to_string();
            if !told.contains(&text) {
                told = format!("{told}: {text}");
            }
            cause = error.source();
        }
        f.write_str(&told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancelled;
    use crate::codec::{CodecError, Format};
    use crate::geometry::Size;
    use crate::plan::LimitError;
    use crate::request::{RequestError, SignatureError};
    use std::sync::Arc;

    fn cause(text: &str) -> Arc<dyn StdError + Send + Sync> {
        Box::<dyn StdError + Send + Sync>::from(text).into()
    }

    fn status_of(error: &Error, compat_origin_status: bool) -> u16 {
        let rules = ErrorRules::new(&ServerConfig { compat_origin_status, ..ServerConfig::default() });
        rules.refusal(error, &Uri::from_static("/x")).status.as_u16()
    }

    #[test]
    fn statuses_of_thumbor_come_back_where_the_settings_say_so() {
        let check = |error: Error, expected: u16| assert_eq!(status_of(&error, true), expected, "{error}");
        check(LoadError::NotFound.into(), 404);
        check(LoadError::Upstream { status: 403 }.into(), 404);
        check(LoadError::Upstream { status: 500 }.into(), 404);
        check(LoadError::TooManyRedirects { limit: 5 }.into(), 404);
        check(LoadError::Empty.into(), 502);
        check(LoadError::Timeout.into(), 504);
        check(LoadError::Unreachable { host: "h".into(), source: cause("refused") }.into(), 504);
        check(LoadError::Broken { host: "h".into(), source: cause("refused") }.into(), 504);
        check(CodecError::Unknown.into(), 400);
        check(LimitError::Source { pixels: 2, limit: 1 }.into(), 400);
        check(Busy::LineFull.into(), 503);
    }

    #[test]
    fn each_fault_has_its_status() {
        let check = |error: Error, expected: u16| assert_eq!(status_of(&error, false), expected, "{error}");
        let host = || "h".to_owned();
        check(RequestError::NoAccess.into(), 400);
        check(SignatureError::Mismatch.into(), 400);
        check(Error::UnsafeNotAllowed, 400);
        check(LimitError::Canvas { size: Size::new(9, 9), limit: 1 }.into(), 400);
        check(CodecError::Encode { format: Format::WebP, reason: "too wide".into() }.into(), 400);
        check(LoadError::InvalidId { id: host() }.into(), 400);
        check(LoadError::NotFound.into(), 404);
        check(LoadError::TooLarge { limit_bytes: 1 }.into(), 413);
        check(CodecError::Unknown.into(), 415);
        check(CodecError::Unsupported { format: Format::Jpeg, feature: "12 bit".into() }.into(), 415);
        check(CodecError::Broken { format: Format::Jpeg, reason: "no header".into() }.into(), 422);
        check(LimitError::Source { pixels: 2, limit: 1 }.into(), 422);
        let asset = |source: Error| Error::Asset { name: host(), source: source.into() };
        check(asset(LoadError::NotFound.into()), 400);
        check(asset(LoadError::TooLarge { limit_bytes: 1 }.into()), 400);
        check(asset(CodecError::Unknown.into()), 400);
        check(asset(LimitError::Source { pixels: 2, limit: 1 }.into()), 400);
        check(asset(LoadError::Upstream { status: 500 }.into()), 502);
        check(asset(LoadError::Timeout.into()), 504);
        check(LimitError::Assets { pixels: 2, limit: 1 }.into(), 400);
        check(LoadError::Upstream { status: 500 }.into(), 502);
        check(LoadError::Unreachable { host: host(), source: cause("refused") }.into(), 502);
        check(LoadError::Store { store: host(), source: cause("refused") }.into(), 502);
        check(LoadError::Timeout.into(), 504);
        check(LoadError::NoRoom.into(), 503);
        check(Busy::LineFull.into(), 503);
        check(Cancelled::OutOfTime.into(), 504);
        check(Error::Bug("a job panicked"), 500);
    }

    #[test]
    fn clients_learn_nothing_of_what_lies_behind() {
        let check = |error: Error, expected: &str| assert_eq!(words(&error), expected);
        check(
            LoadError::Unreachable { host: "db.internal".into(), source: cause("10.0.0.3:443 refused") }.into(),
            "the origin of the source failed",
        );
        check(LoadError::Io(Arc::new(std::io::Error::other("/srv/pictures/x"))).into(), "internal error");
        let missing = |name: &str| Error::Asset { name: name.into(), source: LoadError::NotFound.into() };
        check(missing("a/b.png"), "picture `a/b.png`: source not found");
        let long = format!("…{}", "y".repeat(60));
        check(missing(&format!("x{}", "y".repeat(60))), &format!("picture `{long}`: source not found"));
        check(
            RequestError::NumberTooLarge { digits: "99999999999".into() }.into(),
            "`99999999999` is too large a number of pixels",
        );
    }

    #[test]
    fn the_log_gets_the_causes() {
        let error = LoadError::Unreachable { host: "h".into(), source: cause("connection refused") }.into();
        assert_eq!(Causes(&error).to_string(), "origin `h` cannot be reached: connection refused");
    }
}
