//! `BlurHash`: the lowest waves of a picture as 6 to 166 characters of base 83. <https://blurha.sh>

use super::{float, rgba, rounded};
use crate::geometry::Canvas;
use crate::raster::PixelBuffer;
use std::f32::consts::PI;

const DIGITS: &[u8; 83] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

/// The hash with so many waves along x and along y, 1 to 9 each. Transparency is taken for opaque.
pub fn blurhash(picture: &PixelBuffer<Canvas>, (waves_x, waves_y): (u8, u8)) -> String {
    let (size, pixels) = rgba(picture);
    let (width, height) = (size.width as usize, size.height as usize);
    let linear: Vec<[f32; 3]> = pixels.iter().map(|[r, g, b, _]| [*r, *g, *b].map(to_linear)).collect();
    let (waves_x, waves_y) = (usize::from(waves_x.clamp(1, 9)), usize::from(waves_y.clamp(1, 9)));
    let wave = |count: usize, side: usize| -> Vec<f32> {
        (0..side).map(|at| (PI * float(count) * float(at) / float(side)).cos()).collect()
    };
    let columns: Vec<_> = (0..waves_x).map(|count| wave(count, width)).collect();
    let mut factors = Vec::with_capacity(waves_x * waves_y);
    for row_wave in (0..waves_y).map(|count| wave(count, height)) {
        for column_wave in &columns {
            let weight = if factors.is_empty() { 1.0 } else { 2.0 } / float(width * height);
            let mut sum = [0.0; 3];
            for (row, down) in linear.chunks_exact(width).zip(&row_wave) {
                for (pixel, across) in row.iter().zip(column_wave) {
                    let basis = down * across;
                    sum = std::array::from_fn(|channel| sum[channel] + pixel[channel] * basis);
                }
            }
            factors.push(sum.map(|sum| sum * weight));
        }
    }
    written(&factors, waves_x, waves_y)
}

/// The factors as text: how many, how large the largest, the mean color, the others in parts of the largest.
fn written(factors: &[[f32; 3]], waves_x: usize, waves_y: usize) -> String {
    let (mean, others) = (factors[0], &factors[1..]);
    let mut text = String::with_capacity(4 + 2 * factors.len());
    push(&mut text, waves_x - 1 + (waves_y - 1) * 9, 1);
    let largest = others.iter().flatten().fold(0.0_f32, |largest, factor| largest.max(factor.abs()));
    let step = rounded((largest * 166.0 - 0.5).floor(), 82);
    push(&mut text, if others.is_empty() { 0 } else { step as usize }, 1);
    let unit = float(step as usize + 1) / 166.0;
    let [r, g, b] = mean.map(|value| to_srgb(value) as usize);
    push(&mut text, r << 16 | g << 8 | b, 4);
    for factor in others {
        let [r, g, b] = factor.map(|value| {
            let root = (value / unit).abs().sqrt().copysign(value);
            rounded((root * 9.0 + 9.5).floor(), 18) as usize
        });
        push(&mut text, (r * 19 + g) * 19 + b, 2);
    }
    text
}

/// `number` in base 83 with so many digits.
fn push(text: &mut String, number: usize, digits: u32) {
    for place in (0..digits).rev() {
        text.push(char::from(DIGITS[number / 83_usize.pow(place) % 83]));
    }
}

fn to_linear(sample: u8) -> f32 {
    let value = f32::from(sample) / 255.0;
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

fn to_srgb(value: f32) -> u32 {
    let value = value.clamp(0.0, 1.0);
    let value = if value <= 0.003_130_8 { value * 12.92 } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 };
    rounded((value * 255.0 + 0.5).floor(), 255)
}

#[cfg(test)]
mod tests {
    use super::super::tests::drawn;
    use super::*;
    use crate::geometry::Size;
    use crate::raster::PixelFormat;

    #[test]
    fn one_wave_is_the_color() {
        let red = PixelBuffer::from_vec(PixelFormat::Rgb, Size::new(3, 2), [255, 0, 0].repeat(6));
        assert_eq!(blurhash(&red, (1, 1)), "00TI:j");
        let hash = blurhash(&red, (4, 3));
        assert_eq!((hash.len(), &hash[..1]), (4 + 2 * 12, "L"));
    }

    /// Hashes that the reference in C makes of the same pixels (`blurhash-python` 1.2.2 wraps it). The one in TypeScript
    /// looks at waves above zero only when it seeks the largest, and so makes others.
    #[test]
    fn hashes_are_those_of_the_reference() {
        let check = |size: (u32, u32), waves, expected: &str| {
            assert_eq!(blurhash(&drawn(size.0, size.1, false), waves), expected, "{size:?} {waves:?}");
        };
        check((60, 40), (1, 1), "00I:Np");
        check((60, 40), (4, 3), "LyI:Np2XX6SfmYazjaf7Kea|wLjt");
        check((60, 40), (3, 5), "cyI:Np2XX6mYazjaKea|wLnka|kAn*jtW:");
        check((40, 60), (4, 3), "LpKk#{2qOpK2mYazjaf77uSf#osn");
        check((100, 20), (4, 3), "L#HwI?2Xw_Sfr0WWjaazS{fQsBfQ");
        let nine = "|pKk#{2qOpK2W:X6a|oeazmYazjaf7fQf7fjf7fQ7uSf#osnsBoKfQbGW:n8a|kAfQfQfQf7fQfQweo1f7WpSfWpW:a|jaoda|jafQ\
                    f7fQfQfQfjr[a|Sya|n*o1n*jtjtoKa|jafQfjfQfjfQf7SMa|n*jtn*jtbGa|W:";
        check((40, 60), (9, 9), nine);
    }

    #[test]
    fn waves_tell_where_it_is_bright() {
        let pixels: Vec<u8> = (0..32 * 8).flat_map(|at| [if at % 32 < 16 { 255 } else { 0 }; 3]).collect();
        let halves = PixelBuffer::from_vec(PixelFormat::Rgb, Size::new(32, 8), pixels);
        let hash = blurhash(&halves, (2, 1));
        let digit = |at: usize| DIGITS.iter().position(|digit| *digit == hash.as_bytes()[at]).unwrap();
        let wave = digit(6) * 83 + digit(7);
        assert_eq!(wave, 18 * 361 + 18 * 19 + 18, "bright on the left is the largest factor");
    }
}
