//! Everything before a JPEG's first scan, read without decoding anything.
//!
//! Plain safe Rust over the bytes; it follows libjpeg where files leave room for interpretation, because libjpeg
//! decodes what this has described.

use super::super::{CodecError, Format, SourceInfo, metadata};
use crate::geometry::{Orientation, Size, Stored};
use crate::raster::{Loops, PixelFormat, Subsampling};

/// What stands before the first scan.
#[derive(Debug)]
pub(super) struct Header<'a> {
    pub(super) size: Size<Stored>,
    pub(super) pixels: PixelFormat,
    pub(super) progressive: bool,
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
        rows_stream: !header.progressive,
    })
}

/// Walks the markers up to and including the first start of scan.
pub(super) fn parse(data: &[u8]) -> Result<Header<'_>, CodecError> {
    let mut markers = Markers::new(data)?;
    let mut frame = None;
    let mut tags = ColorTags::default();
    let mut exif = None;
    let mut icc = Vec::new();
    loop {
        let (marker, body) = markers.next_segment()?;
        match marker {
            START_OF_SCAN => break,
            0xC0..=0xC2 if frame.is_some() => return Err(broken("more than one frame header")),
            0xC0..=0xC2 => frame = Some(Frame::parse(body, marker == 0xC2)?),
            0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => return Err(unsupported(coding_of(marker))),
            0xE0 if body.len() >= 14 && body.starts_with(b"JFIF\0") => tags.jfif = true,
            0xE1 if exif.is_none() => exif = body.strip_prefix(b"Exif\0\0"),
            0xE2 => icc.extend(profile_piece(body)),
            0xEE if body.len() >= 12 && body.starts_with(b"Adobe") => tags.adobe = Some(body[11]),
            _ => {}
        }
    }
    let frame = frame.ok_or_else(|| broken("a scan before the frame header"))?;
    if matches!(markers.rest(), [] | [0xFF] | [0xFF, END_OF_IMAGE, ..]) {
        return Err(broken("no image data"));
    }
    Ok(Header { size: frame.size, pixels: frame.pixels(tags)?, progressive: frame.progressive, exif, icc })
}

const START_OF_IMAGE: u8 = 0xD8;
pub(super) const END_OF_IMAGE: u8 = 0xD9;
pub(super) const START_OF_SCAN: u8 = 0xDA;

/// Steps from marker to marker.
pub(super) struct Markers<'a> {
    data: &'a [u8],
    at: usize,
}

impl<'a> Markers<'a> {
    /// At the first marker after the start of image.
    pub(super) fn new(data: &'a [u8]) -> Result<Self, CodecError> {
        if !data.starts_with(&[0xFF, START_OF_IMAGE]) {
            return Err(broken("does not start with a JPEG marker"));
        }
        Ok(Self { data, at: 2 })
    }

    /// The next marker and what belongs to it; junk and fill bytes before it are skipped, as libjpeg does.
    pub(super) fn next_segment(&mut self) -> Result<(u8, &'a [u8]), CodecError> {
        loop {
            let marker = self.next_marker().ok_or_else(|| broken("ends before the image data"))?;
            match marker {
                0x01 | 0xD0..=0xD7 => {}
                START_OF_IMAGE => return Err(broken("a second picture starts in the header")),
                END_OF_IMAGE => return Err(broken("no image data")),
                0x02..=0xBF => return Err(broken(format!("unknown marker `{marker:#04x}`"))),
                _ => {
                    let body = self.segment_body().ok_or_else(|| broken("a segment is longer than the file"))?;
                    return Ok((marker, body));
                }
            }
        }
    }

    /// What a scan holds: everything up to the next marker that is not part of the coded data.
    pub(super) fn entropy_coded(&mut self) -> &'a [u8] {
        let coded = self.rest();
        let mut end = 0;
        while let Some(found) = position_of_ff(&coded[end..]) {
            end += found;
            match coded.get(end + 1) {
                None => break,
                Some(0 | 0xD0..=0xD7) => end += 2,
                Some(0xFF) => end += 1,
                Some(_) => {
                    self.at += end;
                    return &coded[..end];
                }
            }
        }
        self.at = self.data.len();
        coded
    }

    /// What comes after the last segment read.
    fn rest(&self) -> &'a [u8] {
        &self.data[self.at..]
    }

    fn next_marker(&mut self) -> Option<u8> {
        loop {
            let skipped = self.rest().iter().position(|&byte| byte == 0xFF)?;
            self.at += skipped;
            let fill = self.rest().iter().position(|&byte| byte != 0xFF)?;
            self.at += fill + 1;
            let marker = self.data[self.at - 1];
            if marker != 0 {
                return Some(marker);
            }
        }
    }

    /// The bytes that the two length bytes at the current place speak of.
    fn segment_body(&mut self) -> Option<&'a [u8]> {
        let (length, _) = self.rest().split_first_chunk()?;
        let end = usize::from(u16::from_be_bytes(*length));
        let body = self.rest().get(2..end)?;
        self.at += end;
        Some(body)
    }
}

