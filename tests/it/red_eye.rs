//! `red_eye`: pupils in faces, and nothing else.

use crate::support::fixtures::{PUPILS, file, quadrants_file, red_eyed_portrait};
use crate::support::{Server, settings};
use image::{GenericImage as _, ImageFormat, Rgb, RgbImage, RgbaImage};

/// Red of a flash: more than of green and blue together.
fn is_red(pixel: [u8; 4]) -> bool {
    u16::from(pixel[0]) > u16::from(pixel[1]) + u16::from(pixel[2])
}

async fn server() -> Server {
    let mut config = settings();
    config.policy.filters.push("red_eye".to_owned());
    let mut portrait = red_eyed_portrait();
    portrait.sub_image(20, 20, 9, 9).copy_from(&RgbImage::from_pixel(9, 9, Rgb([210, 40, 50])), 0, 0).unwrap();
    let portrait = image::DynamicImage::from(portrait);
    let files = [
        ("red.png", file(&portrait, ImageFormat::Png)),
        ("alpha.png", file(&portrait.to_rgba8().into(), ImageFormat::Png)),
        ("gray.png", file(&portrait.to_luma8().into(), ImageFormat::Png)),
        ("quadrants.png", quadrants_file(400, 300, ImageFormat::Png)),
    ];
    Server::of(config, files).await
}

async fn shown(server: &Server, options: &str, name: &str) -> RgbaImage {
    server.get(&format!("/unsafe/{options}/{name}")).await.picture()
}

#[tokio::test]
async fn red_pupils_become_gray_and_all_else_stays() {
    let server = server().await;
    for name in ["red.png", "alpha.png"] {
        let before = shown(&server, "filters:format(png)", name).await;
        let after = shown(&server, "filters:red_eye()", name).await;
        for (x, y) in PUPILS {
            let pixel = after.get_pixel(x, y).0;
            assert!(is_red(before.get_pixel(x, y).0) && pixel == [45, 45, 45, 255], "{name} {x},{y}: {pixel:?}");
        }
        assert_eq!(after.get_pixel(24, 24), before.get_pixel(24, 24), "{name}: red that is in no eye");
        for (x, y, pixel) in after.enumerate_pixels().filter(|(x, y, pixel)| before.get_pixel(*x, *y) != *pixel) {
            let near = |(of_x, of_y): &(u32, u32)| x.abs_diff(*of_x) <= 12 && y.abs_diff(*of_y) <= 12;
            assert!(PUPILS.iter().any(near) && pixel.0[0] <= pixel.0[1].max(pixel.0[2]), "{name} {x},{y}: {pixel:?}");
        }
    }
}

#[tokio::test]
async fn eyes_are_looked_for_in_what_is_shown() {
    let server = server().await;
    // Cropped, mirrored and enlarged: three pixels for one.
    let picture = shown(&server, "147x27:307x187/-480x480/filters:red_eye()", "red.png").await;
    for (x, y) in PUPILS {
        let pixel = picture.get_pixel(479 - (x - 147) * 3, (y - 27) * 3).0;
        assert!(!is_red(pixel), "{pixel:?}");
    }
}

#[tokio::test]
async fn pictures_without_faces_or_colors_stay() {
    let server = server().await;
    for name in ["quadrants.png", "gray.png"] {
        let before = shown(&server, "filters:format(png)", name).await;
        assert!(shown(&server, "filters:red_eye()", name).await == before, "{name}");
    }
}
