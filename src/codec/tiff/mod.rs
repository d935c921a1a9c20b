//! TIFF, which is only read, strip by strip (or one row of tiles after the other), through the `tiff` crate.
//!
//! The first picture of a file: gray, RGB, CMYK and what JPEG makes of YCbCr, 1 to 16 bit and 32 bit floats. The crate
//! does not know palettes.

use super::{Abilities, CodecDef, CodecError, DecodeOptions, Decoder, Format, SourceInfo, read_only};
use crate::geometry::{Decoded, Orientation, Size, Stored};
use crate::raster::{Band, BandPlane, Loops, PixelFormat};
use std::io::Cursor;
use tiff::ColorType;
use tiff::decoder::Decoder as Reader;
use tiff::tags::Tag;

mod samples;
#[cfg(test)]
pub(super) mod tests;

/// TIFF as the rest of the program sees it.
pub(super) const DEF: CodecDef = CodecDef {
    format: Format::Tiff,
    answered_as: Format::Png,
    names: &[],
    mime: "image/tiff",
    abilities: Abilities {
        alpha: true,
        gray: true,
        animation: false,
        planar: None,
        icc: false,
        lossy: false,
        vector: false,
        max_side: 0,
        shrinks: &[],
        shrinks_by_blocks: false,
    },
    sniff,
    probe,
    open,
    encode: |_, _, _| Err(read_only(Format::Tiff)),
};

/// Either byte order, offsets of 4 or 8 bytes.
fn sniff(file: &[u8]) -> bool {
    [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| file.starts_with(*magic))
}

/// What the directory of the first picture says.
struct Header<'a> {
    reader: Reader<Cursor<&'a [u8]>>,
    size: Size<Stored>,
    kind: Kind,
    /// Bits a sample.
    depth: u8,
}

/// What the samples of a pixel mean.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// They are those of our layout.
    As(PixelFormat),
    /// Luma and two of chroma.
    YCbCr,
}

impl Kind {
    fn pixels(self) -> PixelFormat {
        match self {
            Self::As(pixels) => pixels,
            Self::YCbCr => PixelFormat::Rgb,
        }
    }
}

impl<'a> Header<'a> {
    fn read(file: &'a [u8]) -> Result<Self, CodecError> {
        const JPEG: u16 = 7;
        let mut reader = Reader::new(Cursor::new(file)).map_err(|error| broken(&error))?;
        let (width, height) = reader.dimensions().map_err(|error| broken(&error))?;
        if width == 0 || height == 0 {
            return Err(CodecError::Broken { format: Format::Tiff, reason: format!("it is {width}x{height}") });
        }
        let color = reader.colortype().map_err(|error| broken(&error))?;
        let compression = reader.find_tag_unsigned(Tag::Compression).ok().flatten();
        let planar = reader.find_tag_unsigned(Tag::PlanarConfiguration).ok().flatten().unwrap_or(1_u16);
        let (kind, depth) = match color {
            ColorType::Gray(depth) => (Kind::As(PixelFormat::Gray), depth),
            ColorType::GrayA(depth) | ColorType::Multiband { bit_depth: depth, num_samples: 2 } => {
                (Kind::As(PixelFormat::GrayAlpha), depth)
            }
            ColorType::RGB(depth) => (Kind::As(PixelFormat::Rgb), depth),
            ColorType::RGBA(depth) => (Kind::As(PixelFormat::Rgba), depth),
            ColorType::CMYK(depth) => (Kind::As(PixelFormat::Cmyk), depth),
            ColorType::YCbCr(depth @ 8) if compression == Some(JPEG) => (Kind::YCbCr, depth),
            other => return Err(unsupported(format!("pixels of {other:?}"))),
        };
        let known = matches!((kind.pixels().channels(), depth), (1, 1 | 2 | 4) | (_, 8 | 16 | 32));
        if !known || (planar != 1 && kind.pixels().channels() > 1) {
            return Err(unsupported(format!("{color:?} in {planar} planes")));
        }
        Ok(Self { reader, size: Size::new(width, height), kind, depth })
    }
}

