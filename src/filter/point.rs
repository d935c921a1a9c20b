//! What point filters share: each color sample changes by itself, through a table.

use crate::geometry::Canvas;
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Scene};

/// Replaces every color sample by its entry; alpha stays.
#[derive(Debug)]
pub(super) struct Point([u8; 256]);

impl Point {
    /// The table of `curve`, whose results are clamped to bytes.
    pub(super) fn new(curve: impl Fn(i64) -> i64) -> Self {
        let mut table = [0; 256];
        for (sample, entry) in (0..).zip(&mut table) {
            *entry = u8::try_from(curve(sample).clamp(0, 255)).expect("clamped to a byte");
        }
        Self(table)
    }
}

impl Effect for Point {
    /// Gray stays gray; the samples of YCbCr are no amounts of light.
    fn wants(&self, current: PixelFormat) -> PixelFormat {
        if matches!(current, PixelFormat::YCbCr(_)) { PixelFormat::Rgb } else { current }
    }

    fn apply(&self, mut frame: PixelBuffer<Canvas>, _scene: &Scene) -> PixelBuffer<Canvas> {
        let format = frame.format();
        let change = |samples: &mut [u8]| samples.iter_mut().for_each(|sample| *sample = self.0[usize::from(*sample)]);
        let data = &mut frame.first_mut().data;
        match format {
            PixelFormat::GrayAlpha => data.as_chunks_mut::<2>().0.iter_mut().for_each(|pixel| change(&mut pixel[..1])),
            PixelFormat::Rgba => data.as_chunks_mut::<4>().0.iter_mut().for_each(|pixel| change(&mut pixel[..3])),
            _ => change(data),
        }
        frame
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::filter::tests::recipe;
    use crate::geometry::Size;

    /// RGB pixels whose answers by Thumbor are known.
    const SOURCE: &str = "000ac8 17432d 2e7c92 45b5f7 5cee5c 7327c1 8a6026 a1998b b8d2f0 cf0b55 e644ba fd7d1f";

    /// `call` makes the pixels `expected` of [`SOURCE`], in whatever layout they come, and keeps alpha.
    #[track_caller]
    pub(in crate::filter) fn check(call: &str, expected: &str) {
        let (source, expected) = (samples(SOURCE), samples(expected));
        for (format, color) in
            [(PixelFormat::Rgb, 3), (PixelFormat::Rgba, 3), (PixelFormat::Gray, 1), (PixelFormat::GrayAlpha, 1)]
        {
            let lay = |samples: &[u8]| if format.has_alpha() { with_alpha(samples, color) } else { samples.to_vec() };
            assert_eq!(apply(call, format, lay(&source)), lay(&expected), "{call} {format:?}");
        }
    }

    /// The samples of one row in `format` after `call`.
    pub(in crate::filter) fn apply(call: &str, format: PixelFormat, data: Vec<u8>) -> Vec<u8> {
        let width = u32::try_from(data.len() / format.channels()).unwrap();
        let frame = PixelBuffer::from_vec(format, Size::new(width, 1), data);
        let scene = Scene::default();
        let effect = recipe(call).unwrap().effects.remove(0);
        assert_eq!(effect.wants(format), format);
        effect.apply(frame, &scene).into_first()
    }

    fn samples(pixels: &str) -> Vec<u8> {
        let digits: String = pixels.split(' ').collect();
        (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
    }

    fn with_alpha(samples: &[u8], color: usize) -> Vec<u8> {
        let alphas = (0..=255).rev().step_by(7);
        samples.chunks(color).zip(alphas).flat_map(|(pixel, alpha)| [pixel, &[alpha]].concat()).collect()
    }
}
