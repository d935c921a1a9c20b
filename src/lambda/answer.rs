//! An answer as whoever sent the event wants it: a document, or a stream that begins with one.

use super::event::Front;
use super::runtime;
use axum::body::Body;
use axum::http::header::{CONNECTION, CONTENT_TYPE, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http_body_util::{BodyStream, StreamBody};
use hyper::body::Frame;
use serde::Serialize;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// Bytes of the document that a function may return.
const MAX_DOCUMENT_BYTES: u64 = 6 * 1024 * 1024;
/// The same for documents that a load balancer takes.
const MAX_BALANCER_BYTES: u64 = 1024 * 1024;
/// What is left of them for the headers.
const ROOM_FOR_HEADERS: u64 = 8 * 1024;
/// Larger text is written as other bytes are: it may come to six times its size in JSON.
const MAX_TEXT_BYTES: usize = 64 * 1024;
/// What an answer is called that broke off.
pub(super) const BROKEN_OFF: &str = "Runtime.BrokenOff";
/// Between the head of a stream and its body.
const END_OF_PRELUDE: [u8; 8] = [0; 8];

/// The largest body that fits into a document. Bodies are written in base64, four characters for three bytes.
pub(super) fn max_body_bytes(front: Front) -> u64 {
    let document = if front.is_balancer() { MAX_BALANCER_BYTES } else { MAX_DOCUMENT_BYTES };
    (document - ROOM_FOR_HEADERS) / 4 * 3
}

/// What stands for an answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    status_code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_description: Option<String>,
    #[serde(flatten)]
    headers: Headers<'a>,
    body: Body64<'a>,
    is_base64_encoded: bool,
}

/// Headers in one of the two ways. Where names stand once, several values of one are one list, as in HTTP.
#[derive(Serialize)]
enum Headers<'a> {
    #[serde(rename = "headers")]
    Once(BTreeMap<&'a str, String>),
    #[serde(rename = "multiValueHeaders")]
    Several(BTreeMap<&'a str, Vec<String>>),
}

/// A body in JSON.
#[derive(Serialize)]
#[serde(untagged)]
enum Body64<'a> {
    Text(&'a str),
    Encoded(String),
}

/// What stands at the beginning of a stream.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Prelude<'a> {
    status_code: u16,
    headers: BTreeMap<&'a str, String>,
}

/// The document that says what the answer is.
pub(super) fn document(answer: &Response<Bytes>, front: Front) -> Bytes {
    let (headers, body) = (answer.headers(), answer.body());
    let text = std::str::from_utf8(body).ok().filter(|text| is_text(headers) && text.len() <= MAX_TEXT_BYTES);
    let document = Document {
        status_code: answer.status().as_u16(),
        status_description: front.is_balancer().then(|| answer.status().to_string()),
        headers: if front.repeats_headers() {
            Headers::Several(several(headers))
        } else {
            Headers::Once(once(headers))
        },
        is_base64_encoded: text.is_none(),
        body: text.map_or_else(|| Body64::Encoded(BASE64_STANDARD.encode(body)), Body64::Text),
    };
    serde_json::to_vec(&document).expect("plain values always serialize").into()
}

/// The answer as one stream: its head, eight zeros, its body, and where that breaks off the reason.
pub(super) fn stream(response: Response<Body>) -> Body {
    let (head, body) = response.into_parts();
    let prelude = Prelude { status_code: head.status.as_u16(), headers: once(&head.headers) };
    let mut prelude = serde_json::to_vec(&prelude).expect("plain values always serialize");
    prelude.extend(END_OF_PRELUDE);
    let frames = BodyStream::new(body)
        .map(|frame| frame.unwrap_or_else(|error| Frame::trailers(runtime::trailers(BROKEN_OFF, &error))))
        .map(Ok::<_, Infallible>);
    Body::new(StreamBody::new(stream::iter([Ok(Frame::data(prelude.into()))]).chain(frames)))
}

/// Whether a body may be written as text. Where a REST API was not told of binary answers it passes only text on.
fn is_text(headers: &HeaderMap) -> bool {
    let Some(mime) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return true };
    let mime = mime.split(';').next().unwrap_or_default().trim();
    mime.starts_with("text/") || mime.ends_with("+xml") || mime == "application/json"
}

fn once(headers: &HeaderMap) -> BTreeMap<&str, String> {
    several(headers).into_iter().map(|(name, values)| (name, values.join(", "))).collect()
}

