//! Changes that each pixel takes by itself, any number of them in one pass over the picture.
//!
//! Tables that follow each other become one table before a pixel is seen. From the first loss of color on, and for gray
//! pictures altogether, what becomes of a pixel depends on one byte, so there the whole rest is one table too. What is
//! left are steps that mix channels; they are done for a few pixels at a time, which stay in the nearest cache.

#![expect(clippy::inline_always, reason = "parts of a kernel must be compiled for the same instructions as itself")]

use super::color::{luma, map_pixels};
use crate::geometry::Canvas;
use crate::raster::{PixelBuffer, PixelFormat};
use multiversion::multiversion;

/// Pixels that take all steps before the next ones do: few enough for the nearest cache.
const BLOCK_PX: usize = 512;

/// What becomes of each sample of red, green and blue.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Tables([[u8; 256]; 3]);

/// A change that each pixel takes by itself. Alpha stays.
#[derive(Clone, Debug, PartialEq)]
pub enum PointStep {
    /// Each channel by its table.
    Tables(Box<Tables>),
    /// Away from the pixel's brightness by this factor, or towards it: `p + (c - p) * factor` with `p` the root of
    /// `0.299 r² + 0.587 g² + 0.114 b²`, in single precision, cut to bytes.
    Saturate(f32),
    /// Rec. 601 luma; the picture becomes gray.
    Grayscale,
}

/// Several steps as one.
#[derive(Clone, Debug)]
pub struct PointChain {
    steps: Vec<PointStep>,
    /// What color pixels take before they lose their color: no two tables in a row.
    color: Vec<PointStep>,
    /// What becomes of luma, where color gets lost.
    luma: Option<Palette>,
    /// What becomes of gray pixels.
    gray: Palette,
    /// Whether gray pictures, or those that became gray, end in color.
    tinted: bool,
}

/// A color for each shade of gray.
type Palette = Box<[[u8; 3]; 256]>;

impl Tables {
    /// A table for each of red, green and blue. Results are clamped to bytes.
    pub fn new(curves: [impl Fn(i64) -> i64; 3]) -> Self {
        Self(curves.map(|curve| {
            let mut table = [0; 256];
            for (sample, entry) in (0..).zip(&mut table) {
                *entry = byte(curve(sample));
            }
            table
        }))
    }

    /// The same table for all channels.
    pub fn alike(curve: impl Fn(i64) -> i64) -> Self {
        Self::new([&curve; 3])
    }

    /// These tables.
    pub fn from_bytes(tables: [[u8; 256]; 3]) -> Self {
        Self(tables)
    }

    /// Whether all channels take the same changes, so that gray stays gray.
    pub fn are_alike(&self) -> bool {
        self.0[0] == self.0[1] && self.0[1] == self.0[2]
    }

    /// Changes every pixel of a picture that is not planar. Gray takes the first table.
    pub fn apply(&self, frame: &mut PixelBuffer<Canvas>) {
        let format = frame.format();
        let data = &mut frame.first_mut().data;
        match format {
            PixelFormat::GrayAlpha => {
                data.as_chunks_mut::<2>().0.iter_mut().for_each(|[gray, _]| *gray = self.0[0][usize::from(*gray)]);
            }
            PixelFormat::Rgb => self.change(data.as_chunks_mut::<3>().0),
            PixelFormat::Rgba => self.change(data.as_chunks_mut::<4>().0),
            _ => data.iter_mut().for_each(|gray| *gray = self.0[0][usize::from(*gray)]),
        }
    }

    fn change<const CHANNELS: usize>(&self, pixels: &mut [[u8; CHANNELS]]) {
        let [red, green, blue] = &self.0;
        for pixel in pixels {
            pixel[0] = red[usize::from(pixel[0])];
            pixel[1] = green[usize::from(pixel[1])];
            pixel[2] = blue[usize::from(pixel[2])];
        }
    }

    /// First these, then `next`.
    fn then(&self, next: &Self) -> Self {
        let mut tables = self.0;
        for (table, next) in tables.iter_mut().zip(&next.0) {
            for entry in table {
                *entry = next[usize::from(*entry)];
            }
        }
        Self(tables)
    }
}

impl From<Tables> for PointStep {
    fn from(tables: Tables) -> Self {
        Self::Tables(Box::new(tables))
    }
}

