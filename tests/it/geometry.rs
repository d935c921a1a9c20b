//! What part of a picture is shown, at what size, the right way round.

use crate::support::fixtures::{QUADRANTS, file, quadrants_file};
use crate::support::{Server, assert_pixel, assert_quadrants, settings};
use image::{ImageFormat, Rgb, RgbImage};

const RED: [u8; 3] = QUADRANTS[0];
const GREEN: [u8; 3] = QUADRANTS[1];
const BLUE: [u8; 3] = QUADRANTS[2];
const WHITE: [u8; 3] = QUADRANTS[3];

async fn server() -> Server {
    let originals = [
        ("wide.png", quadrants_file(400, 200, ImageFormat::Png)),
        ("wide.jpg", quadrants_file(400, 200, ImageFormat::Jpeg)),
        ("big.jpg", quadrants_file(1600, 1200, ImageFormat::Jpeg)),
    ];
    Server::of(settings(), originals).await
}

#[tokio::test]
async fn sizes_are_thumbors() {
    let server = server().await;
    let check = async |options: &str, size| {
        let answer = server.get(&format!("/unsafe/{options}/wide.png")).await;
        assert_eq!(answer.picture().dimensions(), size, "{options}");
    };
    check("100x100", (100, 100)).await;
    check("100x0", (100, 50)).await;
    check("0x100", (200, 100)).await;
    check("origx50", (400, 50)).await;
    check("800x400", (800, 400)).await;
    check("fit-in/100x100", (100, 50)).await;
    check("fit-in/900x900", (400, 200)).await;
    check("full-fit-in/100x100", (200, 100)).await;
    check("adaptive-fit-in/50x100", (100, 50)).await;
    check("fit-in/900x900/filters:upscale()", (900, 450)).await;
    check("fit-in/100x100/filters:fill(blue)", (100, 100)).await;
    check("900x900/filters:no_upscale()", (400, 200)).await;
    check("100x100/filters:stretch()", (100, 100)).await;
    check("100x60/filters:rotate(90)", (60, 100)).await;
    check("10x20:110x70", (100, 50)).await;
    check("1x1", (1, 1)).await;
    check("smart", (400, 200)).await;
}

#[tokio::test]
async fn a_crop_shows_exactly_its_pixels() {
    let server = server().await;
    for (crop, color) in
        [("0x0:200x100", RED), ("200x0:400x100", GREEN), ("0x100:200x200", BLUE), ("200x100:400x200", WHITE)]
    {
        let picture = server.get(&format!("/unsafe/{crop}/wide.png")).await.picture();
        assert!(picture.pixels().all(|pixel| pixel.0[..3] == color), "{crop}");
        let reduced = server.get(&format!("/unsafe/{crop}/20x10/wide.png")).await.picture();
        assert!(reduced.pixels().all(|pixel| pixel.0[..3] == color), "{crop} does not bleed into its neighbors");
    }
}

#[tokio::test]
async fn alignment_and_focal_points_say_what_a_crop_keeps() {
    let server = server().await;
    let check = async |options: &str, left: [u8; 3], right: [u8; 3]| {
        let picture = server.get(&format!("/unsafe/{options}/wide.png")).await.picture();
        assert_pixel(&picture, (20, 20), left, 0, options);
        assert_pixel(&picture, (80, 20), right, 0, options);
    };
    check("100x100", RED, GREEN).await;
    check("100x100/left", RED, RED).await;
    check("100x100/right", GREEN, GREEN).await;
    check("100x100/filters:focal(300x50:310x60)", GREEN, GREEN).await;
    check("400x50/bottom", BLUE, BLUE).await;
}

#[tokio::test]
async fn flips_and_rotations_move_the_quadrants() {
    let server = server().await;
    let check = async |options: &str, colors| {
        for name in ["wide.png", "wide.jpg"] {
            let picture = server.get(&format!("/unsafe/{options}/{name}")).await.picture();
            assert_quadrants(&picture, colors, 8, &format!("{options} {name}"));
        }
    };
    check("-0x0", [GREEN, RED, WHITE, BLUE]).await;
    check("0x-0", [BLUE, WHITE, RED, GREEN]).await;
    check("-100x-50", [WHITE, BLUE, GREEN, RED]).await;
    check("-101x-51", [WHITE, BLUE, GREEN, RED]).await;
    check("filters:rotate(90)", [GREEN, WHITE, RED, BLUE]).await;
    check("filters:rotate(-90)", [BLUE, RED, WHITE, GREEN]).await;
    check("filters:rotate(180)", [WHITE, BLUE, GREEN, RED]).await;
}

#[tokio::test]
async fn a_reduced_decode_shows_the_same_picture() {
    let server = server().await;
    for size in ["800x600", "500x375", "200x150", "100x75", "33x25"] {
        let picture = server.get(&format!("/unsafe/{size}/big.jpg")).await.picture();
        assert_quadrants(&picture, QUADRANTS, 16, size);
        // The edge between the quadrants stays in the middle.
        let (w, h) = picture.dimensions();
        let sides = [(w / 2 - w / 8, h / 4), (w / 2 + w / 8, h / 4)].map(|(x, y)| picture.get_pixel(x, y).0[0]);
        assert!(sides[0] > 180 && sides[1] < 80, "{size}: {sides:?}");
    }
}

#[tokio::test]
async fn borders_of_one_color_are_trimmed() {
    let framed = RgbImage::from_fn(60, 40, |x, y| {
        let inside = (10..50).contains(&x) && (5..35).contains(&y);
        Rgb(if inside { RED } else { [u8::try_from(x.min(3)).unwrap(), 0, 0] })
    });
    let server = Server::of(settings(), [("framed.png", file(&framed.into(), ImageFormat::Png))]).await;
    let check = async |options: &str, size| {
        let picture = server.get(&format!("/unsafe/{options}/framed.png")).await.picture();
        assert_eq!(picture.dimensions(), size, "{options}");
    };
    check("trim:top-left:10", (40, 30)).await;
    check("trim:bottom-right:10", (40, 30)).await;
    check("trim:top-left:10/20x15", (20, 15)).await;
    check("trim:top-left:10/15x10:30x20", (15, 10)).await;
    check("trim:bottom-right", (50, 40)).await;
}

#[tokio::test]
async fn a_reduced_decode_of_an_odd_side_moves_nothing() {
    // A ramp from left to right: the same picture as PNG is decoded whole.
    let ramp = RgbImage::from_fn(801, 603, |x, _| Rgb([u8::try_from(x * 255 / 800).unwrap(); 3]));
    let mut jpeg = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 98);
    ramp.write_with_encoder(encoder).unwrap();
    let originals = [("r.jpg", jpeg), ("r.png", file(&ramp.into(), ImageFormat::Png))];
    let server = Server::of(settings(), originals).await;
    for size in ["50x50", "101x51", "200x150", "399x301"] {
        let picture = async |name: &str| {
            server.get(&format!("/unsafe/{size}/filters:stretch():format(png)/{name}")).await.picture()
        };
        let (reduced, whole) = (picture("r.jpg").await, picture("r.png").await);
        for (a, b) in reduced.pixels().zip(whole.pixels()) {
            assert!(a.0[0].abs_diff(b.0[0]) <= 1, "{size}: {a:?} for {b:?}");
        }
    }
}
