//! What pictures look like.

use super::{detailed, with, with_all};
use crate::animation::frames;
use crate::support::fixtures::{animation, file, quadrants_file, small_png, with_orientation};
use crate::support::{Configured, Server, jobs};
use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use std::sync::Arc;
use tintype::config::Sources;
use tintype::loader::MemoryLoader;

/// Bytes of what the filter makes of the picture.
async fn bytes(key: &str, value: &str, filters: &str) -> Vec<u8> {
    with(key, value).await.get(&format!("/unsafe/filters:{filters}/a.png")).await.body
}

/// The content type of what a client gets that accepts this.
async fn mime(settings: &[(&str, &str)], accept: &str) -> String {
    let answer = with_all(settings).await.request("GET", "/unsafe/a.png", &format!("Accept: {accept}\r\n")).await;
    answer.header("content-type").unwrap().to_owned()
}

#[tokio::test]
async fn max_width_and_max_height_reduce_sources_and_requests() {
    for (settings, path, size) in [
        (("MAX_WIDTH", "32"), "a.png", (32, 24)),
        (("MAX_WIDTH", "32"), "40x10/a.png", (32, 10)),
        (("MAX_HEIGHT", "12"), "a.png", (16, 12)),
        (("MAX_HEIGHT", "12"), "8x20/a.png", (8, 12)),
    ] {
        let server = with(settings.0, settings.1).await;
        let picture = server.get(&format!("/unsafe/{path}")).await.picture();
        assert_eq!(picture.dimensions(), size, "{settings:?} {path}");
    }
}

#[tokio::test]
async fn max_pixels_refuses_larger_sources() {
    for (limit, status) in [("3071", 422), ("3072", 200), ("0", 200), ("none", 200)] {
        assert_eq!(with("MAX_PIXELS", limit).await.get("/unsafe/a.png").await.status, status, "{limit}");
    }
}

#[tokio::test]
async fn quality_is_that_of_jpeg_and_of_what_has_none_of_its_own() {
    for format in ["format(jpeg)", "format(webp)"] {
        let asked = with("QUALITY", "80").await.get(&format!("/unsafe/filters:quality(30):{format}/a.png")).await.body;
        assert_eq!(bytes("QUALITY", "30", format).await, asked, "{format}");
    }
}

#[tokio::test]
async fn webp_quality_is_that_of_webp_alone() {
    let asked = bytes("QUALITY", "80", "quality(30):format(webp)").await;
    assert_eq!(bytes("WEBP_QUALITY", "30", "format(webp)").await, asked);
    let jpeg = bytes("QUALITY", "80", "format(jpeg)").await;
    assert_eq!(bytes("WEBP_QUALITY", "30", "format(jpeg)").await, jpeg);
}

#[cfg(feature = "avif")]
#[tokio::test]
async fn avif_quality_is_that_of_avif_alone_and_avif_speed_decides_how_hard_is_tried() {
    let asked = bytes("QUALITY", "80", "quality(30):format(avif)").await;
    assert_eq!(bytes("AVIF_QUALITY", "30", "format(avif)").await, asked);
    let jpeg = bytes("QUALITY", "80", "format(jpeg)").await;
    assert_eq!(bytes("AVIF_QUALITY", "30", "format(jpeg)").await, jpeg);
    let (slow, quick) =
        (bytes("AVIF_SPEED", "4", "format(avif)").await, bytes("AVIF_SPEED", "9", "format(avif)").await);
    assert_ne!(slow, quick);
}

#[tokio::test]
async fn progressive_jpeg_decides_in_how_many_scans_a_picture_comes() {
    let large = || file(&detailed(240, 160).into(), ImageFormat::Png);
    for (value, marker) in [("true", 0xc2), ("false", 0xc0)] {
        let server = Configured::start(&[("a.png", large())], &[("PROGRESSIVE_JPEG", value)]).await;
        let body = server.get("/unsafe/filters:format(jpeg)/a.png").await.body;
        let frame = body.windows(2).find(|two| two[0] == 0xff && matches!(two[1], 0xc0 | 0xc2)).unwrap();
        assert_eq!(frame[1], marker, "{value}");
    }
}

