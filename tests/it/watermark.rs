//! Watermarks: each pixel where it belongs, on every kind of picture.

use crate::animation::frames;
use crate::support::fixtures::{animation, file};
use crate::support::{Server, assert_pixel, settings};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};

const GROUND: [u8; 3] = [40, 90, 200];
const MARK: [u8; 4] = [250, 10, 120, 255];

fn ground(width: u32, height: u32) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb(GROUND))
}

/// A mark of 10x6, opaque.
fn mark() -> Vec<u8> {
    file(&RgbaImage::from_pixel(10, 6, Rgba(MARK)).into(), ImageFormat::Png)
}

fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
    file(&picture.into(), ImageFormat::Png)
}

/// The ground as a PNG of one color in a palette.
fn palette_png(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette([0, 0, 0, GROUND[0], GROUND[1], GROUND[2]].as_slice());
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&vec![1; (width * height) as usize]).unwrap();
    drop(writer);
    file
}

async fn server() -> Server {
    let gray = GrayImage::from_pixel(80, 60, Luma([100]));
    let clear = RgbaImage::from_pixel(80, 60, Rgba([0; 4]));
    let half = RgbaImage::from_pixel(10, 6, Rgba([200, 100, 50, 128]));
    Server::of(
        settings(),
        [
            ("rgb.png", png(ground(80, 60))),
            ("rgb.jpg", file(&ground(80, 60).into(), ImageFormat::Jpeg)),
            ("gray.png", png(gray.clone())),
            ("gray.jpg", file(&gray.into(), ImageFormat::Jpeg)),
            ("palette.png", palette_png(80, 60)),
            ("clear.png", png(clear)),
            ("dot.png", png(ground(1, 1))),
            ("anim.gif", animation(&[[200, 0, 0], [0, 180, 0], [0, 0, 220]], 60)),
            ("mark.png", mark()),
            ("half.png", png(half)),
            ("mark.jpg", file(&RgbImage::from_pixel(10, 6, Rgb([250, 10, 120])).into(), ImageFormat::Jpeg)),
            ("mark.gif", animation(&[[250, 10, 120], [0, 0, 0]], 6)),
            ("pixel.png", png(RgbaImage::from_pixel(1, 1, Rgba(MARK)))),
        ],
    )
    .await
}

/// Every pixel is the mark's inside of `left, top, right, bottom` and `ground` outside.
#[track_caller]
fn assert_mark(picture: &RgbaImage, [left, top, right, bottom]: [u32; 4], ground: [u8; 4], tolerance: u8, what: &str) {
    for (x, y, pixel) in picture.enumerate_pixels() {
        let inside = (left..right).contains(&x) && (top..bottom).contains(&y);
        let expected = if inside { MARK } else { ground };
        let off = pixel.0.iter().zip(expected).map(|(a, b)| a.abs_diff(b)).max().unwrap();
        assert!(off <= tolerance, "{what}: {:?} for {expected:?} at {x},{y}", pixel.0);
    }
}

#[tokio::test]
async fn a_mark_lies_where_it_is_told_to_on_every_kind_of_picture() {
    let server = server().await;
    let [r, g, b] = GROUND;
    for (name, ground, tolerance) in [
        ("rgb.png", [r, g, b, 255], 0),
        ("palette.png", [r, g, b, 255], 0),
        ("gray.png", [100, 100, 100, 255], 0),
        ("clear.png", [0; 4], 0),
        ("gray.jpg", [100, 100, 100, 255], 4),
    ] {
        let format = if name.ends_with("jpg") { ":format(png)" } else { "" };
        for (position, expected) in [
            ("7,9", [7, 9, 17, 15]),
            ("-3,-0", [67, 54, 77, 60]),
            ("center,25p", [35, 15, 45, 21]),
            ("-5,-10p", [65, 48, 75, 54]),
            ("-75,200", [0, 0, 0, 0]), // beyond the lower edge
            ("76,57", [76, 57, 80, 60]),
        ] {
            let path = format!("/unsafe/filters:watermark(mark.png,{position},0){format}/{name}");
            assert_mark(&server.get(&path).await.picture(), expected, ground, tolerance, &path);
        }
    }
    let jpeg = server.get("/unsafe/filters:watermark(mark.png,32,16,0)/rgb.jpg").await.picture();
    assert_pixel(&jpeg, (37, 19), [250, 10, 120], 30, "on a JPEG");
    assert_pixel(&jpeg, (60, 50), GROUND, 4, "beside it");
}

#[tokio::test]
async fn any_picture_can_be_a_mark() {
    let server = server().await;
    for (name, size, tolerance) in [("mark.jpg", (10, 6), 6), ("mark.gif", (6, 6), 0), ("dot.png", (1, 1), 255)] {
        let path = format!("/unsafe/filters:watermark({name},0,0,0)/rgb.png");
        let [r, g, b] = GROUND;
        let picture = server.get(&path).await.picture();
        assert_mark(&picture, [0, 0, size.0, size.1], [r, g, b, 255], tolerance, &path);
    }
}

