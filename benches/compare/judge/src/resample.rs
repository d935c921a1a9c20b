//! The slow and obvious resampler: Lanczos3 over linear, premultiplied `f32`, first along rows, then columns.

use image::Rgba32FImage;

/// Lobes of the kernel on each side.
const LOBES: f64 = 3.0;

/// Linear, premultiplied RGBA, row by row.
pub struct Plane {
    pub width: u32,
    pub height: u32,
    pub pixels: Vec<[f32; 4]>,
}

/// A part of an axis, in source pixels.
#[derive(Clone, Copy)]
pub struct Span {
    pub start: f64,
    pub length: f64,
}

/// The source pixels that make one pixel of the result, and how much of each.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

impl Plane {
    pub fn premultiplied_linear(picture: &Rgba32FImage) -> Self {
        let pixels = picture.pixels().map(|pixel| {
            let [red, green, blue, alpha] = pixel.0;
            [linear(red) * alpha, linear(green) * alpha, linear(blue) * alpha, alpha]
        });
        Self { width: picture.width(), height: picture.height(), pixels: pixels.collect() }
    }

    pub fn is_opaque(&self) -> bool {
        self.pixels.iter().all(|pixel| pixel[3] >= 0.999)
    }

    pub fn reduce(&self, across: Span, width: u32, down: Span, height: u32) -> Self {
        let row = self.width as usize;
        let columns = taps(across, width, self.width);
        let lines = taps(down, height, self.height);
        let mut narrow = Vec::with_capacity(columns.len() * self.height as usize);
        for line in self.pixels.chunks_exact(row) {
            narrow.extend(columns.iter().map(|taps| sum(taps, |index| line[index])));
        }
        let mut pixels = Vec::with_capacity(columns.len() * lines.len());
        for taps in &lines {
            pixels.extend((0..columns.len()).map(|x| sum(taps, |y| narrow[y * columns.len() + x])));
        }
        Self { width, height, pixels }
    }
}

/// Straight alpha and the sRGB curve, clipped to what a file can hold.
pub fn straight_srgb([red, green, blue, alpha]: [f32; 4]) -> [f32; 4] {
    let alpha = alpha.clamp(0.0, 1.0);
    let divisor = if alpha > 1e-6 { alpha } else { 1.0 };
    let encode = |value: f32| encoded((value / divisor).clamp(0.0, 1.0));
    [encode(red), encode(green), encode(blue), alpha]
}

fn sum(taps: &Taps, at: impl Fn(usize) -> [f32; 4]) -> [f32; 4] {
    let mut total = [0.0; 4];
    for (offset, weight) in taps.weights.iter().enumerate() {
        let pixel = at(taps.first + offset);
        for channel in 0..4 {
            total[channel] += pixel[channel] * weight;
        }
    }
    total
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "positions are clamped into the axis and weights are near 1"
)]
fn taps(span: Span, count: u32, axis: u32) -> Vec<Taps> {
    let step = span.length / f64::from(count);
    let reach = LOBES * step.max(1.0);
    let taps_around = |center: f64| {
        let first = (center - reach).floor().max(0.0);
        let end = (center + reach).ceil().min(f64::from(axis));
        let positions = first as usize..end as usize;
        let raw: Vec<f64> = positions.map(|index| lanczos((index as f64 + 0.5 - center) / step.max(1.0))).collect();
        let total: f64 = raw.iter().sum();
        Taps { first: first as usize, weights: raw.iter().map(|weight| (weight / total) as f32).collect() }
    };
    (0..count).map(|index| taps_around(span.start + (f64::from(index) + 0.5) * step)).collect()
}

fn lanczos(x: f64) -> f64 {
    if x.abs() < 1e-9 {
        1.0
    } else if x.abs() >= LOBES {
        0.0
    } else {
        let turn = std::f64::consts::PI * x;
        LOBES * turn.sin() * (turn / LOBES).sin() / (turn * turn)
    }
}

fn linear(encoded: f32) -> f32 {
    if encoded <= 0.040_45 { encoded / 12.92 } else { ((encoded + 0.055) / 1.055).powf(2.4) }
}

fn encoded(linear: f32) -> f32 {
    if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 }
}
