//! Sharpening by wavelets: details of five sizes, each strengthened by its own measure.
//!
//! The à-trous scheme: a picture is smoothed again and again by (1/4, 1/2, 1/4), each time with samples twice as far
//! apart. What a smoothing takes away is the detail of one size. The picture is the sum of all details and of what is
//! left; the sharpened picture is the same sum with gains.

use crate::cancel::CancelToken;
use crate::geometry::Canvas;
use crate::raster::{PixelBuffer, PixelFormat};
use crate::transform::weigh::{cut, rough};
use multiversion::multiversion;
use std::ops::Range;

/// Sizes of details.
const LEVELS: usize = 5;

/// How far all smoothings together reach.
const REACH: usize = (1 << LEVELS) - 1;

/// Width and height of the tiles worked on, so that theirs and all around them that they see stay in the cache.
const TILE: (usize, usize) = (256, 128);

/// How much details of each size gain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gains([f32; LEVELS]);

impl Gains {
    /// Upper bound of the nanoseconds that [`sharpen`] takes for a pixel.
    pub const WORK_PER_PX: u64 = 60;

    /// Gains of 1 + `amount`, falling off as a bell around the level `radius`: 0 for details of a pixel, 1 for those
    /// twice as large, and so on.
    #[expect(clippy::cast_possible_truncation, reason = "the arithmetic is one of single precision")]
    pub fn around(radius: f64, amount: f64) -> Self {
        let gain = |level: u8| amount * (-(f64::from(level) - radius).powi(2) / 1.5).exp() + 1.0;
        Self([0, 1, 2, 3, 4].map(gain).map(|gain| gain as f32))
    }
}

/// What is sharpened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sharpened {
    /// Each color channel by itself.
    Channels,
    /// Lightness only, of RGB and RGBA; colors keep their distance from gray. Gray has nothing else.
    Lightness,
}

/// The picture sharpened; alpha stays.
///
/// Beyond the borders the picture is mirrored, again and again where it is small. Results are cut off to bytes, but a
/// number less than a hair below a whole one counts as whole. Once cancelled, the rest of the frame stays as it was.
pub fn sharpen(
    frame: &PixelBuffer<Canvas>,
    gains: Gains,
    sharpened: Sharpened,
    cancel: &CancelToken,
) -> PixelBuffer<Canvas> {
    let format = frame.format();
    let mut result = frame.clone();
    let (width, height) = (frame.size().width as usize, frame.size().height as usize);
    let mut tile = Tile::default();
    for top in (0..height).step_by(TILE.1) {
        for left in (0..width).step_by(TILE.0) {
            if cancel.check().is_err() {
                return result;
            }
            let place = (left..(left + TILE.0).min(width), top..(top + TILE.1).min(height));
            match (format, sharpened) {
                (PixelFormat::Rgb, Sharpened::Lightness) => tile.lightness::<3>(frame, &mut result, &place, gains),
                (PixelFormat::Rgba, Sharpened::Lightness) => tile.lightness::<4>(frame, &mut result, &place, gains),
                (PixelFormat::Gray, _) => tile.channels::<1>(frame, &mut result, &place, gains, 1),
                (PixelFormat::GrayAlpha, _) => tile.channels::<2>(frame, &mut result, &place, gains, 1),
                (PixelFormat::Rgb, _) => tile.channels::<3>(frame, &mut result, &place, gains, 3),
                (PixelFormat::Rgba, _) => tile.channels::<4>(frame, &mut result, &place, gains, 3),
                (PixelFormat::Cmyk | PixelFormat::YCbCr(_), _) => unreachable!("light comes as gray or RGB"),
            }
        }
    }
    result
}

/// Columns and rows of a picture.
type Place = (Range<usize>, Range<usize>);

/// A part of one channel with all that its smoothings see.
#[derive(Default)]
struct Tile {
    width: usize,
    /// The channel, and its smoothings one after the other.
    smooth: Vec<f32>,
    /// The same smoothed along rows only.
    across: Vec<f32>,
    /// The sum of details.
    sharp: Vec<f32>,
}

impl Tile {
    fn channels<const CHANNELS: usize>(
        &mut self,
        from: &PixelBuffer<Canvas>,
        to: &mut PixelBuffer<Canvas>,
        place: &Place,
        gains: Gains,
        colors: usize,
    ) {
        for channel in 0..colors {
            self.read::<CHANNELS>(from, place, |pixel| f32::from(pixel[channel]));
            self.sharpen(gains);
            self.write::<CHANNELS>(to, place, |pixel, sharp| pixel[channel] = byte(sharp));
        }
    }

    fn lightness<const CHANNELS: usize>(
        &mut self,
        from: &PixelBuffer<Canvas>,
        to: &mut PixelBuffer<Canvas>,
        place: &Place,
        gains: Gains,
    ) {
        self.read::<CHANNELS>(from, place, |pixel| rough(luma(pixel)));
        self.sharpen(gains);
        self.write::<CHANNELS>(to, place, |pixel, sharp| {
            let [red, green, blue] = [0, 1, 2].map(|channel: usize| f64::from(pixel[channel]));
            let blueness = 0.5 * blue - 0.1687 * red - 0.3313 * green;
            let redness = 0.5 * red - 0.4187 * green - 0.0813 * blue;
            pixel[0] = byte(sharp + 1.402 * redness);
            pixel[1] = byte(sharp - 0.34414 * blueness - 0.71414 * redness);
            pixel[2] = byte(sharp + 1.772 * blueness);
        });
    }

