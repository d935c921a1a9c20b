//! Changes that each pixel takes by itself, any number of them in one pass over the picture.
//!
//! Tables that follow each other become one table before a pixel is seen. From the first loss of color on, and for gray
//! pictures altogether, what becomes of a pixel depends on one byte, so there the whole rest is one table too. What is
//! left are steps that mix channels; they are done for a few pixels at a time, which stay in the nearest cache.

use super::color::{luma, map_pixels};
use crate::geometry::Canvas;
use crate::raster::{PixelBuffer, PixelFormat};

/// Pixels that take all steps before the next ones do: few enough for the nearest cache.
const BLOCK_PX: usize = 512;
/// Pixels that are mixed at a time: a few vectors full, so that the loops over them need no scalar rest.
const MIXED_PX: usize = 64;

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
            Self::Saturate(factor) => pixels.chunks_mut(MIXED_PX).for_each(|pixels| saturate(pixels, *factor)),
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
        let mut gray = vec![0; pixels.len() * TO];
        for (block, to) in pixels.chunks_mut(BLOCK_PX).zip(gray.as_chunks_mut::<TO>().0.chunks_mut(BLOCK_PX)) {
            self.color.iter().for_each(|step| step.change(block));
            for (pixel, to) in block.iter().zip(to) {
                *to = gray_pixel(*pixel, shades[usize::from(luma([pixel[0], pixel[1], pixel[2]]))]);
            }
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

/// Black to white.
fn shades() -> Palette {
    let mut shades = Box::new([[0; 3]; 256]);
    for (shade, gray) in shades.iter_mut().zip(0..=255) {
        *shade = [gray; 3];
    }
    shades
}

/// A number's whole part as a byte, the nearest one if it is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "such casts cut and clamp")]
fn cut(number: f32) -> u8 {
    number as u8
}

/// At most [`MIXED_PX`] pixels, further away from their brightness or nearer to it.
fn saturate<const CHANNELS: usize>(pixels: &mut [[u8; CHANNELS]], factor: f32) {
    let mut channels = [[0.0_f32; MIXED_PX]; 3];
    for (at, pixel) in pixels.iter().enumerate() {
        for (channel, sample) in channels.iter_mut().zip(pixel) {
            channel[at] = f32::from(*sample);
        }
    }
    let mut samples = [[0_u8; MIXED_PX]; 3];
    let [red, green, blue] = &channels;
    for at in 0..MIXED_PX {
        let (r, g, b) = (red[at], green[at], blue[at]);
        let brightness = (0.299 * r * r + 0.587 * g * g + 0.114 * b * b).sqrt();
        for (to, sample) in samples.iter_mut().zip([r, g, b]) {
            to[at] = cut(brightness + (sample - brightness) * factor);
        }
    }
    for (at, pixel) in pixels.iter_mut().enumerate() {
        for (sample, channel) in pixel.iter_mut().zip(&samples) {
            *sample = channel[at];
        }
    }
}

fn byte(sample: i64) -> u8 {
    u8::try_from(sample.clamp(0, 255)).expect("clamped to a byte")
}

#[cfg(test)]
mod tests;
