//! The chunks of a file and what the small ones say. Nothing is inflated and no checksum compared here.

use super::broken;
use crate::codec::CodecError;
use crate::geometry::{Size, Stored};
use crate::raster::PixelFormat;

/// The first bytes of every PNG file.
pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What the samples of a pixel are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Color {
    Gray,
    Rgb,
    Palette,
    GrayAlpha,
    Rgba,
}

/// The IHDR chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) size: Size<Stored>,
    pub(super) color: Color,
    /// Bits a sample, valid for the color.
    pub(super) depth: u8,
    pub(super) interlaced: bool,
}

/// The chunks that matter, each the first of its kind.
#[derive(Clone, Debug)]
pub(super) struct Chunks<'a> {
    pub(super) header: Header,
    /// PLTE: entries of three bytes.
    pub(super) palette: &'a [u8],
    /// tRNS, only if it is long enough for the color.
    pub(super) transparency: Option<&'a [u8]>,
    /// iCCP, still deflated.
    pub(super) icc: Option<&'a [u8]>,
    /// eXIf, starting with the TIFF header.
    pub(super) exif: Option<&'a [u8]>,
    pub(super) data: Data<'a>,
}

/// The contents of consecutive IDAT chunks.
#[derive(Clone, Debug)]
pub(super) struct Data<'a>(Walk<'a>);

/// Steps from chunk to chunk: kind and content. The last one may be cut.
#[derive(Clone, Debug)]
struct Walk<'a>(&'a [u8]);

impl<'a> Chunks<'a> {
    /// Finds the chunks of a file.
    ///
    /// # Errors
    /// If the signature, a valid IHDR, a needed PLTE or any IDAT is missing.
    pub(super) fn read(file: &'a [u8]) -> Result<Self, CodecError> {
        let mut walk = Walk(file.strip_prefix(SIGNATURE).ok_or_else(|| broken("no PNG signature"))?);
        let header = match walk.next() {
            Some((b"IHDR", content)) => Header::read(content)?,
            _ => return Err(broken("no IHDR chunk")),
        };
        let (mut palette, mut transparency, mut icc, mut exif, mut data) = (None, None, None, None, None);
        loop {
            let here = walk.clone();
            let Some((kind, content)) = walk.next() else { break };
            let (slot, before_data) = match kind {
                b"PLTE" => (&mut palette, true),
                b"tRNS" => (&mut transparency, true),
                b"iCCP" => (&mut icc, true),
                b"eXIf" => (&mut exif, false),
                b"IDAT" => {
                    data.get_or_insert(Data(here));
                    continue;
                }
                b"IEND" => break,
                _ => continue,
            };
            if !(before_data && data.is_some()) {
                slot.get_or_insert(content);
            }
        }
        if header.color == Color::Palette && palette.is_none() {
            return Err(broken("no palette"));
        }
        let transparency = transparency.filter(|content| content.len() >= header.color.transparency_bytes());
        let palette = palette.unwrap_or_default();
        Ok(Self { header, palette, transparency, icc, exif, data: data.ok_or_else(|| broken("no picture data"))? })
    }

    /// The layout that decoders hand out.
    pub(super) fn pixels(&self) -> PixelFormat {
        match (self.header.color, self.transparency.is_some()) {
            (Color::Gray, false) => PixelFormat::Gray,
            (Color::Gray, true) | (Color::GrayAlpha, _) => PixelFormat::GrayAlpha,
            (Color::Rgb | Color::Palette, false) => PixelFormat::Rgb,
            (Color::Rgb | Color::Palette, true) | (Color::Rgba, _) => PixelFormat::Rgba,
        }
    }
}

impl Header {
    fn read(content: &[u8]) -> Result<Self, CodecError> {
        let &[w0, w1, w2, w3, h0, h1, h2, h3, depth, color, 0, 0, interlace] = content else {
            return Err(broken("bad IHDR chunk"));
        };
        let (width, height) = (u32::from_be_bytes([w0, w1, w2, w3]), u32::from_be_bytes([h0, h1, h2, h3]));
        if !(1..1 << 31).contains(&width) || !(1..1 << 31).contains(&height) {
            return Err(broken(format!("size of `{width}x{height}`")));
        }
        let color = match (color, depth) {
            (0, 1 | 2 | 4 | 8 | 16) => Color::Gray,
            (2, 8 | 16) => Color::Rgb,
            (3, 1 | 2 | 4 | 8) => Color::Palette,
            (4, 8 | 16) => Color::GrayAlpha,
            (6, 8 | 16) => Color::Rgba,
            _ => return Err(broken(format!("color type `{color}` with depth `{depth}`"))),
        };
        if interlace > 1 {
            return Err(broken(format!("interlace method `{interlace}`")));
        }
        Ok(Self { size: Size::new(width, height), color, depth, interlaced: interlace == 1 })
    }

    /// Bits a pixel in the file, at most 64.
    pub(super) fn bits(&self) -> usize {
        self.color.samples() * usize::from(self.depth)
    }
}

impl Color {
    /// Samples a pixel in the file.
    pub(super) fn samples(self) -> usize {
        match self {
            Self::Gray | Self::Palette => 1,
            Self::GrayAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }

    /// The least that a tRNS chunk must hold; colors with alpha have no use for one.
    fn transparency_bytes(self) -> usize {
        match self {
            Self::Gray => 2,
            Self::Rgb => 6,
            Self::Palette => 1,
            Self::GrayAlpha | Self::Rgba => usize::MAX,
        }
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = (&'a [u8; 4], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (length, rest) = self.0.split_first_chunk()?;
        let (kind, rest) = rest.split_first_chunk()?;
        let length = (u32::from_be_bytes(*length) as usize).min(rest.len());
        let (content, rest) = rest.split_at(length);
        self.0 = rest.get(4..).unwrap_or_default(); // behind the checksum
        Some((kind, content))
    }
}

impl<'a> Iterator for Data<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, content) = self.0.next()?;
        (kind == b"IDAT").then_some(content)
    }
}
