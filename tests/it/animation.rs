//! Animations keep their frames, times and loops.

use crate::support::fixtures::animation;
use crate::support::{Server, assert_pixel, settings};
use image::AnimationDecoder as _;
use image::codecs::gif::GifDecoder;
use image::codecs::webp::WebPDecoder;
use std::io::Cursor;

const COLORS: [[u8; 3]; 3] = [[200, 0, 0], [0, 180, 0], [0, 0, 220]];

/// The frames of a GIF or WebP.
pub(crate) fn frames(body: &[u8]) -> Vec<image::Frame> {
    let frames = if body.starts_with(b"GIF8") {
        GifDecoder::new(Cursor::new(body)).unwrap().into_frames().collect_frames()
    } else {
        WebPDecoder::new(Cursor::new(body)).unwrap().into_frames().collect_frames()
    };
    frames.unwrap()
}

async fn server() -> Server {
    Server::of(settings(), [("a.gif", animation(&COLORS, 60))]).await
}

#[tokio::test]
async fn every_frame_is_resized_and_shown_as_long() {
    let server = server().await;
    for options in ["30x20", "30x20/filters:format(webp)", "30x20/filters:rotate(90):rotate(-90)"] {
        let frames = frames(&server.get(&format!("/unsafe/{options}/a.gif")).await.body);
        assert_eq!(frames.len(), 3, "{options}");
        for (number, (frame, color)) in (1..).zip(frames.iter().zip(COLORS)) {
            assert_eq!(frame.buffer().dimensions(), (30, 20), "{options}");
            assert_pixel(frame.buffer(), (15, 10), color, 12, options);
            let (ms, per) = frame.delay().numer_denom_ms();
            assert_eq!(ms / per, number * 100, "{options}");
        }
    }
}

#[tokio::test]
async fn filters_change_every_frame() {
    let server = server().await;
    for frame in frames(&server.get("/unsafe/filters:grayscale()/a.gif").await.body) {
        let [r, g, b, _] = frame.buffer().get_pixel(30, 30).0;
        assert!(r == g && g == b, "{r} {g} {b}");
    }
}

#[tokio::test]
async fn a_format_without_animation_shows_the_first_frame() {
    let server = server().await;
    for format in ["png", "jpeg"] {
        let picture = server.get(&format!("/unsafe/filters:format({format})/a.gif")).await.picture();
        assert_pixel(&picture, (30, 30), COLORS[0], 6, format);
    }
}

#[tokio::test]
async fn animations_are_stills_where_the_settings_say_so() {
    let mut config = settings();
    config.policy.animation = false;
    let server = Server::of(config, [("a.gif", animation(&COLORS, 20))]).await;
    assert_eq!(frames(&server.get("/unsafe/a.gif").await.body).len(), 1);
}

#[tokio::test]
async fn an_animation_over_the_limit_is_refused() {
    let mut config = settings();
    config.limits.max_animation_px = 3 * 20 * 20 - 1;
    let server = Server::of(config, [("a.gif", animation(&COLORS, 20))]).await;
    assert_eq!(server.get("/unsafe/a.gif").await.status, 422);
    assert_eq!(server.get("/unsafe/filters:format(png)/a.gif").await.status, 200);
}
