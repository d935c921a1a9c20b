//! Transparency kept, blended or filled.

use crate::support::fixtures::file;
use crate::support::{Server, assert_pixel, settings};
use image::{ImageFormat, Rgba, RgbaImage};

/// Half red and opaque, half green and invisible.
fn half_transparent() -> Vec<u8> {
    let picture = RgbaImage::from_fn(80, 40, |x, _| if x < 40 { Rgba([250, 0, 0, 255]) } else { Rgba([0, 250, 0, 0]) });
    file(&picture.into(), ImageFormat::Png)
}

#[tokio::test]
async fn formats_with_alpha_keep_it() {
    let server = Server::of(settings(), [("h.png", half_transparent())]).await;
    for format in ["png", "webp", "gif"] {
        let picture = server.get(&format!("/unsafe/40x20/filters:format({format})/h.png")).await.picture();
        let [left, right] = [5, 35].map(|x| picture.get_pixel(x, 10).0[3]);
        assert_eq!((left, right), (255, 0), "{format}");
        assert_pixel(&picture, (5, 10), [250, 0, 0], 6, format);
    }
}

#[tokio::test]
async fn formats_without_alpha_show_a_background() {
    let body = half_transparent;
    let white = Server::of(settings(), [("h.png", body())]).await;
    let jpeg = white.get("/unsafe/filters:format(jpeg)/h.png").await.picture();
    assert_pixel(&jpeg, (70, 20), [255, 255, 255], 3, "white by default");
    let mut config = settings();
    config.policy.flatten = Some([0, 0, 200]);
    let blue = Server::of(config, [("h.png", body())]).await;
    let jpeg = blue.get("/unsafe/filters:format(jpeg)/h.png").await.picture();
    assert_pixel(&jpeg, (70, 20), [0, 0, 200], 4, "as configured");
    let mut config = settings();
    config.policy.flatten = None;
    let bare = Server::of(config, [("h.png", body())]).await;
    let jpeg = bare.get("/unsafe/filters:format(jpeg)/h.png").await.picture();
    assert_pixel(&jpeg, (70, 20), [0, 250, 0], 4, "laid bare");
}

#[tokio::test]
async fn backgrounds_and_fills_are_the_colors_asked_for() {
    let server = Server::of(settings(), [("h.png", half_transparent())]).await;
    let picture = server.get("/unsafe/filters:background_color(ff00ff)/h.png").await.picture();
    assert_eq!(picture.get_pixel(70, 20).0, [255, 0, 255, 255]);
    let filled = server.get("/unsafe/fit-in/80x80/filters:fill(0000ff)/h.png").await.picture();
    assert_eq!(filled.get_pixel(40, 5).0, [0, 0, 255, 255]);
    assert_eq!(filled.get_pixel(70, 40).0[3], 0); // the paste replaces what is below
    let through = server.get("/unsafe/fit-in/80x80/filters:fill(0000ff,true)/h.png").await.picture();
    assert_eq!(through.get_pixel(70, 40).0, [0, 0, 255, 255]);
}

#[tokio::test]
async fn an_opaque_png_becomes_jpeg_where_the_settings_say_so() {
    let opaque = file(&RgbaImage::from_pixel(20, 20, Rgba([9, 99, 199, 255])).into(), ImageFormat::Png);
    let mut config = settings();
    config.policy.auto_png_to_jpg = true;
    let server = Server::of(config, [("o.png", opaque), ("h.png", half_transparent())]).await;
    assert_eq!(server.get("/unsafe/o.png").await.header("content-type"), Some("image/jpeg"));
    assert_eq!(server.get("/unsafe/h.png").await.header("content-type"), Some("image/png"));
    let forced = server.get("/unsafe/filters:format(png)/o.png").await;
    assert_eq!(forced.header("content-type"), Some("image/png"));
}
