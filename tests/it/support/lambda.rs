//! Lambda, as a function sees it: the Runtime API on loopback. And events, as each kind of sender would write them.

use super::program::program;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path as InPath, State};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http_body_util::BodyExt as _;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot};
use tokio::time::timeout;

/// No invocation takes longer in a test that passes.
const DEADLINE: Duration = Duration::from_secs(20);
/// More than Lambda takes of a document.
const MAX_DOCUMENT_BYTES: usize = 6_291_556;

/// What a function said about an invocation, or about itself.
#[derive(Debug)]
pub(crate) struct Said {
    /// `response` or `error`.
    pub(crate) what: &'static str,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) trailers: HeaderMap,
}

/// The Runtime API of one function.
pub(crate) struct Lambda {
    pub(crate) address: SocketAddr,
    events: mpsc::UnboundedSender<Invocation>,
    state: Arc<Desk>,
}

struct Invocation {
    event: String,
    time: Duration,
    answer: oneshot::Sender<Said>,
}

/// What the API's handlers share.
struct Desk {
    waiting: AsyncMutex<mpsc::UnboundedReceiver<Invocation>>,
    open: Mutex<HashMap<String, oneshot::Sender<Said>>>,
    asked: AtomicUsize,
    failed_to_start: Mutex<Option<Said>>,
}

impl Lambda {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (events, waiting) = mpsc::unbounded_channel();
        let state = Arc::new(Desk {
            waiting: AsyncMutex::new(waiting),
            open: Mutex::default(),
            asked: AtomicUsize::new(0),
            failed_to_start: Mutex::default(),
        });
        let api = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
            .route("/2018-06-01/runtime/init/error", post(init_error))
            .with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, api).await });
        Self { address, events, state }
    }

    /// What the function says about an event, for which it has a good deal of time.
    pub(crate) async fn invoke(&self, event: &Value) -> Said {
        self.invoke_for(DEADLINE, &event.to_string()).await
    }

    /// The same with so much time, and with any text for an event.
    pub(crate) async fn invoke_for(&self, time: Duration, event: &str) -> Said {
        let (answer, said) = oneshot::channel();
        self.events.send(Invocation { event: event.to_owned(), time, answer }).ok().unwrap();
        timeout(DEADLINE, said).await.expect("something is said in time").unwrap()
    }

    /// How often the function has asked for work.
    pub(crate) fn asked(&self) -> usize {
        self.state.asked.load(Ordering::SeqCst)
    }

    /// Why the function could not start, if it has said so.
    pub(crate) fn failed_to_start(&self) -> Option<Said> {
        self.state.failed_to_start.lock().unwrap().take()
    }
}

