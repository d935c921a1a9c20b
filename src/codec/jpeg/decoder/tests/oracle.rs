//! Samples against libjpeg and against the formula.

use super::super::quantization::ZIGZAG;
use super::writer::step;
use super::*;
use crate::codec::ffi::mozjpeg::{Decompressor, Output as LibjpegOutput};
use std::f64::consts::PI;

/// What libjpeg makes of a file at full size, cut like `shapes`.
pub(super) fn libjpeg(file: &[u8], output: LibjpegOutput, shapes: &[Picture]) -> Vec<Picture> {
    let mut decompressor = Decompressor::start(file.into(), output, 1).unwrap();
    let mut pictures: Vec<_> = shapes.iter().map(|shape| Picture { width: shape.width, data: Vec::new() }).collect();
    while decompressor.next_band().unwrap() {
        for ((picture, rows), shape) in pictures.iter_mut().zip(decompressor.planes()).zip(shapes) {
            for row in rows.data.chunks_exact(rows.stride) {
                if picture.data.len() < shape.data.len() {
                    picture.data.extend_from_slice(&row[..shape.width]);
                }
            }
        }
    }
    pictures
}

/// The reduced inverse transform as its formula stands, in floating point.
fn transform(block: &[i32; 64], samples: usize) -> Vec<f64> {
    let size = |value: usize| f64::from(u32::try_from(value).unwrap());
    let norm = |frequency: usize| (if frequency == 0 { 1.0 } else { 2.0 } / size(samples)).sqrt();
    let cosine = |place: usize, frequency: usize| {
        norm(frequency) * ((2.0 * size(place) + 1.0) * size(frequency) * PI / (2.0 * size(samples))).cos()
    };
    let mut result = Vec::new();
    for (y, x) in (0..samples).flat_map(|y| (0..samples).map(move |x| (y, x))) {
        let mut sum = 0.0;
        for (k, &value) in block.iter().enumerate() {
            let (v, u) = (usize::from(ZIGZAG[k]) / 8, usize::from(ZIGZAG[k]) % 8);
            if v.max(u) < samples {
                sum += f64::from(value * step(k)) * cosine(y, v) * cosine(x, u);
            }
        }
        result.push((128.0 + sum * size(samples) / 8.0).clamp(0.0, 255.0));
    }
    result
}

/// Largest distance of a component's samples from the formula.
pub(super) fn distance(sketch: &Sketch, component: usize, scale: Scale, picture: &Picture) -> f64 {
    let samples = scale.samples();
    let mut largest: f64 = 0.0;
    for (y, row) in picture.data.chunks_exact(picture.width).enumerate() {
        for block_x in 0..picture.width.div_ceil(samples) {
            let block = transform(&sketch.blocks[component][y / samples][block_x], samples);
            let exact = &block[y % samples * samples..][..samples];
            for (sample, exact) in row[block_x * samples..].iter().zip(exact) {
                largest = largest.max((f64::from(*sample) - exact).abs());
            }
        }
    }
    largest
}

#[test]
fn samples_are_within_one_level_of_the_formula() {
    for (seed, sampling) in (1..).zip(SAMPLINGS) {
        let sketch = Sketch::new(45, 61, &sampling, seed);
        let file = sketch.baseline();
        for scale in SCALES {
            for (component, picture) in planes(&file, scale).iter().enumerate() {
                let distance = distance(&sketch, component, scale, picture);
                assert!(distance <= 1.0, "{sampling:?} {scale:?} component {component}: {distance}");
            }
        }
    }
}

#[test]
fn samples_at_full_size_are_those_of_libjpeg() {
    for (seed, sampling) in (1..).zip(SAMPLINGS) {
        let sketch = Sketch::new(83, 62, &sampling, seed);
        for file in
            [sketch.baseline(), sketch.progressive(scans::PROGRESSIVE[1].1), sketch.sequential(&[&[1], &[0, 2]])]
        {
            let ours = planes(&file, Scale::Full);
            assert!(ours == libjpeg(&file, LibjpegOutput::Planes, &ours), "{sampling:?}");
        }
    }
}

