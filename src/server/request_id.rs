//! `X-Request-Id`: taken from whoever stands in front, or made.

use crate::trace::unique;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use std::fmt;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longer ids are nobody's.
const MAX_CHARS: usize = 128;

/// What a request is called in answers and logs.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct RequestId(HeaderValue);

impl RequestId {
    /// The id that a request brings, if it is one that cannot confuse a reader of logs; otherwise a new one.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let told = headers.get(X_REQUEST_ID).filter(|id| is_sane(id.as_bytes()));
        Self(told.cloned().unwrap_or_else(|| {
            HeaderValue::try_from(format!("{:016x}", unique())).expect("made of hexadecimal digits")
        }))
    }

    /// As a header has it.
    pub(super) fn value(&self) -> HeaderValue {
        self.0.clone()
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Letters, digits and what ids of well-known proxies have between them.
fn is_sane(id: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:/+=@|".contains(byte);
    (1..=MAX_CHARS).contains(&id.len()) && id.iter().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_could_confuse_a_log_are_replaced() {
        let id = |told: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(X_REQUEST_ID, HeaderValue::from_str(told).unwrap());
            RequestId::of(&headers)
        };
        let xray = "Root=1-67891233-abcdef012345678912345678";
        for good in ["a", xray, "7b1c6f5e-2c3d-4e5f-8a9b-0c1d2e3f4a5b", &"x".repeat(128)] {
            assert_eq!(id(good).as_str(), good);
        }
        for bad in ["", "a b", "a\"b", "a\tb", "<b>", &"x".repeat(129)] {
            let made = id(bad);
            assert!(made.as_str().len() == 16 && made != id(bad), "{bad}: {made}");
        }
        assert_ne!(RequestId::of(&HeaderMap::new()), RequestId::of(&HeaderMap::new()));
    }
}