/// Index of the first 0xFF. Looks at blocks first, which compiles to vector instructions.
fn position_of_ff(data: &[u8]) -> Option<usize> {
    const BLOCK: usize = 32;
    let is_ff = |&byte: &u8| byte == 0xFF;
    let without = data.chunks_exact(BLOCK).take_while(|block| !block.iter().fold(false, |any, byte| any | is_ff(byte)));
    let start = without.count() * BLOCK;
    data[start..].iter().position(is_ff).map(|position| start + position)
}

/// Segments that say what the components mean.
#[derive(Clone, Copy, Default)]
struct ColorTags {
    jfif: bool,
    /// Color transform of the Adobe segment.
    adobe: Option<u8>,
}

/// One component of the frame header.
#[derive(Clone, Copy)]
struct Component {
    id: u8,
    x_factor: u8,
    y_factor: u8,
}

/// The frame header (SOF).
struct Frame {
    size: Size<Stored>,
    progressive: bool,
    components: Vec<Component>,
}

impl Frame {
    fn parse(body: &[u8], progressive: bool) -> Result<Self, CodecError> {
        let Some((&[precision, y1, y0, x1, x0, count], specs)) = body.split_first_chunk() else {
            return Err(broken("frame header is cut short"));
        };
        if precision != 8 {
            return Err(unsupported(format!("{precision} bits a sample")));
        }
        let size = Size::new(u32::from(u16::from_be_bytes([x1, x0])), u32::from(u16::from_be_bytes([y1, y0])));
        if size.area_px() == 0 {
            return Err(broken(format!("a size of `{size}`")));
        }
        if specs.len() != usize::from(count) * 3 {
            return Err(broken("frame header does not fit its number of components"));
        }
        let components: Vec<_> = specs
            .chunks_exact(3)
            .map(|spec| Component { id: spec[0], x_factor: spec[1] >> 4, y_factor: spec[1] & 15 })
            .collect();
        let factors = 1..=4;
        if components.iter().any(|c| !factors.contains(&c.x_factor) || !factors.contains(&c.y_factor)) {
            return Err(broken("sampling factors outside 1 to 4"));
        }
        Ok(Self { size, progressive, components })
    }

    /// What the decoder will hand out.
    fn pixels(&self, tags: ColorTags) -> Result<PixelFormat, CodecError> {
        match self.components.len() {
            1 => Ok(PixelFormat::Gray),
            3 if self.is_rgb(tags) => Ok(PixelFormat::Rgb),
            3 => Ok(self.subsampling().map_or(PixelFormat::Rgb, PixelFormat::YCbCr)),
            4 => Ok(PixelFormat::Cmyk),
            count => Err(unsupported(format!("{count} components"))),
        }
    }

    /// Whether three components are red, green and blue: libjpeg's guess.
    fn is_rgb(&self, tags: ColorTags) -> bool {
        match tags {
            ColorTags { jfif: true, .. } => false,
            ColorTags { adobe: Some(transform), .. } => transform == 0,
            _ => self.components.iter().map(|component| component.id).eq(*b"RGB"),
        }
    }

    /// By how much both chroma planes are smaller than luma, if that is a simple number on each axis.
    fn subsampling(&self) -> Option<Subsampling> {
        let [luma, cb, cr] = self.components[..] else { return None };
        let divisor = |luma: u8, cb: u8, cr: u8| {
            let divisor = luma / cb;
            (cb == cr && luma.is_multiple_of(cb) && matches!(divisor, 1 | 2 | 4)).then_some(divisor)
        };
        let x = divisor(luma.x_factor, cb.x_factor, cr.x_factor)?;
        let y = divisor(luma.y_factor, cb.y_factor, cr.y_factor)?;
        Some(Subsampling { x, y })
    }
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

fn coding_of(marker: u8) -> &'static str {
    match marker {
        0xC3 => "lossless coding",
        0xC9..=0xCB | 0xCD..=0xCF => "arithmetic coding",
        _ => "hierarchical coding",
    }
}

pub(super) fn broken(reason: impl Into<String>) -> CodecError {
    CodecError::Broken { format: Format::Jpeg, reason: reason.into() }
}

fn unsupported(feature: impl Into<String>) -> CodecError {
    CodecError::Unsupported { format: Format::Jpeg, feature: feature.into() }
}

#[cfg(test)]
mod tests;
