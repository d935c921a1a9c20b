//! Settings have effects: each is given as an operator gives it, and what the server does then is looked at.
//!
//! A test of a key would fail if the key were ignored.

mod answers;
mod originals;
mod pictures;
mod storages;
mod uploads;

use crate::support::Configured;
use crate::support::fixtures::file;
use image::{ImageFormat, Rgb, RgbImage};

/// What the tests of this room set, as text.
pub(crate) const TEXTS: [&str; 5] = [
    include_str!("answers.rs"),
    include_str!("originals.rs"),
    include_str!("pictures.rs"),
    include_str!("storages.rs"),
    include_str!("uploads.rs"),
];

/// Detail that costs bytes.
fn detailed(width: u32, height: u32) -> RgbImage {
    let wave = |value: u32| (value.wrapping_mul(2_654_435_761) >> 7).to_le_bytes()[0];
    RgbImage::from_fn(width, height, |x, y| Rgb([wave(x / 3 + 77 * (y / 3)), wave(x / 2), wave(y / 2 + 9)]))
}

/// A server with `a.png`, 64 by 48 pixels of detail, and one setting.
async fn with(key: &str, value: &str) -> Configured {
    with_all(&[(key, value)]).await
}

/// The same with several settings.
async fn with_all(settings: &[(&str, &str)]) -> Configured {
    Configured::start(&[("a.png", file(&detailed(64, 48).into(), ImageFormat::Png))], settings).await
}
