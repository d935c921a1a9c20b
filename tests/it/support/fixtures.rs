//! Pictures drawn by code.

use image::{ExtendedColorType, ImageEncoder as _, codecs::png::PngEncoder};

/// A red picture of 3 by 2 pixels.
pub(crate) fn small_png() -> Vec<u8> {
    let mut file = Vec::new();
    let pixels = [255, 0, 0].repeat(6);
    PngEncoder::new(&mut file).write_image(&pixels, 3, 2, ExtendedColorType::Rgb8).unwrap();
    file
}

/// The header of a picture of 100,000 by 100,000 pixels, and an empty chunk where they should be.
pub(crate) fn huge_png_header() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 100_000, 100_000);
    encoder.set_color(png::ColorType::Rgb);
    drop(encoder.write_header().unwrap());
    file.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    file
}
