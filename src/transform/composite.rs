//! Pictures laid over others: straight alpha, source over.

#![expect(clippy::inline_always, reason = "parts of a kernel must be compiled for the same instructions as itself")]

use crate::geometry::Canvas;
use crate::raster::{PixelBuffer, PixelFormat};
use multiversion::multiversion;
use std::ops::Range;

/// Pixels that are looked at together: often all of them are invisible, or all of them opaque.
const BLOCK: usize = 16;

/// Where the copies of a picture lie along one axis.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Copies {
    /// Where the first one begins; copies may lie partly or wholly outside of the canvas.
    pub first: i64,
    /// From the beginning of one to that of the next; below the picture's side they overlap, below 0 they go back.
    pub step: i64,
    /// How many there are.
    pub count: u32,
}

impl Copies {
    /// The picture itself, beginning at `first`.
    pub fn one(first: i64) -> Self {
        Self { first, step: 0, count: 1 }
    }

    /// Where each copy begins.
    fn starts(self) -> impl Iterator<Item = i64> {
        (0..i64::from(self.count)).map(move |index| self.first + index * self.step)
    }
}

/// Lays copies of an RGBA `picture`, with `fade` taken off each alpha, over an RGB or RGBA `canvas`.
///
/// Parts outside of the canvas do not show. Every combination of a copy across and one down is drawn; where copies
/// overlap, later ones lie on top.
pub fn composite(
    canvas: &mut PixelBuffer<Canvas>,
    picture: &PixelBuffer<Canvas>,
    (across, down): (Copies, Copies),
    fade: u8,
) {
    debug_assert_eq!(picture.format(), PixelFormat::Rgba, "what is laid over has alpha");
    let format = canvas.format();
    let channels = format.channels();
    let (width, height) = (i64::from(canvas.size().width), i64::from(canvas.size().height));
    let strip = Strip::of(across, i64::from(picture.size().width));
    let stride = canvas.first().stride;
    let data = &mut canvas.first_mut().data;
    let mut pixels = vec![0; strip.width * 4];
    for (line, row) in (0..).zip(picture.first().rows()) {
        Strip::lay(row, fade, &mut pixels);
        for top in down.starts().map(|top| top + line).filter(|top| (0..height).contains(top)) {
            let to = &mut data[index(top) * stride..][..stride];
            for left in strip.copies.starts() {
                let shown = visible(left, strip.width, width);
                let at = index(left.max(0)) * channels;
                if !shown.is_empty() {
                    let to = &mut to[at..][..shown.len() * channels];
                    over(to, format, &pixels[shown.start * 4..shown.end * 4]);
                }
            }
        }
    }
}

/// Lays a row of RGBA pixels over as many RGB or RGBA ones.
///
/// With `s` and `d` as alphas from 0 to 1, alpha becomes `1 - (1 - s)(1 - d)` and each color the mean of both, weighed
/// by `s` and `(1 - s) d`; both are rounded down. Where nothing is visible the color is 0.
#[multiversion(targets("x86_64+avx2"))]
pub fn over(below: &mut [u8], format: PixelFormat, above: &[u8]) {
    let above = above.as_chunks::<4>().0.chunks(BLOCK);
    if format == PixelFormat::Rgba {
        for (below, above) in below.as_chunks_mut::<4>().0.chunks_mut(BLOCK).zip(above) {
            match alpha_of(above) {
                Some(0) if below.iter().all(|pixel| pixel[3] > 0) => {}
                Some(255) => below.copy_from_slice(above),
                _ => below.iter_mut().zip(above).for_each(|(below, above)| *below = rgba_over(*below, *above)),
            }
        }
    } else {
        debug_assert_eq!(format, PixelFormat::Rgb, "pictures are laid over RGB or RGBA");
        for (below, above) in below.chunks_mut(BLOCK * 3).zip(above).filter(|(_, above)| alpha_of(above) != Some(0)) {
            match <&mut [u8; BLOCK * 3]>::try_from(&mut *below) {
                Ok(below) => block_over(below, above),
                Err(_) => below
                    .as_chunks_mut::<3>()
                    .0
                    .iter_mut()
                    .zip(above)
                    .for_each(|(below, above)| *below = rgb_over(*below, *above)),
            }
        }
    }
}

/// The alpha of all these pixels, if they have the same and it is 0 or 255.
#[inline(always)]
fn alpha_of(pixels: &[[u8; 4]]) -> Option<u8> {
    let (any, all) = pixels.iter().fold((0, 255), |(any, all), pixel| (any | pixel[3], all & pixel[3]));
    match (any, all) {
        (0, _) => Some(0),
        (_, 255) => Some(255),
        _ => None,
    }
}

