//! Faces that Amazon Rekognition is asked for: a stub on loopback checks how.

use crate::support::fixtures::{file, sample};
use crate::support::{Server, settings};
use hmac::{Hmac, KeyInit as _, Mac as _};
use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use tintype::config::{Config, DetectorName, Secret};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A request as it came: the first line, headers in lower case, and the body.
type Asked = (String, BTreeMap<String, String>, Vec<u8>);

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// The `Authorization` that AWS expects of a request to `eu-west-1`, by the rules of its Signature Version 4.
fn authorization((line, headers, body): &Asked) -> String {
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        })
    };
    let keyed = |key: &[u8], text: &str| -> Vec<u8> {
        Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(text).finalize().into_bytes().to_vec()
    };
    let (_, signed) = headers["authorization"].split_once("SignedHeaders=").unwrap();
    let (signed, _) = signed.split_once(',').unwrap();
    let (method, path) = line.strip_suffix(" HTTP/1.1").unwrap().split_once(' ').unwrap();
    let named = signed.split(';').fold(String::new(), |lines, name| lines + name + ":" + &headers[name] + "\n");
    let request = format!("{method}\n{path}\n\n{named}\n{signed}\n{}", hex(&Sha256::digest(body)));
    let time = &headers["x-amz-date"];
    let (date, _) = time.split_once('T').unwrap();
    let scope = format!("{date}/eu-west-1/rekognition/aws4_request");
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(request)));
    let key = scope.split('/').fold(format!("AWS4{SECRET}").into_bytes(), |key, part| keyed(&key, part));
    let signature = hex(&keyed(&key, &text));
    format!("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders={signed}, Signature={signature}")
}

/// Answers every request with the same status and body, and remembers what it was asked.
async fn stub(status: &'static str, body: &'static str) -> (String, Arc<Mutex<Vec<Asked>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
    let remembered = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            let headers = head.lines().filter_map(|line| line.split_once(": "));
            let headers: BTreeMap<_, _> =
                headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
            let mut body_sent = vec![0; headers["content-length"].parse().unwrap()];
            stream.read_exact(&mut body_sent).await.unwrap();
            let line = head.lines().next().unwrap().to_owned();
            remembered.lock().unwrap().push((line, headers, body_sent));
            let length = body.len();
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (address, asked)
}

fn asking(endpoint: String, detectors: &[DetectorName]) -> Config {
    let mut config = settings();
    config.detection.detectors = detectors.to_vec();
    config.detection.rekognition.endpoint = Some(endpoint);
    config.loader.bucket.s3.region = Some("eu-west-1".to_owned());
    config.loader.bucket.s3.access_key_id = Secret::new("AKIDEXAMPLE");
    config.loader.bucket.s3.secret_access_key = Secret::new(SECRET);
    config
}

async fn view(server: &Server, path: &str) -> Value {
    serde_json::from_str(server.get(path).await.text()).unwrap()
}

