//! RGB out of planes.

use crate::raster::{PixelBuffer, PixelFormat, Plane, Subsampling};

/// Full-range YCbCr (JFIF, BT.601) as RGB; everything else stays as it is.
///
/// Smaller chroma planes are interpolated linearly between their samples, which sit at the center of the luma samples
/// they cover; beyond the outermost ones they go on as they are.
#[must_use]
pub fn rgb_from_ycbcr<S>(buffer: PixelBuffer<S>) -> PixelBuffer<S> {
    let (PixelFormat::YCbCr(chroma), [luma, cb, cr]) = (buffer.format(), buffer.planes()) else { return buffer };
    let mut rgb = PixelBuffer::new(PixelFormat::Rgb, buffer.size());
    let width = luma.stride;
    let (mut blue, mut red) = (Upsampled::new(chroma, width), Upsampled::new(chroma, width));
    for (y, out) in rgb.first_mut().rows_mut().enumerate() {
        row_to_rgb(luma.row(y), blue.row(cb, y), red.row(cr, y), out);
    }
    rgb
}

/// The three equations of JFIF in fixed point of 16 bits.
fn row_to_rgb(luma: &[u8], cb: &[u8], cr: &[u8], out: &mut [u8]) {
    const HALF: i32 = 1 << 15;
    for (((pixel, &y), &cb), &cr) in out.as_chunks_mut::<3>().0.iter_mut().zip(luma).zip(cb).zip(cr) {
        let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
        let red = y + ((91_881 * cr + HALF) >> 16);
        let green = y + ((-22_554 * cb - 46_802 * cr + HALF) >> 16);
        let blue = y + ((116_130 * cb + HALF) >> 16);
        *pixel = [clamped(red), clamped(green), clamped(blue)];
    }
}

fn clamped(sample: i32) -> u8 {
    sample.clamp(0, 255).to_le_bytes()[0]
}

/// Rows of a chroma plane at the size of the luma plane.
///
/// A luma sample lies between the centers of two chroma samples in each direction. With a divisor of `n` its distance
/// to them is a multiple of `1 / 2n`, so that all weights are whole numbers.
struct Upsampled {
    chroma: Subsampling,
    /// Samples of a chroma row, blended from two rows: `2 * chroma.y` times as large.
    column: Vec<u16>,
    row: Vec<u8>,
}

impl Upsampled {
    fn new(chroma: Subsampling, width: usize) -> Self {
        let columns = width.div_ceil(usize::from(chroma.x));
        // The last chroma sample may cover luma samples that do not exist.
        Self { chroma, column: vec![0; columns], row: vec![0; columns * usize::from(chroma.x)] }
    }

    /// Row `y` of the luma plane's size; a little longer if the width is not a multiple of the divisor.
    fn row<'a>(&'a mut self, plane: &'a Plane, y: usize) -> &'a [u8] {
        if self.chroma == Subsampling::NONE {
            return plane.row(y);
        }
        let divisor = usize::from(self.chroma.y);
        let rows = plane.rows().len();
        let (near, far, far_weight) = neighbors(y, divisor, rows);
        let weight = u16::from(self.chroma.y) * 2 - far_weight;
        for ((sum, &near), &far) in self.column.iter_mut().zip(plane.row(near)).zip(plane.row(far)) {
            *sum = u16::from(near) * weight + u16::from(far) * far_weight;
        }
        let scale = 4 * u16::from(self.chroma.x) * u16::from(self.chroma.y);
        match self.chroma.x {
            1 => widen::<1>(&self.column, &mut self.row, scale),
            2 => widen::<2>(&self.column, &mut self.row, scale),
            _ => widen::<4>(&self.column, &mut self.row, scale),
        }
        &self.row
    }
}

/// The chroma sample that covers luma sample `at`, the next nearest one, and the weight of that in units of
/// `1 / (2 * divisor)`.
fn neighbors(at: usize, divisor: usize, samples: usize) -> (usize, usize, u16) {
    let (near, step) = (at / divisor, at % divisor);
    // Twice the distance of the luma sample to the center of the chroma sample.
    let offset = 2 * step + 1;
    let weight = u16::try_from(offset.abs_diff(divisor)).expect("a divisor is at most 4");
    let far = if offset < divisor { near.saturating_sub(1) } else { (near + 1).min(samples - 1) };
    (near, far, weight)
}