impl PointStep {
    /// Changes color pixels, which stay three samples and maybe alpha.
    fn change<const CHANNELS: usize>(&self, pixels: &mut [[u8; CHANNELS]]) {
        match self {
            Self::Tables(tables) => tables.change(pixels),
            Self::Saturate(factor) => saturate(pixels, *factor),
            Self::Grayscale => {
                for pixel in pixels {
                    let gray = luma([pixel[0], pixel[1], pixel[2]]);
                    pixel[..3].copy_from_slice(&[gray; 3]);
                }
            }
        }
    }
}

impl PointChain {
    /// These steps, one after the other.
    pub fn new(steps: Vec<PointStep>) -> Self {
        let mut chain = Self { steps: Vec::new(), color: Vec::new(), luma: None, gray: shades(), tinted: false };
        for step in &steps {
            chain.add(step);
        }
        Self { steps, ..chain }
    }

    /// The steps as given.
    pub fn steps(&self) -> &[PointStep] {
        &self.steps
    }

    /// The layout to start from. Gray stays gray. The samples of YCbCr are no amounts of light, but its luma is the
    /// very gray that [`PointStep::Grayscale`] asks for.
    pub fn wants(&self, current: PixelFormat) -> PixelFormat {
        match current {
            PixelFormat::YCbCr(_) if self.luma.is_none() || !self.color.is_empty() => PixelFormat::Rgb,
            current => current,
        }
    }

    /// The layout to end with.
    pub fn gives(&self, wanted: PixelFormat) -> PixelFormat {
        let is_color = !matches!(wanted, PixelFormat::Gray | PixelFormat::GrayAlpha);
        match (self.tinted || (is_color && self.luma.is_none()), wanted.has_alpha()) {
            (true, true) => PixelFormat::Rgba,
            (true, false) => PixelFormat::Rgb,
            (false, true) => PixelFormat::GrayAlpha,
            (false, false) => PixelFormat::Gray,
        }
    }

    /// Does all steps. `frame` has a layout that [`PointChain::wants`].
    #[must_use]
    pub fn apply(&self, mut frame: PixelBuffer<Canvas>) -> PixelBuffer<Canvas> {
        let (format, size) = (frame.format(), frame.size());
        let gives = self.gives(format);
        if let PixelFormat::YCbCr(_) = format {
            return self.colored(frame.into_luma(), self.luma.as_ref().unwrap_or(&self.gray));
        }
        let data = &mut frame.first_mut().data;
        match (format, gives) {
            (PixelFormat::Rgb, PixelFormat::Gray) => {
                PixelBuffer::from_vec(gives, size, self.change_to_gray(data.as_chunks_mut::<3>().0, |_, gray| [gray]))
            }
            (PixelFormat::Rgba, PixelFormat::GrayAlpha) => {
                let gray = self.change_to_gray(data.as_chunks_mut::<4>().0, |[.., alpha], gray| [gray, alpha]);
                PixelBuffer::from_vec(gives, size, gray)
            }
            (PixelFormat::Rgb, _) => {
                self.change(data.as_chunks_mut::<3>().0);
                frame
            }
            (PixelFormat::Rgba, _) => {
                self.change(data.as_chunks_mut::<4>().0);
                frame
            }
            _ => self.colored(frame, &self.gray),
        }
    }

    fn add(&mut self, step: &PointStep) {
        step.change(&mut self.gray[..]);
        self.tinted = match step {
            PointStep::Tables(tables) => self.tinted || !tables.are_alike(),
            PointStep::Saturate(_) => self.tinted,
            PointStep::Grayscale => false,
        };
        match (step, &mut self.luma, self.color.last_mut()) {
            (_, Some(luma), _) => step.change(&mut luma[..]),
            (PointStep::Grayscale, None, _) => self.luma = Some(shades()),
            (PointStep::Tables(next), None, Some(PointStep::Tables(tables))) => **tables = tables.then(next),
            _ => self.color.push(step.clone()),
        }
    }

    /// Changes color pixels that keep their layout, though they may lose their color on the way.
    fn change<const CHANNELS: usize>(&self, pixels: &mut [[u8; CHANNELS]]) {
        for block in pixels.chunks_mut(BLOCK_PX) {
            self.color.iter().for_each(|step| step.change(block));
            if let Some(palette) = &self.luma {
                for pixel in block {
                    let gray = luma([pixel[0], pixel[1], pixel[2]]);
                    pixel[..3].copy_from_slice(&palette[usize::from(gray)]);
                }
            }
        }
    }

