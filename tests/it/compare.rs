//! `tintype compare` sees what differs between two servers, and only that.

use crate::support::{Server, Thumbor, fixtures, settings};
use axum::Router;
use axum::extract::{Request, State};
use axum::response::{Html, IntoResponse as _, Response};
use image::ImageFormat;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;
use tintype::compare::{self, Bounds, Options, Report, Verdict};
use tintype::config::Symlinks;
use tintype::loader::FileLoader;
use tintype::pipeline::job;
use tokio::net::TcpListener;

/// Scores below this count as different. Both write lossy files by different encoders, so that small ones are not alike
/// to the last bit; a picture cut at another place scores below 0.
const THRESHOLD: f64 = 50.0;

const OPTIONS: Options =
    Options { concurrency: 2, rate: None, deadline: Duration::from_mins(2), threshold: THRESHOLD, keep_pairs: 3 };

fn samples() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/config/samples"))
}

/// Our server with the sample pictures.
async fn ours() -> Server {
    let loader = FileLoader::open(samples(), Symlinks::Inside, 64 << 20).unwrap();
    Server::start_with(settings(), Arc::new(loader), job::run).await
}

async fn compared(old: SocketAddr, new: SocketAddr, urls: &[String], options: &Options) -> Report {
    let bounds = Bounds { max_bytes: 10 << 20, timeout: Duration::from_secs(30) };
    let server = |address| compare::Server::new(&format!("http://{address}"), &[], bounds).unwrap();
    let urls = urls.iter().map(|url| (url.clone(), 1)).collect();
    compare::run(&server(old), &server(new), urls, options, |_| ()).await
}