fn probe(file: &[u8]) -> Result<SourceInfo, CodecError> {
    let mut header = Header::read(file)?;
    let orientation = header.reader.find_tag_unsigned::<u32>(Tag::Orientation).ok().flatten();
    // One that is too large or of a strange type is left out, as if it were not there.
    let icc = header.reader.get_tag_u8_vec(Tag::IccProfile).ok();
    Ok(SourceInfo {
        format: Format::Tiff,
        size: header.size,
        frames: 1,
        loops: Loops::Forever,
        orientation: orientation.map_or(Orientation::UPRIGHT, Orientation::from_exif),
        pixels: header.kind.pixels(),
        indexed: header.depth == 1,
        icc,
        exif: None,
        rows_stream: false,
    })
}

fn open<'a>(file: &'a [u8], _: &SourceInfo, _: DecodeOptions) -> Result<Box<dyn Decoder + 'a>, CodecError> {
    let header = Header::read(file)?;
    Ok(Box::new(Strips { header, started: false, y: 0, rows: Vec::new() }))
}

struct Strips<'a> {
    header: Header<'a>,
    started: bool,
    /// The next row.
    y: u32,
    rows: Vec<u8>,
}

impl Decoder for Strips<'_> {
    fn size(&self) -> Size<Decoded> {
        self.header.size.into_space()
    }

    fn format(&self) -> PixelFormat {
        self.header.kind.pixels()
    }

    fn next_frame(&mut self) -> Result<Option<u32>, CodecError> {
        Ok((!std::mem::replace(&mut self.started, true)).then_some(0))
    }

    /// A file that ends early, or is broken from some place on, is shown as far as it goes.
    fn next_band(&mut self) -> Result<Option<Band<'_>>, CodecError> {
        if !self.started || self.y >= self.header.size.height {
            return Ok(None);
        }
        match self.strip() {
            Ok(()) => {}
            Err(_) if self.y > 0 => return Ok(None),
            Err(error) => return Err(error),
        }
        let stride = self.header.size.width as usize * self.format().channels();
        self.y += u32::try_from(self.rows.len() / stride).unwrap_or(u32::MAX);
        Ok(Some(Band::new(vec![BandPlane::new(&self.rows, stride)])))
    }
}

impl Strips<'_> {
    /// Decodes the strip, or the tiles beside each other, at row `y`.
    fn strip(&mut self) -> Result<(), CodecError> {
        let Header { reader, size, kind, depth } = &mut self.header;
        let (chunk_width, chunk_height) = reader.chunk_dimensions();
        if chunk_width == 0 || chunk_height == 0 {
            return Err(CodecError::Broken { format: Format::Tiff, reason: "empty strips".into() });
        }
        let across = size.width.div_ceil(chunk_width);
        let first = self.y / chunk_height * across;
        let channels = kind.pixels().channels();
        let stride = size.width as usize * channels;
        let rows = chunk_height.min(size.height - self.y) as usize;
        self.rows.clear();
        self.rows.resize(stride * rows, 0);
        for column in 0..across {
            let chunk = first + column;
            let (width, height) = reader.chunk_data_dimensions(chunk);
            let data = reader.read_chunk(chunk).map_err(|error| broken(&error))?;
            let width = width as usize;
            let samples = samples::of(data, *depth, width * channels);
            let samples = samples.ok_or_else(|| unsupported("samples of an unusual type"))?;
            let pixels = if *kind == Kind::YCbCr { samples::rgb_from_ycbcr(&samples) } else { samples };
            let left = column as usize * chunk_width as usize * channels;
            let rows = self.rows.chunks_exact_mut(stride).zip(pixels.chunks_exact(width * channels));
            for (to, from) in rows.take(height as usize) {
                to[left..left + from.len()].copy_from_slice(from);
            }
        }
        Ok(())
    }
}

fn broken(error: &tiff::TiffError) -> CodecError {
    match error {
        tiff::TiffError::UnsupportedError(feature) => unsupported(feature.to_string()),
        other => CodecError::Broken { format: Format::Tiff, reason: other.to_string() },
    }
}

fn unsupported(feature: impl Into<String>) -> CodecError {
    CodecError::Unsupported { format: Format::Tiff, feature: feature.into() }
}
