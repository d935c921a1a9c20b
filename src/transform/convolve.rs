//! Convolution with any kernel.
//!
//! Works through strips of columns from the top, so that the rows below the kernel stay in the cache as numbers.

use super::weigh::{Precision, Tap, rough, weigh};
use crate::cancel::CancelToken;
use crate::geometry::Canvas;
use crate::raster::{PixelBuffer, Plane};
use std::ops::Range;

/// A matrix of weights with a middle: its sides are odd.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// Rows from the top, one after the other.
    weights: Vec<f64>,
    columns: usize,
    precision: Precision,
}

impl Matrix {
    /// The matrix with these rows, one after the other, each weight divided by `divisor`.
    ///
    /// # Panics
    /// If the weights are not an odd number of rows of an odd number of columns.
    pub fn new(weights: Vec<f64>, columns: usize, divisor: f64) -> Self {
        assert!(
            columns % 2 == 1 && weights.len().is_multiple_of(columns) && weights.len() / columns % 2 == 1,
            "a matrix has a middle"
        );
        let weights: Vec<f64> = weights.into_iter().map(|weight| weight / divisor).collect();
        let precision = Precision::of(&weights);
        Self { weights, columns, precision }
    }

    /// Upper bound of the nanoseconds a pixel.
    pub fn work_per_px(&self) -> u64 {
        let taps = self.weights.iter().filter(|weight| **weight != 0.0).count() as u64;
        match self.precision {
            Precision::Exact => 2 + taps / 3,
            Precision::Within(_) | Precision::Useless => 3 + taps,
        }
    }
}

/// Each sample becomes the weighted sum of the samples around it, cut off to a byte. All channels alike, alpha too.
///
/// Beyond the borders lie the pixels of the border. Bytes are those of sums in double precision, row by row, rounding
/// errors included. Once cancelled, the rest of the frame stays black.
pub fn convolve(frame: &PixelBuffer<Canvas>, matrix: &Matrix, cancel: &CancelToken) -> PixelBuffer<Canvas> {
    let mut result = PixelBuffer::new(frame.format(), frame.size());
    let channels = frame.format().channels();
    let (width, height) = (frame.size().width as usize, frame.size().height as usize);
    let rows = matrix.weights.len() / matrix.columns;
    let strip = (KEPT / rows / channels).clamp(128, 4096);
    let stride = result.first().stride;
    for left in (0..width).step_by(strip) {
        let columns = left..(left + strip).min(width);
        let mut window = Window::new(frame.first(), columns.clone(), (matrix.columns / 2, rows), channels);
        for y in 0..height {
            if cancel.check().is_err() {
                return result;
            }
            let taps = window.at(y, matrix);
            let out = &mut result.first_mut().data[y * stride..][columns.start * channels..columns.end * channels];
            weigh(&taps, matrix.precision, out);
        }
    }
    result
}

/// Numbers of rows below the kernel that are kept, in all: 256 kB.
const KEPT: usize = 65_536;

/// The rows around one row of a strip of columns, as numbers, with the columns around the strip.
struct Window<'a> {
    plane: &'a Plane,
    columns: Range<usize>,
    reach: usize,
    channels: usize,
    /// Row y of the picture, and of what continues it above and below, is row y modulo their number.
    rows: Vec<Vec<f32>>,
    /// The next row that is missing, counted from the first row above the picture.
    next: usize,
}

impl<'a> Window<'a> {
    fn new(plane: &'a Plane, columns: Range<usize>, (reach, rows): (usize, usize), channels: usize) -> Self {
        let samples = (columns.len() + 2 * reach) * channels;
        Self { plane, columns, reach, channels, rows: vec![vec![0.0; samples]; rows], next: 0 }
    }