#[tokio::test]
async fn pillow_jpeg_subsampling_decides_how_coarse_color_is() {
    let fine = detailed(64, 48);
    for (value, factors) in [("4:4:4", 0x11), ("0", 0x11), ("4:2:2", 0x21), ("1", 0x21), ("4:2:0", 0x22), ("2", 0x22)] {
        let original = ("a.png", file(&fine.clone().into(), ImageFormat::Png));
        let server = Configured::start(&[original], &[("PILLOW_JPEG_SUBSAMPLING", value)]).await;
        let body = server.get("/unsafe/filters:format(jpeg)/a.png").await.body;
        // SOF: length, precision, height, width, count; then number and factors of luma.
        let frame = body.windows(2).position(|two| matches!(two, [0xff, 0xc0 | 0xc2])).unwrap();
        assert_eq!(body[frame + 11], factors, "{value}");
    }
}

#[tokio::test]
async fn pillow_resampling_filter_decides_how_pixels_are_mixed() {
    let stripes = RgbImage::from_fn(64, 64, |x, _| Rgb(if x % 2 == 0 { [0; 3] } else { [255; 3] }));
    for (value, mixed) in [("nearest", false), ("bilinear", true), ("lanczos", true)] {
        let original = ("s.png", file(&stripes.clone().into(), ImageFormat::Png));
        let server = Configured::start(&[original], &[("PILLOW_RESAMPLING_FILTER", value)]).await;
        let picture = server.get("/unsafe/32x32/s.png").await.picture();
        assert_eq!(picture.pixels().all(|pixel| (60..200).contains(&pixel.0[0])), mixed, "{value}");
    }
}

#[tokio::test]
async fn png_compression_level_decides_how_small_png_is() {
    let (none, best) = (with("PNG_COMPRESSION_LEVEL", "0").await, with("PNG_COMPRESSION_LEVEL", "9").await);
    let (none, best) = (none.get("/unsafe/a.png").await.body.len(), best.get("/unsafe/a.png").await.body.len());
    assert!(none > 64 * 48 * 3 && best < none, "{none} {best}");
}

#[tokio::test]
async fn pillow_preserve_indexed_mode_keeps_palettes() {
    let mut indexed = Vec::new();
    let mut encoder = png::Encoder::new(&mut indexed, 8, 1);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette([200, 0, 0, 0, 0, 200].as_slice());
    encoder.write_header().unwrap().write_image_data(&[0, 1, 0, 1, 0, 1, 0, 1]).unwrap();
    for (value, color_type) in [("true", 3), ("false", 2)] {
        let original = ("i.png", indexed.clone());
        let server = Configured::start(&[original], &[("PILLOW_PRESERVE_INDEXED_MODE", value)]).await;
        assert_eq!(server.get("/unsafe/i.png").await.body[25], color_type, "{value}");
    }
}

#[tokio::test]
async fn formats_are_chosen_for_clients_that_accept_them_where_the_settings_say_so() {
    let all = "image/webp,image/avif,image/jpeg,image/png,image/heif";
    for (key, chosen) in [("AUTO_WEBP", "image/webp"), ("AUTO_JPG", "image/jpeg")] {
        assert_eq!(mime(&[(key, "true")], all).await, chosen, "{key}");
        assert_eq!(mime(&[(key, "true")], "text/html").await, "image/png", "{key}");
        assert_eq!(mime(&[(key, "false")], all).await, "image/png", "{key}");
    }
    #[cfg(feature = "avif")]
    assert_eq!(mime(&[("AUTO_AVIF", "true")], all).await, "image/avif");
}

#[tokio::test]
async fn auto_png_is_for_clients_that_accept_it() {
    let jpeg = || ("a.jpg", quadrants_file(8, 8, ImageFormat::Jpeg));
    for (value, chosen) in [("true", "image/png"), ("false", "image/jpeg")] {
        let server = Configured::start(&[jpeg()], &[("AUTO_PNG", value)]).await;
        let answer = server.request("GET", "/unsafe/a.jpg", "Accept: image/png\r\n").await;
        assert_eq!(answer.header("content-type"), Some(chosen));
    }
}

