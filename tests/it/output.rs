//! Filters that decide what file comes out, and which picture goes in.

use crate::animation::frames;
use crate::support::fixtures::{animation, file, quadrants, quadrants_file, with_orientation};
use crate::support::{Server, assert_pixel, settings};
use image::{ImageFormat, Rgb, RgbImage};

/// Detail that costs bytes.
fn detailed() -> RgbImage {
    let wave = |value: u32| (value.wrapping_mul(2_654_435_761) >> 7).to_le_bytes()[0];
    RgbImage::from_fn(200, 150, |x, y| Rgb([wave(x / 3 + 77 * (y / 3)), wave(x / 2), wave(y / 2 + 9)]))
}

#[tokio::test]
async fn max_bytes_is_kept_to_or_as_nearly_as_possible() {
    let server = Server::of(settings(), [("a.png", file(&detailed().into(), ImageFormat::Png))]).await;
    for format in ["jpeg", "webp"] {
        let get = async |more: &str| server.get(&format!("/unsafe/filters:format({format}){more}/a.png")).await;
        let whole = get("").await.body;
        assert_eq!(get(&format!(":max_bytes({})", whole.len())).await.body, whole, "{format}: it fits");
        let lower = get(":quality(60)").await.body;
        assert_eq!(get(&format!(":max_bytes({})", whole.len() - 1)).await.body, lower, "{format}: a step");
        let least = get(":quality(13)").await.body;
        assert_eq!(get(":max_bytes(0)").await.body, least, "{format}: nothing fits");
        assert_eq!(get(":max_bytes(99999999999999999)").await.body, whole, "{format}");
    }
    let png = server.get("/unsafe/a.png").await.body;
    assert_eq!(server.get("/unsafe/filters:max_bytes(10)/a.png").await.body, png);
}

#[tokio::test]
async fn max_bytes_is_all_or_nothing_where_the_settings_say_so() {
    let mut config = settings();
    config.policy.all_or_nothing_bytes = true;
    let server = Server::of(config, [("a.jpg", file(&detailed().into(), ImageFormat::Jpeg))]).await;
    let whole = server.get("/unsafe/a.jpg").await.body;
    assert_eq!(server.get("/unsafe/filters:max_bytes(0)/a.jpg").await.body, whole);
    let lower = server.get("/unsafe/filters:quality(60)/a.jpg").await.body;
    let path = format!("/unsafe/filters:max_bytes({})/a.jpg", lower.len());
    assert_eq!(server.get(&path).await.body, lower);
}

#[tokio::test]
async fn autojpg_overrides_the_settings() {
    let mut config = settings();
    config.policy.filters.push("autojpg".to_owned());
    let files = || [("a.png", quadrants_file(20, 20, ImageFormat::Png))];
    let server = Server::of(config.clone(), files()).await;
    let mime = async |server: &Server, call: &str| {
        let answer = server.get(&format!("/unsafe/filters:{call}/a.png")).await;
        answer.header("content-type").unwrap().to_owned()
    };
    assert_eq!(mime(&server, "autojpg()").await, "image/jpeg");
    assert_eq!(mime(&server, "autojpg(false)").await, "image/png");
    config.policy.auto_png_to_jpg = true;
    let server = Server::of(config, files()).await;
    assert_eq!(mime(&server, "quality(80)").await, "image/jpeg");
    assert_eq!(mime(&server, "autojpg(0)").await, "image/png");
}

#[tokio::test]
async fn strip_exif_drops_what_the_settings_keep() {
    let mut config = settings();
    config.policy.preserve_exif = true;
    let jpeg = with_orientation(&quadrants_file(20, 20, ImageFormat::Jpeg), 3);
    let server = Server::of(config, [("a.jpg", jpeg)]).await;
    let has_exif = |body: &[u8]| body.windows(6).any(|six| six == b"Exif\0\0");
    assert!(has_exif(&server.get("/unsafe/a.jpg").await.body));
    assert!(!has_exif(&server.get("/unsafe/filters:strip_exif()/a.jpg").await.body));
}

