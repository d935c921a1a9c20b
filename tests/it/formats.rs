//! Every format in and out.

use crate::support::fixtures::{QUADRANTS, file, quadrants, quadrants_file};
use crate::support::{Server, assert_quadrants, settings};
use image::{DynamicImage, GrayImage, ImageFormat};

const FORMATS: [(ImageFormat, &str, &str); 4] = [
    (ImageFormat::Jpeg, "jpeg", "image/jpeg"),
    (ImageFormat::Png, "png", "image/png"),
    (ImageFormat::WebP, "webp", "image/webp"),
    (ImageFormat::Gif, "gif", "image/gif"),
];

#[tokio::test]
async fn every_format_becomes_every_other() {
    let names = ["in.jpeg", "in.png", "in.webp", "in.gif"];
    let originals = names.into_iter().zip(FORMATS).map(|(name, (format, ..))| (name, quadrants_file(120, 80, format)));
    let server = Server::of(settings(), originals).await;
    for (name, (format, _, mime)) in names.into_iter().zip(FORMATS) {
        let same = server.get(&format!("/unsafe/60x40/{name}")).await;
        assert_eq!(same.header("content-type"), Some(mime), "{name} keeps its format");
        assert_eq!(image::guess_format(&same.body).unwrap(), format, "{name}");
        for (_, wanted, mime) in FORMATS {
            let what = format!("{name} as {wanted}");
            let answer = server.get(&format!("/unsafe/60x40/filters:format({wanted})/{name}")).await;
            assert_eq!(answer.header("content-type"), Some(mime), "{what}");
            let picture = answer.picture();
            assert_eq!(picture.dimensions(), (60, 40), "{what}");
            assert_quadrants(&picture, QUADRANTS, 10, &what);
        }
    }
}

#[tokio::test]
async fn formats_that_are_only_read_become_one_that_browsers_show() {
    let svg = quadrants_svg("width='120' height='80'");
    let icon = DynamicImage::from(quadrants(120, 80)).into_rgba8().into();
    let originals = [
        ("in.tiff", quadrants_file(120, 80, ImageFormat::Tiff), "image/png"),
        ("in.bmp", quadrants_file(120, 80, ImageFormat::Bmp), "image/jpeg"),
        ("in.ico", file(&icon, ImageFormat::Ico), "image/png"),
        ("in.svg", svg.into_bytes(), "image/png"),
    ];
    let server = Server::of(settings(), originals.iter().map(|(name, file, _)| (*name, file.clone()))).await;
    for (name, _, mime) in originals {
        let answer = server.get(&format!("/unsafe/60x40/{name}")).await;
        assert_eq!(answer.header("content-type"), Some(mime), "{name}");
        for (_, wanted, mime) in FORMATS {
            let what = format!("{name} as {wanted}");
            let answer = server.get(&format!("/unsafe/60x40/filters:format({wanted})/{name}")).await;
            assert_eq!(answer.header("content-type"), Some(mime), "{what}");
            assert_quadrants(&answer.picture(), QUADRANTS, 10, &what);
        }
        // It cannot be asked for.
        let name_of_format = name.trim_start_matches("in.");
        let answer = server.get(&format!("/unsafe/60x40/filters:format({name_of_format})/{name}")).await;
        assert_eq!(answer.header("content-type"), Some(mime), "{name}");
    }
}

#[tokio::test]
async fn a_drawing_is_drawn_at_the_size_asked_for() {
    let server = Server::of(settings(), [("s.svg", quadrants_svg("viewBox='0 0 12 8'").into_bytes())]).await;
    for (path, size) in
        [("600x0", (600, 400)), ("fit-in/300x300", (300, 200)), ("300x300", (300, 300)), ("0x0", (12, 8))]
    {
        let picture = server.get(&format!("/unsafe/{path}/s.svg")).await.picture();
        assert_eq!(picture.dimensions(), size, "{path}");
        let (width, height) = size;
        // Sharp where colors meet: nothing has been enlarged.
        let colors = (0..width).map(|x| picture.get_pixel(x, height / 4).0).collect::<std::collections::HashSet<_>>();
        assert!(colors.len() <= 4, "{path}: {} colors", colors.len());
    }
    let map = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 90000 60000'/>".to_vec();
    let large = Server::of(settings(), [("map.svg", map)]).await;
    assert_eq!(large.get("/unsafe/90x0/map.svg").await.picture().dimensions(), (90, 60));
    assert_eq!(large.get("/unsafe/map.svg").await.status, 422, "more pixels than a source may have");
    let html = Server::of(settings(), [("x.svg", b"<html><svg width='9' height='9'></svg></html>".to_vec())]).await;
    assert_eq!(html.get("/unsafe/x.svg").await.status, 415);
}

/// Quadrants of a drawing of 12 by 8 units, or ten times as much.
fn quadrants_svg(size: &str) -> String {
    let unit = if size.contains("viewBox") { 1 } else { 10 };
    let mut text = format!("<svg xmlns='http://www.w3.org/2000/svg' {size}>");
    for ([r, g, b], (x, y)) in QUADRANTS.into_iter().zip([(0, 0), (6, 0), (0, 4), (6, 4)]) {
        let (x, y, width, height) = (x * unit, y * unit, 6 * unit, 4 * unit);
        let place = format!("x='{x}' y='{y}' width='{width}' height='{height}'");
        text += &["<rect ", &place, &format!(" fill='rgb({r},{g},{b})'/>")].concat();
    }
    text + "</svg>"
}