#[tokio::test]
async fn faces_are_asked_for_with_a_signature_and_a_small_opaque_jpeg() {
    let face =
        r#"{"FaceDetails":[{"BoundingBox":{"Width":0.1,"Height":0.5,"Left":0.85,"Top":0.2},"Confidence":99.9}]}"#;
    let (endpoint, asked) = stub("200 OK", face).await;
    let wide = RgbaImage::from_fn(4000, 1000, |x, _| Rgba([u8::try_from(x / 16).unwrap(), 90, 120, 0]));
    let server = Server::of(
        asking(endpoint, &[DetectorName::Rekognition, DetectorName::Feature]),
        [("wide.png", file(&wide.into(), ImageFormat::Png))],
    )
    .await;
    let seen = view(&server, "/unsafe/meta/100x100/smart/wide.png").await;
    let point =
        json!([{"x": 3600, "y": 450, "z": 200_000.0, "height": 500, "width": 400, "origin": "RekognitionDetector"}]);
    assert_eq!(seen["thumbor"]["focal_points"], point);
    assert_eq!(server.get("/unsafe/50x100/smart/wide.png").await.status, 200);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 1, "the second size asks nobody");
    let (line, headers, body) = &asked[0];
    assert_eq!(line, "POST / HTTP/1.1");
    assert_eq!(headers["x-amz-target"], "RekognitionService.DetectFaces");
    assert_eq!(headers["content-type"], "application/x-amz-json-1.1");
    assert_eq!(headers["authorization"], authorization(&asked[0]));
    let (_, signed) = headers["authorization"].split_once("SignedHeaders=").unwrap();
    for name in ["content-type", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-target"] {
        assert!(signed.contains(name), "{name} is signed: {signed}");
    }
    let body: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(body["Attributes"], json!(["DEFAULT"]));
    let picture =
        base64::Engine::decode(&base64::prelude::BASE64_STANDARD, body["Image"]["Bytes"].as_str().unwrap()).unwrap();
    let picture = image::load_from_memory_with_format(&picture, ImageFormat::Jpeg).unwrap();
    assert_eq!((picture.width(), picture.height()), (1600, 400));
    let corner = picture.into_rgb8().get_pixel(3, 3).0;
    assert!(corner.iter().all(|sample| *sample > 250), "transparent is white: {corner:?}");
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_or_a_refusal_means_no_faces() {
    let refusal = r#"{"__type":"AccessDeniedException","Message":"no"}"#;
    for (status, body) in [("400 Bad Request", refusal), ("200 OK", "<html>"), ("200 OK", r#"{"FaceDetails":[]}"#)] {
        let (endpoint, asked) = stub(status, body).await;
        let square = |x: u32, y: u32| (40..80).contains(&x) && (60..100).contains(&y);
        let picture = RgbImage::from_fn(600, 200, |x, y| Rgb(if square(x, y) { [220, 30, 30] } else { [90; 3] }));
        let server = Server::of(
            asking(endpoint, &[DetectorName::Rekognition, DetectorName::Feature]),
            [("square.png", file(&picture.into(), ImageFormat::Png))],
        )
        .await;
        let seen = view(&server, "/unsafe/meta/100x100/smart/square.png").await;
        assert_eq!(seen["tintype"]["regions"][0]["by"], "feature", "{status} {body}: the next detector looks");
        assert_eq!(asked.lock().unwrap().len(), 1);
        server.get("/unsafe/50x100/smart/square.png").await.picture();
        let again = if body.starts_with(r#"{"FaceDetails""#) { 1 } else { 2 };
        assert_eq!(asked.lock().unwrap().len(), again, "{status} {body}: failures are not remembered");
    }
}

#[tokio::test]
async fn pictures_of_before_faces_are_known_are_kept_as_long_as_the_settings_say() {
    for (status, seconds, expected) in [
        ("400 Bad Request", 0, "no-store"),
        ("400 Bad Request", 30, "max-age=30,public"),
        ("200 OK", 30, "max-age=86400,public"),
    ] {
        let (endpoint, _) = stub(status, r#"{"FaceDetails":[]}"#).await;
        let mut config = asking(endpoint, &[DetectorName::Rekognition]);
        config.server.provisional_max_age_s = seconds;
        let server = Server::of(config, [("p.jpg", sample("portrait.jpg"))]).await;
        let answer = server.get("/unsafe/100x50/smart/p.jpg").await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, Some(expected)), "{status} {seconds}");
    }
}

#[tokio::test]
async fn nobody_is_asked_where_faces_were_found_before() {
    let (endpoint, asked) = stub("500 No", "").await;
    let config = asking(endpoint, &[DetectorName::Face, DetectorName::Rekognition]);
    let server = Server::of(config, [("p.jpg", sample("portrait.jpg"))]).await;
    let seen = view(&server, "/unsafe/meta/100x50/smart/p.jpg").await;
    assert_eq!(seen["tintype"]["regions"][0]["by"], "face");
    assert!(asked.lock().unwrap().is_empty());
}
