//! JPEG to bands of planes, gray, RGB or ink.

use super::super::ffi::mozjpeg::{Decompressor, LibjpegError, Output};
use super::super::{CodecError, DecodeOptions, Decoder, SourceInfo};
use super::header::{self, broken};
use super::scans;
use crate::geometry::{Decoded, Size};
use crate::raster::{Band, BandPlane, PixelFormat};

/// Starts decoding: nothing but the header is read before the first frame is asked for.
///
/// # Errors
/// What reading the header comes upon.
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
    // Not for RGB, where libjpeg makes two pixels a block of subsampled chroma.
    let only_dc = header.progressive && options.shrink == 8 && output(format) == Output::Planes;
    Ok(Box::new(JpegDecoder {
        data,
        only_dc,
        size: header.size.div_ceil(options.shrink),
        format,
        shrink: options.shrink,
        picture: None,
    }))
}

struct JpegDecoder<'a> {
    data: &'a [u8],
    /// Scans of AC coefficients are left out.
    only_dc: bool,
    size: Size<Decoded>,
    format: PixelFormat,
    shrink: u32,
    /// From the first frame on.
    picture: Option<Picture<'a>>,
}

/// The one frame while it is handed out.
struct Picture<'a> {
    bands: Decompressor<'a>,
    /// Of each plane.
    rows_left: Vec<usize>,
}

impl Decoder for JpegDecoder<'_> {
    fn size(&self) -> Size<Decoded> {
        self.size
    }

    fn format(&self) -> PixelFormat {
        self.format
    }

    fn next_frame(&mut self) -> Result<Option<u32>, CodecError> {
        if self.picture.is_some() {
            return Ok(None);
        }
        let start = |data| Decompressor::start(data, output(self.format), self.shrink);
        let bands = if self.only_dc {
            start(scans::without_ac(self.data).into())
        } else {
            start(self.data.into()).or_else(|_| start(scans::whole_segments(self.data).into()))
        }?;
        let shapes: Vec<_> = (0..self.format.planes()).map(|plane| self.plane_shape(plane)).collect();
        let fits = bands.planes().len() == shapes.len()
            && bands.planes().iter().zip(&shapes).all(|(rows, &(width_bytes, _))| rows.stride >= width_bytes);
        if !fits {
            return Err(broken("the data is not what the header says"));
        }
        let rows_left = shapes.into_iter().map(|(_, rows)| rows).collect();
        self.picture = Some(Picture { bands, rows_left });
        Ok(Some(0))
    }

    fn next_band(&mut self) -> Result<Option<Band<'_>>, CodecError> {
        let Some(Picture { bands, rows_left }) = &mut self.picture else { return Ok(None) };
        if !bands.next_band()? {
            return Ok(None);
        }
        if self.format == PixelFormat::Cmyk {
            bands.planes_mut().flatten().for_each(|ink| *ink = !*ink);
        }
        let planes = bands.planes().iter().zip(rows_left).map(|(rows, left)| {
            let count = (rows.data.len() / rows.stride).min(*left);
            *left -= count;
            BandPlane::new(&rows.data[..count * rows.stride], rows.stride)
        });
        Ok(Some(Band::new(planes.collect())))
    }
}

impl JpegDecoder<'_> {
    /// Bytes a row and rows of one plane.
    fn plane_shape(&self, plane: usize) -> (usize, usize) {
        let (x, y) = self.format.divisors(plane);
        let width_bytes = self.size.width.div_ceil(x) as usize * self.format.channels();
        (width_bytes, self.size.height.div_ceil(y) as usize)
    }
}

/// What libjpeg is asked for.
fn output(format: PixelFormat) -> Output {
    match format {
        PixelFormat::Rgb => Output::Rgb,
        PixelFormat::Cmyk => Output::Cmyk,
        _ => Output::Planes,
    }
}

impl From<LibjpegError> for CodecError {
    fn from(LibjpegError(reason): LibjpegError) -> Self {
        broken(reason)
    }
}

#[cfg(test)]
mod tests;