/// Every sum blended with its neighbors to `N` samples; `scale`, a power of 2, is what they are too large by.
fn widen<const N: usize>(sums: &[u16], row: &mut [u8], scale: u16) {
    let shift = scale.trailing_zeros();
    let last = sums.len() - 1;
    let whole = u16::try_from(2 * N).expect("a divisor is at most 4");
    for (at, out) in row.as_chunks_mut::<N>().0.iter_mut().enumerate() {
        let (left, sum, right) = (sums[at.saturating_sub(1)], sums[at], sums[(at + 1).min(last)]);
        for (step, sample) in out.iter_mut().enumerate() {
            let (_, _, weight) = neighbors(step, N, 1);
            let far = if 2 * step + 1 < N { left } else { right };
            *sample = ((sum * (whole - weight) + far * weight + scale / 2) >> shift).to_le_bytes()[0];
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]
mod tests {
    use super::*;
    use crate::geometry::{Canvas, Size};

    fn one(y: u8, cb: u8, cr: u8) -> Vec<u8> {
        let mut picture = PixelBuffer::<Canvas>::new(PixelFormat::YCbCr(Subsampling::NONE), Size::new(1, 1));
        for (plane, sample) in picture.planes_mut().iter_mut().zip([y, cb, cr]) {
            plane.data[0] = sample;
        }
        rgb_from_ycbcr(picture).into_first()
    }

    #[test]
    fn colors_are_those_of_jfif() {
        let check = |ycbcr: [u8; 3], rgb: [u8; 3]| {
            assert_eq!(one(ycbcr[0], ycbcr[1], ycbcr[2]), rgb, "{ycbcr:?}");
        };
        check([0, 128, 128], [0, 0, 0]);
        check([255, 128, 128], [255, 255, 255]);
        check([76, 85, 255], [254, 0, 0]);
        check([150, 44, 21], [0, 255, 1]);
        check([29, 255, 107], [0, 0, 254]);
        check([0, 0, 0], [0, 135, 0]);
        check([255, 255, 255], [255, 121, 255]);
    }

    #[test]
    fn every_color_is_at_most_half_a_level_from_the_exact_one() {
        for y in (0..=255).step_by(15) {
            for cb in (0..=255).step_by(5) {
                for cr in (0..=255).step_by(5) {
                    let (l, b, r) = (f64::from(y), f64::from(cb) - 128.0, f64::from(cr) - 128.0);
                    let exact = [l + 1.402 * r, l - 0.344_136 * b - 0.714_136 * r, l + 1.772 * b];
                    for (exact, got) in exact.into_iter().zip(one(y, cb, cr)) {
                        assert!((exact.clamp(0.0, 255.0) - f64::from(got)).abs() < 0.51, "{y} {cb} {cr}");
                    }
                }
            }
        }
    }

    /// The sample at luma position `at` of a row of chroma samples, in real numbers.
    fn interpolated(samples: &[f64], at: usize, divisor: usize) -> f64 {
        let position = (at as f64 + 0.5) / divisor as f64 - 0.5;
        let left = position.floor();
        let sample = |at: f64| samples[at.clamp(0.0, samples.len() as f64 - 1.0) as usize];
        sample(left) * (1.0 - (position - left)) + sample(left + 1.0) * (position - left)
    }

    #[test]
    fn chroma_lies_on_the_line_between_its_samples() {
        for (x, y) in [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (4, 2), (4, 4)] {
            for (width, height) in [(13_u32, 11_u32), (8, 8), (1, 1), (5, 1), (1, 6)] {
                let chroma = Subsampling { x, y };
                let mut picture = PixelBuffer::<Canvas>::new(PixelFormat::YCbCr(chroma), Size::new(width, height));
                let cb = &mut picture.planes_mut()[1];
                cb.data.iter_mut().enumerate().for_each(|(at, sample)| *sample = (at * 83 % 256) as u8);
                let columns: Vec<Vec<f64>> =
                    cb.rows().map(|row| row.iter().map(|&sample| f64::from(sample)).collect()).collect();
                let mut upsampled = Upsampled::new(chroma, width as usize);
                for at_y in 0..height as usize {
                    let row = upsampled.row(&picture.planes()[1], at_y).to_vec();
                    for (at_x, &got) in row.iter().take(width as usize).enumerate() {
                        let column: Vec<f64> =
                            columns.iter().map(|row| interpolated(row, at_x, usize::from(x))).collect();
                        let exact = interpolated(&column, at_y, usize::from(y));
                        assert!((exact - f64::from(got)).abs() <= 0.5, "{x}x{y} of {width}x{height} at {at_x},{at_y}");
                    }
                }
            }
        }
    }
}