    /// The taps of row `y`; rows are asked for from the top, none left out.
    fn at(&mut self, y: usize, matrix: &Matrix) -> Vec<Tap<'_>> {
        let rows = self.rows.len();
        while self.next < y + rows {
            self.load();
        }
        let mut taps = Vec::with_capacity(matrix.weights.len());
        for (down, weights) in matrix.weights.chunks_exact(matrix.columns).enumerate() {
            let row = &self.rows[(y + down) % rows];
            for (across, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
                let samples = &row[across * self.channels..];
                taps.push(Tap { samples, weight: *weight, rough: rough(*weight) });
            }
        }
        taps
    }

    /// Takes the next row in.
    fn load(&mut self) {
        let (rows, channels) = (self.rows.len(), self.channels);
        let y = self.next.saturating_sub(rows / 2).min(self.plane.rows().len() - 1);
        let source = self.plane.row(y);
        let width = source.len() / channels;
        let inside = self.columns.start.saturating_sub(self.reach)..(self.columns.end + self.reach).min(width);
        let row = &mut self.rows[self.next % rows];
        let (before, rest) = row.split_at_mut(self.reach.saturating_sub(self.columns.start) * channels);
        let (middle, after) = rest.split_at_mut(inside.len() * channels);
        let fill = |pixels: &mut [f32], with: &[u8]| {
            for pixel in pixels.chunks_exact_mut(channels) {
                for (number, sample) in pixel.iter_mut().zip(with) {
                    *number = f32::from(*sample);
                }
            }
        };
        fill(before, &source[..channels]);
        for (number, sample) in middle.iter_mut().zip(&source[inside.start * channels..]) {
            *number = f32::from(*sample);
        }
        fill(after, &source[source.len() - channels..]);
        self.next += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::raster::PixelFormat;

    /// The slow, obvious twin: every sample from its definition, in double precision.
    fn by_definition(frame: &PixelBuffer<Canvas>, matrix: &Matrix) -> Vec<u8> {
        let (width, height) = (i64::from(frame.size().width), i64::from(frame.size().height));
        let channels = frame.format().channels();
        let sample = |x: i64, y: i64, channel: usize| {
            let (x, y) = (x.clamp(0, width - 1), y.clamp(0, height - 1));
            let at = usize::try_from(y * width + x).unwrap() * channels + channel;
            f64::from(frame.first().data[at])
        };
        let columns = i64::try_from(matrix.columns).unwrap();
        let rows = i64::try_from(matrix.weights.len()).unwrap() / columns;
        let mut result = Vec::new();
        for y in 0..height {
            for x in 0..width {
                for channel in 0..channels {
                    let mut sum = 0.0;
                    for (at, weight) in (0..).zip(&matrix.weights) {
                        sum += weight * sample(x + at % columns - columns / 2, y + at / columns - rows / 2, channel);
                    }
                    result.push((0..=255).rev().find(|byte| f64::from(*byte) <= sum).unwrap_or(0_u8));
                }
            }
        }
        result
    }

    fn picture(format: PixelFormat, width: u32, height: u32) -> PixelBuffer<Canvas> {
        let mut picture = PixelBuffer::new(format, Size::new(width, height));
        let mut seed = 1_u32;
        for sample in &mut picture.first_mut().data {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *sample = seed.to_be_bytes()[0];
        }
        picture
    }

    #[test]
    fn every_sample_is_that_of_the_definition() {
        let matrices = [
            Matrix::new(vec![1.0, 2.0, 1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 1.0], 3, 16.0),
            Matrix::new(vec![-1.0, -1.0, -1.0, -1.0, 8.0, -1.0, -1.0, -1.0, -1.0], 3, 1.0),
            Matrix::new((-17..18).map(f64::from).collect(), 5, 7.0),
            Matrix::new((-17..18).map(f64::from).collect(), 7, -7.0),
            Matrix::new((0..49).map(|i| f64::from(i) * 0.013).collect(), 7, 15.288),
            Matrix::new(vec![1e6, -999_999.0, 0.0], 1, 1.0),
            Matrix::new(vec![0.0; 9], 9, 1.0),
            Matrix::new(vec![1.0; 31 * 31], 31, 961.0),
        ];
        for format in [PixelFormat::Gray, PixelFormat::GrayAlpha, PixelFormat::Rgb, PixelFormat::Rgba] {
            for (width, height) in [(1, 1), (1, 40), (40, 1), (5, 4), (37, 41)] {
                let picture = picture(format, width, height);
                for matrix in &matrices {
                    let found = convolve(&picture, matrix, &CancelToken::never());
                    let what = format!("{format:?} {width}x{height} {matrix:?}");
                    assert!(found.into_first() == by_definition(&picture, matrix), "{what}");
                }
            }
        }
    }

    #[test]
    fn strips_of_columns_do_not_show() {
        let picture = picture(PixelFormat::Rgb, 9001, 3);
        let matrix = Matrix::new((0..35).map(f64::from).collect(), 7, 595.0);
        assert!(convolve(&picture, &matrix, &CancelToken::never()).into_first() == by_definition(&picture, &matrix));
    }

    #[test]
    fn a_cancelled_convolution_stops_and_keeps_the_size() {
        let cancel = CancelToken::never();
        cancel.cancel();
        let picture = picture(PixelFormat::Rgb, 20, 20);
        let stopped = convolve(&picture, &Matrix::new(vec![1.0], 1, 1.0), &cancel);
        assert_eq!(stopped, PixelBuffer::new(PixelFormat::Rgb, Size::new(20, 20)));
    }
}
