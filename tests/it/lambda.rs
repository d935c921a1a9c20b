//! As a function of AWS Lambda the server gives the answers that it gives over a socket.

use crate::support::fixtures::{file, quadrants_file, sample};
use crate::support::lambda::{Asked, Function, Lambda, Said, Sender, Told};
use crate::support::program::Serving;
use crate::support::s3::S3Server;
use crate::support::{Client, Origin, eventually};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;
use tintype::request::sign;

const KEY: &str = "a secret";

/// A folder of originals: quadrants under plain and odd names, noise that compresses badly, and no settings.
fn originals() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a b")).unwrap();
    let quadrants = quadrants_file(160, 120, ImageFormat::Png);
    for name in ["photo.png", "a b/\u{e4}.png", "1+1=2,(x):y.png"] {
        fs::write(folder.path().join(name), &quadrants).unwrap();
    }
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    let noise = DynamicImage::from(RgbImage::from_fn(900, 900, |_, _| Rgb([random(), random(), random()])));
    fs::write(folder.path().join("noise.png"), file(&noise, ImageFormat::Png)).unwrap();
    folder
}

/// Settings for these originals, and more.
fn settings<'a>(folder: &'a Path, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let base = [
        ("LOADER", "file"),
        ("FILE_LOADER_ROOT_PATH", folder.to_str().unwrap()),
        ("SECURITY_KEY", KEY),
        ("ALLOW_UNSAFE_URL", "true"),
        ("AUTO_WEBP", "true"),
        ("ENABLE_CORS", "true"),
        ("RENDER_OPEN", "true"),
    ];
    base.into_iter().chain(more.iter().copied()).collect()
}

/// What the server answers on a socket.
async fn over_http(server: &Serving, asked: Asked<'_>) -> Told {
    let mut client = Client::connect(server.address).await;
    let mut lines: Vec<_> = asked.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    if !asked.body.is_empty() {
        lines.push(format!("Content-Length: {}\r\n", asked.body.len()));
    }
    client.ask(asked.method, asked.target, &lines.concat()).await;
    client.send(asked.body).await;
    let answer = client.answer(asked.method).await;
    let mut headers = std::collections::BTreeMap::new();
    for (name, value) in answer.headers {
        headers.entry(name).and_modify(|had| *had = format!("{had}, {value}")).or_insert(value);
    }
    Told::new(answer.status.into(), headers, answer.body)
}

