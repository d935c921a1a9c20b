//! Pictures of few colors: exact palettes where they suffice, quantized and dithered ones where not.

use crate::raster::{PixelBuffer, PixelFormat};
use quantette::deps::palette::Srgb;
use quantette::{ImageRef, PaletteSize, Pipeline};

/// A palette.
pub(super) type Palette = Vec<[u8; 4]>;

/// A picture as indices into a palette.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Indexed {
    /// At most 256 colors with straight alpha.
    pub(super) palette: Palette,
    /// One byte a pixel, rows from the top without padding.
    pub(super) indices: Vec<u8>,
}

/// The pixels of any layout without chroma planes as red, green, blue and straight alpha.
pub(super) fn rgba<S>(picture: &PixelBuffer<S>) -> Option<Vec<[u8; 4]>> {
    let bytes = &picture.first().data;
    Some(match picture.format() {
        PixelFormat::Gray => bytes.iter().map(|&gray| [gray, gray, gray, 255]).collect(),
        PixelFormat::GrayAlpha => bytes.as_chunks().0.iter().map(|&[gray, alpha]| [gray, gray, gray, alpha]).collect(),
        PixelFormat::Rgb => bytes.as_chunks().0.iter().map(|&[red, green, blue]| [red, green, blue, 255]).collect(),
        PixelFormat::Rgba => bytes.as_chunks().0.to_vec(),
        PixelFormat::Cmyk | PixelFormat::YCbCr(_) => return None,
    })
}

/// The picture as it is, if it has at most `most_colors` (up to 256). Colors stand in the order of appearance.
pub(super) fn exact(pixels: &[[u8; 4]], most_colors: usize) -> Option<Indexed> {
    let mut colors = Colors::new();
    let indices = pixels.iter().map(|&pixel| colors.index_of(pixel, most_colors)).collect::<Option<_>>()?;
    Some(Indexed { palette: colors.palette, indices })
}

/// The picture in at most `most_colors` (1 to 255 if a pixel is transparent, else up to 256) by Wu's method in Oklab
/// and with Floyd and Steinberg's dithering. Alpha must be 0 or 255; transparent pixels get the last color, and their
/// own color has no influence.
pub(super) fn quantized(pixels: &[[u8; 4]], width: u32, height: u32, most_colors: u16) -> Indexed {
    let is_opaque = |pixel: &[u8; 4]| pixel[3] > 0;
    let opaque: Vec<_> = pixels.iter().copied().filter(is_opaque).map(srgb).collect();
    let pipeline = Pipeline::new().palette_size(PaletteSize::from_u16_clamped(most_colors));
    let some_transparent = opaque.len() < pixels.len();
    let (pipeline, dithered) = if some_transparent {
        // What dithering carries on through holes should fit their surroundings.
        let mut last = opaque.first().copied().unwrap_or_default();
        let filled = pixels.iter().map(|pixel| {
            if is_opaque(pixel) {
                last = srgb(*pixel);
            }
            last
        });
        let filled = filled.collect();
        let palette =
            pipeline.clone().input_slice(&opaque).map(quantette::PipelineWithSliceInput::output_srgb8_palette);
        (palette.map_or(pipeline.clone(), |palette| pipeline.quantize_method(palette)), filled)
    } else {
        (pipeline, opaque)
    };
    let image = ImageRef::new(width, height, &dithered).expect("pictures have as many pixels as their size says");
    let (colors, mut indices) = pipeline.input_image(image).output_srgb8_indexed_image().into_parts();
    let mut palette: Palette = colors.into_iter().map(|color| [color.red, color.green, color.blue, 255]).collect();
    if some_transparent {
        let hole = u8::try_from(palette.len()).expect("a color is left for transparent pixels");
        palette.push([0; 4]);
        for (index, pixel) in indices.iter_mut().zip(pixels) {
            if !is_opaque(pixel) {
                *index = hole;
            }
        }
    }
    Indexed { palette, indices }
}

fn srgb([red, green, blue, _]: [u8; 4]) -> Srgb<u8> {
    Srgb::new(red, green, blue)
}

