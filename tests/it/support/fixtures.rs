//! Pictures drawn by code.

use image::codecs::gif::{GifEncoder, Repeat};
use image::codecs::png::PngEncoder;
use image::{
    Delay, DynamicImage, ExtendedColorType, Frame, ImageEncoder as _, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage,
};
use std::fmt::Write as _;
use std::io::Cursor;

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
    let end = file.len() - 12; // of the chunk that says so
    file.splice(end..end, *b"\0\0\0\0IDAT\x35\xaf\x06\x1e");
    file
}

/// Colors of the quadrants: top left, top right, bottom left, bottom right.
pub(crate) const QUADRANTS: [[u8; 3]; 4] = [[220, 30, 30], [30, 200, 40], [40, 60, 220], [240, 240, 240]];

/// A sample picture that comes with the program.
pub(crate) fn sample(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/samples").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Where the sample portrait has its pupils.
pub(crate) const PUPILS: [(u32, u32); 2] = [(203, 101), (246, 103)];

/// The sample portrait with pupils as a flash lights them.
pub(crate) fn red_eyed_portrait() -> RgbImage {
    let mut portrait = image::load_from_memory(&sample("portrait.jpg")).unwrap().into_rgb8();
    for (x, y, pixel) in portrait.enumerate_pixels_mut() {
        let is_inside = |(of_x, of_y): &(u32, u32)| x.abs_diff(*of_x).pow(2) + y.abs_diff(*of_y).pow(2) <= 9;
        if PUPILS.iter().any(is_inside) {
            *pixel = Rgb([210, 40, 50]);
        }
    }
    portrait
}

/// A picture of four quadrants, `width` by `height`, both even.
pub(crate) fn quadrants(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let quadrant = u32::from(x >= width / 2) + 2 * u32::from(y >= height / 2);
        Rgb(QUADRANTS[quadrant as usize])
    })
}

/// The picture as a file.
pub(crate) fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

/// Quadrants as a file.
pub(crate) fn quadrants_file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    file(&quadrants(width, height).into(), format)
}

/// A JPEG with an EXIF block that says how it lies.
pub(crate) fn with_orientation(jpeg: &[u8], value: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
    exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, value, 0, 0, 0, 0, 0, 0, 0]);
    let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat()
}

/// An animation of frames in one color each, shown for 100 ms, 200 ms and so on.
pub(crate) fn animation(colors: &[[u8; 3]], size: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new(&mut file);
    encoder.set_repeat(Repeat::Infinite).unwrap();
    for (number, [r, g, b]) in (1..).zip(colors) {
        let pixels = RgbaImage::from_pixel(size, size, Rgba([*r, *g, *b, 255]));
        let delay = Delay::from_numer_denom_ms(number * 100, 1);
        encoder.encode_frame(Frame::from_parts(pixels, 0, 0, delay)).unwrap();
    }
    drop(encoder);
    file
}

/// A JPEG of four inks, 16 by 16: cyan, magenta, yellow and black quadrants, as Photoshop writes it, that is inverted.
///
/// Each block of 8 by 8 is flat, so that all there is to code is the difference to the block before.
pub(crate) fn cmyk_jpeg() -> Vec<u8> {
    let mut file = vec![0xff, 0xd8];
    let mut segment = |marker: u8, data: &[u8]| {
        let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
        file.extend([&[0xff, marker], &length[..], data].concat());
    };
    segment(0xee, b"Adobe\0\x64\0\0\0\0\0");
    segment(0xdb, &[&[0][..], &[8; 64]].concat());
    let components: Vec<u8> = (1..=4).flat_map(|id| [id, 0x11, 0]).collect();
    segment(0xc0, &[&[8, 0, 16, 0, 16, 4][..], &components].concat());
    // Lengths of differences, 0 to 8, in four bits each; the end of a block in one.
    segment(
        0xc4,
        &[&[0x00, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &[0, 1, 2, 3, 4, 5, 6, 7, 8]].concat(),
    );
    segment(0xc4, &[0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let scans: Vec<u8> = (1..=4).flat_map(|id| [id, 0]).collect();
    segment(0xda, &[&[4][..], &scans, &[0, 63, 0]].concat());
    let mut bits = String::new();
    let mut before = [0_i32; 4];
    for ink in 0..4 {
        for (component, before) in before.iter_mut().enumerate() {
            let level = if component == ink { -128 } else { 127 };
            let difference = level - std::mem::replace(before, level);
            let length = (32 - difference.unsigned_abs().leading_zeros()) as usize;
            let coded = if difference < 0 { difference - 1 + (1 << length) } else { difference };
            write!(bits, "{length:04b}").unwrap();
            if length > 0 {
                write!(bits, "{coded:0length$b}").unwrap();
            }
            bits.push('0');
        }
    }
    bits += &"1".repeat((8 - bits.len() % 8) % 8);
    for byte in bits.as_bytes().chunks(8) {
        let byte = byte.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit == b'1'));
        file.push(byte);
        file.extend((byte == 0xff).then_some(0));
    }
    file.extend([0xff, 0xd9]);
    file
}