/// All but those that are about a connection.
fn several(headers: &HeaderMap) -> BTreeMap<&str, Vec<String>> {
    const OF_CONNECTIONS: [HeaderName; 2] = [CONNECTION, TRANSFER_ENCODING];
    let mut all = BTreeMap::<_, Vec<_>>::new();
    for (name, value) in headers.iter().filter(|(name, _)| !OF_CONNECTIONS.contains(name)) {
        all.entry(name.as_str()).or_default().push(String::from_utf8_lossy(value.as_bytes()).into_owned());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::VARY;
    use http_body_util::BodyExt as _;
    use serde_json::{Value, json};

    fn answer(mime: &str, body: &'static [u8]) -> Response<Bytes> {
        let builder = Response::builder().status(404).header(CONTENT_TYPE, mime).header(CONNECTION, "close");
        builder.header(VARY, "Accept").header(VARY, "Origin").body(Bytes::from_static(body)).unwrap()
    }

    #[test]
    fn every_front_gets_its_own_document() {
        let check = |front: Front, expected: Value| {
            let document: Value = serde_json::from_slice(&document(&answer("image/png", b"\xff"), front)).unwrap();
            assert_eq!(document, expected, "{front:?}");
        };
        let once = json!({
            "statusCode": 404,
            "headers": { "content-type": "image/png", "vary": "Accept, Origin" },
            "body": "/w==",
            "isBase64Encoded": true,
        });
        let several = json!({
            "statusCode": 404,
            "multiValueHeaders": { "content-type": ["image/png"], "vary": ["Accept", "Origin"] },
            "body": "/w==",
            "isBase64Encoded": true,
        });
        let described = |mut document: Value| {
            document["statusDescription"] = json!("404 Not Found");
            document
        };
        check(Front::FunctionUrl, once.clone());
        check(Front::HttpApi { first_format: false }, once.clone());
        check(Front::HttpApi { first_format: true }, several.clone());
        check(Front::RestApi, several.clone());
        check(Front::Balancer { several: false }, described(once));
        check(Front::Balancer { several: true }, described(several));
    }

    #[test]
    fn only_short_text_is_written_as_text() {
        let check = |mime: &str, body: &[u8], text: bool| {
            let answer = answer(mime, b"").map(|_| Bytes::copy_from_slice(body));
            let document: Value = serde_json::from_slice(&document(&answer, Front::RestApi)).unwrap();
            assert_eq!(document["isBase64Encoded"], !text, "{mime}");
        };
        check("application/json", b"{}", true);
        check("text/plain; charset=utf-8", "\u{e4}\n".as_bytes(), true);
        check("image/svg+xml", b"<svg/>", true);
        check("image/jpeg", b"ascii", false);
        check("text/plain", b"\xff", false);
        check("text/plain", &vec![b'a'; MAX_TEXT_BYTES + 1], false);
    }

    #[test]
    fn the_largest_bodies_fit() {
        let check = |front: Front, limit: u64| {
            let body = vec![0xff; usize::try_from(max_body_bytes(front)).unwrap()];
            let bytes = document(&answer("image/png", b"").map(|_| body.into()), front).len() as u64;
            assert!((limit - ROOM_FOR_HEADERS..=limit).contains(&bytes), "{front:?}: {bytes}");
        };
        check(Front::FunctionUrl, MAX_DOCUMENT_BYTES);
        check(Front::Balancer { several: false }, MAX_BALANCER_BYTES);
    }

    #[tokio::test]
    async fn a_stream_that_breaks_off_says_why() {
        let parts = stream::iter([Ok("begun".into()), Err(std::io::Error::other("lost"))]);
        let (head, _) = answer("image/png", b"").into_parts();
        let body = Body::from_stream(parts.map(|part: Result<Bytes, _>| part));
        let whole = super::stream(Response::from_parts(head, body)).collect().await.unwrap();
        let trailers = whole.trailers().unwrap().clone();
        assert_eq!(trailers["lambda-runtime-function-error-type"], BROKEN_OFF);
        let told = BASE64_STANDARD.decode(&trailers["lambda-runtime-function-error-body"]).unwrap();
        let told: Value = serde_json::from_slice(&told).unwrap();
        assert_eq!((&told["errorType"], &told["errorMessage"]), (&json!(BROKEN_OFF), &json!("lost")));
        let prelude = br#"{"statusCode":404,"headers":{"content-type":"image/png","vary":"Accept, Origin"}}"#;
        assert_eq!(whole.to_bytes(), [&prelude[..], &END_OF_PRELUDE, b"begun"].concat());
    }
}
