use super::*;
use crate::geometry::Size;
use crate::raster::PixelFormat;

/// The slow, obvious twin: both passes in double precision over all weights, each cut off to bytes; with `hair`
/// added before.
fn by_definition(frame: &PixelBuffer<Canvas>, radius: u32, sigma: f64, hair: f64) -> Vec<u8> {
    let reach = i32::try_from(radius).unwrap();
    let offsets: Vec<i32> = (-reach..=reach).collect();
    let weight = |x: &i32| E.powf(-f64::from(x * x) / (2.0 * sigma * sigma)) / (2.0 * PI * sigma * sigma).sqrt();
    let weights: Vec<f64> = offsets.iter().map(weight).collect();
    let total: f64 = weights.iter().sum();
    let channels = frame.format().channels();
    let (width, height) = (frame.size().width as usize, frame.size().height as usize);
    let pass = |data: &[u8], step: usize, length: usize, line: &dyn Fn(usize) -> usize| -> Vec<u8> {
        let last = i32::try_from(length).unwrap() - 1;
        let sample = |at: usize| {
            let place = line(at);
            let start = at - place * step;
            let mut sum = 0.0;
            for (x, weight) in offsets.iter().zip(&weights) {
                let index = (i32::try_from(place).unwrap() + x).clamp(0, last);
                sum += f64::from(data[start + usize::try_from(index).unwrap() * step]) * (weight / total);
            }
            (0..=255).rev().find(|byte| f64::from(*byte) <= sum + hair).unwrap_or(0_u8)
        };
        (0..data.len()).map(sample).collect()
    };
    let across = pass(&frame.first().data, channels, width, &|at| at / channels % width);
    pass(&across, width * channels, height, &|at| at / channels / width)
}

/// Pictures that are hard in different ways: noise, edges, slopes, flat areas.
fn pictures(format: PixelFormat, width: u32, height: u32) -> Vec<PixelBuffer<Canvas>> {
    let channels = u32::try_from(format.channels()).unwrap();
    let draw = |sample: &dyn Fn(u32, u32, u32) -> u32| {
        let mut data = Vec::new();
        for y in 0..height {
            for x in 0..width {
                data.extend((0..channels).map(|channel| sample(x, y, channel).to_le_bytes()[0]));
            }
        }
        PixelBuffer::from_vec(format, Size::new(width, height), data)
    };
    vec![
        draw(&|x, y, c| (x * 7919 + y * 104_729 + c * 31).wrapping_mul(2_654_435_761) >> 24),
        draw(&|x, y, c| if (x / 9 + y / 7 + c) % 2 == 0 { 255 } else { 0 }),
        draw(&|x, y, c| (x * 255 / width + y * (c + 1)) % 256),
        draw(&|x, _, _| 255 * x / width),
        draw(&|_, y, c| if y < height / 2 { 255 } else { 37 + c }),
    ]
}

fn largest_difference(a: &[u8], b: &[u8]) -> u8 {
    a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap()
}

/// Compares blurs of all layouts, sizes and pictures with the definition.
fn check(radius: u32, sigma: f64, hair: f64, most: u8) {
    let gaussian = Gaussian::new(radius, sigma);
    assert_eq!(matches!(gaussian.way, Way::Taps(_)), most == 0, "{radius},{sigma}");
    for format in [PixelFormat::Gray, PixelFormat::GrayAlpha, PixelFormat::Rgb, PixelFormat::Rgba] {
        for (width, height) in [(1, 1), (1, 50), (50, 1), (43, 27)] {
            for (index, picture) in pictures(format, width, height).into_iter().enumerate() {
                let expected = by_definition(&picture, radius, sigma, hair);
                let found = blur(picture, &gaussian, &CancelToken::never()).into_first();
                let what = format!("picture {index} {format:?} {width}x{height} by {radius},{sigma}");
                assert_eq!(found.len(), expected.len(), "{what}");
                assert!(largest_difference(&found, &expected) <= most, "{what}");
            }
        }
    }
}