/// Colors met so far and a hash table of their indices.
struct Colors {
    palette: Palette,
    /// Index plus one, or 0 for a free place. Four times as many places as colors keep searches short.
    places: [u16; 1024],
    last: ([u8; 4], u8),
}

impl Colors {
    fn new() -> Self {
        Self { palette: Vec::new(), places: [0; 1024], last: ([0; 4], 0) }
    }

    /// The index of a color, a new one if need be and there are fewer than `most` (at most 256).
    fn index_of(&mut self, color: [u8; 4], most: usize) -> Option<u8> {
        if self.last.0 == color && !self.palette.is_empty() {
            return Some(self.last.1);
        }
        let hash = u32::from_le_bytes(color).wrapping_mul(0x9e37_79b1) >> 22;
        let mut place = hash as usize;
        let index = loop {
            let Some(index) = self.places[place].checked_sub(1) else {
                if self.palette.len() == most {
                    return None;
                }
                self.palette.push(color);
                self.places[place] = u16::try_from(self.palette.len()).ok()?;
                break self.palette.len() - 1;
            };
            if self.palette[usize::from(index)] == color {
                break usize::from(index);
            }
            place = (place + 1) % self.places.len();
        };
        let index = u8::try_from(index).ok()?;
        self.last = (color, index);
        Some(index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 64x64 picture of many colors with some noise.
    #[expect(clippy::cast_possible_truncation, reason = "all values fit")]
    fn gradient() -> Vec<[u8; 4]> {
        (0..64 * 64_u32).map(|i| [(i % 64 * 4) as u8, (i / 64 * 4) as u8, (i * 37 % 256) as u8, 255]).collect()
    }

    fn distinct(count: u16) -> Vec<[u8; 4]> {
        (0..count).map(|i| [i.to_le_bytes()[0], i.to_le_bytes()[1], 0, 255]).collect()
    }

    #[test]
    fn as_many_colors_as_allowed_are_kept_exactly() {
        for (count, most, fits) in [(1, 1, true), (2, 1, false), (255, 255, true), (256, 256, true), (257, 256, false)]
        {
            let pixels: Vec<_> = distinct(count).into_iter().chain(distinct(count)).collect();
            let indexed = exact(&pixels, most);
            assert_eq!(indexed.is_some(), fits, "{count} of {most}");
            let Some(Indexed { palette, indices }) = indexed else { continue };
            assert_eq!(palette.len(), usize::from(count));
            let drawn: Vec<_> = indices.iter().map(|index| palette[usize::from(*index)]).collect();
            assert_eq!(drawn, pixels);
        }
    }

    #[test]
    fn transparent_black_is_a_color_too() {
        let pixels = [[0; 4], [0, 0, 0, 255], [0; 4]];
        assert_eq!(exact(&pixels, 2).unwrap().indices, [0, 1, 0]);
    }

    #[test]
    fn quantized_colors_are_near_on_average() {
        let pixels = gradient();
        let Indexed { palette, indices } = quantized(&pixels, 64, 64, 256);
        assert!(palette.len() <= 256 && palette.len() > 200, "{} colors", palette.len());
        let mut sums = [0_i64; 3];
        for (pixel, index) in pixels.iter().zip(&indices) {
            for channel in 0..3 {
                sums[channel] += i64::from(pixel[channel]) - i64::from(palette[usize::from(*index)][channel]);
            }
        }
        assert!(sums.iter().all(|sum| sum.abs() < 4 * 64 * 64), "mean differences times 4096: {sums:?}");
    }

    #[test]
    fn transparent_pixels_get_the_last_color_and_only_they() {
        let mut pixels = gradient();
        for pixel in pixels.iter_mut().step_by(3) {
            *pixel = [255, 0, 255, 0];
        }
        let Indexed { palette, indices } = quantized(&pixels, 64, 64, 255);
        assert!(palette.len() <= 256 && palette.ends_with(&[[0; 4]]));
        for (pixel, index) in pixels.iter().zip(&indices) {
            assert_eq!(palette[usize::from(*index)][3], pixel[3]);
        }
    }
}
