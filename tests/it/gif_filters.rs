//! `THUMBOR_COMPAT_GIF_FILTERS`: originals that are GIFs take no part in filters.

use crate::animation::frames;
use crate::support::fixtures::{animation, quadrants_file};
use crate::support::{Server, settings};
use image::ImageFormat;

const COLORS: [[u8; 3]; 2] = [[200, 0, 0], [0, 180, 0]];

async fn server() -> Server {
    let mut config = settings();
    config.policy.gifs_unfiltered = true;
    let files = [("a.gif", animation(&COLORS, 20)), ("a.png", quadrants_file(20, 20, ImageFormat::Png))];
    Server::of(config, files).await
}

#[tokio::test]
async fn a_gif_is_what_it_is_without_filters() {
    let server = server().await;
    for (plain, filtered) in [
        ("", "filters:grayscale():rotate(90):format(png):quality(3)/"),
        ("10x10/", "10x10/filters:watermark(no.png,0,0,0):max_age(7)/"),
        ("fit-in/40x20/", "fit-in/40x20/filters:fill(red)/"),
        ("30x10/filters:stretch()/", "30x10/filters:stretch():blur(3)/"),
    ] {
        let expected = server.get(&format!("/unsafe/{plain}a.gif")).await;
        let answer = server.get(&format!("/unsafe/{filtered}a.gif")).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/gif")), "{filtered}");
        assert!(answer.body == expected.body, "{filtered}");
        assert_eq!(answer.header("cache-control"), expected.header("cache-control"), "{filtered}");
    }
}

#[tokio::test]
async fn what_acts_on_the_request_or_on_frames_as_such_still_counts() {
    let server = server().await;
    let size = async |target: &str| frames(&server.get(target).await.body)[0].buffer().dimensions();
    assert_eq!(size("/unsafe/90x30/filters:no_upscale()/a.gif").await, (20, 20));
    assert_eq!(frames(&server.get("/unsafe/filters:cover()/a.gif").await.body).len(), 1);
}

#[tokio::test]
async fn other_originals_are_filtered_and_need_what_their_filters_draw_with() {
    let server = server().await;
    let picture = server.get("/unsafe/filters:grayscale()/a.png").await.picture();
    let [r, g, b, _] = picture.get_pixel(2, 2).0;
    assert!(r == g && g == b);
    assert_eq!(server.get("/unsafe/filters:watermark(no.png,0,0,0)/a.png").await.status, 400);
}
