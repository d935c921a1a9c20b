//! Headers of a client that go on to the origin.

use crate::config::{HttpConfig, LoaderConfig};
use reqwest::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use std::sync::Arc;

/// Headers that are about a connection, this server's answer or what was asked of it, or that would change how the
/// origin's answer is to be read. They are never passed on.
const NEVER: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Headers that prove who a client is to this server. They go on only where they are named, and never to the next
/// host of a redirect.
const CREDENTIALS: &[HeaderName] = &[AUTHORIZATION, COOKIE];

/// Which headers of clients go on to origins: `HTTP_LOADER_FORWARD_*`.
#[derive(Clone, Debug)]
pub struct Forwarding {
    all: bool,
    named: Vec<HeaderName>,
}

impl Forwarding {
    /// The rule of these settings.
    pub fn new(config: &HttpConfig) -> Self {
        let whitelist = config.forward_headers.iter().filter_map(|name| name.parse().ok());
        let named = whitelist.chain(config.forward_user_agent.then_some(USER_AGENT));
        Self { all: config.forward_all, named: named.filter(|name| !is_never(name)).collect() }
    }

    /// The rule of a server with these sources: without any over HTTP nothing goes on.
    pub fn of_config(config: &LoaderConfig) -> Self {
        if config.speaks_http() { Self::new(&config.http) } else { Self { all: false, named: Vec::new() } }
    }

    /// Whether a header goes on.
    pub fn wants(&self, name: &HeaderName) -> bool {
        self.named.contains(name) || self.all && !is_never(name) && !CREDENTIALS.contains(name)
    }

    /// What of a client's headers goes on.
    pub fn of(&self, headers: &HeaderMap) -> Forwarded {
        if self.all || !self.named.is_empty() {
            Forwarded::pick(headers, |name| self.wants(name))
        } else {
            Forwarded::default()
        }
    }

    /// What answers depend on because of that, as the value of `Vary`.
    pub fn vary(&self) -> Option<HeaderValue> {
        if self.all {
            return Some(HeaderValue::from_static("*"));
        }
        let names = self.named.iter().map(HeaderName::as_str).collect::<Vec<_>>().join(", ");
        HeaderValue::from_str(&names).ok().filter(|names| !names.is_empty())
    }
}

/// Without the headers that prove who a client is.
pub(super) fn forget_credentials(headers: &mut HeaderMap) {
    for name in CREDENTIALS {
        headers.remove(name);
    }
}

fn is_never(name: &HeaderName) -> bool {
    NEVER.contains(&name.as_str())
}

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
    fn credentials_go_on_only_where_they_are_named() {
        let client: HeaderMap = [
            ("accept", "image/avif"),
            ("accept-encoding", "gzip"),
            ("authorization", "Bearer x"),
            ("connection", "close"),
            ("cookie", "a=b"),
            ("host", "here"),
            ("if-none-match", "\"x\""),
            ("range", "bytes=0-1"),
            ("user-agent", "browser"),
            ("x-tenant", "7"),
        ]
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
        .into_iter()
        .collect();
        let check = |config: HttpConfig, expected: &[&str], vary: Option<&str>| {
            let forwarding = Forwarding::new(&config);
            let names: Vec<_> = forwarding.of(&client).iter().map(|(name, _)| name.to_string()).collect();
            assert_eq!(names, expected, "{config:?}");
            assert_eq!(forwarding.vary().as_ref().map(|value| value.to_str().unwrap()), vary, "{config:?}");
        };
        let named = |names: &[&str]| HttpConfig {
            forward_headers: names.iter().map(|&name| name.to_owned()).collect(),
            ..HttpConfig::default()
        };
        check(HttpConfig::default(), &[], None);
        check(HttpConfig { forward_user_agent: true, ..HttpConfig::default() }, &["user-agent"], Some("user-agent"));
        check(named(&["X-Tenant", "X-Missing"]), &["x-tenant"], Some("x-tenant, x-missing"));
        check(named(&["Cookie", "Authorization"]), &["authorization", "cookie"], Some("cookie, authorization"));
        check(named(&["Host", "Range", "If-None-Match", "Accept-Encoding"]), &[], None);
        let all = HttpConfig { forward_all: true, ..HttpConfig::default() };
        check(all.clone(), &["accept", "user-agent", "x-tenant"], Some("*"));
        let all_and_cookies = HttpConfig { forward_all: true, ..named(&["cookie"]) };
        check(all_and_cookies, &["accept", "cookie", "user-agent", "x-tenant"], Some("*"));
    }

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
