use super::*;
use crate::geometry::Size;

/// Noise of a plain generator, the same each time.
fn noise(format: PixelFormat, width: u32, height: u32) -> PixelBuffer<Canvas> {
    let mut picture = PixelBuffer::new(format, Size::new(width, height));
    let mut seed = 1_u32;
    for sample in &mut picture.first_mut().data {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *sample = seed.to_be_bytes()[0];
    }
    picture
}

/// The slow, obvious twin: one channel as a whole, in double precision, each sample from its definition.
fn by_definition(samples: &[f64], width: usize, height: usize, (amount, radius): (f64, f64)) -> Vec<f64> {
    let reflected = |at: i64, length: usize| {
        let last = i64::try_from(length).unwrap() - 1;
        let mut at = at;
        while last > 0 && !(0..=last).contains(&at) {
            at = if at < 0 { -at } else { 2 * last - at };
        }
        usize::try_from(if last == 0 { 0 } else { at }).unwrap()
    };
    let mut current = samples.to_vec();
    let mut out = vec![0.0; samples.len()];
    for level in 0..5 {
        let step = 1_i64 << level;
        let gain = amount * (-(f64::from(level) - radius).powi(2) / 1.5).exp() + 1.0;
        let smoothed = |from: &[f64], dx: i64, dy: i64| -> Vec<f64> {
            let at = |x: usize, y: usize, sign: i64| {
                let x = reflected(i64::try_from(x).unwrap() + sign * dx, width);
                let y = reflected(i64::try_from(y).unwrap() + sign * dy, height);
                from[y * width + x]
            };
            (0..from.len())
                .map(|i| (i % width, i / width))
                .map(|(x, y)| 0.25 * at(x, y, -1) + 0.5 * at(x, y, 0) + 0.25 * at(x, y, 1))
                .collect()
        };
        let low = smoothed(&smoothed(&current, step, 0), 0, step);
        for ((out, current), low) in out.iter_mut().zip(&current).zip(&low) {
            *out += gain * (current - low);
        }
        current = low;
    }
    out.iter().zip(&current).map(|(out, current)| out + current).collect()
}

fn channel(picture: &PixelBuffer<Canvas>, channel: usize) -> Vec<u8> {
    picture.first().data.iter().skip(channel).step_by(picture.format().channels()).copied().collect()
}

/// Not more than 1 off, and that only where the exact number is nearly whole.
#[track_caller]
fn check(found: &[u8], exact: &[f64], what: &str) {
    for (found, exact) in found.iter().zip(exact) {
        let off = f64::from(*found) - exact.clamp(0.0, 255.0);
        assert!((-1.0005..0.0005).contains(&off), "{what}: {found} for {exact}");
    }
}

#[test]
fn every_sample_is_that_of_the_definition() {
    let arguments = [(2.0, 1.0), (1.5, 0.5), (6.0, 2.0), (-1.0, 4.0), (0.0, 0.0)];
    let sizes = [(1, 1), (1, 9), (9, 1), (2, 2), (5, 20), (20, 40), (257, 40), (40, 200)];
    for (width, height) in sizes {
        for (amount, radius) in arguments {
            let gains = Gains::around(radius, amount);
            for format in [PixelFormat::Gray, PixelFormat::GrayAlpha, PixelFormat::Rgb, PixelFormat::Rgba] {
                let picture = noise(format, width, height);
                let found = sharpen(&picture, gains, Sharpened::Channels, &CancelToken::never());
                let colors = format.channels() - usize::from(format.has_alpha());
                for index in 0..format.channels() {
                    let source = channel(&picture, index);
                    let what = format!("{width}x{height} {format:?} channel {index} by {amount},{radius}");
                    if index == colors {
                        assert_eq!(channel(&found, index), source, "{what}");
                        continue;
                    }
                    let source: Vec<f64> = source.into_iter().map(f64::from).collect();
                    let exact = by_definition(&source, width as usize, height as usize, (amount, radius));
                    check(&channel(&found, index), &exact, &what);
                }
            }
        }
    }
}