#[tokio::test]
async fn pictures_smaller_than_the_mark_show_what_fits() {
    let server = server().await;
    for position in ["0,0", "-0,-0", "center,center", "repeat,repeat"] {
        let path = format!("/unsafe/filters:watermark(mark.png,{position},0)/dot.png");
        assert_mark(&server.get(&path).await.picture(), [0, 0, 1, 1], [0; 4], 0, &path);
    }
}

#[tokio::test]
async fn transparency_is_computed_to_the_byte() {
    let server = server().await;
    for percent in [0_u32, 30, 50, 100, 250] {
        let path = format!("/unsafe/filters:watermark(half.png,0,0,{percent})/rgb.png");
        let picture = server.get(&path).await.picture();
        let alpha = 128_u32.saturating_sub(255 * percent / 100);
        let over = |mark: u32, ground: u8| (alpha * mark + (255 - alpha) * u32::from(ground)) / 255;
        let expected = [over(200, GROUND[0]), over(100, GROUND[1]), over(50, GROUND[2]), 255];
        assert_eq!(picture.get_pixel(4, 4).0.map(u32::from), expected, "{path}");
    }
    let picture = server.get("/unsafe/filters:watermark(half.png,0,0,30)/clear.png").await.picture();
    assert_eq!(picture.get_pixel(4, 4).0, [200, 100, 50, 128 - 76]);
    assert_eq!(picture.get_pixel(40, 40).0, [0; 4]);
}

#[tokio::test]
async fn marks_are_repeated() {
    let server = server().await;
    let [r, g, b] = GROUND;
    let path = "/unsafe/filters:watermark(mark.png,repeat,5,0)/rgb.png";
    let picture = server.get(path).await.picture();
    assert_mark(&picture, [0, 5, 80, 11], [r, g, b, 255], 0, path); // 8 side by side
    let path = "/unsafe/filters:watermark(pixel.png,3,repeat,0)/rgb.png";
    assert_mark(&server.get(path).await.picture(), [3, 0, 4, 60], [r, g, b, 255], 0, path);
    // More than a hundred: six each way.
    let picture = server.get("/unsafe/filters:watermark(pixel.png,repeat,repeat,0)/rgb.png").await.picture();
    let marked: Vec<_> =
        picture.enumerate_pixels().filter(|(.., pixel)| pixel.0 == MARK).map(|(x, y, _)| (x, y)).collect();
    let expected: Vec<_> = (0..6).flat_map(|down| (0..6).map(move |across| (across * 15, down * 11))).collect();
    assert_eq!(marked, expected);
}

#[tokio::test]
async fn a_mark_is_sized_by_the_picture_that_it_lies_on() {
    let server = server().await;
    let [r, g, b] = GROUND;
    for (ratios, size) in
        [("50", (40, 24)), ("none,50", (50, 30)), ("100,20", (20, 12)), ("none,none", (10, 6)), ("1,1", (1, 1))]
    {
        let path = format!("/unsafe/filters:watermark(mark.png,0,0,0,{ratios})/rgb.png");
        assert_mark(&server.get(&path).await.picture(), [0, 0, size.0, size.1], [r, g, b, 255], 0, &path);
    }
    let path = "/unsafe/40x30/filters:watermark(mark.png,0,0,0,50)/rgb.png";
    assert_mark(&server.get(path).await.picture(), [0, 0, 20, 12], [r, g, b, 255], 0, path);
    // In URL order: first it lies on the small picture, then both are turned.
    let path = "/unsafe/filters:watermark(mark.png,0,0,0):rotate(90)/rgb.png";
    assert_mark(&server.get(path).await.picture(), [0, 70, 6, 80], [r, g, b, 255], 0, path);
}

#[tokio::test]
async fn every_frame_of_an_animation_is_marked() {
    let server = server().await;
    let body = server.get("/unsafe/filters:watermark(mark.png,-4,-4,0)/anim.gif").await.body;
    let frames = frames(&body);
    assert_eq!(frames.len(), 3);
    for (frame, color) in frames.iter().zip([[200, 0, 0], [0, 180, 0], [0, 0, 220]]) {
        assert_pixel(frame.buffer(), (50, 53), [250, 10, 120], 8, "mark");
        assert_pixel(frame.buffer(), (10, 10), color, 8, "beside it");
    }
}

#[tokio::test]
async fn calls_that_are_none_change_nothing() {
    let server = server().await;
    let answer = server.get("/unsafe/filters:watermark(mark.png,a,b,0)/rgb.png").await;
    assert_eq!(answer.header("tintype-ignored-filters"), Some("watermark"));
    let [r, g, b] = GROUND;
    assert_mark(&answer.picture(), [0; 4], [r, g, b, 255], 0, "ignored");
}