    /// Changes color pixels, which are not needed any more, to gray ones.
    fn change_to_gray<const FROM: usize, const TO: usize>(
        &self,
        pixels: &mut [[u8; FROM]],
        gray_pixel: impl Fn([u8; FROM], u8) -> [u8; TO],
    ) -> Vec<u8> {
        let palette = self.luma.as_ref().unwrap_or(&self.gray);
        let shades: [u8; 256] = palette.map(|[gray, ..]| gray);
        let as_they_are = (0..=255).zip(shades).all(|(luma, shade)| luma == shade);
        let mut gray = vec![0; pixels.len() * TO];
        for (block, to) in pixels.chunks_mut(BLOCK_PX).zip(gray.as_chunks_mut::<TO>().0.chunks_mut(BLOCK_PX)) {
            self.color.iter().for_each(|step| step.change(block));
            if as_they_are {
                grays_of(block, to, &gray_pixel);
                continue;
            }
            let shade = |pixel, luma: u8| gray_pixel(pixel, shades[usize::from(luma)]);
            grays_of(block, to, &shade);
        }
        gray
    }

    /// A gray picture by a palette, in color if there is any.
    fn colored(&self, mut frame: PixelBuffer<Canvas>, palette: &Palette) -> PixelBuffer<Canvas> {
        let color = |gray: u8| palette[usize::from(gray)];
        match (frame.format(), self.tinted) {
            (PixelFormat::Gray, true) => map_pixels(&frame, PixelFormat::Rgb, |[gray]| color(gray)),
            (PixelFormat::GrayAlpha, true) => map_pixels(&frame, PixelFormat::Rgba, |[gray, alpha]| {
                let [red, green, blue] = color(gray);
                [red, green, blue, alpha]
            }),
            _ => {
                Tables([palette.map(|[gray, ..]| gray); 3]).apply(&mut frame);
                frame
            }
        }
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn grays_of<const FROM: usize, const TO: usize, G: Fn([u8; FROM], u8) -> [u8; TO]>(
    from: &[[u8; FROM]],
    to: &mut [[u8; TO]],
    gray_pixel: &G,
) {
    for (to, pixel) in to.iter_mut().zip(from) {
        *to = gray_pixel(*pixel, luma([pixel[0], pixel[1], pixel[2]]));
    }
}

/// Black to white.
fn shades() -> Palette {
    let mut shades = Box::new([[0; 3]; 256]);
    for (shade, gray) in shades.iter_mut().zip(0..=255) {
        *shade = [gray; 3];
    }
    shades
}

/// Pixels further away from their brightness, or nearer to it.
#[multiversion(targets("x86_64+avx2"))]
fn saturate<const CHANNELS: usize>(pixels: &mut [[u8; CHANNELS]], factor: f32) {
    if CHANNELS == 4 {
        // Pixels as numbers need no shuffling of bytes.
        for pixel in pixels.as_flattened_mut().as_chunks_mut::<4>().0 {
            let rgba = u32::from_le_bytes(*pixel);
            let [red, green, blue, alpha] = [rgba & 0xff, rgba >> 8 & 0xff, rgba >> 16 & 0xff, rgba & 0xff00_0000];
            let [red, green, blue] =
                saturated([red, green, blue].map(|sample| f32::from(sample.to_le_bytes()[0])), factor);
            *pixel = (red | green << 8 | blue << 16 | alpha).to_le_bytes();
        }
        return;
    }
    for pixel in pixels {
        let colors = saturated([pixel[0], pixel[1], pixel[2]].map(f32::from), factor);
        for (sample, color) in pixel.iter_mut().zip(colors) {
            *sample = color.to_le_bytes()[0];
        }
    }
}

#[inline(always)]
fn saturated([red, green, blue]: [f32; 3], factor: f32) -> [u32; 3] {
    let brightness = (0.299 * red * red + 0.587 * green * green + 0.114 * blue * blue).sqrt();
    [red, green, blue].map(|sample| cut(brightness + (sample - brightness) * factor))
}

/// A number's whole part, held to the range of bytes.
///
/// Added to 2^23 it is rounded to a whole number, which are then the last bits; where that went up, one is taken back.
/// A cast would look at each lane of a vector for itself.
#[inline(always)]
fn cut(number: f32) -> u32 {
    const WHOLE: f32 = 8_388_608.0;
    let number = if number > 0.0 { number } else { 0.0 };
    let number = if number < 255.0 { number } else { 255.0 };
    let rounded = number + WHOLE;
    (rounded.to_bits() - u32::from(rounded - WHOLE > number)) & 0xff
}

fn byte(sample: i64) -> u8 {
    u8::try_from(sample.clamp(0, 255)).expect("clamped to a byte")
}

#[cfg(test)]
mod tests;
