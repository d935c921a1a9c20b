//! Everything before a JPEG's first scan, read without decoding anything.
//!
//! What the picture is, the decoder's own header tells; here are the notes that come with it.

use super::super::{CodecError, Format, SourceInfo, metadata};
use super::decoder::markers::{Markers, START_OF_SCAN};
use super::decoder::{ColorModel, Header as Picture};
use crate::geometry::{Orientation, Size, Stored};
use crate::raster::{Loops, PixelFormat, Subsampling};

/// What stands before the first scan.
#[derive(Debug)]
pub(super) struct Header<'a> {
    pub(super) size: Size<Stored>,
    pub(super) pixels: PixelFormat,
    /// The first scan holds all there is, so rows come as they are read.
    one_scan: bool,
    /// TIFF block of the first EXIF segment.
    exif: Option<&'a [u8]>,
    /// Number, count and bytes of each piece of the ICC profile.
    icc: Vec<(u8, u8, &'a [u8])>,
}

/// Reads the header only; no pixel exists afterwards.
///
/// # Errors
/// [`CodecError::Broken`] if there is nothing to decode, [`CodecError::Unsupported`] for kinds of JPEG that
/// are hardly ever seen: arithmetic coding, lossless, hierarchical, 12 bit.
pub(super) fn probe(data: &[u8]) -> Result<SourceInfo, CodecError> {
    let header = parse(data)?;
    Ok(SourceInfo {
        format: Format::Jpeg,
        size: header.size,
        frames: 1,
        loops: Loops::Forever,
        orientation: header.exif.map_or(Orientation::UPRIGHT, metadata::orientation),
        pixels: header.pixels,
        indexed: false,
        icc: join_profile(header.icc),
        exif: header.exif.map(<[u8]>::to_vec),
        rows_stream: header.one_scan,
    })
}

/// Walks the markers up to and including the first start of scan.
pub(super) fn parse(data: &[u8]) -> Result<Header<'_>, CodecError> {
    let picture = Picture::parse(data)?;
    let mut markers = Markers::new(data)?;
    let mut exif = None;
    let mut icc = Vec::new();
    let first_scan = loop {
        match markers.next_segment()? {
            (START_OF_SCAN, body) => break body,
            (0xE1, body) if exif.is_none() => exif = body.strip_prefix(b"Exif\0\0"),
            (0xE2, body) => icc.extend(profile_piece(body)),
            _ => {}
        }
    };
    let whole = first_scan.first().is_some_and(|count| usize::from(*count) == picture.components.len());
    Ok(Header {
        size: Size::new(picture.width, picture.height),
        pixels: pixels(&picture),
        one_scan: whole && !picture.progressive,
        exif,
        icc,
    })
}

/// What the decoder will hand out.
fn pixels(picture: &Picture) -> PixelFormat {
    match picture.colors {
        ColorModel::Gray => PixelFormat::Gray,
        ColorModel::YCbCr => subsampling(picture).map_or(PixelFormat::Rgb, PixelFormat::YCbCr),
        ColorModel::Rgb => PixelFormat::Rgb,
        ColorModel::Cmyk | ColorModel::Ycck => PixelFormat::Cmyk,
    }
}

/// By how much both chroma planes are smaller than luma, if that is a simple number on each axis.
fn subsampling(picture: &Picture) -> Option<Subsampling> {
    let [luma, cb, cr] = picture.components[..] else { return None };
    let divisor = |luma: u8, cb: u8, cr: u8| {
        let divisor = luma / cb;
        (cb == cr && luma.is_multiple_of(cb) && matches!(divisor, 1 | 2 | 4)).then_some(divisor)
    };
    let x = divisor(luma.x_factor, cb.x_factor, cr.x_factor)?;
    let y = divisor(luma.y_factor, cb.y_factor, cr.y_factor)?;
    Some(Subsampling { x, y })
}

/// A piece of an ICC profile: its number, how many there are, its bytes.
fn profile_piece(body: &[u8]) -> Option<(u8, u8, &[u8])> {
    let (&[number, count], piece) = body.strip_prefix(b"ICC_PROFILE\0")?.split_first_chunk()?;
    Some((number, count, piece))
}

/// The whole profile; `None` unless each piece is there once.
fn join_profile(mut pieces: Vec<(u8, u8, &[u8])>) -> Option<Vec<u8>> {
    pieces.sort_by_key(|&(number, ..)| number);
    let complete = (1..=255u8)
        .zip(&pieces)
        .all(|(expected, &(number, count, _))| number == expected && usize::from(count) == pieces.len());
    let profile = pieces.iter().flat_map(|&(.., piece)| piece).copied().collect::<Vec<_>>();
    (complete && !profile.is_empty()).then_some(profile)
}

#[cfg(test)]
mod tests;
