//! `gifv()`: GIFs become videos, by Debian's ffmpeg or a program of a few words in its place.

use crate::support::fixtures::{animation, small_png};
use crate::support::{Server, eventually, settings};
use image::codecs::gif::GifEncoder;
use image::{Delay, Frame, Rgba, RgbaImage};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;
use tintype::config::Config;

const COLORS: [[u8; 3]; 3] = [[200, 0, 0], [0, 180, 0], [0, 0, 220]];

/// Settings with videos made by this program.
fn filming(ffmpeg: impl Into<PathBuf>) -> Config {
    let mut config = settings();
    config.policy.videos = true;
    config.video.ffmpeg = Some(ffmpeg.into());
    config
}

/// A program that does what a few words of shell say; `$output` is the file to write.
fn program(folder: &TempDir, shell: &str) -> PathBuf {
    let path = folder.path().join("ffmpeg");
    let text = format!("#!/bin/sh\nfor output; do :; done\n{shell}\n");
    // Another process writes it: what is open for writing here could not be run while other tests start theirs.
    let write = "printf %s \"$1\" >\"$2\" && chmod 755 \"$2\"";
    assert!(Command::new("sh").args(["-c", write, "sh", &text]).arg(&path).status().unwrap().success());
    path
}

/// A still in one color on the left, transparent on the right.
fn half_transparent() -> Vec<u8> {
    let mut file = Vec::new();
    let pixels = RgbaImage::from_fn(32, 16, |x, _| if x < 16 { Rgba([0, 0, 220, 255]) } else { Rgba([0; 4]) });
    let frame = Frame::from_parts(pixels, 0, 0, Delay::from_numer_denom_ms(500, 1));
    GifEncoder::new(&mut file).encode_frame(frame).unwrap();
    file
}

/// Times of a video's pictures in seconds, as ffprobe tells them, the end last.
fn times(video: &Path) -> Vec<f64> {
    let entries = ["-v", "error", "-show_entries", "packet=pts_time", "-of", "csv=p=0"];
    let output = Command::new("ffprobe").args(entries).arg(video).output().expect("ffmpeg is installed");
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line.trim_matches(',').parse().unwrap()).collect()
}

/// The pictures of a video, as ffmpeg reads them.
fn pictures(video: &Path, width: u32, height: u32) -> Vec<RgbaImage> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(video);
    command.args(["-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgba", "-"]);
    let samples = command.output().expect("ffmpeg is installed").stdout;
    let pictures = samples.chunks_exact((width * height * 4) as usize);
    pictures.map(|samples| RgbaImage::from_raw(width, height, samples.to_vec()).unwrap()).collect()
}

#[track_caller]
fn assert_color(picture: &RgbaImage, (x, y): (u32, u32), color: [u8; 3], what: &str) {
    // A video's colors are those of 4:2:0 with less than 256 levels, coded with loss.
    crate::support::assert_pixel(picture, (x, y), color, 24, what);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gif_becomes_a_video_with_all_pictures_and_times() {
    let server = Server::of(filming("ffmpeg"), [("a.gif", animation(&COLORS, 60))]).await;
    for (call, mime) in [("gifv()", "video/mp4"), ("gifv(mp4)", "video/mp4"), ("gifv(webm)", "video/webm")] {
        let answer = server.get(&format!("/unsafe/40x20/filters:{call}/a.gif")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(mime)), "{call}");
        assert_eq!(answer.header("tintype-ignored-filters"), None);
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, &answer.body).unwrap();
        // The frames show for 100, 200 and 300 ms; the last one comes twice, so that its end is told.
        assert_eq!(times(file.path()), [0.0, 0.1, 0.3, 0.6], "{call}");
        let pictures = pictures(file.path(), 40, 20);
        assert_eq!(pictures.len(), 4, "{call}");
        for (picture, color) in pictures.iter().zip(COLORS) {
            assert_color(picture, (20, 10), color, call);
        }
        let known = format!("If-None-Match: {}\r\n", answer.header("etag").unwrap());
        assert_eq!(server.request("GET", &format!("/unsafe/40x20/filters:{call}/a.gif"), &known).await.status, 304);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_sides_become_even_and_what_is_transparent_gets_a_background() {
    let files = [("a.gif", animation(&COLORS[..1], 11)), ("half.gif", half_transparent())];
    let server = Server::of(filming("ffmpeg"), files).await;
    let check = async |target: &str, (width, height), at, color| {
        let answer = server.get(target).await;
        assert_eq!(answer.header("content-type"), Some("video/mp4"), "{target}");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, &answer.body).unwrap();
        let pictures = pictures(file.path(), width, height);
        assert_eq!(pictures.len(), 2, "{target} is not {width}x{height}");
        assert_color(&pictures[0], at, color, target);
    };
    check("/unsafe/filters:gifv()/a.gif", (10, 10), (5, 5), COLORS[0]).await;
    check("/unsafe/1x1/filters:gifv()/a.gif", (2, 2), (0, 0), COLORS[0]).await;
    check("/unsafe/filters:gifv()/half.gif", (32, 16), (8, 8), COLORS[2]).await;
    check("/unsafe/filters:gifv()/half.gif", (32, 16), (26, 8), [255; 3]).await;
    check("/unsafe/filters:background_color(red):gifv()/half.gif", (32, 16), (26, 8), [255, 0, 0]).await;
}

