//! `equalize`: each channel spread so that its tones are all about as frequent.

use super::{Args, ArgsError, FilterDef};
use crate::geometry::Canvas;
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::Tables;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "equalize",
    about: "spreads the tones of each channel over the whole range",
    example: "equalize()",
    params: &[],
    compile,
};

fn compile(_args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    recipe.effects.push(Box::new(Equalize));
    Ok(())
}

#[derive(Debug)]
struct Equalize;

impl Effect for Equalize {
    /// Gray stays gray; the samples of YCbCr are no amounts of light.
    fn wants(&self, current: PixelFormat) -> PixelFormat {
        if matches!(current, PixelFormat::YCbCr(_)) { PixelFormat::Rgb } else { current }
    }

    fn apply(&self, mut frame: PixelBuffer<Canvas>, _scene: &Scene) -> PixelBuffer<Canvas> {
        let data = &frame.first().data;
        let histograms = match frame.format() {
            PixelFormat::Gray => histograms(data, |[gray]: [u8; 1]| [gray; 3]),
            PixelFormat::GrayAlpha => histograms(data, |[gray, _]: [u8; 2]| [gray; 3]),
            PixelFormat::Rgba => histograms(data, |[red, green, blue, _]: [u8; 4]| [red, green, blue]),
            _ => histograms(data, |rgb: [u8; 3]| rgb),
        };
        tables(&histograms).apply(&mut frame);
        frame
    }
}

/// How many pixels have each level, for red, green and blue.
fn histograms<const CHANNELS: usize>(data: &[u8], color: impl Fn([u8; CHANNELS]) -> [u8; 3]) -> [[u32; 256]; 3] {
    let mut histograms = [[0; 256]; 3];
    for pixel in data.as_chunks::<CHANNELS>().0 {
        for (histogram, sample) in histograms.iter_mut().zip(color(*pixel)) {
            histogram[usize::from(sample)] += 1;
        }
    }
    histograms
}

/// Thumbor's tables: what lies at the darkest level of the picture goes to 0, all the rest is spread up to 255.
///
/// The darkest level is looked for in all channels together, and each channel subtracts what it has there, which is
/// nothing unless it is as dark itself. A channel of one tone stays as it is.
fn tables(histograms: &[[u32; 256]; 3]) -> Tables {
    let darkest = (0..256).find(|level| histograms.iter().any(|histogram| histogram[*level] > 0)).unwrap_or(0);
    Tables::from_bytes(histograms.map(|histogram| {
        let lowest = histogram[darkest];
        let rest = histogram.iter().sum::<u32>() - lowest;
        let mut below = 0;
        let mut table = [0; 256];
        for ((level, count), entry) in (0..=255).zip(histogram).zip(&mut table) {
            below += count;
            *entry = if rest == 0 { level } else { spread(below.saturating_sub(lowest), rest) };
        }
        table
    }))
}

/// `part` of `whole` as a byte, in single precision and cut, as Thumbor has it.
#[expect(clippy::cast_precision_loss, reason = "part of the arithmetic")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is cut, and between 0 and 255")]
fn spread(part: u32, whole: u32) -> u8 {
    (part as f32 / whole as f32 * 255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::super::point::tests::{apply, check};
    use crate::raster::PixelFormat;

    #[test]
    fn samples_are_those_of_thumbor() {
        check("equalize()", "0015d4 17553f 2e9494 45d4ff 5cff6a 733fbf 8b7f2a a2bf7f b9e9e9 d02a55 e76aaa ffaa15");
    }

    #[test]
    fn one_tone_stays() {
        assert_eq!(apply("equalize()", PixelFormat::Gray, vec![90; 5]), [90; 5]);
        // Green and blue are not at the darkest level, so all of their pixels count.
        let found = apply("equalize()", PixelFormat::Rgb, [90, 100, 100].repeat(4));
        assert_eq!(found, [90, 255, 255].repeat(4));
    }
}