/// A server that answers everything with what `answer` makes of the path.
async fn answering(answer: impl Fn(&str) -> Response + Clone + Send + Sync + 'static) -> SocketAddr {
    let router = Router::new().fallback(move |request: Request| async move {
        answer(request.uri().path_and_query().map_or("/", |path| path.as_str()))
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// A server in front of another that asks it for `wrong` where it is asked for `right`.
async fn mistaking(server: SocketAddr, right: &'static str, wrong: &'static str) -> SocketAddr {
    async fn relay(
        State((server, right, wrong)): State<(SocketAddr, &'static str, &'static str)>,
        request: Request,
    ) -> Response {
        let path = request.uri().path_and_query().unwrap().as_str();
        let path = if path == right { wrong } else { path };
        let answer = reqwest::get(format!("http://{server}{path}")).await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        (status, headers, answer.bytes().await.unwrap()).into_response()
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().fallback(relay).with_state((server, right, wrong));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Sixty URLs of every kind that both servers should answer alike.
fn sixty() -> Vec<String> {
    let options = [
        "300x200",
        "200x300",
        "300x0",
        "0x150",
        "250x250/smart",
        "-300x200",
        "300x-200",
        "fit-in/200x200",
        "adaptive-fit-in/200x100",
        "full-fit-in/150x150",
        "200x200/left/top",
        "200x200/right/bottom",
        "20x10:220x160/100x100",
        "fit-in/240x240/filters:fill(tomato)",
        "filters:quality(60)/320x240",
    ];
    let bare = ["photo.jpg", "portrait.jpg", "wide.jpg"].iter().flat_map(|picture| {
        options.map(|options| match options.split_once("/320x240") {
            Some((filters, _)) => format!("/unsafe/320x240/{filters}/{picture}"),
            None => format!("/unsafe/{options}/{picture}"),
        })
    });
    let filters = [
        "brightness(20)",
        "contrast(-20)",
        "grayscale()",
        "rgb(10,-10,20)",
        "format(png)",
        "format(webp)",
        "rotate(90)",
        "equalize()",
        "noise(0)",
        "colorize(40,40,20,ffffff)",
        "proportion(0.5)",
        "no_upscale()",
        "watermark(logo.png,10,-10,50)",
        "round_corner(20,255,255,255)",
        "blur(3)",
    ];
    bare.chain(filters.map(|filter| format!("/unsafe/fit-in/300x300/filters:{filter}/photo.jpg"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn thumbor_and_this_server_answer_sixty_urls_alike_and_a_planted_wrong_crop_is_found() {
    let Some(thumbor) = Thumbor::start(samples()) else { return };
    let (server, urls) = (ours().await, sixty());
    assert_eq!(urls.len(), 60);
    let report = compared(thumbor.address, server.address, &urls, &OPTIONS).await;
    assert_eq!((report.rows.len(), report.different()), (60, 0), "{report}");

    let planted = "/unsafe/200x300/wide.jpg";
    let mistaken = mistaking(server.address, planted, "/unsafe/200x300/left/wide.jpg").await;
    let some: Vec<_> = urls.iter().filter(|url| url.ends_with("wide.jpg")).cloned().collect();
    let report = compared(thumbor.address, mistaken, &some, &OPTIONS).await;
    assert_eq!((report.rows.len(), report.different()), (15, 1), "{report}");
    assert_eq!((report.rows[0].url.as_str(), report.rows[0].verdict), (planted, Verdict::Looks));
    let page = report.html();
    assert!(page.contains("looks different") && page.matches("data:image/jpeg;base64,").count() >= 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_of_difference_has_its_name() {
    let picture = |width, height| {
        ([("content-type", "image/png")], fixtures::quadrants_file(width, height, ImageFormat::Png)).into_response()
    };
    let jpeg =
        || ([("content-type", "image/jpeg")], fixtures::quadrants_file(40, 30, ImageFormat::Jpeg)).into_response();
    let json = |text: &'static str| ([("content-type", "application/json")], text).into_response();
    let old = answering(move |path| match path {
        "/json" => json("{\"a\": 1, \"b\": 2}"),
        "/meta" => json("{\"a\": {\"width\": 300.0}}"),
        "/gone" => (axum::http::StatusCode::NOT_FOUND, "not here").into_response(),
        _ => picture(40, 30),
    })
    .await;
    let new = answering(move |path| match path {
        "/json" => json("{\"b\":2,\"a\":1.0}"),
        "/meta" => json("{\"a\": {\"width\": 299}}"),
        "/gone" => (axum::http::StatusCode::NOT_FOUND, "nor here").into_response(),
        "/status" => axum::http::StatusCode::BAD_GATEWAY.into_response(),
        "/html" => Html("<b>Welcome</b>").into_response(),
        "/broken" => ([("content-type", "image/png")], "no picture").into_response(),
        "/size" => picture(41, 30),
        "/type" => jpeg(),
        _ => picture(40, 30),
    })
    .await;
    let cases = [
        ("/status", Verdict::Status, "200 -> 502"),
        ("/html", Verdict::Content, "image/png -> a page of HTML, not a picture"),
        ("/broken", Verdict::Content, "image/png -> not a picture of a known format"),
        ("/size", Verdict::Size, "40x30 -> 41x30"),
        ("/type", Verdict::Type, "image/png -> image/jpeg"),
        ("/meta", Verdict::Content, "other JSON at `a.width`"),
        ("/json", Verdict::Same, ""),
        ("/gone", Verdict::Same, ""),
        ("/same", Verdict::Same, ""),
    ];
    let urls: Vec<_> = cases.iter().map(|(url, ..)| (*url).to_owned()).collect();
    let report = compared(old, new, &urls, &OPTIONS).await;
    for (url, verdict, detail) in cases {
        let row = report.rows.iter().find(|row| row.url == url).unwrap();
        assert_eq!((row.verdict, row.detail.as_str()), (verdict, detail), "{url}");
    }
    assert_eq!(report.different(), 6);
    let json: serde_json::Value = serde_json::from_str(&report.json()).unwrap();
    assert_eq!((&json["rows"][0]["verdict"], &json["rows"][0]["new"]["status"]), (&"status".into(), &502.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_answering_ends_the_run() {
    let server = ours().await;
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let urls: Vec<_> = (0..100).map(|number| format!("/unsafe/{number}x0/photo.jpg")).collect();
    let report = compared(server.address, gone, &urls, &OPTIONS).await;
    assert_eq!((report.rows.len(), report.rows[0].verdict), (20, Verdict::NoAnswer));
    assert!(
        report.rows[0].detail.starts_with(&format!("new: {gone} cannot be reached: ")),
        "{}",
        report.rows[0].detail
    );
    let not_asked = report.not_asked.unwrap();
    assert_eq!((not_asked.urls, not_asked.reason.as_str()), (80, "the new server has stopped answering"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_strangers_wrote_into_a_log_stays_text() {
    let server = ours().await;
    let url = "/unsafe/1x1/<script>alert(1)</script>&\u{1b}[2J.jpg".to_owned();
    let other = answering(|_| Html("<b>").into_response()).await;
    let report = compared(other, server.address, &[url], &OPTIONS).await;
    assert!(!report.html().contains("<script>"));
    assert!(!report.to_string().contains('\u{1b}'));
}

/// `tintype compare` as a program.
async fn program(args: Vec<String>) -> Output {
    let run = move || Command::new(env!("CARGO_BIN_EXE_tintype")).arg("compare").args(args).output().unwrap();
    tokio::task::spawn_blocking(run).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_tells_alike_different_and_not_compared() {
    let server = ours().await;
    let base = format!("http://{}", server.address);
    let (right, wrong) = ("/unsafe/200x300/wide.jpg", "/unsafe/200x300/left/wide.jpg");
    let mistaken = format!("http://{}", mistaking(server.address, right, wrong).await);
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let log = file("access.log");
    let line =
        |path: &str| format!("10.0.0.1 - - [24/Nov/2026:13:55:36 +0000] \"GET {path} HTTP/1.1\" 200 99 \"-\" \"-\"\n");
    std::fs::write(&log, line(right) + &line(wrong) + &line(right)).unwrap();
    let (html, json) = (file("page.html"), file("report.json"));
    let check = async |args: &[&str], code: i32, words: &str| {
        let output = program(args.iter().map(|arg| (*arg).to_owned()).collect()).await;
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{args:?} {said}");
        assert!(said.contains(words), "{args:?} {said}");
    };
    check(&[&base, &base, "--log", &log], 0, "2 URLs: 2 same").await;
    check(&[&base, &mistaken, "--log", &log, "--html", &html, "--json", &json], 1, "looks different").await;
    check(&[&base, &mistaken, &log, "--allow", "1"], 0, "1 looks different, 1 same").await;
    check(&[&base, &mistaken, right, "--threshold=-1000"], 0, "1 same").await;
    check(&[&base, &base], 2, "no URLs: give some, or --log FILE").await;
    check(&[&base, &base, "what"], 2, "`what` is neither a path of a URL, nor a URL, nor a file").await;
    check(&[&base, &format!("http://{gone}"), right], 2, &format!("new server: {gone} cannot be reached: ")).await;
    check(&["ftp://old", &base, right], 2, "old server: `ftp://old` is no address of a server").await;
    check(&[&base, &base, "--log", "/no/such/log"], 2, "/no/such/log: ").await;
    check(&[&base, &base, right, "-H", "secret"], 2, "is no header").await;
    check(&[&base, &base, right, "--rate", "0"], 2, "--rate must be more than 0").await;
    let report: serde_json::Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert_eq!((&report["rows"][0]["url"], &report["rows"][0]["requests"]), (&right.into(), &2.into()));
    assert!(std::fs::read_to_string(html).unwrap().contains("The worst pairs"));
}
