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
    let mut colors = Colors::new(width);
    for (y, out) in rgb.first_mut().rows_mut().enumerate() {
        colors.compute(luma.row(y), blue.row(cb, y), red.row(cr, y));
        colors.interleave(out);
    }
    rgb
}

/// A row of each color, since planes turned into planes vectorize.
struct Colors {
    red: Vec<u8>,
    green: Vec<u8>,
    blue: Vec<u8>,
}

impl Colors {
    fn new(width: usize) -> Self {
        Self { red: vec![0; width], green: vec![0; width], blue: vec![0; width] }
    }

    /// The equations of JFIF in 16 bits, of which 7 are behind the point; factors beyond one are split into a whole
    /// number and a fraction.
    fn compute(&mut self, luma: &[u8], cb: &[u8], cr: &[u8]) {
        for ((red, &y), &cr) in self.red.iter_mut().zip(luma).zip(cr) {
            let cr = centered(cr);
            *red = rounded(y, cr + times(cr, 26_345)); // 1.402
        }
        for (((green, &y), &cb), &cr) in self.green.iter_mut().zip(luma).zip(cb).zip(cr) {
            let (cb, cr) = (centered(cb), centered(cr));
            *green = rounded(y, times(cr, 18_734) - cr - times(cb, 22_554)); // -0.714136 and -0.344136
        }
        for ((blue, &y), &cb) in self.blue.iter_mut().zip(luma).zip(cb) {
            let cb = centered(cb);
            *blue = rounded(y, (cb << 1) - times(cb, 14_942)); // 1.772
        }
    }

    fn interleave(&self, rgb: &mut [u8]) {
        let colors = self.red.iter().zip(&self.green).zip(&self.blue);
        for (pixel, ((&red, &green), &blue)) in rgb.as_chunks_mut::<3>().0.iter_mut().zip(colors) {
            *pixel = [red, green, blue];
        }
    }
}

/// Chroma around 0, with 7 bits behind the point.
#[inline]
fn centered(chroma: u8) -> i16 {
    (i16::from(chroma) - 128) << 7
}

/// The product with `factor / 65536`.
#[inline]
fn times(number: i16, factor: i16) -> i16 {
    ((i32::from(number) * i32::from(factor)) >> 16) as i16
}

#[inline]
#[expect(clippy::cast_sign_loss, reason = "clamped, and only so it vectorizes")]
fn rounded(y: u8, difference: i16) -> u8 {
    (i16::from(y) + ((difference + 64) >> 7)).clamp(0, 255) as u8
}

/// Rows of a chroma plane at the size of the luma plane.
///
/// A luma sample lies between the centers of two chroma samples in each direction. With a divisor of `n` its distance
/// to them is a multiple of `1 / 2n`, so that all weights are whole numbers.
struct Upsampled {
    chroma: Subsampling,
    /// Samples of a chroma row, blended from two rows: `2 * chroma.y` times as large. The outermost ones stand twice.
    column: Vec<u16>,
    row: Vec<u8>,
}

impl Upsampled {
    fn new(chroma: Subsampling, width: usize) -> Self {
        let columns = width.div_ceil(usize::from(chroma.x));
        // The last chroma sample may cover luma samples that do not exist.
        Self { chroma, column: vec![0; columns + 2], row: vec![0; columns * usize::from(chroma.x)] }
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
        for ((sum, &near), &far) in self.column[1..].iter_mut().zip(plane.row(near)).zip(plane.row(far)) {
            *sum = u16::from(near) * weight + u16::from(far) * far_weight;
        }
        let end = self.column.len() - 1;
        (self.column[0], self.column[end]) = (self.column[1], self.column[end - 1]);
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

/// Every sum but the outermost two blended with its neighbors to `N` samples; `scale`, a power of 2, is what they are
/// too large by.
#[expect(clippy::cast_possible_truncation, reason = "a mean of bytes is a byte, and only so it vectorizes")]
fn widen<const N: usize>(sums: &[u16], row: &mut [u8], scale: u16) {
    let shift = scale.trailing_zeros();
    let whole = u16::try_from(2 * N).expect("a divisor is at most 4");
    let weights: [u16; N] = std::array::from_fn(|step| neighbors(step, N, 1).2);
    let neighborhoods = sums.iter().zip(&sums[1..]).zip(&sums[2..]);
    for (out, ((&left, &sum), &right)) in row.as_chunks_mut::<N>().0.iter_mut().zip(neighborhoods) {
        for step in 0..N {
            let far = if 2 * step + 1 < N { left } else { right };
            out[step] = ((sum * (whole - weights[step]) + far * weights[step] + scale / 2) >> shift) as u8;
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
    fn every_color_is_the_nearest_to_the_exact_one() {
        for y in (0..=255).step_by(15) {
            for cb in (0..=255).step_by(5) {
                for cr in (0..=255).step_by(5) {
                    let (l, b, r) = (f64::from(y), f64::from(cb) - 128.0, f64::from(cr) - 128.0);
                    let exact = [l + 1.402 * r, l - 0.344_136 * b - 0.714_136 * r, l + 1.772 * b];
                    for (exact, got) in exact.into_iter().zip(one(y, cb, cr)) {
                        assert!((exact.clamp(0.0, 255.0) - f64::from(got)).abs() < 0.52, "{y} {cb} {cr}");
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
