//! Where operators' other systems are, and what they are told.

use super::{Given, Kind, quoted};
use crate::config::Secret;
use reqwest::header::{HeaderName, HeaderValue};

/// Sentry's address of a project, which holds a key.
pub(in crate::config) struct Dsn;

impl Kind for Dsn {
    type Out = Secret;
    const SECRET: bool = true;

    fn expected() -> String {
        "an address such as https://key@sentry.example.com/1".into()
    }

    fn parse(given: &Given) -> Option<Secret> {
        let text = given.one()?;
        let good = |url: reqwest::Url| {
            let project = url.path_segments()?.next_back()?;
            let web = matches!(url.scheme(), "http" | "https") && url.has_host();
            (web && !url.username().is_empty() && !project.is_empty()).then_some(())
        };
        (text.is_empty() || reqwest::Url::parse(text).ok().and_then(good).is_some()).then(|| Secret::new(text))
    }

    fn show(out: &Secret) -> String {
        super::Hidden::show(out)
    }
}

/// Headers as OpenTelemetry has them, `name=value,name=value`. They may hold secrets.
pub(in crate::config) struct HeaderPairs;

impl Kind for HeaderPairs {
    type Out = Vec<(String, Secret)>;
    const SECRET: bool = true;

    fn expected() -> String {
        "headers as name=value, separated by commas".into()
    }

    fn parse(given: &Given) -> Option<Self::Out> {
        let pairs = given.one()?.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| {
                let (name, value) = pair.split_once('=')?;
                let value = percent_encoding::percent_decode_str(value.trim()).decode_utf8().ok()?;
                let good = name.trim().parse::<HeaderName>().is_ok() && HeaderValue::from_str(&value).is_ok();
                good.then(|| (name.trim().to_ascii_lowercase(), Secret::new(value)))
            })
            .collect()
    }

    fn show(out: &Self::Out) -> String {
        quoted(if out.is_empty() { "" } else { "***" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Given {
        Given::One(text.into())
    }

    #[test]
    fn an_address_of_sentry_has_a_key_and_a_project() {
        for good in ["", "https://key@o1.ingest.sentry.io/42", "http://key:old@127.0.0.1:9000/sentry/1"] {
            assert!(Dsn::parse(&one(good)).is_some(), "{good}");
        }
        for bad in ["sentry.io", "https://o1.ingest.sentry.io/42", "https://key@sentry.io/", "ftp://key@sentry.io/1"] {
            assert!(Dsn::parse(&one(bad)).is_none(), "{bad}");
        }
    }

    #[test]
    fn headers_are_pairs() {
        let read = HeaderPairs::parse(&one("Api-Key=a%20b, x-tenant=7,")).unwrap();
        assert_eq!(read, [("api-key".to_owned(), Secret::new("a b")), ("x-tenant".to_owned(), Secret::new("7"))]);
        assert_eq!(HeaderPairs::show(&read), "\"***\"");
        for bad in ["key", "a b=c", "a=%0A"] {
            assert!(HeaderPairs::parse(&one(bad)).is_none(), "{bad}");
        }
    }
}
