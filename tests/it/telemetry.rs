//! What operators learn of single requests: the log, traces, Sentry.

use crate::support::fixtures::small_png;
use crate::support::program::Serving;
use crate::support::python::read_by;
use crate::support::{Client, Receiver, eventually};
use serde_json::{Value, json};
use std::time::Duration;
use tintype::request::sign;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// A server of originals over HTTP, whose log is JSON.
fn start(more: &[(&str, &str)]) -> (tempfile::TempDir, Serving) {
    let folder = tempfile::tempdir().unwrap();
    let usual = [
        ("SECURITY_KEY", "a secret"),
        ("ALLOW_UNSAFE_URL", "true"),
        ("LOADER", "http"),
        ("ALLOW_PRIVATE_SOURCES", "127.0.0.1"),
        ("LOG_FORMAT", "json"),
    ];
    let serving = Serving::start(folder.path(), &["--host", "127.0.0.1", "-p", "0"], &[&usual, more].concat());
    (folder, serving)
}

/// Asks with these headers; the status, and the id that came back.
async fn ask(serving: &Serving, path: &str, headers: &str) -> (u16, String) {
    let mut client = Client::connect(serving.address).await;
    client.ask("GET", path, headers).await;
    let answer = client.answer("GET").await;
    (answer.status, answer.header("x-request-id").unwrap().to_owned())
}

/// The line of the log that holds this, read.
fn line(serving: &Serving, text: &str) -> Value {
    serde_json::from_str(&serving.line(text)).unwrap()
}

fn traceparent(flags: &str) -> String {
    format!("traceparent: 00-{TRACE}-{PARENT}-{flags}\r\n")
}

#[tokio::test]
async fn every_line_of_a_request_has_its_id_and_none_a_secret() {
    let origin = Receiver::answering(small_png()).await;
    let (_folder, serving) = start(&[("SLOW_REQUEST_SECONDS", "none")]);
    let path = format!("2x2/http%3A%2F%2F{}%2Fa.png%3FX-Amz-Signature%3Dhidden", origin.address);
    let signature = sign(b"a secret", &path);
    let asked = ask(&serving, &format!("/{signature}/{path}"), "X-Request-Id: from-the-proxy\r\n").await;
    assert_eq!(asked, (200, "from-the-proxy".into()));
    assert!(origin.letters()[0].path.contains("X-Amz-Signature=hidden"));
    let access = line(&serving, "from-the-proxy");
    assert_eq!((&access["level"], &access["target"]), (&json!("INFO"), &json!("access")));
    assert_eq!((&access["status"], &access["cache"]), (&json!(200), &json!("miss")));
    for stage in ["fetch_ms", "queue_ms", "render_ms", "decode_ms", "encode_ms", "total_ms"] {
        assert!(access[stage].is_number(), "{stage}: {access}");
    }
    let shown = access["path"].as_str().unwrap();
    assert!(shown.starts_with("/***/2x2/http") && shown.ends_with("a.png%3F***"), "{shown}");

    let (status, made) = ask(&serving, "/unsafe/http://127.0.0.1:1/a.png", "X-Request-Id: not \"sane\"\r\n").await;
    assert_eq!((status, made.len()), (502, 16));
    let failed = line(&serving, "request failed");
    assert_eq!(failed["span"]["request_id"], json!(made), "{failed}");
    for secret in [&signature[..], "hidden", "a secret", "sane"] {
        assert_eq!(serving.count(secret), 0, "{secret}");
    }
}

#[tokio::test]
async fn slow_requests_are_warned_of() {
    let origin = Receiver::holding(small_png()).await;
    let (_folder, serving) = start(&[("SLOW_REQUEST_SECONDS", "1ms"), ("LOG_LEVEL", "warn,tintype=info")]);
    let path = format!("/unsafe/2x2/http://{}/a.png", origin.address);
    let longer_than_allowed = async {
        eventually("the origin is asked", || !origin.letters().is_empty()).await;
        tokio::time::sleep(Duration::from_millis(2)).await;
        origin.release();
    };
    let ((status, _), ()) = tokio::join!(ask(&serving, &path, ""), longer_than_allowed);
    assert_eq!(status, 200);
    let slow = line(&serving, "\"slow\":true");
    assert_eq!((&slow["level"], &slow["status"]), (&json!("WARN"), &json!(200)));
    assert!(slow["fetch_ms"].is_number(), "{slow}");
    assert_eq!(ask(&serving, &path, "").await.0, 200);
}

#[tokio::test]
async fn origins_see_the_trace_where_they_may() {
    let origin = Receiver::answering(small_png()).await;
    for (allowed, expected) in [("false", None), ("true", Some(format!("00-{TRACE}-{PARENT}-00")))] {
        let (_folder, serving) = start(&[("HTTP_LOADER_FORWARD_TRACE", allowed)]);
        let path = format!("/unsafe/2x2/http://{}/{allowed}.png", origin.address);
        assert_eq!(ask(&serving, &path, &traceparent("00")).await.0, 200);
        let letter = origin.letters().pop().unwrap();
        assert_eq!(letter.header("traceparent").map(str::trim), expected.as_deref(), "{allowed}");
        assert_eq!(line(&serving, "\"target\":\"access\"")["trace_id"], json!(TRACE));
    }
}

