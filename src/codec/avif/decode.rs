//! Pixels out of an AVIF file: the whole picture in one band, since libaom gives nothing less.

use super::{aom, broken, colors, container, obu, pixels};
use crate::codec::{CodecError, DecodeOptions, Decoder, SourceInfo};
use crate::geometry::{Decoded, Size};
use crate::raster::{Band, PixelBuffer, PixelFormat, Plane};
use crate::transform::color;

pub(super) fn open<'a>(
    file: &'a [u8],
    _info: &SourceInfo,
    options: DecodeOptions,
) -> Result<Box<dyn Decoder + 'a>, CodecError> {
    let found = container::parse(file)?;
    let size = found.size.div_ceil(options.shrink);
    let format = match pixels(&found) {
        PixelFormat::YCbCr(_) if options.rgb => PixelFormat::Rgb,
        other => other,
    };
    Ok(Box::new(Still { found, size, format, next: Step::Frame, picture: None }))
}

/// What the caller has to ask for next.
#[derive(PartialEq)]
enum Step {
    Frame,
    Band,
    Nothing,
}

struct Still<'a> {
    found: container::Found<'a>,
    size: Size<Decoded>,
    format: PixelFormat,
    next: Step,
    picture: Option<PixelBuffer<Decoded>>,
}

impl Decoder for Still<'_> {
    fn size(&self) -> Size<Decoded> {
        self.size
    }

    fn format(&self) -> PixelFormat {
        self.format
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
            self.picture = None;
            return Ok(None);
        }
        self.next = Step::Nothing;
        let picture = picture(&self.found, self.size, self.format)?;
        Ok(Some(self.picture.insert(picture).as_band()))
    }
}

fn picture(
    found: &container::Found,
    size: Size<Decoded>,
    format: PixelFormat,
) -> Result<PixelBuffer<Decoded>, CodecError> {
    // Both streams are looked through before either is decoded.
    for stream in [Some(&found.color), found.alpha.as_ref()].into_iter().flatten() {
        obu::check(stream, (size.width, size.height))?;
    }
    let mut frame = decoded(&found.color, size)?;
    if (frame.planes.len() == 1) != found.gray || frame.chroma != found.chroma {
        return Err(broken("AV1 configuration and stream differ in their planes"));
    }
    let (matrix, full_range) =
        found.colors.map_or((frame.matrix, frame.full_range), |colors| (colors.matrix, colors.full_range));
    if !full_range {
        // Planes of RGB all have the range of luma.
        frame.planes.iter_mut().enumerate().for_each(|(index, plane)| colors::widen(plane, index > 0 && matrix != 0));
    }
    colors::to_bt601(&mut frame.planes, matrix, size.width as usize, frame.chroma)?;
    let alpha = found.alpha.as_deref().map(|stream| alpha(stream, size)).transpose()?;
    let picture = planar(frame, size);
    let picture = if matches!(format, PixelFormat::YCbCr(_)) { picture } else { color::rgb_from_ycbcr(picture) };
    Ok(match alpha {
        None => picture,
        Some(alpha) => with_alpha(color::convert(picture, format), &alpha, found.premultiplied),
    })
}

fn decoded(stream: &[u8], size: Size<Decoded>) -> Result<aom::Decoded, CodecError> {
    let frame = aom::decode(stream)?;
    if frame.size != (size.width, size.height) {
        let (width, height) = frame.size;
        return Err(broken(format!("AV1 frame of {width}x{height} in a picture of {size}")));
    }
    Ok(frame)
}

fn alpha(stream: &[u8], size: Size<Decoded>) -> Result<Vec<u8>, CodecError> {
    let mut frame = decoded(stream, size)?;
    let mut alpha = frame.planes.swap_remove(0);
    if !frame.full_range {
        colors::widen(&mut alpha, false);
    }
    Ok(alpha)
}

fn planar(frame: aom::Decoded, size: Size<Decoded>) -> PixelBuffer<Decoded> {
    let format = if frame.planes.len() == 1 {
        PixelFormat::Gray
    } else {
        PixelFormat::YCbCr(crate::raster::Subsampling { x: frame.chroma.0, y: frame.chroma.1 })
    };
    let planes = frame.planes.into_iter().enumerate().map(|(index, data)| {
        let stride = size.width.div_ceil(format.divisors(index).0) as usize;
        Plane { data, stride }
    });
    PixelBuffer::from_planes(format, size, planes.collect())
}

/// The picture with its opaque alpha replaced.
fn with_alpha(mut picture: PixelBuffer<Decoded>, alpha: &[u8], premultiplied: bool) -> PixelBuffer<Decoded> {
    let channels = picture.format().channels();
    for (pixel, &alpha) in picture.first_mut().data.chunks_exact_mut(channels).zip(alpha) {
        pixel[channels - 1] = alpha;
        if premultiplied && alpha > 0 {
            for sample in &mut pixel[..channels - 1] {
                *sample = colors::byte(f32::from(*sample) * 255.0 / f32::from(alpha));
            }
        }
    }
    picture
}
