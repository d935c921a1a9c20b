//! Bodies of requests, bounded in bytes and in time.

use super::error::Refusal;
use crate::loader::Share;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use std::time::Duration;
use tokio::time::timeout;

/// What a body may cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct BodyLimits {
    /// Most bytes.
    pub(super) max_bytes: u64,
    /// Time for all of it to arrive.
    pub(super) timeout: Duration,
}

/// Why there is no body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum BodyError {
    /// It has more bytes than it may.
    TooLarge {
        /// The limit.
        limit_bytes: u64,
    },
    /// Bodies and originals that arrive at the same time take all the memory that they may.
    NoRoom,
    /// It did not arrive in time.
    Late,
    /// It ended before its end.
    Broken,
}

/// The whole body, which counts against the memory of `share` while it arrives. One that says that it is too large is not
/// read at all.
pub(super) async fn read(
    body: Body,
    headers: &HeaderMap,
    limits: BodyLimits,
    share: Share,
) -> Result<Bytes, BodyError> {
    let too_large = BodyError::TooLarge { limit_bytes: limits.max_bytes };
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limits.max_bytes) {
        return Err(too_large);
    }
    timeout(limits.timeout, collected(body, limits.max_bytes, share)).await.map_err(|_| BodyError::Late)?
}

async fn collected(mut body: Body, max_bytes: u64, mut share: Share) -> Result<Bytes, BodyError> {
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue }; // trailers
        if (all.len() + data.len()) as u64 > max_bytes {
            return Err(BodyError::TooLarge { limit_bytes: max_bytes });
        }
        if !share.grow(data.len() as u64) {
            return Err(BodyError::NoRoom);
        }
        all.extend_from_slice(&data);
    }
    Ok(all.freeze())
}

impl From<BodyError> for Refusal {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { limit_bytes } => Self::body_too_large(limit_bytes),
            BodyError::NoRoom => Self::too_busy(),
            BodyError::Late => Self::body_late(),
            BodyError::Broken => Self::bad_request("the body broke off"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Budget;
    use axum::http::HeaderValue;
    use futures_util::{StreamExt as _, stream};
    use std::io;

    const LIMITS: BodyLimits = BodyLimits { max_bytes: 5, timeout: Duration::from_secs(30) };

    fn share() -> Share {
        Budget::default().share()
    }

    fn pieces(pieces: &[&'static str]) -> Body {
        Body::from_stream(stream::iter(pieces.iter().map(|piece| Ok::<_, io::Error>(*piece)).collect::<Vec<_>>()))
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        let none = HeaderMap::new();
        let too_large = Err(BodyError::TooLarge { limit_bytes: 5 });
        assert_eq!(read(Body::empty(), &none, LIMITS, share()).await, Ok(Bytes::new()));
        assert_eq!(read(pieces(&["ab", "", "cde"]), &none, LIMITS, share()).await, Ok("abcde".into()));
        assert_eq!(read(pieces(&["ab", "cdef"]), &none, LIMITS, share()).await, too_large);
        let announced = [(CONTENT_LENGTH, HeaderValue::from_static("6"))].into_iter().collect();
        let unread = Body::from_stream(stream::pending::<io::Result<Bytes>>());
        assert_eq!(read(unread, &announced, LIMITS, share()).await, too_large);
    }

    #[tokio::test]
    async fn a_body_counts_while_it_arrives() {
        let budget = Budget::new(4);
        let mut other = budget.share();
        assert!(other.grow(2));
        let refused = read(pieces(&["ab", "c"]), &HeaderMap::new(), LIMITS, budget.share()).await;
        assert_eq!((refused, budget.held_bytes()), (Err(BodyError::NoRoom), 2));
        assert_eq!(read(pieces(&["a", "b"]), &HeaderMap::new(), LIMITS, budget.share()).await, Ok("ab".into()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_given_up() {
        let slow = stream::iter([Ok::<_, io::Error>("a")]).chain(stream::pending());
        assert_eq!(read(Body::from_stream(slow), &HeaderMap::new(), LIMITS, share()).await, Err(BodyError::Late));
        let broken = stream::iter([Ok("a"), Err(io::Error::other("reset"))]);
        assert_eq!(read(Body::from_stream(broken), &HeaderMap::new(), LIMITS, share()).await, Err(BodyError::Broken));
    }
}
