//! JPEG to bands of planes, gray, RGB or ink.

use super::super::{CodecError, DecodeOptions, Decoder, Format, SourceInfo};
use super::decoder::{self, Error, Limits, Options, Output, Region, Rows, Scale};
use super::header;
use crate::geometry::{Decoded, Rect, Size};
use crate::raster::{Band, BandPlane, PixelFormat};

/// Steps of work before there are rows that are done at once. Each is a row of blocks of one scan.
const STEPS_A_BAND: usize = 32;

/// Starts decoding: nothing but the header is read before the first frame is asked for.
///
/// # Errors
/// What reading the header comes upon.
///
/// # Panics
/// If the divisor is not 1, 2, 4 or 8.
pub(super) fn open<'a>(
    data: &'a [u8],
    info: &SourceInfo,
    options: DecodeOptions,
) -> Result<Box<dyn Decoder + 'a>, CodecError> {
    let header = header::parse(data)?;
    let format = match info.pixels {
        PixelFormat::YCbCr(_) if options.rgb => PixelFormat::Rgb,
        format => format,
    };
    Ok(Box::new(JpegDecoder {
        data,
        size: header.size.div_ceil(options.shrink),
        format,
        scale: Scale::of(options.shrink).expect("a divisor that the definition names"),
        region: None,
        picture: None,
    }))
}

struct JpegDecoder<'a> {
    data: &'a [u8],
    size: Size<Decoded>,
    format: PixelFormat,
    scale: Scale,
    region: Option<Region>,
    /// The one frame, from when it is asked for.
    picture: Option<decoder::Decoder<'a>>,
}

impl Decoder for JpegDecoder<'_> {
    fn size(&self) -> Size<Decoded> {
        self.size
    }

    fn format(&self) -> PixelFormat {
        self.format
    }

    fn look_at(&mut self, part: Rect<Decoded>) {
        self.region = Some(Region { columns: part.left..part.right, rows: part.top..part.bottom });
    }

    fn next_frame(&mut self) -> Result<Option<u32>, CodecError> {
        if self.picture.is_some() {
            return Ok(None);
        }
        let output = match self.format {
            PixelFormat::Rgb | PixelFormat::Cmyk => Output::Pixels,
            _ => Output::Planes,
        };
        // Pixels have chroma interpolated from what is around them.
        let region = self.region.clone().filter(|_| output == Output::Planes);
        let options = Options { scale: self.scale, output, region, limits: Limits::default() };
        self.picture = Some(decoder::Decoder::new(self.data, &options)?);
        Ok(Some(0))
    }

    /// Files of several scans have bands without rows first, so that nobody waits for all of their scans at once.
    fn next_band(&mut self) -> Result<Option<Band<'_>>, CodecError> {
        let Some(picture) = &mut self.picture else { return Ok(None) };
        let mut ready = false;
        for _ in 0..STEPS_A_BAND {
            ready = !picture.step()?;
            if ready {
                break;
            }
        }
        if !ready {
            let nothing = (0..self.format.planes()).map(|_| BandPlane::new(&[], 1));
            return Ok(Some(Band::new(nothing.collect())));
        }
        let report = picture.report();
        if report.real == 0 && report.lost > 0 {
            return Err(Error::Broken("no image data".into()).into());
        }
        Ok(picture.next_band()?.map(|planes| Band::new(planes.into_iter().map(BandPlane::from).collect())))
    }
}

impl<'a> From<Rows<'a>> for BandPlane<'a> {
    fn from(rows: Rows<'a>) -> Self {
        Self::new(rows.data, rows.stride)
    }
}

impl From<Error> for CodecError {
    fn from(error: Error) -> Self {
        match error {
            Error::Broken(reason) | Error::Limit(reason) => Self::Broken { format: Format::Jpeg, reason },
            Error::Unsupported(feature) => Self::Unsupported { format: Format::Jpeg, feature },
        }
    }
}

#[cfg(test)]
mod tests;
