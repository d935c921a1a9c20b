//! Errors of ours told to Sentry: an envelope each, over the HTTP client that is here already.
//!
//! The crates of Sentry would bring backtraces, sessions and a transport of their own; what an operator wants to hear
//! fits into one small object.

use super::error::Refusal;
use super::outbox::{Habits, Outbox};
use super::watch::Account;
use crate::config::SentryConfig;
use axum::http::StatusCode;
use reqwest::{Client, RequestBuilder, Url};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tracing::info;
use uuid::Uuid;

/// Events wait for no others, and few of them for Sentry: a server that fails always fails alike.
const HABITS: Habits = Habits { receiver: "Sentry", places: 64, batch: 1, gather: Duration::ZERO };

/// Where errors go.
#[derive(Debug)]
pub(super) struct Sentry {
    environment: Option<String>,
    outbox: Outbox<Value>,
}

/// A project of Sentry, as its address says.
#[derive(Debug)]
struct Project {
    envelopes: Url,
    authorization: String,
}

impl Sentry {
    /// The way to the project that the settings name, if they name one.
    pub(super) fn start(config: &SentryConfig) -> Option<Self> {
        let project = Project::of(config.dsn.reveal())?;
        info!(server = project.envelopes.host_str(), "errors go to Sentry");
        let outbox = Outbox::open(HABITS, move |client, events| project.letter(client, &events))?;
        Some(Self { environment: config.environment.clone(), outbox })
    }

    /// Tells of a request that failed by our fault or that of an origin. Being busy is no error.
    pub(super) fn report(&self, account: &Account<'_>) {
        if account.status.is_server_error() && account.status != StatusCode::SERVICE_UNAVAILABLE {
            self.outbox.put(event(account, self.environment.as_deref()));
        }
    }
}

impl Project {
    /// `https://key@host/path/1`; the settings have refused what is none.
    fn of(dsn: &str) -> Option<Self> {
        let mut url = Url::parse(dsn).ok()?;
        let authorization = format!(
            "Sentry sentry_version=7, sentry_client=tintype/{}, sentry_key={}",
            env!("CARGO_PKG_VERSION"),
            url.username()
        );
        let (path, project) = url.path().rsplit_once('/')?;
        let path = format!("{path}/api/{project}/envelope/");
        url.set_path(&path);
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
        Some(Self { envelopes: url, authorization })
    }

    fn letter(&self, client: &Client, events: &[Value]) -> RequestBuilder {
        let mut body = String::new();
        for event in events {
            let head = json!({ "event_id": event["event_id"] });
            let item = json!({ "type": "event" });
            writeln!(body, "{head}\n{item}\n{event}").expect("a string takes any text");
        }
        client
            .post(self.envelopes.clone())
            .header("content-type", "application/x-sentry-envelope")
            .header("x-sentry-auth", &self.authorization)
            .body(body)
    }
}

/// What Sentry is told: the error with its causes, the path without its signature, nothing about the client.
fn event(account: &Account<'_>, environment: Option<&str>) -> Value {
    let (kind, causes) = account.refusal.map_or(("Error", "no more is known"), Refusal::for_operators);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let trace = account.context.map(|context| {
        json!({ "trace_id": format!("{:032x}", context.trace_id), "span_id": format!("{:016x}", context.span_id) })
    });
    json!({
        "event_id": Uuid::new_v4().simple().to_string(),
        "timestamp": now.as_secs_f64(),
        "platform": "other",
        "level": "error",
        "logger": "tintype",
        "release": concat!("tintype@", env!("CARGO_PKG_VERSION")),
        "environment": environment,
        "exception": { "values": [{ "type": kind, "value": causes }] },
        "tags": { "status": account.status.as_u16().to_string(), "request_id": account.id.as_str() },
        "request": { "method": account.method.as_str(), "url": account.path().to_string() },
        "contexts": { "trace": trace },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_tells_where_envelopes_go() {
        for (dsn, envelopes, key) in [
            ("https://abc@o1.ingest.sentry.io/42", "https://o1.ingest.sentry.io/api/42/envelope/", "abc"),
            ("http://abc:old@127.0.0.1:9000/sentry/7", "http://127.0.0.1:9000/sentry/api/7/envelope/", "abc"),
        ] {
            let project = Project::of(dsn).unwrap();
            assert_eq!(project.envelopes.as_str(), envelopes);
            assert!(project.authorization.ends_with(&format!("sentry_key={key}")), "{}", project.authorization);
        }
        assert!(Project::of("").is_none());
    }
}