#[cfg(feature = "otlp")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_gets_the_spans_of_a_request_in_its_trace() {
    let collector = Receiver::answering(Vec::new()).await;
    let origin = Receiver::answering(small_png()).await;
    let endpoint = format!("http://{}", collector.address);
    let (_folder, serving) = start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        ("OTEL_EXPORTER_OTLP_HEADERS", "Api-Key=s3cr3t"),
        ("OTEL_SERVICE_NAME", "pictures"),
        ("OTEL_TRACES_SAMPLER_ARG", "0"),
        ("HTTP_LOADER_FORWARD_TRACE", "true"),
    ]);
    let path = |name: &str| format!("/unsafe/2x2/http://{}/{name}.png", origin.address);
    assert_eq!(ask(&serving, &path("untraced"), "").await.0, 200);
    assert_eq!(ask(&serving, &path("unkept"), &traceparent("00")).await.0, 200);
    let (status, id) = ask(&serving, &path("kept"), &traceparent("01")).await;
    assert_eq!(status, 200);
    eventually("the spans come", || !collector.letters().is_empty()).await;
    let letter = collector.letters().remove(0);
    assert_eq!((letter.path.as_str(), letter.header("api-key")), ("/v1/traces", Some("s3cr3t")));
    assert_eq!(letter.header("content-type"), Some("application/x-protobuf"));
    let read = read_by("spans.py", &letter.body);
    let spans = read["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap();
    let trace = base64(&bytes(TRACE));
    assert!(spans.iter().all(|span| span["traceId"] == json!(trace)), "{read}");
    let request = &spans[0];
    assert_eq!(request["parentSpanId"], json!(base64(&bytes(PARENT))));
    assert_eq!((&request["name"], &request["kind"]), (&json!("GET"), &json!("SPAN_KIND_SERVER")));
    let told = request["attributes"].as_array().unwrap();
    let attribute = |key: &str| &told.iter().find(|told| told["key"] == json!(key)).unwrap()["value"];
    assert_eq!(attribute("http.response.status_code")["intValue"], json!("200"));
    assert_eq!(attribute("tintype.request_id")["stringValue"], json!(id));
    assert_eq!(attribute("tintype.cache")["stringValue"], json!("miss"));
    let service = &read["resourceSpans"][0]["resource"]["attributes"][0];
    assert_eq!(service["value"]["stringValue"], json!("pictures"));
    let time = |span: &Value, key: &str| span[key].as_str().unwrap().parse::<u64>().unwrap();
    for stage in ["fetch", "render", "encode"] {
        let span = spans.iter().find(|span| span["name"] == json!(stage)).unwrap_or_else(|| panic!("{stage}: {read}"));
        assert_eq!(span["parentSpanId"], request["spanId"], "{stage}");
        assert!(time(span, "startTimeUnixNano") >= time(request, "startTimeUnixNano"));
        assert!(time(span, "endTimeUnixNano") <= time(request, "endTimeUnixNano"));
    }
    let origins = origin.letters();
    let parent = origins.last().unwrap().header("traceparent").unwrap().trim().split('-').nth(2).unwrap().to_owned();
    assert_eq!(json!(base64(&bytes(&parent))), request["spanId"], "what the origin does belongs to this request");
}

/// Bytes of hexadecimal digits.
#[cfg(feature = "otlp")]
fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// As Python's reader shows bytes.
#[cfg(feature = "otlp")]
fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[tokio::test]
async fn sentry_hears_of_errors_of_ours_and_of_nothing_else() {
    let sentry = Receiver::answering(b"{}".to_vec()).await;
    let dsn = format!("http://public@{}/7", sentry.address);
    let (_folder, serving) = start(&[("SENTRY_DSN_URL", &dsn), ("SENTRY_ENVIRONMENT", "test")]);
    assert_eq!(ask(&serving, "/nonsense", "").await.0, 400);
    assert_eq!(ask(&serving, "/unsafe/http://10.0.0.1/a.png", "").await.0, 400);
    let (status, id) = ask(&serving, "/unsafe/http://127.0.0.1:1/a.png%3Ftoken%3Dhidden", "").await;
    assert_eq!(status, 502);
    eventually("the event comes", || !sentry.letters().is_empty()).await;
    let letter = sentry.letters().remove(0);
    assert_eq!(letter.path, "/api/7/envelope/");
    let authorization = letter.header("x-sentry-auth").unwrap();
    assert!(authorization.contains("sentry_version=7") && authorization.contains("sentry_key=public"));
    let parts: Vec<Value> =
        std::str::from_utf8(&letter.body).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [head, item, event] = &parts[..] else { panic!("{parts:?}") };
    assert_eq!((&item["type"], &head["event_id"]), (&json!("event"), &event["event_id"]));
    assert_eq!((&event["environment"], &event["level"]), (&json!("test"), &json!("error")));
    assert_eq!((&event["tags"]["status"], &event["tags"]["request_id"]), (&json!("502"), &json!(id)));
    let cause = event["exception"]["values"][0]["value"].as_str().unwrap();
    assert!(cause.contains("cannot be reached"), "{cause}");
    assert_eq!(event["request"]["url"], json!("/unsafe/http://127.0.0.1:1/a.png%3F***"));
    assert_eq!(sentry.letters().len(), 1, "the caller's errors are not told");
}