#[tokio::test]
async fn auto_heif_is_accepted_and_the_operator_told_that_there_is_none() {
    let server = with("AUTO_HEIF", "true").await;
    let answer = server.request("GET", "/unsafe/a.png", "Accept: image/heif\r\n").await;
    assert_eq!(answer.header("content-type"), Some("image/png"));
    assert!(server.notices.iter().any(|notice| notice.contains("HEIC is not written")), "{:?}", server.notices);
}

#[tokio::test]
async fn auto_image_format_preference_comes_before_the_single_ones() {
    let settings = |preference| [("AUTO_IMAGE_FORMAT_PREFERENCE", preference), ("AUTO_WEBP", "true")];
    let all = "image/webp,image/jpeg,image/png";
    assert_eq!(mime(&settings("png, webp"), all).await, "image/png");
    assert_eq!(mime(&settings("['jpg', 'webp']"), all).await, "image/jpeg");
    assert_eq!(mime(&settings(""), all).await, "image/webp");
}

#[tokio::test]
async fn auto_png_to_jpg_is_for_what_is_opaque() {
    let clear = RgbaImage::from_fn(8, 8, |x, _| Rgba([9, 9, 9, if x == 3 { 0 } else { 255 }]));
    let originals = [("a.png", small_png()), ("clear.png", file(&clear.into(), ImageFormat::Png))];
    for (value, opaque) in [("true", "image/jpeg"), ("false", "image/png")] {
        let server = Configured::start(&originals, &[("AUTO_PNG_TO_JPG", value)]).await;
        assert_eq!(server.get("/unsafe/a.png").await.header("content-type"), Some(opaque));
        assert_eq!(server.get("/unsafe/clear.png").await.header("content-type"), Some("image/png"));
    }
}

#[tokio::test]
async fn respect_orientation_turns_pictures() {
    let originals = [("a.jpg", with_orientation(&quadrants_file(40, 20, ImageFormat::Jpeg), 6))];
    for (value, size) in [("true", (20, 40)), ("false", (40, 20))] {
        let server = Configured::start(&originals, &[("RESPECT_ORIENTATION", value)]).await;
        assert_eq!(server.get("/unsafe/a.jpg").await.picture().dimensions(), size);
    }
}

#[tokio::test]
async fn preserve_exif_info_copies_blocks() {
    let originals = [("a.jpg", with_orientation(&quadrants_file(40, 20, ImageFormat::Jpeg), 3))];
    for (value, kept) in [("true", true), ("false", false)] {
        let server = Configured::start(&originals, &[("PRESERVE_EXIF_INFO", value)]).await;
        let body = server.get("/unsafe/a.jpg").await.body;
        assert_eq!(body.windows(6).any(|six| six == b"Exif\0\0"), kept, "{value}");
    }
}

#[tokio::test]
async fn preserve_exif_copyright_info_copies_who_made_a_picture_and_no_more() {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
    exif.extend([0x0f, 0x01, 2, 0, 4, 0, 0, 0, b'C', b'a', b'm', 0]); // make
    exif.extend([0x3b, 0x01, 2, 0, 4, 0, 0, 0, b'A', b'n', b'n', 0]); // artist
    exif.extend([0; 4]);
    let originals = [("a.jpg", with_segment(0xe1, &exif))];
    for (value, kept) in [("true", true), ("false", false)] {
        let server = Configured::start(&originals, &[("PRESERVE_EXIF_COPYRIGHT_INFO", value)]).await;
        let body = server.get("/unsafe/a.jpg").await.body;
        assert_eq!(holds(&body, b"Ann\0"), kept, "{value}");
        assert!(!holds(&body, b"Cam\0"), "{value}");
    }
}

