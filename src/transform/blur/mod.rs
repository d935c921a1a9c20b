//! Gaussian blur, at a cost that does not grow with the radius.
//!
//! As in Thumbor the Gaussian is cut at a radius that may be as small as its deviation, and its two passes each cut
//! their sums off to bytes. Few taps are summed one by one, to the very bytes of Thumbor, also where its rounding errors
//! make flat areas a little darker. Many are replaced by a few cosines whose sums slide along a line (`slide.rs`),
//! fitted so well (`cosines.rs`) that no sum is off by more than [`TOLERANCE`] before the cut. So a pass differs by 1 at
//! most, and only where the exact sum lies that near to a whole number; flat areas stay as they are.

mod cosines;
mod slide;

use super::convolve::{Matrix, convolve};
use crate::cancel::CancelToken;
use crate::geometry::Canvas;
use crate::raster::PixelBuffer;
use cosines::Cosines;
use std::f64::consts::{E, PI};

/// By how much a sum of bytes may be off before it is cut off to a byte.
const TOLERANCE: f64 = 1.0 / 128.0;

/// A Gaussian cut at a radius, ready to blur with.
#[derive(Clone, Debug)]
pub struct Gaussian {
    way: Way,
    work_per_px: u64,
}

#[derive(Clone, Debug)]
enum Way {
    /// Tap by tap: the pass along rows, the pass along columns.
    Taps(Box<[Matrix; 2]>),
    Slide(Cosines),
}

impl Gaussian {
    /// Weights exp(-x^2 / 2 sigma^2) for x from -`radius` to `radius`, divided by their sum.
    ///
    /// The sign of `sigma` does not matter; 0 changes nothing.
    pub fn new(radius: u32, sigma: f64) -> Self {
        // What weighs so little is lost in the rounding of sums.
        let weights = weights(radius, sigma, 1e-18);
        let taps = 2 * weights.len() - 1;
        match Cosines::fit(&self::weights(radius, sigma, TOLERANCE / 1024.0), TOLERANCE) {
            // Measured with three and four channels: what a tap costs, and what a cosine and the turning of rows cost.
            Some(cosines) if taps > 10 + 12 * cosines.count() => {
                let work_per_px = 6 + 5 * cosines.count() as u64;
                Self { way: Way::Slide(cosines), work_per_px }
            }
            _ => {
                let row: Vec<f64> = weights[1..].iter().rev().chain(&weights).copied().collect();
                let total = row.iter().sum();
                let passes = [Matrix::new(row.clone(), taps, total), Matrix::new(row, 1, total)];
                let work_per_px = passes.iter().map(Matrix::work_per_px).sum();
                Self { way: Way::Taps(Box::new(passes)), work_per_px }
            }
        }
    }

    /// Upper bound of the nanoseconds a pixel.
    pub fn work_per_px(&self) -> u64 {
        self.work_per_px
    }
}

/// The weights from the middle outwards, without those that count less than `unseen` together, in units of all.
fn weights(radius: u32, sigma: f64, unseen: f64) -> Vec<f64> {
    // Thumbor's way of writing it, to the last bit; the factor before the power cancels out.
    let scale = (2.0 * PI * sigma * sigma).sqrt();
    let scale = if scale.is_normal() { scale } else { 1.0 };
    let power = |x: f64| E.powf(-(x * x) / (2.0 * sigma * sigma)) / scale;
    let weight = |x: u32| if x == 0 { 1.0 / scale } else { power(x.into()) };
    let mut weights: Vec<f64> = (0..=radius).map(weight).collect();
    let most = unseen * (2.0 * weights.iter().sum::<f64>() - weights[0]);
    let mut tail = 0.0;
    while let [_, .., last] = weights[..] {
        tail += 2.0 * last;
        if tail > most {
            break;
        }
        weights.pop();
    }
    weights
}

/// The picture blurred along rows, then along columns; all channels alike, alpha too.
///
/// Beyond the borders lie the pixels of the border. Once cancelled, the rest of the frame is not done.
pub fn blur(frame: PixelBuffer<Canvas>, gaussian: &Gaussian, cancel: &CancelToken) -> PixelBuffer<Canvas> {
    match &gaussian.way {
        Way::Taps(passes) => passes.iter().fold(frame, |frame, pass| convolve(&frame, pass, cancel)),
        Way::Slide(cosines) => {
            let (mut across, mut down) = (PixelBuffer::new(frame.format(), frame.size()), frame);
            slide::rows(&down, &mut across, cosines, cancel);
            slide::columns(&across, &mut down, cosines, cancel);
            down
        }
    }
}

#[cfg(test)]
mod tests;
