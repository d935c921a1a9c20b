//! Sharing between sites: which pages may use what this server answers.

use crate::config::CorsConfig;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// Sites that may use answers: all of one kind for everybody, or some, of which the one that asks is told.
#[derive(Clone, Debug)]
pub(super) struct Cors(Arc<[HeaderValue]>);

impl Cors {
    /// What the settings say; `None` where sharing is off. Origins that cannot stand in a header are left out: reading
    /// the settings has refused them.
    pub(super) fn of(config: &CorsConfig) -> Option<Self> {
        let origins = config.origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
        config.enabled.then(|| Self(origins.collect()))
    }

    /// Says on an answer to a request from `origin` whether its site may use it.
    pub(super) fn mark(&self, origin: Option<&HeaderValue>, headers: &mut HeaderMap) {
        let allowed = match &*self.0 {
            [one] => Some(one),
            several => {
                headers.append(VARY, HeaderValue::from_static("Origin"));
                several.iter().find(|allowed| *allowed == "*" || Some(*allowed) == origin)
            }
        };
        match allowed {
            Some(allowed) => headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed.clone()),
            None => headers.remove(ACCESS_CONTROL_ALLOW_ORIGIN),
        };
    }
}

/// The answer to browsers that ask beforehand; it is marked like all others, errors too.
pub(super) fn preflight() -> Response {
    let headers =
        [(ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"), (ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type, Authorization")];
    (StatusCode::NO_CONTENT, headers).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_named_as_the_settings_say() {
        let check = |origins: &[&str], asked: Option<&'static str>, expected: Option<&str>, varies: bool| {
            let origins = origins.iter().map(ToString::to_string).collect();
            let cors = Cors::of(&CorsConfig { enabled: true, origins }).unwrap();
            let mut headers = HeaderMap::from_iter([(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("else"))]);
            cors.mark(asked.map(HeaderValue::from_static).as_ref(), &mut headers);
            let found = headers.get(ACCESS_CONTROL_ALLOW_ORIGIN).map(|value| value.to_str().unwrap());
            assert_eq!((found, headers.contains_key(VARY)), (expected, varies), "{asked:?}");
        };
        check(&["*"], Some("https://a.test"), Some("*"), false);
        check(&["https://a.test"], Some("https://b.test"), Some("https://a.test"), false);
        let two = ["https://a.test", "https://b.test"];
        check(&two, Some("https://b.test"), Some("https://b.test"), true);
        check(&two, Some("https://c.test"), None, true);
        check(&two, None, None, true);
        assert!(Cors::of(&CorsConfig::default()).is_none());
    }
}