fn signed(path: &str) -> String {
    format!("/{}/{path}", sign(KEY.as_bytes(), path))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_event_is_answered_as_a_request_over_http() {
    let folder = originals();
    let settings = settings(folder.path(), &[("LAMBDA_LARGE_BODY", "error")]);
    let server = Serving::start(folder.path(), &["serve", "--host", "127.0.0.1", "--port", "0"], &settings);
    let lambda = Lambda::start().await;
    let _function = Function::start(&lambda, folder.path(), &settings);
    let (spaces, escapes) = (signed("80x60/a%20b/%C3%A4.png"), signed("80x60/1%2B1=2%2C(x)%3ay.png"));
    let etag = over_http(&server, Asked::get("/unsafe/40x30/photo.png")).await.headers["etag"].clone();
    let (forged, holding) = (spaces.replace("80x60", "81x60"), [("if-none-match", etag.as_str())]);
    let (jpeg, asterisk) = (sample("photo.jpg"), [("accept", "image/avif"), ("accept", "*/*")]);
    let get = Asked::get;
    let with = |target, headers| Asked { headers, ..Asked::get(target) };
    let by = |method, target| Asked { method, ..Asked::get(target) };
    let cases: &[(Asked<'_>, u64)] = &[
        (get("/unsafe/fit-in/120x90/filters:fill(red):blur(1,2)/photo.png"), 200),
        (get(&spaces), 200),
        (get(&forged), 400),
        (with("/unsafe/50x0/photo.png", &[("accept", "image/webp,image/png")]), 200),
        (with("/unsafe/50x0/photo.png", &asterisk), 200),
        (by("HEAD", "/unsafe/50x0/photo.png"), 200),
        (by("OPTIONS", "/unsafe/50x0/photo.png"), 204),
        (by("DELETE", "/unsafe/50x0/photo.png"), 405),
        (get("/unsafe/40x30/photo.png"), 200),
        (with("/unsafe/40x30/photo.png", &holding), 304),
        (with("/unsafe/40x30/photo.png", &[("range", "bytes=3-9")]), 206),
        (get("/unsafe/40x30/missing.png"), 404),
        (get("/unsafe/40x30//missing//photo.png"), 404),
        (get("/unsafe/meta/40x30/photo.png?callback=show"), 200),
        (get("/-/filters"), 200),
        (get("/healthcheck"), 200),
        (get("/-/nothing"), 404),
        (
            Asked { method: "POST", target: "/-/render/60x0", headers: &[("content-type", "image/jpeg")], body: &jpeg },
            200,
        ),
    ];
    for sender in Sender::ALL {
        for (asked, status) in cases {
            let what = format!("{sender:?} {} {}", asked.method, asked.target);
            let expected = over_http(&server, *asked).await;
            assert_eq!(expected.status, *status, "{what}");
            assert_eq!(sender.answer(&lambda.invoke(&sender.event(*asked)).await), expected, "{what}");
        }
        let said = sender.answer(&lambda.invoke(&sender.event(get(&escapes))).await);
        // Of escapes that are not usual HTTP APIs leave nothing that a signature could be checked with.
        assert_eq!(said.status, if sender.keeps_escapes() { 200 } else { 400 }, "{sender:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_carry_the_same_answers_of_any_size() {
    let folder = originals();
    let settings = settings(folder.path(), &[("LAMBDA_LARGE_BODY", "stream")]);
    let server = Serving::start(folder.path(), &["serve", "--host", "127.0.0.1", "--port", "0"], &settings);
    let lambda = Lambda::start().await;
    let _function = Function::start(&lambda, folder.path(), &settings);
    for asked in [
        Asked::get("/unsafe/fit-in/120x90/photo.png"),
        Asked::get("/unsafe/noise.png"),
        Asked { method: "HEAD", ..Asked::get("/unsafe/40x30/photo.png") },
        Asked::get("/unsafe/missing.png"),
    ] {
        let expected = over_http(&server, asked).await;
        for sender in [Sender::FunctionUrl, Sender::RestApi] {
            let said = lambda.invoke(&sender.event(asked)).await;
            assert_eq!(said.headers["lambda-runtime-function-response-mode"], "streaming");
            assert_eq!(said.headers["transfer-encoding"], "chunked");
            assert_eq!(said.headers["content-type"], "application/vnd.awslambda.http-integration-response");
            assert!(said.trailers.is_empty(), "{:?}", said.trailers);
            assert_eq!(Told::of_stream(&said), expected, "{sender:?} {}", asked.target);
        }
        let said = lambda.invoke(&Sender::HttpApi.event(asked)).await;
        assert_eq!(Sender::HttpApi.answer(&said), expected, "HTTP APIs take documents only");
    }
    let said = lambda.invoke(&Sender::Balancer.event(Asked::get("/unsafe/noise.png"))).await;
    assert_eq!(Sender::Balancer.answer(&said).status, 413);
}

/// Larger than a load balancer takes: noise, in the quality asked for.
const LARGE: &str = "/unsafe/filters:format(jpeg):quality(100)/noise.png";
/// What a load balancer takes: 1 MB of JSON, and so three quarters of it.
const BALANCER_TAKES: usize = 1024 * 1024 / 4 * 3;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_is_made_smaller_where_that_can_be() {
    let folder = originals();
    let settings = settings(folder.path(), &[]);
    let lambda = Lambda::start().await;
    let _function = Function::start(&lambda, folder.path(), &settings);
    let whole = Sender::FunctionUrl.answer(&lambda.invoke(&Sender::FunctionUrl.event(Asked::get(LARGE))).await);
    assert!(whole.body.len() > BALANCER_TAKES, "{} bytes", whole.body.len());
    for sender in [Sender::Balancer, Sender::BalancerSeveral] {
        let said = lambda.invoke(&sender.event(Asked::get(LARGE))).await;
        assert!(said.body.len() <= 1024 * 1024);
        let shrunk = sender.answer(&said);
        assert_eq!((shrunk.status, &shrunk.headers["content-type"]), (200, &"image/jpeg".to_owned()));
        let picture = image::load_from_memory(&shrunk.body).unwrap();
        assert_eq!((picture.width(), picture.height()), (900, 900));
    }
    // Nothing of a PNG can be left out.
    let said = lambda.invoke(&Sender::Balancer.event(Asked::get("/unsafe/noise.png"))).await;
    let refused = Sender::Balancer.answer(&said);
    assert_eq!((refused.status, refused.headers["cache-control"].as_str()), (413, "no-store"));
    assert_eq!(refused.headers["access-control-allow-origin"], "*");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_is_refused_where_the_settings_say_so() {
    let folder = originals();
    let settings = settings(folder.path(), &[("LAMBDA_LARGE_BODY", "error"), ("ERROR_FORMAT", "json")]);
    let lambda = Lambda::start().await;
    let _function = Function::start(&lambda, folder.path(), &settings);
    let refused = Sender::Balancer.answer(&lambda.invoke(&Sender::Balancer.event(Asked::get(LARGE))).await);
    assert_eq!(refused.status, 413);
    let told: Value = serde_json::from_slice(&refused.body).unwrap();
    assert_eq!(told["code"], "TooLargeImageException");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_large_is_left_in_the_bucket_with_a_link() {
    let folder = originals();
    let bucket = tempfile::tempdir().unwrap();
    let s3 = S3Server::start(bucket.path());
    let endpoint = format!("http://127.0.0.1:{}", s3.port);
    let more = [
        ("LAMBDA_LARGE_BODY", "redirect"),
        ("RESULT_STORAGE", "s3"),
        ("TC_AWS_RESULT_STORAGE_BUCKET", "pictures"),
        ("TC_AWS_RESULT_STORAGE_ROOT_PATH", "results"),
        ("TC_AWS_ENDPOINT", &endpoint),
        ("AWS_ACCESS_KEY_ID", &s3.reader[0]),
        ("AWS_SECRET_ACCESS_KEY", &s3.reader[1]),
    ];
    let lambda = Lambda::start().await;
    let _function = Function::start(&lambda, folder.path(), &settings(folder.path(), &more));
    let asked = Asked::get("/unsafe/noise.png");
    let whole = Sender::FunctionUrl.answer(&lambda.invoke(&Sender::FunctionUrl.event(asked)).await);
    for _ in ["put there", "found there"] {
        let moved = Sender::Balancer.answer(&lambda.invoke(&Sender::Balancer.event(asked)).await);
        assert_eq!((moved.status, moved.body.len()), (302, 0));
        assert_eq!(moved.headers["cache-control"], "max-age=150,public");
        assert!(!moved.headers.contains_key("etag") && !moved.headers.contains_key("content-type"));
        let link = &moved.headers["location"];
        assert!(link.starts_with(&format!("{endpoint}/pictures/results/-/large/")), "{link}");
        assert!(link.contains("X-Amz-Expires=300&") && link.contains("&X-Amz-Signature="), "{link}");
        // This server knows signatures in headers only. It was asked to check what was put there, not who follows links.
        let unchecked = reqwest::Client::new().post(format!("{endpoint}/moto-api/reset-auth")).body("1000000");
        assert_eq!(unchecked.send().await.unwrap().status(), 200);
        let found = reqwest::get(link).await.unwrap();
        assert_eq!(found.status(), 200);
        for header in ["content-type", "cache-control"] {
            assert_eq!(found.headers()[header], whole.headers[header]);
        }
        assert_eq!(found.bytes().await.unwrap(), whole.body);
    }
    let small = Sender::Balancer.answer(&lambda.invoke(&Sender::Balancer.event(Asked::get("/unsafe/photo.png"))).await);
    assert_eq!(small.status, 200);
    drop(s3);
    // A picture of lower quality is better than none.
    let shrunk = Sender::Balancer.answer(&lambda.invoke(&Sender::Balancer.event(Asked::get(LARGE))).await);
    assert_eq!((shrunk.status, &shrunk.headers["content-type"]), (200, &"image/jpeg".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_outlives_events_that_are_none() {
    let folder = originals();
    let lambda = Lambda::start().await;
    let _function = Function::start(&lambda, folder.path(), &settings(folder.path(), &[]));
    for event in ["", "[1]", "{}", r#"{"Records":[]}"#] {
        let said = lambda.invoke_for(Duration::from_secs(10), event).await;
        assert_eq!(said.what, "error");
        assert_eq!(said.headers["lambda-runtime-function-error-type"], "Runtime.NoRequest");
        let told: Value = serde_json::from_slice(&said.body).unwrap();
        assert_eq!((&told["errorType"], &told["stackTrace"]), (&json!("Runtime.NoRequest"), &json!([])));
        assert!(told["errorMessage"].as_str().unwrap().starts_with("the event "), "{told}");
    }
    let said = lambda.invoke(&Sender::FunctionUrl.event(Asked::get("/unsafe/photo.png"))).await;
    assert_eq!(Sender::FunctionUrl.answer(&said).status, 200);
}

fn how(said: &Said) -> String {
    let document: Value = serde_json::from_slice(&said.body).unwrap();
    document["headers"]["server-timing"].as_str().unwrap().rsplit_once('=').unwrap().1.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_made_is_kept_before_the_process_may_be_frozen() {
    let folder = originals();
    let results = tempfile::tempdir().unwrap();
    let more = [
        ("RESULT_STORAGE", "file"),
        ("RESULT_STORAGE_FILE_STORAGE_ROOT_PATH", results.path().to_str().unwrap()),
        ("RESULT_STORAGE_STORES_UNSAFE", "true"),
    ];
    let settings = settings(folder.path(), &more);
    let event = Sender::FunctionUrl.event(Asked::get("/unsafe/30x30/photo.png"));
    for hows in [["miss", "hit"], ["stored", "hit"]] {
        let lambda = Lambda::start().await;
        let function = Function::start(&lambda, folder.path(), &settings);
        let first = lambda.invoke(&event).await;
        // Frozen as soon as it asks for more.
        eventually("it asks for the next event", || lambda.asked() == 2).await;
        assert_eq!(how(&first), hows[0]);
        assert_eq!(how(&lambda.invoke(&event).await), hows[1]);
        eventually("it asks for the next event", || lambda.asked() == 3).await;
        drop(function);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_comes_before_the_time_of_an_invocation_is_over() {
    let folder = originals();
    let origin = Origin::giving(Vec::new()).await;
    let more = [("LOADER", "http"), ("ALLOW_PRIVATE_SOURCES", "127.0.0.0/8"), ("LAMBDA_DEADLINE_MARGIN", "2s")];
    let settings: Vec<_> =
        settings(folder.path(), &more).into_iter().filter(|pair| *pair != ("LOADER", "file")).collect();
    let lambda = Lambda::start().await;
    let function = Function::start(&lambda, folder.path(), &settings);
    let target = format!("/unsafe/http://{}/slow.png", origin.address);
    let event = Sender::FunctionUrl.event(Asked::get(&target)).to_string();
    let invoked = lambda.invoke_for(Duration::from_millis(2400), &event);
    let stopping = async {
        eventually("it waits for the origin", || !origin.asked().is_empty()).await;
        function.stop();
    };
    let (said, ()) = tokio::time::timeout(Duration::from_millis(2400), async { tokio::join!(invoked, stopping) })
        .await
        .expect("an answer within the invocation's time");
    let late = Sender::FunctionUrl.answer(&said);
    assert_eq!((late.status, late.headers["cache-control"].as_str()), (503, "no-store"));
    assert!(function.end().await.success(), "what was begun before SIGTERM was finished, and nothing more asked for");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_ends_a_function_that_waits() {
    let folder = originals();
    let lambda = Lambda::start().await;
    let function = Function::start(&lambda, folder.path(), &settings(folder.path(), &[]));
    eventually("it asks for an event", || lambda.asked() == 1).await;
    function.stop();
    assert!(function.end().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_that_cannot_be_used_are_told_to_lambda() {
    let folder = originals();
    let check = async |setting: (&str, &str), told: &str| {
        let lambda = Lambda::start().await;
        let function = Function::start(&lambda, folder.path(), &settings(folder.path(), &[setting]));
        assert!(!function.end().await.success());
        let said = lambda.failed_to_start().expect("it says why");
        assert_eq!(said.headers["lambda-runtime-function-error-type"], "Runtime.Settings");
        let message: Value = serde_json::from_slice(&said.body).unwrap();
        assert!(message["errorMessage"].as_str().unwrap().contains(told), "{message}");
        assert_eq!(lambda.asked(), 0);
    };
    check(("LAMBDA_LARGE_BODY", "explode"), "LAMBDA_LARGE_BODY").await;
    check(("LAMBDA_LARGE_BODY", "redirect"), "RESULT_STORAGE").await;
}