#[test]
fn lightness_alone_moves_all_colors_by_the_same_amount() {
    let picture = noise(PixelFormat::Rgba, 60, 50);
    let found = sharpen(&picture, Gains::around(1.0, 2.0), Sharpened::Lightness, &CancelToken::never());
    let colors = [0, 1, 2].map(|index| channel(&picture, index));
    let lightness: Vec<f64> = (0..colors[0].len())
        .map(|i| 0.299 * f64::from(colors[0][i]) + 0.587 * f64::from(colors[1][i]) + 0.114 * f64::from(colors[2][i]))
        .collect();
    let sharp = by_definition(&lightness, 60, 50, (2.0, 1.0));
    for (index, source) in colors.iter().enumerate() {
        for ((found, source), (sharp, light)) in
            channel(&found, index).iter().zip(source).zip(sharp.iter().zip(&lightness))
        {
            // Cb and Cr are rounded to four digits in the standard, so the way there and back is not quite closed.
            let exact = (f64::from(*source) + sharp - light).clamp(0.0, 255.0);
            assert!((f64::from(*found) + 0.5 - exact).abs() < 0.6, "{found} for {exact}");
        }
    }
    assert_eq!(channel(&found, 3), channel(&picture, 3));
}

#[test]
fn samples_are_those_of_thumbor() {
    // Its first pixels, some in the middle, its last ones, and the sum of all samples.
    let check = |(amount, radius), sharpened, pixels: [u128; 3], sum: u64| {
        let picture = noise(PixelFormat::Rgb, 40, 40);
        let found = sharpen(&picture, Gains::around(radius, amount), sharpened, &CancelToken::never());
        let data = found.into_first();
        let at = |at: usize| data[at..at + 12].iter().fold(0, |number, byte| number << 8 | u128::from(*byte));
        assert_eq!([at(0), at(2460), at(4788)], pixels, "{amount},{radius}");
        assert_eq!(data.iter().map(|sample| u64::from(*sample)).sum::<u64>(), sum, "{amount},{radius}");
    };
    let lightness = [0x0017_3a5c_0006_ba82_0074_113d, 0xffff_ff2a_0045_f1e1_bafc_71be, 0x0048_27f6_7317_e0ff_543b_902e];
    check((2.0, 1.0), Sharpened::Lightness, lightness, 608_392);
    let channels = [0x0060_85d9_0036_ffb7_00bb_0049, 0xffff_ff52_009e_eae6_89ff_2fe4, 0x005a_3fff_3800_bdff_0000_8600];
    check((1.5, 0.5), Sharpened::Channels, channels, 609_071);
}

#[test]
fn flat_pictures_stay_as_they_are() {
    for value in 0..=255 {
        let picture = PixelBuffer::from_vec(PixelFormat::Rgb, Size::new(3, 3), vec![value; 27]);
        for sharpened in [Sharpened::Channels, Sharpened::Lightness] {
            let found = sharpen(&picture, Gains::around(1.0, 2.0), sharpened, &CancelToken::never());
            assert_eq!(found, picture, "{value} {sharpened:?}");
        }
    }
}

#[test]
fn absurd_gains_give_a_picture() {
    for (amount, radius) in [(1e6, 0.0), (-1e6, 4.0), (1e6, 1e6), (1e6, -1e6)] {
        let picture = noise(PixelFormat::Rgb, 9, 9);
        let found = sharpen(&picture, Gains::around(radius, amount), Sharpened::Channels, &CancelToken::never());
        assert_eq!(found.size(), picture.size());
    }
}

#[test]
fn a_cancelled_sharpening_leaves_the_picture() {
    let cancel = CancelToken::never();
    cancel.cancel();
    let picture = noise(PixelFormat::Rgb, 20, 20);
    assert_eq!(sharpen(&picture, Gains::around(1.0, 2.0), Sharpened::Channels, &cancel), picture);
}