#[test]
fn small_radii_give_the_very_bytes_of_the_definition() {
    for (radius, sigma) in [(1, 1.0), (2, 1.5), (3, 3.0), (7, 7.0), (9, 2.0), (14, 14.0), (40, 1.0)] {
        check(radius, sigma, 0.0, 0);
    }
}

#[test]
fn large_radii_give_bytes_within_one_of_the_definition() {
    for (radius, sigma) in [(20, 20.0), (40, 40.0), (60, 30.0), (60, 12.0), (150, 150.0), (90, 400.0)] {
        check(radius, sigma, 1e-6, 1);
    }
}

#[test]
fn most_bytes_are_those_of_the_definition_at_large_radii_too() {
    for (radius, sigma) in [(50, 50.0), (150, 40.0)] {
        let gaussian = Gaussian::new(radius, sigma);
        let picture = pictures(PixelFormat::Rgb, 160, 120).swap_remove(0);
        let expected = by_definition(&picture, radius, sigma, 1e-6);
        let found = blur(picture, &gaussian, &CancelToken::never()).into_first();
        let different = found.iter().zip(&expected).filter(|(a, b)| a != b).count();
        assert!(different * 50 <= found.len(), "{different} of {} by {radius},{sigma}", found.len());
    }
}

#[test]
fn lines_longer_than_a_segment_are_seamless() {
    for (width, height) in [(9_000, 2), (2, 9_000)] {
        for picture in pictures(PixelFormat::Rgb, width, height) {
            let expected = by_definition(&picture, 30, 30.0, 1e-6);
            let found = blur(picture, &Gaussian::new(30, 30.0), &CancelToken::never()).into_first();
            assert!(largest_difference(&found, &expected) <= 1, "{width}x{height}");
        }
    }
}

#[test]
fn flat_pictures_stay_as_they_are_at_large_radii() {
    for (radius, sigma) in [(20, 20.0), (50, 50.0), (150, 150.0), (150, 30.0), (150, 10.0)] {
        let gaussian = Gaussian::new(radius, sigma);
        for value in 0..=255 {
            let picture = PixelBuffer::from_vec(PixelFormat::Gray, Size::new(3, 3), vec![value; 9]);
            let blurred = blur(picture.clone(), &gaussian, &CancelToken::never());
            assert_eq!(blurred, picture, "{value} by {radius},{sigma}");
        }
    }
}

#[test]
fn the_cost_does_not_grow_with_the_radius() {
    let work = |radius| Gaussian::new(radius, f64::from(radius)).work_per_px();
    assert!(work(1) < work(10));
    assert!(work(20) <= work(150) && work(80) <= work(150) && work(150) < 25);
    for radius in (1..=150).step_by(7) {
        for sigma in (1..40).step_by(3).map(f64::from) {
            let work = Gaussian::new(radius, sigma).work_per_px();
            assert!(work <= 160, "{work} for {radius},{sigma}");
        }
    }
}

#[test]
fn absurd_deviations_make_nothing_or_a_mean() {
    let picture = || pictures(PixelFormat::Gray, 9, 1).swap_remove(0);
    for nothing in [0.0, -0.0, 1e-300, 1e-9, -0.01] {
        assert_eq!(blur(picture(), &Gaussian::new(5, nothing), &CancelToken::never()), picture(), "{nothing}");
    }
    for mean in [1e9, 1e300, -1e300] {
        let gaussian = Gaussian::new(2, mean);
        let samples = picture().into_first();
        let expected = samples[2..7].iter().map(|sample| u32::from(*sample)).sum::<u32>() / 5;
        let found = blur(picture(), &gaussian, &CancelToken::never()).into_first();
        assert!(u32::from(found[4]).abs_diff(expected) <= 1, "{mean}");
    }
}

#[test]
fn a_cancelled_blur_keeps_size_and_layout() {
    let cancel = CancelToken::never();
    cancel.cancel();
    for radius in [2, 100] {
        let picture = pictures(PixelFormat::Rgba, 30, 20).swap_remove(0);
        let stopped = blur(picture, &Gaussian::new(radius, 30.0), &cancel);
        assert_eq!((stopped.size(), stopped.format()), (Size::new(30, 20), PixelFormat::Rgba));
    }
}
