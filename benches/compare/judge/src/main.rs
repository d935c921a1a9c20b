//! Scores reduced pictures against an ideal reduction of their source.
//!
//! `judge SOURCE ANSWER...` prints one line per answer: its score, width and height, separated by tabs.
//!
//! The ideal is what the answer would be if nothing cost anything: the source decoded in full, cut around its
//! middle to the answer's aspect ratio (nothing is cut when that differs by rounding only), and reduced with
//! Lanczos3 in linear light, premultiplied, in `f32`, without quantization or encoding. The score is SSIMULACRA2:
//! 100 is equal, 90 cannot be told apart, 70 is high quality. A picture with alpha is scored on white and on black
//! and gets the lower of the two.

mod resample;

use std::error::Error;
use std::path::Path;

use image::{ImageReader, Rgba32FImage};
use resample::{Plane, Span};
use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Aspect ratios nearer than this many answer pixels count as equal.
const ROUNDING_PX: f64 = 1.5;

fn main() -> Outcome<()> {
    let mut paths = std::env::args_os().skip(1);
    let source = paths.next().ok_or("usage: judge SOURCE ANSWER...")?;
    let source = Plane::premultiplied_linear(&read(Path::new(&source))?);
    let mut last: Option<(u32, u32, Plane)> = None;
    for path in paths {
        let answer = read(Path::new(&path))?;
        let (width, height) = answer.dimensions();
        if last.as_ref().is_none_or(|(w, h, _)| (*w, *h) != (width, height)) {
            last = Some((width, height, ideal(&source, width, height)));
        }
        let (.., wanted) = last.as_ref().expect("just set");
        println!("{:.3}\t{width}\t{height}", score(wanted, &answer)?);
    }
    Ok(())
}

fn read(path: &Path) -> Outcome<Rgba32FImage> {
    let mut reader = ImageReader::open(path)?.with_guessed_format()?;
    reader.no_limits();
    let picture = reader.decode().map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(picture.into_rgba32f())
}

fn ideal(source: &Plane, width: u32, height: u32) -> Plane {
    let (full_width, full_height) = (f64::from(source.width), f64::from(source.height));
    let (width_px, height_px) = (f64::from(width), f64::from(height));
    let scale = (full_width / width_px).min(full_height / height_px);
    let cut = |full: f64, wanted: f64| {
        let kept = wanted * scale;
        if (full / scale - wanted).abs() < ROUNDING_PX {
            Span { start: 0.0, length: full }
        } else {
            Span { start: (full - kept) / 2.0, length: kept }
        }
    };
    source.reduce(cut(full_width, width_px), width, cut(full_height, height_px), height)
}

fn score(wanted: &Plane, answer: &Rgba32FImage) -> Outcome<f64> {
    let opaque = wanted.is_opaque() && answer.pixels().all(|pixel| pixel[3] >= 1.0);
    let grounds: &[f32] = if opaque { &[1.0] } else { &[1.0, 0.0] };
    let mut lowest = f64::INFINITY;
    for &ground in grounds {
        let wanted_srgb = wanted.pixels.iter().map(|&pixel| on_ground(resample::straight_srgb(pixel), ground));
        let answer_srgb = answer.pixels().map(|pixel| on_ground(pixel.0, ground));
        let (width, height) = (wanted.width as usize, wanted.height as usize);
        let score = compute_frame_ssimulacra2(
            frame(wanted_srgb.collect(), width, height)?,
            frame(answer_srgb.collect(), width, height)?,
        )?;
        lowest = lowest.min(score);
    }
    Ok(lowest)
}

/// Blends as browsers do, on encoded values.
fn on_ground([red, green, blue, alpha]: [f32; 4], ground: f32) -> [f32; 3] {
    [red, green, blue].map(|value| value * alpha + ground * (1.0 - alpha))
}

fn frame(pixels: Vec<[f32; 3]>, width: usize, height: usize) -> Outcome<Rgb> {
    Ok(Rgb::new(pixels, width, height, TransferCharacteristic::SRGB, ColorPrimaries::BT709)?)
}