#[cfg(feature = "avif")]
#[tokio::test]
async fn avif_goes_out_and_comes_back() {
    let originals = [
        ("a.jpeg", quadrants_file(120, 80, ImageFormat::Jpeg)),
        ("a.png", quadrants_file(120, 80, ImageFormat::Png)),
        ("a.gif", quadrants_file(120, 80, ImageFormat::Gif)),
    ];
    let server = Server::of(settings(), originals).await;
    for name in ["a.jpeg", "a.png", "a.gif"] {
        let answer = server.get(&format!("/unsafe/60x40/filters:format(avif):quality(90)/{name}")).await;
        assert_eq!(answer.header("content-type"), Some("image/avif"), "{name}");
        let back = Server::of(settings(), [("a.avif", answer.body)]).await;
        assert_eq!(back.get("/unsafe/a.avif").await.header("content-type"), Some("image/avif"), "{name}");
        for (_, wanted, _) in FORMATS {
            let what = format!("{name} as AVIF as {wanted}");
            let picture = back.get(&format!("/unsafe/filters:format({wanted})/a.avif")).await.picture();
            assert_eq!(picture.dimensions(), (60, 40), "{what}");
            assert_quadrants(&picture, QUADRANTS, 16, &what);
        }
    }
}

#[tokio::test]
async fn the_first_bytes_say_what_a_file_is_and_its_name_does_not() {
    let server = Server::of(settings(), [("photo.jpg", quadrants_file(20, 20, ImageFormat::Png))]).await;
    assert_eq!(server.get("/unsafe/photo.jpg").await.header("content-type"), Some("image/png"));
}

#[tokio::test]
async fn gray_pictures_stay_gray() {
    let gray = DynamicImage::from(GrayImage::from_fn(40, 40, |x, _| image::Luma([byte(x * 6)])));
    let originals = [
        ("gray.jpg", file(&gray, ImageFormat::Jpeg)),
        ("gray.png", file(&gray, ImageFormat::Png)),
        ("color.jpg", quadrants_file(40, 40, ImageFormat::Jpeg)),
    ];
    let server = Server::of(settings(), originals).await;
    for path in ["20x20/gray.jpg", "20x20/gray.png", "filters:format(webp)/gray.jpg", "filters:grayscale()/color.jpg"] {
        let picture = server.get(&format!("/unsafe/{path}")).await.picture();
        let colored = picture.pixels().filter(|p| p.0[0].abs_diff(p.0[1]).max(p.0[1].abs_diff(p.0[2])) > 3).count();
        assert_eq!(colored, 0, "{path}");
    }
    let luma = server.get("/unsafe/filters:grayscale():format(png)/color.jpg").await.picture();
    let expected = QUADRANTS.map(|[r, g, b]| {
        let luma = (u32::from(r) * 19595 + u32::from(g) * 38470 + u32::from(b) * 7471 + 32768) >> 16;
        [byte(luma); 3]
    });
    assert_quadrants(&luma, expected, 4, "luma");
}

#[tokio::test]
async fn quality_buys_bytes() {
    let noise = DynamicImage::from(image::RgbImage::from_fn(200, 200, |x, y| {
        let value = (x.wrapping_mul(7919) ^ y.wrapping_mul(104_729)).wrapping_mul(2_654_435_761) >> 24;
        image::Rgb([byte(value), byte(value / 2), 128])
    }));
    let server = Server::of(settings(), [("n.png", file(&noise, ImageFormat::Png))]).await;
    for format in ["jpeg", "webp"] {
        let mut last = 0;
        for quality in [0, 20, 60, 90] {
            let path = format!("/unsafe/filters:format({format}):quality({quality})/n.png");
            let bytes = server.get(&path).await.body.len();
            assert!(bytes > last, "{path}: {bytes} after {last}");
            last = bytes;
        }
    }
}

#[tokio::test]
async fn a_palette_comes_back_as_a_palette() {
    let mut source = Vec::new();
    let mut encoder = png::Encoder::new(&mut source, 40, 40);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(QUADRANTS.concat());
    let indexes: Vec<u8> = (0..1600_u32).map(|i| u8::from(i % 40 >= 20) + 2 * u8::from(i / 40 >= 20)).collect();
    encoder.write_header().unwrap().write_image_data(&indexes).unwrap();
    let server = Server::of(settings(), [("p.png", source)]).await;
    let answer = server.get("/unsafe/20x20/p.png").await;
    assert_quadrants(&answer.picture(), QUADRANTS, 0, "palette");
    let reader = png::Decoder::new(std::io::Cursor::new(&answer.body)).read_info().unwrap();
    assert_eq!(reader.info().color_type, png::ColorType::Indexed);
}

fn byte(value: u32) -> u8 {
    u8::try_from(value).unwrap()
}
