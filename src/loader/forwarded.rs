//! Headers of a client that go on to the origin.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use std::sync::Arc;

/// Headers of one client that its origin is to see, in one order whatever order they came in: what was fetched with
/// different ones may differ. Cheap to clone; empty unless settings name headers.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Forwarded(Option<Arc<[(HeaderName, HeaderValue)]>>);

impl Forwarded {
    /// Those headers that `wanted` says yes to.
    pub fn pick(headers: &HeaderMap, wanted: impl Fn(&HeaderName) -> bool) -> Self {
        let mut picked: Vec<_> = headers
            .iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        // Stable: values of one name stay in the order in which they mean something.
        picked.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
        Self((!picked.is_empty()).then(|| picked.into()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&HeaderName, &HeaderValue)> {
        self.0.iter().flat_map(|headers| headers.iter()).map(|(name, value)| (name, value))
    }

    /// Bytes that the headers take in memory.
    pub fn size_bytes(&self) -> usize {
        self.iter().map(|(name, value)| 2 * size_of::<HeaderName>() + name.as_str().len() + value.len()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_headers_in_another_order_are_the_same() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            pairs
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .collect::<HeaderMap>()
        };
        let wanted = |name: &HeaderName| name.as_str().starts_with("x-");
        let one = Forwarded::pick(&headers(&[("x-a", "1"), ("host", "h"), ("x-b", "2")]), wanted);
        let two = Forwarded::pick(&headers(&[("x-b", "2"), ("cookie", "c"), ("x-a", "1")]), wanted);
        let other = Forwarded::pick(&headers(&[("x-b", "2"), ("x-a", "3")]), wanted);
        assert_eq!(one, two);
        assert_ne!(one, other);
        assert_eq!(one.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["x-a", "x-b"]);
        assert!(Forwarded::pick(&headers(&[("host", "h")]), wanted).is_empty() && one.size_bytes() > 8);
    }
}
