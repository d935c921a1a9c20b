//! Pixels out of a WebP file: whole frames, since libwebp gives nothing less.

use super::{container, ffi};
use crate::codec::{CodecError, DecodeOptions, Decoder, SourceInfo};
use crate::geometry::{Decoded, Size};
use crate::raster::{Band, BandPlane, PixelFormat};

pub(super) fn open<'a>(
    file: &'a [u8],
    _info: &SourceInfo,
    options: DecodeOptions,
) -> Result<Box<dyn Decoder + 'a>, CodecError> {
    let found = container::parse(file)?;
    let size = found.size.div_ceil(options.shrink);
    if !found.animated {
        let layout = if found.alpha { ffi::Layout::Rgba } else { ffi::Layout::Rgb };
        let rescale = options.shrink > 1;
        return Ok(Box::new(Still { file, layout, size, rescale, next: Step::Frame, pixels: Vec::new() }));
    }
    let frames = ffi::Animation::new(found.mended(file), found.size)?;
    let canvas = found.size.into_space();
    Ok(Box::new(Animated { frames, canvas, size, shrink: options.shrink, reduced: Vec::new(), unread: false }))
}

/// What the caller has to ask for next.
#[derive(PartialEq)]
enum Step {
    Frame,
    Band,
    Nothing,
}

struct Still<'a> {
    file: &'a [u8],
    layout: ffi::Layout,
    size: Size<Decoded>,
    rescale: bool,
    next: Step,
    pixels: Vec<u8>,
}

impl Decoder for Still<'_> {
    fn size(&self) -> Size<Decoded> {
        self.size
    }

    fn format(&self) -> PixelFormat {
        match self.layout {
            ffi::Layout::Rgb => PixelFormat::Rgb,
            ffi::Layout::Rgba => PixelFormat::Rgba,
        }
    }

    fn next_frame(&mut self) -> Result<Option<u32>, CodecError> {
        if self.next != Step::Frame {
            return Ok(None);
        }
        self.next = Step::Band;
        Ok(Some(0))
    }

    fn next_band(&mut self) -> Result<Option<Band<'_>>, CodecError> {
        if self.next != Step::Band {
            // The band has been read: its pixels are of no more use.
            self.pixels = Vec::new();
            return Ok(None);
        }
        self.next = Step::Nothing;
        self.pixels = ffi::decode(self.file, self.layout, self.size, self.rescale)?;
        Ok(Some(whole(&self.pixels, self.size, self.format())))
    }
}

/// libwebp composites at full size only; a reduced decode is made of it here.
struct Animated<'a> {
    frames: ffi::Animation<'a>,
    canvas: Size<Decoded>,
    size: Size<Decoded>,
    shrink: u32,
    reduced: Vec<u8>,
    unread: bool,
}

impl Decoder for Animated<'_> {
    fn size(&self) -> Size<Decoded> {
        self.size
    }

    fn format(&self) -> PixelFormat {
        PixelFormat::Rgba
    }

    fn next_frame(&mut self) -> Result<Option<u32>, CodecError> {
        let delay_ms = self.frames.advance()?;
        self.unread = delay_ms.is_some();
        Ok(delay_ms)
    }

    fn next_band(&mut self) -> Result<Option<Band<'_>>, CodecError> {
        if !std::mem::take(&mut self.unread) {
            return Ok(None);
        }
        if self.shrink == 1 {
            return Ok(Some(whole(self.frames.canvas(), self.size, PixelFormat::Rgba)));
        }
        self.reduced = box_reduced(self.frames.canvas(), self.canvas, self.shrink);
        Ok(Some(whole(&self.reduced, self.size, PixelFormat::Rgba)))
    }
}

fn whole(pixels: &[u8], size: Size<Decoded>, format: PixelFormat) -> Band<'_> {
    Band::new(vec![BandPlane::new(pixels, size.width as usize * format.channels())])
}

/// Straight RGBA pixels averaged over squares of `shrink` pixels, transparent ones without weight; what lies over the
/// right and lower edge is left out of the average.
fn box_reduced(pixels: &[u8], size: Size<Decoded>, shrink: u32) -> Vec<u8> {
    let (stride, shrink) = (size.width as usize * 4, shrink as usize);
    let mut reduced = Vec::with_capacity(pixels.len() / shrink / shrink);
    for rows in pixels.chunks(stride * shrink) {
        for left in (0..stride).step_by(4 * shrink) {
            let right = stride.min(left + 4 * shrink);
            let (mut sums, mut alpha, mut count) = ([0_u32; 3], 0, 0);
            for pixel in rows.chunks_exact(stride).flat_map(|row| row[left..right].chunks_exact(4)) {
                let weight = u32::from(pixel[3]);
                for (sum, &sample) in sums.iter_mut().zip(pixel) {
                    *sum += weight * u32::from(sample);
                }
                alpha += weight;
                count += 1;
            }
            reduced.extend(sums.map(|sum| mean(sum, alpha)));
            reduced.push(mean(alpha, count));
        }
    }
    reduced
}

/// The quotient rounded, 0 of nothing.
fn mean(sum: u32, weight: u32) -> u8 {
    let mean = (sum + weight / 2).checked_div(weight).unwrap_or(0);
    u8::try_from(mean).expect("a mean of bytes is a byte")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_weighs_colors_by_alpha_and_keeps_the_edge() {
        #[rustfmt::skip]
        let pixels = [
            200, 0, 0, 255,  0, 200, 0, 0,    9, 8, 7, 100,
            100, 0, 0, 255,  0, 0, 77, 0,     9, 8, 7, 200,
            1, 2, 3, 4,      3, 4, 5, 4,      0, 0, 0, 0,
        ];
        let reduced = box_reduced(&pixels, Size::new(3, 3), 2);
        assert_eq!(reduced, [150, 0, 0, 128, 9, 8, 7, 150, 2, 3, 4, 4, 0, 0, 0, 0]);
    }
}