async fn next(State(desk): State<Arc<Desk>>) -> Response {
    let number = desk.asked.fetch_add(1, Ordering::SeqCst);
    let Some(invocation) = desk.waiting.lock().await.recv().await else { return StatusCode::GONE.into_response() };
    let id = format!("8476a536-e9f4-11e8-9739-{number:012}");
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + invocation.time;
    desk.open.lock().unwrap().insert(id.clone(), invocation.answer);
    let headers = [
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1".to_owned()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:111122223333:function:pictures".to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    (headers, invocation.event).into_response()
}

async fn response(State(desk): State<Arc<Desk>>, InPath(id): InPath<String>, request: Request<Body>) -> StatusCode {
    let said = heard("response", request).await;
    let buffered = !said.headers.contains_key("lambda-runtime-function-response-mode");
    if buffered && said.body.len() > MAX_DOCUMENT_BYTES {
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    answered(&desk, &id, said)
}

async fn error(State(desk): State<Arc<Desk>>, InPath(id): InPath<String>, request: Request<Body>) -> StatusCode {
    let said = heard("error", request).await;
    answered(&desk, &id, said)
}

async fn init_error(State(desk): State<Arc<Desk>>, request: Request<Body>) -> StatusCode {
    *desk.failed_to_start.lock().unwrap() = Some(heard("error", request).await);
    StatusCode::ACCEPTED
}

async fn heard(what: &'static str, request: Request<Body>) -> Said {
    let (head, body) = request.into_parts();
    let whole = body.collect().await.unwrap();
    let trailers = whole.trailers().cloned().unwrap_or_default();
    Said { what, headers: head.headers, body: whole.to_bytes(), trailers }
}

fn answered(desk: &Desk, id: &str, said: Said) -> StatusCode {
    let waiting = desk.open.lock().unwrap().remove(id);
    waiting.and_then(|waiting| waiting.send(said).ok()).map_or(StatusCode::BAD_REQUEST, |()| StatusCode::ACCEPTED)
}

/// The program as a function. Dropping it kills it.
pub(crate) struct Function(Child);

impl Function {
    /// Starts it as Lambda does: without arguments, and with settings in the environment.
    pub(crate) fn start(lambda: &Lambda, folder: &Path, settings: &[(&str, &str)]) -> Self {
        let mut command = program(folder);
        command.env("AWS_LAMBDA_RUNTIME_API", lambda.address.to_string()).envs(settings.iter().copied());
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Sends SIGTERM.
    pub(crate) fn stop(&self) {
        assert!(Command::new("kill").arg(self.0.id().to_string()).status().unwrap().success());
    }

    /// How it ends.
    pub(crate) async fn end(mut self) -> ExitStatus {
        let ended = async move {
            loop {
                match self.0.try_wait().unwrap() {
                    Some(status) => return status,
                    None => tokio::time::sleep(Duration::from_millis(2)).await,
                }
            }
        };
        timeout(DEADLINE, ended).await.expect("it ends in time")
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        // It may have ended already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// A request that is to come as an event.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    /// Path and query as they stand in a request line.
    pub(crate) target: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

impl<'a> Asked<'a> {
    pub(crate) fn get(target: &'a str) -> Self {
        Self { method: "GET", target, headers: &[], body: &[] }
    }
}

/// Who sends an event, and takes the answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sender {
    RestApi,
    HttpApi,
    HttpApiFirstFormat,
    FunctionUrl,
    Balancer,
    BalancerSeveral,
}

impl Sender {
    pub(crate) const ALL: [Self; 6] = [
        Self::RestApi,
        Self::HttpApi,
        Self::HttpApiFirstFormat,
        Self::FunctionUrl,
        Self::Balancer,
        Self::BalancerSeveral,
    ];

    /// Whether it passes paths on as they were written.
    pub(crate) fn keeps_escapes(self) -> bool {
        !matches!(self, Self::HttpApi | Self::HttpApiFirstFormat)
    }

    /// The recorded event of `tests/fixtures/lambda` with another request in it.
    pub(crate) fn event(self, asked: Asked<'_>) -> Value {
        let recorded = match self {
            Self::RestApi => include_str!("../../fixtures/lambda/rest-api.json"),
            Self::HttpApi => include_str!("../../fixtures/lambda/http-api.json"),
            Self::HttpApiFirstFormat => include_str!("../../fixtures/lambda/http-api-first-format.json"),
            Self::FunctionUrl => include_str!("../../fixtures/lambda/function-url.json"),
            Self::Balancer => include_str!("../../fixtures/lambda/balancer.json"),
            Self::BalancerSeveral => include_str!("../../fixtures/lambda/balancer-several.json"),
        };
        let mut event: Value = serde_json::from_str(recorded).unwrap();
        let (path, query) = asked.target.split_once('?').unwrap_or((asked.target, ""));
        let decoded = || format!("/image{}", decode(path));
        match self {
            Self::RestApi | Self::Balancer | Self::BalancerSeveral => {
                event["path"] = json!(path);
                event["httpMethod"] = json!(asked.method);
            }
            Self::HttpApiFirstFormat => {
                event["path"] = json!(decoded());
                event["httpMethod"] = json!(asked.method);
            }
            Self::HttpApi | Self::FunctionUrl => {
                event["rawPath"] = if self == Self::HttpApi { json!(decoded()) } else { json!(path) };
                event["rawQueryString"] = json!(query);
                event["requestContext"]["http"]["method"] = json!(asked.method);
            }
        }
        let pairs: Vec<_> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let as_meant = matches!(self, Self::RestApi | Self::HttpApiFirstFormat);
        let text = |text: &str| if as_meant { decode(text) } else { text.to_owned() };
        let once = pairs.iter().map(|(name, value)| (text(name), json!(text(value)))).collect::<Map<_, _>>();
        let several = pairs.iter().map(|(name, value)| (text(name), json!([text(value)]))).collect::<Map<_, _>>();
        if matches!(self, Self::RestApi | Self::HttpApiFirstFormat | Self::Balancer) {
            event["queryStringParameters"] = Value::Object(once);
        }
        if matches!(self, Self::RestApi | Self::HttpApiFirstFormat | Self::BalancerSeveral) {
            event["multiValueQueryStringParameters"] = Value::Object(several);
        }
        write_headers(&mut event, asked.headers);
        event["body"] = if asked.body.is_empty() { Value::Null } else { json!(BASE64_STANDARD.encode(asked.body)) };
        event["isBase64Encoded"] = json!(!asked.body.is_empty());
        event
    }

    /// What a client would get of the document that was said.
    pub(crate) fn answer(self, said: &Said) -> Told {
        assert_eq!(said.what, "response", "{self:?}: {:?}", said.body);
        let document: Value = serde_json::from_slice(&said.body).unwrap();
        let several = matches!(self, Self::RestApi | Self::HttpApiFirstFormat | Self::BalancerSeveral);
        let headers = document[if several { "multiValueHeaders" } else { "headers" }].as_object().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let values = |value: &Value| match value {
            Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
            one => text(one),
        };
        let headers = headers.iter().map(|(name, value)| (name.clone(), values(value))).collect();
        let status = document["statusCode"].as_u64().unwrap();
        let described = document["statusDescription"].as_str().map(|text| text.split(' ').next().unwrap().to_owned());
        let of_balancers = matches!(self, Self::Balancer | Self::BalancerSeveral);
        assert_eq!(described, of_balancers.then(|| status.to_string()), "{self:?}");
        let body = document["body"].as_str().unwrap();
        let encoded = document["isBase64Encoded"].as_bool().unwrap();
        let body = if encoded { BASE64_STANDARD.decode(body).unwrap() } else { body.as_bytes().to_vec() };
        Told::new(status, headers, body)
    }
}

/// In place of the recorded ones that say what is wanted. Where names stand once, values are joined.
fn write_headers(event: &mut Value, headers: &[(&str, &str)]) {
    let mut by_name = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in headers {
        by_name.entry(*name).or_default().push(*value);
    }
    for (member, joins) in [("headers", true), ("multiValueHeaders", false)] {
        let Some(recorded) = event.get_mut(member).and_then(Value::as_object_mut) else { continue };
        recorded.retain(|name, _| !name.eq_ignore_ascii_case("accept"));
        for (name, values) in &by_name {
            let value = if joins { json!(values.join(",")) } else { json!(values) };
            recorded.insert((*name).to_owned(), value);
        }
    }
}

/// An answer as far as it is the same every time.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Told {
    pub(crate) status: u64,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Told {
    /// Leaves out what tells of the moment, and of the connection.
    pub(crate) fn new(status: u64, mut headers: BTreeMap<String, String>, body: Vec<u8>) -> Self {
        for name in ["connection", "content-length", "date", "expires", "server-timing", "x-request-id"] {
            headers.remove(name);
        }
        Self { status, headers, body }
    }

    /// Of a stream: its head, eight zeros, its body.
    pub(crate) fn of_stream(said: &Said) -> Self {
        let end = said.body.windows(8).position(|eight| eight == [0; 8]).expect("the end of the head");
        let head: Value = serde_json::from_slice(&said.body[..end]).unwrap();
        let headers = head["headers"].as_object().unwrap().iter();
        let headers = headers.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
        Self::new(head["statusCode"].as_u64().unwrap(), headers, said.body[end + 8..].to_vec())
    }
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8().unwrap().into_owned()
}