/// A PNG of one color in Display P3, whose profile says that it is of this class.
fn profiled_png(class: [u8; 4], color: [u8; 3]) -> Vec<u8> {
    let mut icc = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    icc[12..16].copy_from_slice(&class);
    let mut info = png::Info::with_size(8, 8);
    info.color_type = png::ColorType::Rgb;
    info.icc_profile = Some(icc.into());
    let mut file = Vec::new();
    let mut writer = png::Encoder::with_info(&mut file, info).unwrap().write_header().unwrap();
    writer.write_image_data(&color.repeat(64)).unwrap();
    writer.finish().unwrap();
    file
}

#[tokio::test]
async fn strip_icc_converts_the_colors_of_devices() {
    let orange = [230, 120, 40];
    let files = [("screen.png", profiled_png(*b"mntr", orange)), ("numbers.png", profiled_png(*b"spac", orange))];
    let mut config = settings();
    let server = Server::of(config.clone(), files.clone()).await;
    let has_profile = |body: &[u8]| body.windows(4).any(|four| four == b"iCCP");
    let color = async |server: &Server, path: &str| {
        let answer = server.get(path).await;
        (answer.picture().get_pixel(4, 4).0[..3].to_vec(), has_profile(&answer.body))
    };
    for name in ["screen.png", "numbers.png"] {
        assert_eq!(color(&server, &format!("/unsafe/{name}")).await, (orange.to_vec(), true), "{name}");
    }
    // In sRGB the same orange is redder.
    let (converted, profiled) = color(&server, "/unsafe/filters:strip_icc()/screen.png").await;
    assert!(!profiled && converted[0] >= 240 && converted[1] <= 118 && converted[2] <= 30, "{converted:?}");
    let path = "/unsafe/filters:strip_icc()/numbers.png";
    assert_eq!(color(&server, path).await, (orange.to_vec(), false), "a profile of no device");
    config.policy.convert_to_srgb = true;
    let server = Server::of(config, files).await;
    assert_eq!(color(&server, path).await, (converted, false), "unless the settings say so");
}

#[tokio::test]
async fn strip_icc_takes_an_argument_that_means_nothing() {
    let server = Server::of(settings(), [("a.png", quadrants_file(20, 20, ImageFormat::Png))]).await;
    for call in ["strip_icc()", "strip_icc(10)"] {
        let answer = server.get(&format!("/unsafe/filters:{call}/a.png")).await;
        assert_eq!((answer.status, answer.header("tintype-ignored-filters")), (200, None), "{call}");
    }
}

#[tokio::test]
async fn cover_is_the_first_frame() {
    let colors = [[200, 0, 0], [0, 180, 0]];
    let mut config = settings();
    config.policy.auto_webp = true;
    let server = Server::of(config, [("a.gif", animation(&colors, 20))]).await;
    let answer = server.get("/unsafe/10x10/filters:cover()/a.gif").await;
    let frames = frames(&answer.body);
    assert_eq!((frames.len(), answer.header("content-type")), (1, Some("image/gif")));
    assert_pixel(frames[0].buffer(), (5, 5), colors[0], 4, "cover");
    // A still may be negotiated, an animation not.
    let accept = "Accept: image/webp\r\n";
    let answer = server.request("GET", "/unsafe/10x10/filters:cover()/a.gif", accept).await;
    assert_eq!(answer.header("content-type"), Some("image/webp"));
}

#[tokio::test]
async fn extract_focal_crops_around_what_the_inner_url_crops_to() {
    let picture = quadrants(80, 40);
    let server = Server::of(settings(), [("a b.png", file(&picture.into(), ImageFormat::Png))]).await;
    for inner in ["unsafe/60x0:80x20/a%20b.png", "http://other/unsafe/60x0:80x20/20x20/smart/a%20b.png"] {
        let answer = server.get(&format!("/unsafe/20x40/filters:extract_focal()/{inner}")).await;
        let picture = answer.picture();
        assert_eq!(picture.dimensions(), (20, 40));
        assert_eq!(picture.get_pixel(2, 2).0, [30, 200, 40, 255], "{inner}"); // the right half
    }
    assert_eq!(server.get("/unsafe/20x40/filters:extract_focal()/unsafe/9x9/a%20b.png").await.status, 404);
}
