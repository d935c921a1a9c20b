//! Samples as the file encodes them, or as amounts of light.

use super::typed::{self, Rows, RowsMut};
use bytemuck::Pod;
use fast_image_resize::pixels::{U8, U8x2, U8x3, U8x4, U16, U16x2, U16x3, U16x4};
use fast_image_resize::{ResizeOptions, Resizer};
use std::fmt::Debug;
use std::sync::LazyLock;

/// In which numbers pixels are mixed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Light {
    /// As encoded: what Thumbor and most programs do. Fine bright detail on dark comes out too dark.
    #[default]
    Encoded,
    /// In amounts of light, by the sRGB curve, in 16 bits.
    Linear,
}

/// A number type that the resampler works in.
pub(super) trait Sample: Pod + Default + Debug {
    /// Resamples pixels of 1 to 4 channels.
    fn resize(resizer: &mut Resizer, channels: usize, from: Rows<'_, Self>, to: RowsMut<'_, Self>, how: &ResizeOptions);
    /// Multiplies color by alpha, the last of 2 or 4 channels.
    fn premultiply(channels: usize, rows: RowsMut<'_, Self>);
    /// Divides color by alpha.
    fn unpremultiply(channels: usize, rows: RowsMut<'_, Self>);
    /// Appends a row of encoded samples; the last channel is `alpha` or not.
    fn take(row: &[u8], channels: usize, alpha: bool, into: &mut Vec<Self>);
    /// Back to encoded samples.
    fn give(samples: Vec<Self>, channels: usize, alpha: bool) -> Vec<u8>;
}

impl Sample for u8 {
    fn resize(
        resizer: &mut Resizer,
        channels: usize,
        from: Rows<'_, Self>,
        to: RowsMut<'_, Self>,
        how: &ResizeOptions,
    ) {
        match channels {
            1 => typed::resize::<U8, _>(resizer, from, to, how),
            2 => typed::resize::<U8x2, _>(resizer, from, to, how),
            3 => typed::resize::<U8x3, _>(resizer, from, to, how),
            _ => typed::resize::<U8x4, _>(resizer, from, to, how),
        }
    }

    fn premultiply(channels: usize, rows: RowsMut<'_, Self>) {
        match channels {
            2 => typed::premultiply::<U8x2, _>(rows),
            _ => typed::premultiply::<U8x4, _>(rows),
        }
    }

    fn unpremultiply(channels: usize, rows: RowsMut<'_, Self>) {
        match channels {
            2 => typed::unpremultiply::<U8x2, _>(rows),
            _ => typed::unpremultiply::<U8x4, _>(rows),
        }
    }

    fn take(row: &[u8], _channels: usize, _alpha: bool, into: &mut Vec<Self>) {
        into.extend_from_slice(row);
    }

    fn give(samples: Vec<Self>, _channels: usize, _alpha: bool) -> Vec<u8> {
        samples
    }
}

impl Sample for u16 {
    fn resize(
        resizer: &mut Resizer,
        channels: usize,
        from: Rows<'_, Self>,
        to: RowsMut<'_, Self>,
        how: &ResizeOptions,
    ) {
        match channels {
            1 => typed::resize::<U16, _>(resizer, from, to, how),
            2 => typed::resize::<U16x2, _>(resizer, from, to, how),
            3 => typed::resize::<U16x3, _>(resizer, from, to, how),
            _ => typed::resize::<U16x4, _>(resizer, from, to, how),
        }
    }

    fn premultiply(channels: usize, rows: RowsMut<'_, Self>) {
        match channels {
            2 => typed::premultiply::<U16x2, _>(rows),
            _ => typed::premultiply::<U16x4, _>(rows),
        }
    }

    fn unpremultiply(channels: usize, rows: RowsMut<'_, Self>) {
        match channels {
            2 => typed::unpremultiply::<U16x2, _>(rows),
            _ => typed::unpremultiply::<U16x4, _>(rows),
        }
    }

    fn take(row: &[u8], channels: usize, alpha: bool, into: &mut Vec<Self>) {
        let curve = &CURVE.to_light;
        let colors = channels - usize::from(alpha);
        for pixel in row.chunks_exact(channels) {
            let (color, alpha) = pixel.split_at(colors);
            into.extend(color.iter().map(|c| curve[usize::from(*c)]));
            into.extend(alpha.iter().map(|a| u16::from(*a) * 257));
        }
    }

    fn give(samples: Vec<Self>, channels: usize, alpha: bool) -> Vec<u8> {
        let curve = &CURVE.from_light;
        let colors = channels - usize::from(alpha);
        let mut out = Vec::with_capacity(samples.len());
        for pixel in samples.chunks_exact(channels) {
            let (color, alpha) = pixel.split_at(colors);
            out.extend(color.iter().map(|c| curve[usize::from(*c)]));
            out.extend(alpha.iter().map(|a| (*a >> 8).to_le_bytes()[0]));
        }
        out
    }
}

/// The sRGB curve both ways (IEC 61966-2-1).
struct Curve {
    to_light: [u16; 256],
    from_light: Vec<u8>,
}

static CURVE: LazyLock<Curve> = LazyLock::new(|| {
    let light = |encoded: f64| if encoded <= 0.04045 { encoded / 12.92 } else { ((encoded + 0.055) / 1.055).powf(2.4) };
    let encoded = |light: f64| if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    let mut to_light = [0; 256];
    for (value, slot) in (0_u8..=255).zip(&mut to_light) {
        *slot = rounded(light(f64::from(value) / 255.0) * 65535.0);
    }
    let from_light = (0..=u16::MAX).map(|value| rounded(encoded(f64::from(value) / 65535.0) * 255.0).to_le_bytes()[0]);
    Curve { to_light, from_light: from_light.collect() }
});

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "curves stay within 0 and 65535")]
fn rounded(value: f64) -> u16 {
    value.round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_survives_the_way_to_light_and_back() {
        let all: Vec<u8> = (0..=255).collect();
        for (channels, alpha) in [(1, false), (2, true), (4, true)] {
            let mut light = Vec::new();
            u16::take(&all, channels, alpha, &mut light);
            assert_eq!(u16::give(light, channels, alpha), all);
        }
    }
}
