//! Nine-patch frames.

use crate::animation::frames;
use crate::support::fixtures::{animation, file, quadrants_file};
use crate::support::{Server, assert_pixel, settings};
use image::{GrayImage, ImageFormat, Luma, Rgba, RgbaImage};
use tintype::config::Config;

const RED: [u8; 4] = [200, 20, 20, 255];

/// 12x12: a red border of two pixels that stretches in the middle, and space of three pixels for the picture.
fn nine_patch() -> Vec<u8> {
    let picture = RgbaImage::from_fn(12, 12, |x, y| {
        let (edge, middle) = (|v: u32| v == 0 || v == 11, |v: u32| (4..8).contains(&v));
        Rgba(match (x, y) {
            (_, 0 | 11) if middle(x) => [0, 0, 0, 255],
            (0 | 11, _) if middle(y) => [0, 0, 0, 255],
            _ if edge(x) || edge(y) => [0; 4],
            _ if (3..9).contains(&x) && (3..9).contains(&y) => [0; 4],
            _ => RED,
        })
    });
    file(&picture.into(), ImageFormat::Png)
}

/// Settings under which frames are drawn.
fn drawing() -> Config {
    let mut config = settings();
    config.policy.misread_frames = false;
    config
}

async fn server() -> Server {
    let gray = GrayImage::from_pixel(40, 30, Luma([100]));
    let clear = RgbaImage::from_pixel(40, 30, Rgba([0; 4]));
    Server::of(
        drawing(),
        [
            ("f.9.png", nine_patch()),
            ("a.png", quadrants_file(40, 30, ImageFormat::Png)),
            ("a.jpg", quadrants_file(40, 30, ImageFormat::Jpeg)),
            ("gray.png", file(&gray.into(), ImageFormat::Png)),
            ("clear.png", file(&clear.into(), ImageFormat::Png)),
            ("dot.png", quadrants_file(2, 2, ImageFormat::Png)),
            ("anim.gif", animation(&[[200, 0, 200], [0, 180, 0]], 30)),
            ("plain.png", quadrants_file(20, 20, ImageFormat::Png)),
        ],
    )
    .await
}

#[tokio::test]
async fn the_frame_goes_around_the_picture_and_its_space_is_white() {
    let server = server().await;
    for (name, tolerance) in [("a.png", 0), ("gray.png", 0), ("clear.png", 0), ("a.jpg", 60)] {
        let picture = server.get(&format!("/unsafe/filters:frame(f.9.png)/{name}")).await.picture();
        assert_eq!(picture.dimensions(), (46, 36), "{name}");
        for at in [(0, 0), (45, 35), (1, 18), (44, 18), (23, 1), (23, 34)] {
            assert_pixel(&picture, at, [200, 20, 20], tolerance, name);
        }
        // Between the border of two pixels and the space of three one pixel of white is left.
        for at in [(2, 18), (23, 2), (43, 18), (23, 33)] {
            assert!(tolerance > 0 || picture.get_pixel(at.0, at.1).0 == [255; 4], "{name} {at:?}");
        }
        let middle = picture.get_pixel(4, 4).0;
        let expected = match name {
            "gray.png" => [100, 100, 100, 255],
            "clear.png" => [255; 4],
            _ => [220, 30, 30, 255],
        };
        assert!(middle.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= tolerance), "{name}: {middle:?}");
    }
}

#[tokio::test]
async fn by_default_frames_are_what_thumbor_makes_of_them() {
    let files = [("f.9.png", nine_patch()), ("a.png", quadrants_file(40, 30, ImageFormat::Png))];
    let server = Server::of(settings(), files).await;
    let picture = server.get("/unsafe/filters:frame(f.9.png)/a.png").await.picture();
    // Thumbor 7.8 finds a space of 2 pixels at the left and 3 at the right of this nine-patch, and draws nothing.
    assert_eq!(picture.dimensions(), (45, 30));
    for (at, expected) in [((1, 0), [255; 3]), ((2, 0), [220, 30, 30]), ((41, 0), [30, 200, 40]), ((42, 29), [255; 3])]
    {
        assert_pixel(&picture, at, expected, 0, "misread");
    }
}

#[tokio::test]
async fn small_pictures_and_frames_without_guides_do() {
    let server = server().await;
    let picture = server.get("/unsafe/filters:frame(f.9.png)/dot.png").await.picture();
    assert_eq!(picture.dimensions(), (8, 8));
    assert_eq!(picture.get_pixel(0, 0).0, RED);
    assert_eq!(picture.get_pixel(3, 3).0, [220, 30, 30, 255]);
    // No guides: no space, and one cell of 18x18 that does not stretch.
    let picture = server.get("/unsafe/filters:frame(plain.png)/gray.png").await.picture();
    assert_eq!(picture.dimensions(), (40, 30));
    assert_eq!(picture.get_pixel(0, 0).0, [220, 30, 30, 255]);
    assert_eq!(picture.get_pixel(18, 0).0, [100, 100, 100, 255]);
    for patch in ["dot.png", "clear.png"] {
        assert_eq!(
            server.get(&format!("/unsafe/filters:frame({patch})/gray.png")).await.picture().dimensions(),
            (40, 30)
        );
    }
}

#[tokio::test]
async fn every_frame_of_an_animation_is_framed() {
    let server = server().await;
    let frames = frames(&server.get("/unsafe/filters:frame(f.9.png)/anim.gif").await.body);
    assert_eq!(frames.len(), 2);
    for (frame, color) in frames.iter().zip([[200, 0, 200], [0, 180, 0]]) {
        assert_eq!(frame.buffer().dimensions(), (36, 36));
        assert_pixel(frame.buffer(), (1, 1), [200, 20, 20], 8, "frame");
        assert_pixel(frame.buffer(), (18, 18), color, 8, "picture");
    }
}

#[tokio::test]
async fn what_a_frame_adds_counts_for_the_limit() {
    let mut config = drawing();
    config.limits.max_canvas_px = 46 * 36 - 1;
    let files = [("f.9.png", nine_patch()), ("a.png", quadrants_file(40, 30, ImageFormat::Png))];
    let server = Server::of(config, files).await;
    assert_eq!(server.get("/unsafe/a.png").await.status, 200);
    let answer = server.get("/unsafe/filters:frame(f.9.png)/a.png").await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("46x36"), "{}", answer.text());
}
