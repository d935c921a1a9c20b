//! Planes, gray or RGB to JPEG.

use super::super::ffi::mozjpeg::{Compression, Layout, compress};
use super::super::{CodecError, EncodeOptions, Format};
use super::iptc;
use crate::cancel::CancelToken;
use crate::raster::{Image, PixelBuffer, PixelFormat, Subsampling};

/// libjpeg writes no wider or higher pictures, though the format could hold 35 pixels more.
pub(super) const MAX_SIDE: u32 = 65500;
/// What fits into one segment besides its two length bytes.
const LONGEST_SEGMENT: usize = 65533;
const EXIF_MARK: &[u8] = b"Exif\0\0";
const ICC_MARK: &[u8] = b"ICC_PROFILE\0";

/// Makes a file of the first frame.
///
/// An EXIF block or IPTC records that do not fit into a segment are left out: the picture is worth more than its notes.
///
/// # Errors
/// [`CodecError::Encode`] for layouts other than gray, RGB and YCbCr of at most eight luma samples a chroma sample,
/// for sides beyond [`MAX_SIDE`] and for ICC profiles beyond 16 MB.
pub(super) fn encode(image: &Image, options: &EncodeOptions, cancel: &CancelToken) -> Result<Vec<u8>, CodecError> {
    cancel.check()?;
    let pixels = image.first();
    let size = pixels.size();
    if size.width > MAX_SIDE || size.height > MAX_SIDE {
        return Err(refused(format!("`{size}` is larger than {MAX_SIDE} on a side")));
    }
    let compression = Compression {
        width: size.width,
        height: size.height,
        layout: layout(pixels, options.chroma)?,
        quality: options.quality,
        progressive: options.progressive,
        segments: &segments(options)?,
    };
    let planes: Vec<&[u8]> = pixels.planes().iter().map(|plane| &plane.data[..]).collect();
    compress(&compression, &planes).map_err(|error| refused(error.0))
}

fn layout<S>(pixels: &PixelBuffer<S>, chroma: Subsampling) -> Result<Layout, CodecError> {
    match pixels.format() {
        PixelFormat::Gray => Ok(Layout::Gray),
        PixelFormat::Rgb => Ok(Layout::Rgb { x: chroma.x, y: chroma.y }),
        PixelFormat::YCbCr(chroma) if chroma.x * chroma.y <= 8 => Ok(Layout::YCbCr { x: chroma.x, y: chroma.y }),
        format => Err(refused(format!("`{format:?}` pixels"))),
    }
}

/// EXIF, ICC and IPTC segments with their markers.
fn segments(options: &EncodeOptions) -> Result<Vec<(u8, Vec<u8>)>, CodecError> {
    let mut segments = Vec::new();
    if let Some(exif) = options.exif.filter(|exif| exif.len() <= LONGEST_SEGMENT - EXIF_MARK.len()) {
        segments.push((0xE1, [EXIF_MARK, exif].concat()));
    }
    let icc = options.icc.unwrap_or_default();
    let pieces = icc.chunks(LONGEST_SEGMENT - ICC_MARK.len() - 2);
    let count = u8::try_from(pieces.len()).map_err(|_| refused("an ICC profile of more than 16 MB"))?;
    for (number, piece) in (1..=count).zip(pieces) {
        segments.push((0xE2, [ICC_MARK, &[number, count], piece].concat()));
    }
    let iptc = options.iptc.and_then(iptc::segment).filter(|body| body.len() <= LONGEST_SEGMENT);
    segments.extend(iptc.map(|body| (iptc::APP13, body)));
    Ok(segments)
}

fn refused(reason: impl Into<String>) -> CodecError {
    CodecError::Encode { format: Format::Jpeg, reason: reason.into() }
}

#[cfg(test)]
mod tests;
