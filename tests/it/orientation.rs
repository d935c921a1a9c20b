//! How a picture lies by its EXIF block.

use crate::support::fixtures::{QUADRANTS, quadrants_file, with_orientation};
use crate::support::{Server, assert_quadrants, settings};
use image::ImageFormat;

const RED: [u8; 3] = QUADRANTS[0];
const GREEN: [u8; 3] = QUADRANTS[1];
const BLUE: [u8; 3] = QUADRANTS[2];
const WHITE: [u8; 3] = QUADRANTS[3];
const NAMES: [&str; 8] = ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg", "6.jpg", "7.jpg", "8.jpg"];

async fn server(respect: bool) -> Server {
    let jpeg = quadrants_file(160, 80, ImageFormat::Jpeg);
    let mut config = settings();
    config.policy.respect_orientation = respect;
    config.policy.preserve_exif = true;
    let originals = (1..).zip(NAMES).map(|(value, name)| (name, with_orientation(&jpeg, value)));
    Server::of(config, originals.collect::<Vec<_>>()).await
}

#[tokio::test]
async fn pictures_are_turned_as_their_exif_block_says() {
    let server = server(true).await;
    let expected = [
        [RED, GREEN, BLUE, WHITE],
        [GREEN, RED, WHITE, BLUE],
        [WHITE, BLUE, GREEN, RED],
        [BLUE, WHITE, RED, GREEN],
        [RED, BLUE, GREEN, WHITE],
        [BLUE, RED, WHITE, GREEN],
        [WHITE, GREEN, BLUE, RED],
        [GREEN, WHITE, RED, BLUE],
    ];
    for (name, colors) in NAMES.into_iter().zip(expected) {
        for (options, across) in [("x", (160, 80)), ("80x0", (80, 40)), ("filters:format(png)", (160, 80))] {
            let turned = name.starts_with(['5', '6', '7', '8']);
            let size = if !turned {
                across
            } else if options == "80x0" {
                (80, 160)
            } else {
                (across.1, across.0)
            };
            let answer = server.get(&format!("/unsafe/{options}/{name}")).await;
            let picture = answer.picture();
            assert_eq!(picture.dimensions(), size, "{options} {name}");
            assert_quadrants(&picture, colors, 8, &format!("{options} {name}"));
        }
    }
}

#[tokio::test]
async fn a_crop_counts_in_upright_pixels() {
    let server = server(true).await;
    // 6: the stored bottom left (blue) comes to the top left of a picture of 80x160.
    let picture = server.get("/unsafe/0x0:40x80/6.jpg").await.picture();
    assert_eq!(picture.dimensions(), (40, 80));
    assert_quadrants(&picture, [BLUE; 4], 8, "top left of 6");
}

#[tokio::test]
async fn a_turned_picture_does_not_say_that_it_should_be_turned() {
    let server = server(true).await;
    for name in NAMES {
        let body = server.get(&format!("/unsafe/{name}")).await.body;
        let entry =
            body.windows(12).find(|w| w.starts_with(&[0x12, 0x01, 3, 0, 1, 0, 0, 0])).expect("EXIF is preserved");
        assert_eq!(entry[8], 1, "{name}");
    }
}

#[tokio::test]
async fn pictures_stay_as_stored_unless_told_otherwise() {
    let server = server(false).await;
    for name in NAMES {
        let picture = server.get(&format!("/unsafe/{name}")).await.picture();
        assert_quadrants(&picture, QUADRANTS, 8, name);
    }
}