/// `above` over `below`.
///
/// All sums are whole numbers below 2^24, which `f32` holds exactly, and a quotient of them never rounds up to a whole
/// number: it misses one by 1/65025 at least, and its last digit is worth less.
#[inline(always)]
fn rgba_over(below: [u8; 4], above: [u8; 4]) -> [u8; 4] {
    let (source, destination) = (f32::from(above[3]), f32::from(below[3]));
    let (source, rest) = (255.0 * source, (255.0 - source) * destination);
    let weight = source + rest;
    let divisor = weight.max(1.0);
    // Alpha is computed like a color of 1: the same steps for all four become one vector.
    let above = [above[0], above[1], above[2], 1].map(f32::from);
    let below = [below[0], below[1], below[2], 1].map(f32::from);
    let divisors = [divisor, divisor, divisor, 255.0];
    std::array::from_fn(|lane| floor((source * above[lane] + rest * below[lane]) / divisors[lane]))
}

/// A byte's worth of `value` without its fraction.
///
/// Added to 2^23 it is rounded to a whole number, which are then the last bits; where that went up, one is taken back.
/// A cast would look at each lane for itself.
#[inline(always)]
fn floor(value: f32) -> u8 {
    const WHOLE: f32 = 8_388_608.0;
    let rounded = value + WHOLE;
    (rounded.to_bits() - u32::from(rounded - WHOLE > value)).to_le_bytes()[0]
}

/// `above` over `below`, which is opaque.
#[inline]
fn rgb_over(below: [u8; 3], above: [u8; 4]) -> [u8; 3] {
    std::array::from_fn(|channel| mean(above[channel], above[3], below[channel]))
}

/// The same for a block: colors and alphas are laid out as `below` is, and all samples change in one flat loop.
#[inline(always)]
fn block_over(below: &mut [u8; BLOCK * 3], above: &[[u8; 4]]) {
    let (mut colors, mut alphas) = ([0; BLOCK * 3], [0; BLOCK * 3]);
    for (pixel, (color, alpha)) in above.iter().zip(colors.chunks_exact_mut(3).zip(alphas.chunks_exact_mut(3))) {
        color.copy_from_slice(&pixel[..3]);
        alpha.fill(pixel[3]);
    }
    for ((below, color), alpha) in below.iter_mut().zip(colors).zip(alphas) {
        *below = mean(color, alpha, *below);
    }
}

/// The mean of two samples, weighed by alpha and rounded down.
#[inline]
fn mean(above: u8, alpha: u8, below: u8) -> u8 {
    let alpha = u16::from(alpha);
    let sum = alpha * u16::from(above) + (255 - alpha) * u16::from(below);
    // The quotient of 255, rounded down: exact for every weighted mean of bytes, and never beyond 16 bits.
    ((sum + 1 + ((sum + 1) >> 8)) >> 8).to_le_bytes()[0]
}

/// What is drawn at a time in a row of the canvas: one copy, or all of them where one ends as the next begins, so that a
/// row of thousands of tiny copies is one long one.
struct Strip {
    /// Pixels.
    width: usize,
    /// Where the strips lie.
    copies: Copies,
}

impl Strip {
    fn of(across: Copies, width: i64) -> Self {
        if across.count > 1 && across.step == width {
            return Self { width: index(width) * across.count as usize, copies: Copies::one(across.first) };
        }
        Self { width: index(width), copies: across }
    }

    /// Fills the strip with `row`, over and over.
    fn lay(row: &[u8], fade: u8, strip: &mut [u8]) {
        strip[..row.len()].copy_from_slice(row);
        for pixel in strip[..row.len()].as_chunks_mut::<4>().0 {
            pixel[3] = pixel[3].saturating_sub(fade);
        }
        for start in (row.len()..strip.len()).step_by(row.len()) {
            strip.copy_within(..row.len(), start);
        }
    }
}

/// Which pixels of `length` lie on a canvas of `side` when the first one lies at `start`.
fn visible(start: i64, length: usize, side: i64) -> Range<usize> {
    let end = i64::try_from(length).unwrap_or(i64::MAX).min(side.saturating_sub(start));
    let start = start.saturating_neg().max(0).min(end.max(0));
    index(start)..index(end.max(start))
}

fn index(position: i64) -> usize {
    usize::try_from(position).expect("the caller gives what is not negative")
}

#[cfg(test)]
mod tests;