#[test]
fn all_remainders_of_sizes_are_right() {
    let sides = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 48, 63, 70];
    for (width, height) in sides.into_iter().flat_map(|width| sides.into_iter().map(move |height| (width, height))) {
        for sampling in [SAMPLINGS[2], SAMPLINGS[5], SAMPLINGS[7]] {
            let sketch = Sketch::new(width, height, &sampling, 11);
            let file = sketch.baseline();
            let ours = planes(&file, Scale::Full);
            assert!(ours == libjpeg(&file, LibjpegOutput::Planes, &ours), "{width}x{height} {sampling:?}");
            let progressive = sketch.progressive(scans::PROGRESSIVE[2].1);
            for scale in SCALES {
                let reduced = planes(&file, scale);
                assert_eq!(reduced[0].width, usize::from(width).div_ceil(scale.divisor() as usize));
                assert_eq!(
                    reduced[0].data.len() / reduced[0].width,
                    usize::from(height).div_ceil(scale.divisor() as usize)
                );
                assert!(reduced == planes(&progressive, scale), "{width}x{height} {sampling:?} {scale:?}");
            }
        }
    }
}

#[test]
fn a_single_component_is_one_block_an_mcu_whatever_its_factors() {
    let sketch = Sketch::new(35, 27, &[(1, 1)], 3);
    let plain = sketch.baseline();
    let odd = Sketch { factors: vec![(2, 3)], ..sketch }.baseline();
    for scale in SCALES {
        assert_eq!(planes(&plain, scale), planes(&odd, scale));
    }
}

/// Adobe's segment with this color transform.
fn adobe(transform: u8) -> Vec<u8> {
    writer::segment(0xEE, &[&b"Adobe\0\x64\0\0\0\0"[..], &[transform]].concat())
}

#[test]
fn pixels_at_full_size_are_those_of_libjpeg() {
    let three = SAMPLINGS.map(|sampling| (sampling.to_vec(), Vec::new(), vec![1, 2, 3]));
    let rgb = (vec![(1, 1); 3], Vec::new(), b"RGB".to_vec());
    let inks =
        [(vec![(1, 1); 4], adobe(0)), (vec![(1, 1); 4], adobe(2)), (vec![(2, 2), (1, 1), (1, 1), (2, 2)], adobe(2))];
    let four = inks.map(|(factors, tags)| (factors, tags, vec![1, 2, 3, 4]));
    for (factors, tags, ids) in three.into_iter().chain([rgb]).chain(four) {
        // Libjpeg cannot bring components to size whose factors do not divide the largest ones.
        let largest = (
            factors.iter().map(|factor| factor.0).max().unwrap(),
            factors.iter().map(|factor| factor.1).max().unwrap(),
        );
        if factors.iter().any(|factor| !largest.0.is_multiple_of(factor.0) || !largest.1.is_multiple_of(factor.1)) {
            continue;
        }
        for (width, height) in [(75, 58), (16, 33), (5, 3), (1, 1)] {
            let sketch = Sketch { tags: tags.clone(), ids: ids.clone(), ..Sketch::new(width, height, &factors, 9) };
            let file = sketch.baseline();
            let (ours, _) = decode(&file, &options(Scale::Full, Output::Pixels)).unwrap();
            let output = if factors.len() == 4 { LibjpegOutput::Cmyk } else { LibjpegOutput::Rgb };
            let mut theirs = libjpeg(&file, output, &ours);
            if factors.len() == 4 {
                theirs[0].data.iter_mut().for_each(|ink| *ink = !*ink);
            }
            assert!(ours == theirs, "{width}x{height} {factors:?} {tags:x?}");
        }
    }
}

#[test]
fn reduced_pixels_have_the_size_of_reduced_planes() {
    for sampling in SAMPLINGS {
        let file = Sketch::new(75, 58, &sampling, 9).baseline();
        for scale in SCALES {
            let (pixels, report) = decode(&file, &options(scale, Output::Pixels)).unwrap();
            let divisor = scale.divisor() as usize;
            assert_eq!(pixels[0].data.len(), 75_usize.div_ceil(divisor) * 58_usize.div_ceil(divisor) * 3);
            assert_eq!(report.errors, 0);
        }
    }
}
