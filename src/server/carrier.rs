//! What is asked of an answer by who carries it in place of a socket.

use super::error::Refusal;
use crate::request::{FilterCall, ImageRequest};
use axum::body::HttpBody as _;
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, EXPIRES, LAST_MODIFIED,
    LOCATION,
};
use axum::http::{Extensions, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// Bounds of one answer. They come in the extensions of its request.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// When it has to be there; otherwise it is 503.
    pub deadline: Instant,
    /// A picture that is larger is made again, at a lower quality.
    pub shrink_to_bytes: Option<u64>,
    /// An answer with a larger body is 413.
    pub max_bytes: Option<u64>,
}

impl Bounds {
    pub(super) fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get().copied()
    }

    /// The answer, if it keeps to the bounds.
    pub(super) async fn hold(bounds: Option<Self>, answer: impl Future<Output = Response>) -> Response {
        let Some(bounds) = bounds else { return answer.await };
        let Ok(response) = timeout_at(bounds.deadline, answer).await else {
            return Refusal::no_time_left().into_response();
        };
        match bounds.max_bytes {
            Some(max_bytes) if response.body().size_hint().lower() > max_bytes => {
                Refusal::answer_too_large(max_bytes).into_response()
            }
            _ => response,
        }
    }

    /// Has a picture made small enough, as if its URL asked for that.
    pub(super) fn shrink(extensions: &Extensions, request: &mut ImageRequest) {
        if let Some(bytes) = Self::of(extensions).and_then(|bounds| bounds.shrink_to_bytes) {
            request.filters.push(FilterCall::new(format!("max_bytes({bytes})")));
        }
    }
}

/// In place of an answer, where its body is to be found. This may be kept for `max_age`, or as long as the answer.
///
/// Headers about the body go: they belong to what is found there.
///
/// # Panics
/// When `location` cannot stand in a header; URLs can.
pub fn moved(answer: Response, location: &str, max_age: Duration) -> Response {
    let (mut head, _body) = answer.into_parts();
    head.status = StatusCode::FOUND;
    for about_body in [ACCEPT_RANGES, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, EXPIRES, LAST_MODIFIED] {
        head.headers.remove(about_body);
    }
    head.headers.insert(LOCATION, HeaderValue::from_str(location).expect("URLs are visible ASCII"));
    // Where nothing may be kept, neither may this.
    let said = head.headers.get(CACHE_CONTROL).and_then(|said| said.to_str().ok()?.strip_prefix("max-age="));
    if let Some(picture_age) = said.and_then(|ages| ages.split(',').next()?.parse::<u64>().ok()) {
        let keep = format!("max-age={},public", picture_age.min(max_age.as_secs()));
        head.headers.insert(CACHE_CONTROL, HeaderValue::from_str(&keep).expect("made of visible ASCII"));
    }
    Response::from_parts(head, axum::body::Body::empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::header::{SERVER, VARY};

    fn answer(cache_control: &str) -> Response {
        let builder = Response::builder().header(CONTENT_TYPE, "image/png").header(ETAG, "\"e\"").header(SERVER, "s");
        let builder = builder.header(VARY, "Accept").header(CACHE_CONTROL, cache_control);
        builder.body(Body::from("a picture")).unwrap()
    }

    fn bounds(max_bytes: u64) -> Bounds {
        let deadline = Instant::now() + Duration::from_mins(1);
        Bounds { deadline, shrink_to_bytes: None, max_bytes: Some(max_bytes) }
    }

    #[tokio::test(start_paused = true)]
    async fn answers_keep_to_their_bounds() {
        let soon = || async { answer("no-store") };
        assert_eq!(Bounds::hold(None, soon()).await.status(), 200);
        assert_eq!(Bounds::hold(Some(bounds(9)), soon()).await.status(), 200);
        assert_eq!(Bounds::hold(Some(bounds(8)), soon()).await.status(), 413);
        assert_eq!(Bounds::hold(Some(bounds(9)), std::future::pending()).await.status(), 503);
    }

    #[test]
    fn who_is_sent_elsewhere_asks_again_before_the_link_ends() {
        let check = |said: &str, expected: &str| {
            let moved = moved(answer(said), "https://b/o?signature", Duration::from_secs(150));
            let headers = moved.headers();
            assert_eq!(moved.status(), StatusCode::FOUND);
            assert_eq!(headers[LOCATION], "https://b/o?signature");
            assert_eq!(headers[CACHE_CONTROL], expected);
            assert!(headers[SERVER] == "s" && headers[VARY] == "Accept", "{headers:?}");
            assert!(!headers.contains_key(CONTENT_TYPE) && !headers.contains_key(ETAG), "{headers:?}");
        };
        check("max-age=86400,public", "max-age=150,public");
        check("max-age=5", "max-age=5,public");
        check("no-store", "no-store");
    }
}