#[tokio::test]
async fn preserve_iptc_info_copies_captions_of_jpegs() {
    let caption = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0a\x1c\x02\x78\x00\x05Hello";
    let originals = [("a.jpg", with_segment(0xed, caption))];
    for (value, kept) in [("true", true), ("false", false)] {
        let server = Configured::start(&originals, &[("PRESERVE_IPTC_INFO", value)]).await;
        for path in ["/unsafe/a.jpg", "/unsafe/8x8/a.jpg"] {
            assert_eq!(holds(&server.get(path).await.body, &caption[14..]), kept, "{value} {path}");
        }
        assert!(!holds(&server.get("/unsafe/filters:format(png)/a.jpg").await.body, b"Hello"), "{value}");
    }
}

/// A JPEG with a further segment.
fn with_segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let jpeg = quadrants_file(40, 20, ImageFormat::Jpeg);
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, marker], &length, body, &jpeg[2..]].concat()
}

fn holds(body: &[u8], text: &[u8]) -> bool {
    body.windows(text.len()).any(|part| part == text)
}

#[tokio::test]
async fn allow_animated_gifs_keeps_all_frames() {
    let originals = [("a.gif", animation(&[[200, 0, 0], [0, 180, 0]], 12))];
    for (value, count) in [("true", 2), ("false", 1)] {
        let server = Configured::start(&originals, &[("ALLOW_ANIMATED_GIFS", value)]).await;
        assert_eq!(frames(&server.get("/unsafe/8x8/a.gif").await.body).len(), count);
    }
}

#[tokio::test]
async fn filters_are_those_of_the_list() {
    for (value, gray) in [("thumbor.filters.blur", false), ("['thumbor.filters.grayscale']", true), ("all", true)] {
        let picture = with("FILTERS", value).await.get("/unsafe/filters:grayscale()/a.png").await.picture();
        assert_eq!(picture.pixels().all(|pixel| pixel.0[0] == pixel.0[1]), gray, "{value}");
    }
}

#[tokio::test]
async fn optimizers_make_videos_of_gifs_only_where_gifv_is_among_them() {
    let originals = [("a.gif", animation(&[[200, 0, 0], [0, 180, 0]], 16))];
    for (value, mime) in [("thumbor.optimizers.gifv", "video/mp4"), ("thumbor.optimizers.jpegtran", "image/gif")] {
        let settings = [("OPTIMIZERS", value), ("FFMPEG_PATH", "ffmpeg")];
        let server = Configured::start(&originals, &settings).await;
        let answer = server.get("/unsafe/filters:gifv()/a.gif").await;
        assert_eq!(answer.header("content-type"), Some(mime), "{value}");
    }
}

#[tokio::test]
async fn detectors_decide_what_a_crop_keeps() {
    let square = |x: u32, y: u32| (40..80).contains(&x) && (60..100).contains(&y);
    let picture = RgbImage::from_fn(600, 200, |x, y| Rgb(if square(x, y) { [220, 30, 30] } else { [90; 3] }));
    for (value, sees) in [("thumbor.detectors.feature_detector", true), ("[]", false)] {
        let original = ("a.png", file(&picture.clone().into(), ImageFormat::Png));
        let server = Configured::start(&[original], &[("DETECTORS", value)]).await;
        let crop = server.get("/unsafe/200x200/smart/a.png").await.picture();
        assert_eq!(crop.pixels().any(|pixel| pixel.0[0] > 200), sees, "{value}");
    }
}

#[tokio::test]
async fn ignore_smart_errors_shows_a_picture_that_cannot_be_looked_at() {
    // The header is good, so that only looking fails: what renders here looks at nothing.
    let mut broken = quadrants_file(64, 48, ImageFormat::WebP);
    broken[25..].fill(0xff);
    for (value, status) in [("true", 200), ("false", 422)] {
        let settings = [("IGNORE_SMART_ERRORS", value), ("DETECTORS", "feature"), ("ALLOW_UNSAFE_URL", "true")];
        let environment = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let config = Sources { environment, ..Sources::default() }.load().unwrap().config;
        let loader = MemoryLoader::new([("a.webp", broken.clone())]);
        let server = Server::start_with(config, Arc::new(loader), jobs::at_once).await;
        assert_eq!(server.get("/unsafe/1x2/smart/a.webp").await.status, status, "{value}");
    }
}
