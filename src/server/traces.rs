//! Traces for a collector of OpenTelemetry: a span for each request and each of its stages, posted as OTLP over HTTP.

use super::otlp::{
    AnyValue, Code, ExportTraceServiceRequest, KeyValue, Kind, Resource, ResourceSpans, Scope, ScopeSpans, Span,
    Status, Value,
};
use super::outbox::{Habits, Outbox};
use super::watch::Account;
use crate::config::OtlpConfig;
use crate::pipeline::StageTimes;
use crate::trace::{Context, unique};
use prost::Message as _;
use reqwest::{Client, RequestBuilder};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tracing::info;

const HABITS: Habits =
    Habits { receiver: "the collector of traces", places: 4096, batch: 256, gather: Duration::from_millis(500) };
/// Where collectors take traces.
const PATH: &str = "/v1/traces";

/// Where traces go.
#[derive(Debug)]
pub(super) struct Traces {
    sample: f64,
    /// Requests, each with its stages.
    outbox: Outbox<Vec<Span>>,
}

impl Traces {
    /// The way to the collector that the settings name, if they name one.
    pub(super) fn start(config: &OtlpConfig) -> Option<Self> {
        let endpoint = config.endpoint.as_deref()?;
        info!(collector = endpoint, "traces go to OpenTelemetry");
        let (url, config) = (format!("{endpoint}{PATH}"), config.clone());
        let sample = config.sample;
        let outbox = Outbox::open(HABITS, move |client, spans| letter(client, &url, &config, spans))?;
        Some(Self { sample, outbox })
    }

    /// A trace that begins here.
    pub(super) fn new_trace(&self) -> Context {
        #[expect(clippy::cast_precision_loss, reason = "a share needs few digits")]
        let chance = unique() as f64 / u64::MAX as f64;
        Context::new(chance < self.sample)
    }

    /// Posts the spans of a request later, if its trace is kept.
    pub(super) fn report(&self, account: &Account<'_>) {
        if let Some(context) = account.context.filter(|context| context.sampled) {
            self.outbox.put(spans(account, context));
        }
    }
}

fn letter(client: &Client, url: &str, config: &OtlpConfig, spans: Vec<Vec<Span>>) -> RequestBuilder {
    let scope = Scope { name: "tintype".into(), version: env!("CARGO_PKG_VERSION").into() };
    let about = vec![text("service.name", &config.service), text("service.version", env!("CARGO_PKG_VERSION"))];
    let spans = ScopeSpans { scope: Some(scope), spans: spans.into_iter().flatten().collect() };
    let spans = ResourceSpans { resource: Some(Resource { attributes: about }), scope_spans: vec![spans] };
    let body = ExportTraceServiceRequest { resource_spans: vec![spans] }.encode_to_vec();
    let letter = client.post(url).header("content-type", "application/x-protobuf");
    config.headers.iter().fold(letter, |letter, (name, value)| letter.header(name, value.reveal())).body(body)
}

/// The span of a request, and one for each of its stages. Those followed each other; what lies between them is not told.
fn spans(account: &Account<'_>, context: Context) -> Vec<Span> {
    let end = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let start = end.saturating_sub(account.total);
    let blank = || Span { trace_id: context.trace_id.to_be_bytes().to_vec(), ..Span::default() };
    let failed = account.status.is_server_error();
    let mut spans = vec![Span {
        id: context.span_id.to_be_bytes().to_vec(),
        parent_span_id: account.parent.map(|parent| parent.to_be_bytes().to_vec()).unwrap_or_default(),
        name: account.method.to_string(), // paths are too many to name spans by
        kind: Kind::Server.into(),
        start_time_unix_nano: nanoseconds(start),
        end_time_unix_nano: nanoseconds(end),
        attributes: attributes(account),
        status: failed.then(|| Status {
            code: Code::Error.into(),
            message: account.refusal.map(|refusal| refusal.for_operators().1.to_owned()).unwrap_or_default(),
        }),
        ..blank()
    }];
    let mut from = start;
    for (name, time) in account.trail.and_then(|trail| trail.times).iter().flat_map(stages) {
        spans.push(Span {
            id: unique().to_be_bytes().to_vec(),
            parent_span_id: context.span_id.to_be_bytes().to_vec(),
            name: name.into(),
            kind: Kind::Internal.into(),
            start_time_unix_nano: nanoseconds(from),
            end_time_unix_nano: nanoseconds(from + time),
            ..blank()
        });
        from += time;
    }
    spans
}

fn stages(times: &StageTimes) -> impl Iterator<Item = (&'static str, Duration)> + use<> {
    times.in_order().into_iter().filter(|(_, time)| !time.is_zero())
}

/// Names are those of OpenTelemetry's conventions where they have one.
fn attributes(account: &Account<'_>) -> Vec<KeyValue> {
    let number = |number: u64| Value::Whole(i64::try_from(number).unwrap_or(i64::MAX));
    let mut attributes = vec![
        text("http.request.method", account.method.as_str()),
        text("url.path", &account.path().to_string()),
        attribute("http.response.status_code", number(account.status.as_u16().into())),
        text("tintype.request_id", account.id.as_str()),
    ];
    attributes.extend(account.bytes.map(|bytes| attribute("http.response.body.size", number(bytes))));
    if let Some(trail) = account.trail {
        attributes.push(text("tintype.cache", trail.way));
        attributes.push(text("tintype.format", account.mime));
        if let Some(times) = trail.times {
            attributes.push(attribute("tintype.decode_ms", Value::Number(times.decode.as_secs_f64() * 1e3)));
        }
    }
    if let Some(refusal) = account.refusal {
        attributes.push(text("error.type", refusal.for_operators().0));
    }
    attributes
}

fn text(key: &str, value: &str) -> KeyValue {
    attribute(key, Value::Text(value.to_owned()))
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }) }
}

fn nanoseconds(since_1970: Duration) -> u64 {
    u64::try_from(since_1970.as_nanos()).unwrap_or(u64::MAX)
}