#[tokio::test]
async fn only_gifs_become_videos() {
    let server =
        Server::of(filming("/no/such/ffmpeg"), [("a.gif", animation(&COLORS, 8)), ("b.png", small_png())]).await;
    for (target, mime) in [
        ("/unsafe/a.gif", "image/gif"),
        ("/unsafe/filters:gifv():format(webp)/a.gif", "image/webp"),
        ("/unsafe/filters:gifv()/b.png", "image/png"),
        ("/unsafe/meta/filters:gifv()/a.gif", "application/json"),
    ] {
        let answer = server.get(target).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(mime)), "{target}");
        assert_eq!(answer.header("tintype-ignored-filters"), None, "{target}");
    }
}

#[tokio::test]
async fn without_an_ffmpeg_a_gif_stays_one() {
    let server = Server::of(settings(), [("a.gif", animation(&COLORS, 8))]).await;
    let answer = server.get("/unsafe/filters:gifv()/a.gif").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/gif")));
}

#[tokio::test]
async fn a_failing_ffmpeg_leaves_the_gif_and_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::of(filming(program(&folder, "exit 1")), [("a.gif", animation(&COLORS, 8))]).await;
    let answer = server.get("/unsafe/filters:gifv()/a.gif").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/gif")));
    assert_eq!(answer.header("tintype-ignored-filters"), Some("gifv"));
}

/// A program that starts another one, which says who it is and then does nothing for an hour.
fn sleeper(folder: &TempDir) -> (PathBuf, PathBuf) {
    let pid = folder.path().join("pid");
    let shell =
        format!("sh -c 'echo $$ >\"{0}.new\" && mv \"{0}.new\" \"{0}\" && exec sleep 3600'; exit", pid.display());
    (program(folder, &shell), pid)
}

/// Whether the process whose number stands in the file is gone.
fn is_gone(pid: &Path) -> bool {
    let pid = std::fs::read_to_string(pid).unwrap();
    !Path::new("/proc").join(pid.trim()).exists()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_client_leaving_kills_the_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    let (ffmpeg, pid) = sleeper(&folder);
    let mut config = filming(ffmpeg);
    config.admission.render_timeout = Duration::from_hours(1); // it is not the deadline that ends it
    let server = Server::of(config, [("a.gif", animation(&COLORS, 8))]).await;
    let client = server.asked("/unsafe/filters:gifv()/a.gif").await;
    eventually("the process runs", || pid.exists()).await;
    assert!(!is_gone(&pid));
    drop(client);
    eventually("the process is gone", || is_gone(&pid)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ffmpeg_that_takes_too_long_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (ffmpeg, pid) = sleeper(&folder);
    let mut config = filming(ffmpeg);
    config.admission.render_timeout = Duration::from_millis(300);
    let server = Server::of(config, [("a.gif", animation(&COLORS, 8))]).await;
    assert_eq!(server.get("/unsafe/filters:gifv()/a.gif").await.status, 504);
    eventually("the process is gone", || is_gone(&pid)).await;
}
