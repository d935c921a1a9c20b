//! Pages and pictures of the documentation that the program makes itself.

use image::RgbaImage;
use image::codecs::jpeg::JpegEncoder;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the source tree.
pub(crate) fn tree(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Whether the documentation is to be written, not checked.
pub(crate) fn updates() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

/// Fails unless the file shows this picture in at most so many bytes; writes it if the documentation is updated.
pub(crate) fn assert_pictured(path: &Path, picture: &RgbaImage, max_bytes: usize) {
    let written = jpeg(picture);
    if updates() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &written).unwrap();
    }
    let file = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(file.len() < max_bytes, "{}: {} bytes", path.display(), file.len());
    let decoded = |file: &[u8]| image::load_from_memory(file).unwrap().into_rgba8();
    let off = difference(&decoded(&file), &decoded(&written));
    assert!(off < 1.0, "{} is out of date by {off}", path.display());
}

fn jpeg(picture: &RgbaImage) -> Vec<u8> {
    let mut file = Vec::new();
    let rgb = image::DynamicImage::from(picture.clone()).into_rgb8();
    rgb.write_with_encoder(JpegEncoder::new_with_quality(&mut file, 75)).unwrap();
    file
}

/// Mean difference of samples.
fn difference(a: &RgbaImage, b: &RgbaImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    f64::from(u32::try_from(sum).unwrap()) / f64::from(u32::try_from(a.as_raw().len()).unwrap())
}