    /// Takes numbers of the pixels at `place` and around it.
    fn read<const CHANNELS: usize>(
        &mut self,
        from: &PixelBuffer<Canvas>,
        (columns, rows): &Place,
        number: impl Fn(&[u8; CHANNELS]) -> f32,
    ) {
        let (width, height) = (from.size().width as usize, from.size().height as usize);
        self.width = columns.len() + 2 * REACH;
        let inside = columns.start.saturating_sub(REACH)..(columns.end + REACH).min(width);
        let before = REACH - (columns.start - inside.start);
        self.smooth.clear();
        for y in rows.start..rows.end + 2 * REACH {
            let (pixels, _) = from.first().row(mirrored(y, height)).as_chunks::<CHANNELS>();
            let outside = |x: usize| number(&pixels[mirrored(x, width)]);
            self.smooth.extend((columns.start..columns.start + before).map(outside));
            let start = self.smooth.len();
            self.smooth.resize(start + inside.len(), 0.0);
            take(&pixels[inside.clone()], &mut self.smooth[start..], &number);
            let missing = columns.start + before + inside.len()..columns.end + 2 * REACH;
            self.smooth.extend(missing.map(outside));
        }
        self.across.resize(self.smooth.len(), 0.0);
        self.sharp.resize(self.smooth.len(), 0.0);
    }

    /// Sums the details up, each with its gain. Around the tile the sums mean nothing.
    fn sharpen(&mut self, gains: Gains) {
        self.sharp.fill(0.0);
        let (smooth, sharp) = (&mut self.smooth[..], &mut self.sharp[..]);
        sum_details(self.width, smooth, &mut self.across, sharp, gains);
    }

    /// Gives the sums at `place` to its pixels.
    fn write<const CHANNELS: usize>(
        &self,
        to: &mut PixelBuffer<Canvas>,
        (columns, rows): &Place,
        put: impl Fn(&mut [u8; CHANNELS], f64),
    ) {
        let stride = to.first().stride;
        for (index, y) in rows.clone().enumerate() {
            let (pixels, _) = to.first_mut().data[y * stride..][..stride].as_chunks_mut::<CHANNELS>();
            let start = (index + REACH) * self.width + REACH;
            give(&self.sharp[start..], &self.smooth[start..], &mut pixels[columns.clone()], &put);
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn take<const CHANNELS: usize, N: Fn(&[u8; CHANNELS]) -> f32>(
    pixels: &[[u8; CHANNELS]],
    numbers: &mut [f32],
    number: N,
) {
    for (to, pixel) in numbers.iter_mut().zip(pixels) {
        *to = number(pixel);
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn give<const CHANNELS: usize, P: Fn(&mut [u8; CHANNELS], f64)>(
    sharp: &[f32],
    smooth: &[f32],
    pixels: &mut [[u8; CHANNELS]],
    put: P,
) {
    for (pixel, (sharp, smooth)) in pixels.iter_mut().zip(sharp.iter().zip(smooth)) {
        put(pixel, f64::from(sharp + smooth));
    }
}

/// The details of `smooth`, so many numbers a row, each size with its gain, onto `sharp`.
#[multiversion(targets("x86_64+avx2"))]
fn sum_details(width: usize, smooth: &mut [f32], across: &mut [f32], sharp: &mut [f32], Gains(gains): Gains) {
    let height = smooth.len() / width;
    let mut done = 0;
    for (level, gain) in gains.into_iter().enumerate() {
        let step = 1 << level;
        let inside = done + step..width - done - step;
        for y in done..height - done {
            let row = &smooth[y * width..][..width];
            let across = &mut across[y * width..][inside.clone()];
            let (left, middle, right) = (&row[done..], &row[inside.clone()], &row[inside.start + step..]);
            for (((to, left), middle), right) in across.iter_mut().zip(left).zip(middle).zip(right) {
                *to = 0.5 * middle + 0.25 * (left + right);
            }
        }
        for y in done + step..height - done - step {
            let [above, here, below] = [y - step, y, y + step].map(|y| &across[y * width..][inside.clone()]);
            let smooth = &mut smooth[y * width..][inside.clone()];
            let sharp = &mut sharp[y * width..][inside.clone()];
            let smoothed = above.iter().zip(here).zip(below);
            for (((above, here), below), (smooth, sharp)) in smoothed.zip(smooth.iter_mut().zip(sharp)) {
                let rest = 0.5 * here + 0.25 * (above + below);
                *sharp += gain * (*smooth - rest);
                *smooth = rest;
            }
        }
        done += step;
    }
}

fn luma<const CHANNELS: usize>(pixel: &[u8; CHANNELS]) -> f64 {
    let [red, green, blue] = [0, 1, 2].map(|channel: usize| f64::from(pixel[channel]));
    0.299 * red + 0.587 * green + 0.114 * blue
}

/// Makes numbers whole that only the rounding to single precision has put below.
const HAIR: f64 = 1.0 / 65_536.0;

fn byte(number: f64) -> u8 {
    cut(number + HAIR)
}

/// The pixel that shows at place `at` - [`REACH`] of a line of `length` that goes on mirrored at its ends, which are not
/// repeated.
fn mirrored(at: usize, length: usize) -> usize {
    if length == 1 {
        return 0;
    }
    let period = 2 * (length - 1);
    let place = (at + period * REACH.div_ceil(period) - REACH) % period;
    place.min(period - place)
}

#[cfg(test)]
mod tests;
