//! Files from elsewhere against libjpeg and, reduced, against the formula: run by hand over a folder of them.

use super::oracle::libjpeg;
use super::*;
use crate::codec::ffi::mozjpeg::Output as LibjpegOutput;
use std::f64::consts::PI;
use std::fmt::Write as _;
use std::path::Path;

/// What the formula makes of a plane of whole blocks, by way of the transform of its samples; 0 for blocks that have
/// black or white in them, whose samples may have been cut.
///
/// Samples were rounded, so this is near, not exact.
fn reduced(full: &Picture, rows: usize, samples: usize) -> Picture {
    let size = |value: usize| f64::from(u32::try_from(value).unwrap());
    let norm = |frequency: usize, points: usize| (if frequency == 0 { 1.0 } else { 2.0 } / size(points)).sqrt();
    let cosine = |place: usize, frequency: usize, points: usize| {
        norm(frequency, points) * ((2.0 * size(place) + 1.0) * size(frequency) * PI / (2.0 * size(points))).cos()
    };
    // Both transforms together are one matrix: `samples` numbers of eight.
    let matrix: Vec<[f64; 8]> = (0..samples)
        .map(|to| {
            std::array::from_fn(|from| {
                let terms = (0..samples).map(|f| cosine(to, f, samples) * cosine(from, f, 8));
                terms.sum::<f64>() * (size(samples) / 8.0).sqrt()
            })
        })
        .collect();
    let (width, height) = (full.width / 8, rows / 8);
    let mut data = Vec::with_capacity(width * height * samples * samples);
    for y in 0..height * samples {
        for x in 0..width * samples {
            let (down, across) = (&matrix[y % samples], &matrix[x % samples]);
            let corner = y / samples * 8 * full.width + x / samples * 8;
            let row = |r: usize| -> f64 {
                let samples = &full.data[corner + r * full.width..][..8];
                samples.iter().zip(across).map(|(sample, weight)| f64::from(*sample) * weight).sum()
            };
            let value: f64 = (0..8).map(|r| row(r) * down[r]).sum();
            let mut block = (0..8).flat_map(|r| &full.data[corner + r * full.width..][..8]);
            let value = if block.any(|sample| matches!(sample, 0 | 255)) { 0.0 } else { value };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a byte")]
            data.push(value.round().clamp(0.0, 255.0) as u8);
        }
    }
    Picture { width: width * samples, data }
}

/// Largest difference, and the share of samples that differ by more than two.
fn differences(ours: &Picture, theirs: &Picture) -> (u8, f64) {
    let (mut largest, mut many, mut count) = (0, 0_u32, 0_u32);
    for (ours, theirs) in ours.data.chunks_exact(ours.width).zip(theirs.data.chunks_exact(theirs.width)) {
        for (a, b) in ours.iter().zip(theirs) {
            largest = largest.max(a.abs_diff(*b));
            many += u32::from(a.abs_diff(*b) > 2);
            count += 1;
        }
    }
    (largest, f64::from(many) / f64::from(count.max(1)))
}

/// One line about a file; `false` where we and libjpeg do not agree.
fn compare(file: &[u8]) -> (bool, String) {
    let ours = decode(file, &options(Scale::Full, Output::Planes));
    let (ours, report) = match ours {
        Ok(ours) => ours,
        Err(error) => {
            let refused = libjpeg_refuses(file);
            return (refused || matches!(error, Error::Unsupported(_)), format!("refused: {error}"));
        }
    };
    if libjpeg_refuses(file) {
        return (report.errors > 0, format!("libjpeg refuses it, we report {report:?}"));
    }
    let theirs = libjpeg(file, LibjpegOutput::Planes, &ours);
    let largest = ours.iter().zip(&theirs).map(|(ours, theirs)| differences(ours, theirs).0).max().unwrap_or(0);
    let mut line = format!("full {largest}");
    let mut good = report.errors > 0 || largest <= 1;
    for scale in [Scale::Half, Scale::Quarter, Scale::Eighth] {
        let small = planes_of(file, scale);
        for (index, (full, small)) in ours.iter().zip(&small).enumerate() {
            let rows = full.data.len() / full.width / 8 * 8;
            let whole = Picture { width: full.width / 8 * 8, data: crop(full, full.width / 8 * 8, rows) };
            if whole.data.is_empty() {
                continue;
            }
            let expected = reduced(&whole, rows, scale.samples());
            let mut found =
                Picture { width: expected.width, data: crop(small, expected.width, rows / 8 * scale.samples()) };
            found.data.iter_mut().zip(&expected.data).for_each(|(found, expected)| *found *= u8::from(*expected != 0));
            let (largest, share) = differences(&found, &expected);
            write!(line, ", {scale:?} {index}: {largest} ({:.3} %)", share * 100.0).unwrap();
            good &= report.errors > 0 || share < 0.02;
        }
    }
    (good, format!("{line}, errors {} lost {}", report.errors, report.lost))
}

fn planes_of(file: &[u8], scale: Scale) -> Vec<Picture> {
    decode(file, &options(scale, Output::Planes)).unwrap().0
}

fn crop(picture: &Picture, width: usize, rows: usize) -> Vec<u8> {
    picture.data.chunks_exact(picture.width).take(rows).flat_map(|row| row[..width].iter().copied()).collect()
}

fn libjpeg_refuses(file: &[u8]) -> bool {
    use crate::codec::ffi::mozjpeg::Decompressor;
    let Ok(mut bands) = Decompressor::start(file.into(), LibjpegOutput::Planes, 1) else { return true };
    while let Ok(more) = bands.next_band() {
        if !more {
            return false;
        }
    }
    true
}

#[test]
#[ignore = "compares the files in the folder that JPEG_FOLDER names"]
#[expect(clippy::print_stdout, reason = "the lines are what it is for")]
fn files_of_a_folder_are_those_of_libjpeg() {
    let folder = std::env::var("JPEG_FOLDER").expect("JPEG_FOLDER names a folder");
    let mut paths: Vec<_> = std::fs::read_dir(Path::new(&folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut bad = 0;
    for path in paths.iter().filter(|path| path.is_file()) {
        let file = std::fs::read(path).unwrap();
        if !file.starts_with(&[0xFF, 0xD8]) {
            continue;
        }
        let (good, line) = compare(&file);
        println!("{} {}: {line}", if good { "  " } else { "!!" }, path.file_name().unwrap().to_string_lossy());
        bad += u32::from(!good);
    }
    assert_eq!(bad, 0);
}
