use super::*;
use serde_json::{Value, json};

const REST_API: &str = include_str!("../../../tests/fixtures/lambda/rest-api.json");
const HTTP_API: &str = include_str!("../../../tests/fixtures/lambda/http-api.json");
const HTTP_API_FIRST_FORMAT: &str = include_str!("../../../tests/fixtures/lambda/http-api-first-format.json");
const FUNCTION_URL: &str = include_str!("../../../tests/fixtures/lambda/function-url.json");
const BALANCER: &str = include_str!("../../../tests/fixtures/lambda/balancer.json");
const BALANCER_SEVERAL: &str = include_str!("../../../tests/fixtures/lambda/balancer-several.json");

/// An event with some members exchanged, which are named by their way.
fn changed(event: &str, changes: &[(&str, Value)]) -> Vec<u8> {
    let mut event: Value = serde_json::from_str(event).unwrap();
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        event.pointer_mut(parent).unwrap()[name] = value.clone();
    }
    event.to_string().into_bytes()
}

fn read_with(event: &str, changes: &[(&str, Value)]) -> Asked {
    read(&changed(event, changes), "id").unwrap()
}

#[test]
fn every_sender_is_told_from_the_others() {
    let check = |event: &str, front: Front| {
        let asked = read_with(event, &[]);
        assert_eq!(asked.front, front);
        assert_eq!((asked.method, asked.uri.to_string().as_str()), (Method::GET, "/unsafe/fit-in/120x90/photo.png"));
        let accepted: Vec<_> = asked.headers.get_all("accept").iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(accepted.join(","), "image/webp,image/png", "{front:?}");
        assert_eq!(asked.headers["x-forwarded-proto"], "https");
        assert_eq!(asked.headers["x-request-id"], "id");
        assert!(asked.body.is_empty());
    };
    check(REST_API, Front::RestApi);
    check(HTTP_API, Front::HttpApi { first_format: false });
    check(HTTP_API_FIRST_FORMAT, Front::HttpApi { first_format: true });
    check(FUNCTION_URL, Front::FunctionUrl);
    check(BALANCER, Front::Balancer { several: false });
    check(BALANCER_SEVERAL, Front::Balancer { several: true });
}

#[test]
fn paths_are_what_was_written() {
    let check = |event: &str, member: &str, path: &str, expected: &str| {
        assert_eq!(read_with(event, &[(member, json!(path))]).uri.to_string(), expected);
    };
    let path = "/sig-_=/300x200/filters:fill(red):blur(1,2)/http://h/a%20b%2Bc%C3%A4//../d.jpg";
    check(REST_API, "/path", path, path);
    check(FUNCTION_URL, "/rawPath", path, path);
    check(BALANCER, "/path", path, path);
    check(BALANCER_SEVERAL, "/path", path, path);
    check(HTTP_API, "/rawPath", "/image/unsafe/a b\u{e4}?.jpg", "/unsafe/a%20b%C3%A4%3F.jpg");
    check(HTTP_API_FIRST_FORMAT, "/path", "/image/unsafe/100%.jpg", "/unsafe/100%25.jpg");
    check(HTTP_API, "/rawPath", "/images/a.jpg", "/images/a.jpg");
}

#[test]
fn a_domain_of_ones_own_has_no_stage_in_its_paths() {
    let changes =
        [("/requestContext/domainName", json!("img.example.com")), ("/rawPath", json!("/image/unsafe/a.jpg"))];
    assert_eq!(read_with(HTTP_API, &changes).uri, "/image/unsafe/a.jpg");
}

#[test]
fn queries_keep_their_meaning_and_their_order() {
    let check = |event: &str, changes: &[(&str, Value)], expected: &str| {
        assert_eq!(read_with(event, changes).uri.query(), Some(expected));
    };
    let several = json!({ "z": ["1", "2"], "a b": ["c&d"] });
    check(REST_API, &[("/multiValueQueryStringParameters", several)], "a%20b=c%26d&z=1&z=2");
    check(REST_API, &[("/queryStringParameters", json!({ "callback": "f" }))], "callback=f");
    check(FUNCTION_URL, &[("/rawQueryString", json!("b=%20&a=+&c"))], "b=%20&a=+&c");
    check(BALANCER, &[("/queryStringParameters", json!({ "a%20b": "c%26d" }))], "a%20b=c%26d");
    // JSON keeps the order that `json!` does not.
    let event = r#"{"requestContext":{},"httpMethod":"GET","path":"/","queryStringParameters":{"z":"1","a":"2"}}"#;
    assert_eq!(read(event.as_bytes(), "id").unwrap().uri, "/?z=1&a=2");
}

#[test]
fn bodies_come_as_bytes_or_as_text() {
    let check = |body: &str, encoded: bool, expected: &[u8]| {
        let changes = [
            ("/body", json!(body)),
            ("/isBase64Encoded", json!(encoded)),
            ("/requestContext/http/method", json!("POST")),
            ("/headers/transfer-encoding", json!("chunked")),
            ("/cookies", json!(["a=1", "b=2"])),
        ];
        let asked = read_with(FUNCTION_URL, &changes);
        assert_eq!((asked.method, &asked.body[..]), (Method::POST, expected));
        assert_eq!(asked.headers[CONTENT_LENGTH], expected.len().to_string());
        assert_eq!(asked.headers[COOKIE], "a=1; b=2");
        assert!(!asked.headers.contains_key(TRANSFER_ENCODING));
    };
    check("/9j/", true, &[0xff, 0xd8, 0xff]);
    check("text", false, b"text");
}

#[test]
fn what_is_no_request_is_told() {
    let check = |event: &[u8], expected: &str| {
        let error = read(event, "id").unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    };
    check(b"", "the event cannot be read: ");
    check(b"[]", "the event cannot be read: ");
    check(b"{}", "the event is none of ");
    check(br#"{"Records":[{"eventSource":"aws:s3"}],"requestContext":{}}"#, "the event is none of ");
    check(&changed(REST_API, &[("/httpMethod", json!("G T"))]), "the event's method `G T` cannot be one");
    check(&changed(REST_API, &[("/path", json!("no slash"))]), "the event's path `no%20slash` cannot be one");
    check(&changed(REST_API, &[("/path", Value::Null)]), "the event's path `` cannot be one");
    check(&changed(BALANCER, &[("/headers/a b", json!(""))]), "the event's header `a b` cannot be one");
    check(&changed(BALANCER, &[("/headers/a", json!("\n"))]), "the event's header `a` cannot be one");
    let broken = [("/body", json!("a!")), ("/isBase64Encoded", json!(true))];
    check(&changed(BALANCER, &broken), "the event's body is not in base64");
}
