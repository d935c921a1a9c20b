//! Against the formula written down as it stands, in double precision, and against known pixels.

use super::*;
use crate::geometry::Size;

/// The formula, channel by channel. The epsilon lets 49.999999 from inexact quotients count as 50.
fn obvious(below: [u8; 4], above: [u8; 4]) -> [u8; 4] {
    let (source, destination) = (f64::from(above[3]) / 255.0, f64::from(below[3]) / 255.0);
    let rest = (1.0 - source) * (1.0 - destination);
    let divisor = if 1.0 - rest < 1e-9 { 1.0 } else { 1.0 - rest };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded down by rule")]
    let truncated = |value: f64| (value + 1e-6) as u8;
    let color = |channel: usize| {
        let (above, below) = (f64::from(above[channel]), f64::from(below[channel]));
        truncated((source * above + (1.0 - source) * destination * below) / divisor)
    };
    [color(0), color(1), color(2), truncated(255.0 - 255.0 * rest)]
}

/// Picture copies drawn pixel by pixel.
fn drawn(
    canvas: &PixelBuffer<Canvas>,
    picture: &PixelBuffer<Canvas>,
    (across, down): (Copies, Copies),
    fade: u8,
) -> Vec<u8> {
    let mut pixels = canvas.first().data.clone();
    let (width, channels) = (i64::from(canvas.size().width), canvas.format().channels());
    for top in down.starts() {
        for left in across.starts() {
            for y in 0..i64::from(picture.size().height) {
                for x in 0..i64::from(picture.size().width) {
                    let (to_x, to_y) = (left + x, top + y);
                    if !(0..width).contains(&to_x) || !(0..i64::from(canvas.size().height)).contains(&to_y) {
                        continue;
                    }
                    let from = index(y * i64::from(picture.size().width) + x) * 4;
                    let [r, g, b, alpha] = picture.first().data[from..from + 4].try_into().unwrap();
                    let to = index(to_y * width + to_x) * channels;
                    let below = &mut pixels[to..to + channels];
                    let opaque = [below[0], below[1], below[2], *below.get(3).unwrap_or(&255)];
                    let mixed = obvious(opaque, [r, g, b, alpha.saturating_sub(fade)]);
                    below.copy_from_slice(&mixed[..channels]);
                }
            }
        }
    }
    pixels
}

/// Samples that look random and are the same each time.
fn noise(format: PixelFormat, width: u32, height: u32, seed: u32) -> PixelBuffer<Canvas> {
    let mut state = seed;
    let mut sample = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // Extremes often, so that blocks of one alpha occur.
        match state >> 30 {
            0 => 0,
            1 => 255,
            _ => (state >> 20).to_le_bytes()[0],
        }
    };
    let mut picture = PixelBuffer::new(format, Size::new(width, height));
    picture.first_mut().data.fill_with(&mut sample);
    picture
}

/// Bytes from hex digits.
fn bytes(text: &str) -> Vec<u8> {
    let digits: String = text.split(' ').collect();
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// The pictures of the vectors: 4x3 with alpha 255 - 20 i, and 2x2.
fn vectors() -> (PixelBuffer<Canvas>, PixelBuffer<Canvas>) {
    let canvas = (0..12_u32)
        .flat_map(|i| [23 * i, 57 * i + 10, 101 * i + 200, 255 - 20 * i].map(|sample| (sample % 256).to_le_bytes()[0]));
    let picture = bytes("32353834 3e414444 4a4d5054 56595c64");
    let buffer = |width, height, data| PixelBuffer::from_vec(PixelFormat::Rgba, Size::new(width, height), data);
    (buffer(4, 3, canvas.collect()), buffer(2, 2, picture))
}

#[test]
fn pixels_laid_over_others_are_those_of_thumbor() {
    let check = |(x, y), pixel: usize, expected: &str| {
        let (mut canvas, picture) = vectors();
        composite(&mut canvas, &picture, (Copies::one(x), Copies::one(y)), 0);
        assert_eq!(canvas.first().data[pixel * 4..][..4], bytes(expected), "at {x},{y}");
    };
    check((1, 1), 5, "5f2b98af");
    check((-1, -1), 0, "21289dff");
    check((3, 2), 11, "784e2f4f");
}

#[test]
fn faded_alphas_are_those_of_thumbor() {
    let (watermark, _) = vectors();
    let mut strip = vec![0; 12 * 4];
    Strip::lay(&watermark.first().data, 127, &mut strip);
    let alphas: Vec<u8> = strip.iter().skip(3).step_by(4).copied().collect();
    assert_eq!(alphas, [0x80, 0x6c, 0x58, 0x44, 0x30, 0x1c, 0x08, 0, 0, 0, 0, 0]);
}

#[test]
fn every_pair_of_alphas_is_the_formula() {
    for source in 0..=255 {
        for destination in 0..=255 {
            for (above, below) in [(0, 255), (255, 0), (255, 255), (77, 200), (1, 254), (128, 127)] {
                let (above, below) = ([above, below, 255, source], [below, above, 254, destination]);
                assert_eq!(rgba_over(below, above), obvious(below, above), "{above:?} over {below:?}");
                let opaque = [below[0], below[1], below[2], 255];
                assert_eq!(rgb_over([below[0], below[1], below[2]], above), obvious(opaque, above)[..3], "{above:?}");
            }
        }
    }
}

#[test]
fn copies_lie_where_they_are_told_to_and_are_cut_off_outside() {
    let copies = [
        Copies::one(0),
        Copies::one(5),
        Copies::one(-3),
        Copies::one(1000),
        Copies::one(-1000),
        Copies::one(i64::MAX / 4),
        Copies::one(i64::MIN / 4),
        Copies { first: 0, step: 7, count: 6 },   // side by side
        Copies { first: -9, step: 9, count: 9 },  // close
        Copies { first: 2, step: 30, count: 2 },  // far apart
        Copies { first: 3, step: 5, count: 4 },   // overlapping
        Copies { first: 20, step: -4, count: 3 }, // backwards
    ];
    for format in [PixelFormat::Rgb, PixelFormat::Rgba] {
        for across in copies {
            for down in copies {
                for fade in [0, 100] {
                    let (canvas, picture) = (noise(format, 40, 30, 1), noise(PixelFormat::Rgba, 7, 5, 2));
                    let mut fast = canvas.clone();
                    composite(&mut fast, &picture, (across, down), fade);
                    let slow = drawn(&canvas, &picture, (across, down), fade);
                    assert!(fast.into_first() == slow, "{format:?} {across:?} {down:?} {fade}");
                }
            }
        }
    }
}

#[test]
fn what_nobody_sees_hides_nothing() {
    for format in [PixelFormat::Rgb, PixelFormat::Rgba] {
        let mut canvas = noise(format, 40, 30, 3);
        for pixel in canvas.first_mut().data.chunks_exact_mut(format.channels()).filter(|pixel| pixel.len() == 4) {
            pixel[3] = pixel[3].max(1);
        }
        let before = canvas.clone();
        composite(&mut canvas, &noise(PixelFormat::Rgba, 40, 30, 4), (Copies::one(0), Copies::one(0)), 255);
        assert_eq!(canvas, before);
    }
}
