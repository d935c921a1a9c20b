//! Windows bitmaps and icons, which are only read, through the `image` crate.
//!
//! Of an icon the picture with the most colors, and of those the largest.

use super::{Abilities, CodecDef, CodecError, DecodeOptions, Decoder, Format, SourceInfo, read_only};
use crate::geometry::{Decoded, Orientation, Size, Stored};
use crate::raster::{Band, BandPlane, Loops, PixelFormat};
use image::codecs::bmp::BmpDecoder;
use image::codecs::ico::IcoDecoder;
use image::{ColorType, ImageDecoder, ImageError};
use std::io::Cursor;

/// Windows bitmaps as the rest of the program sees them. Thumbor answers them as JPEG, as all that it has no name for.
pub(super) const BMP: CodecDef = CodecDef {
    format: Format::Bmp,
    answered_as: Format::Jpeg,
    names: &[],
    mime: "image/bmp",
    abilities: ABILITIES,
    sniff: is_bmp,
    probe: |file| probe(Format::Bmp, file),
    open: |file, _, _: DecodeOptions| open(Format::Bmp, file),
    encode: |_, _, _| Err(read_only(Format::Bmp)),
};

/// Windows icons as the rest of the program sees them.
pub(super) const ICO: CodecDef = CodecDef {
    format: Format::Ico,
    answered_as: Format::Png,
    names: &[],
    mime: "image/vnd.microsoft.icon",
    abilities: ABILITIES,
    sniff: is_ico,
    probe: |file| probe(Format::Ico, file),
    open: |file, _, _: DecodeOptions| open(Format::Ico, file),
    encode: |_, _, _| Err(read_only(Format::Ico)),
};

const ABILITIES: Abilities = Abilities {
    alpha: true,
    gray: false,
    animation: false,
    planar: None,
    icc: false,
    lossy: false,
    vector: false,
    max_side: 0,
    shrinks: &[],
    shrinks_by_blocks: false,
};

/// The two letters alone would claim many a text: the size of the second header has to be one of those in use.
fn is_bmp(file: &[u8]) -> bool {
    file.starts_with(b"BM") && matches!(file.get(14..18), Some([12 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0]))
}

/// An icon has at least one picture, and the byte behind its number of colors is zero.
fn is_ico(file: &[u8]) -> bool {
    file.starts_with(&[0, 0, 1, 0]) && file.get(4..6).is_some_and(|count| count != [0, 0]) && file.get(9) == Some(&0)
}

type Source<'a> = Box<dyn ImageDecoder + 'a>;

fn header(format: Format, file: &[u8]) -> Result<Source<'_>, CodecError> {
    let cursor = Cursor::new(file);
    let source: Result<Source<'_>, ImageError> = if format == Format::Ico {
        IcoDecoder::new(cursor).map(|decoder| Box::new(decoder) as _)
    } else {
        BmpDecoder::new(cursor).map(|decoder| Box::new(decoder) as _)
    };
    source.map_err(|error| broken(format, &error))
}

fn layout(format: Format, source: &Source) -> Result<(Size<Stored>, PixelFormat), CodecError> {
    let (width, height) = source.dimensions();
    let pixels = match source.color_type() {
        ColorType::L8 => PixelFormat::Gray,
        ColorType::Rgb8 => PixelFormat::Rgb,
        ColorType::Rgba8 => PixelFormat::Rgba,
        other => return Err(CodecError::Unsupported { format, feature: format!("pixels of {other:?}") }),
    };
    if width == 0 || height == 0 {
        return Err(CodecError::Broken { format, reason: format!("it is {width}x{height}") });
    }
    Ok((Size::new(width, height), pixels))
}

fn probe(format: Format, file: &[u8]) -> Result<SourceInfo, CodecError> {
    let source = header(format, file)?;
    let (size, pixels) = layout(format, &source)?;
    Ok(SourceInfo {
        format,
        size,
        frames: 1,
        loops: Loops::Forever,
        orientation: Orientation::UPRIGHT,
        pixels,
        indexed: false,
        icc: None,
        exif: None,
        rows_stream: false,
    })
}

fn open(format: Format, file: &[u8]) -> Result<Box<dyn Decoder + '_>, CodecError> {
    let source = header(format, file)?;
    let (size, pixels) = layout(format, &source)?;
    Ok(Box::new(Still {
        format,
        source: Some(source),
        size: size.into_space(),
        pixels,
        started: false,
        data: Vec::new(),
    }))
}

/// The whole picture is one band, since the crate gives nothing less.
struct Still<'a> {
    format: Format,
    /// Until it has been read.
    source: Option<Source<'a>>,
    size: Size<Decoded>,
    pixels: PixelFormat,
    started: bool,
    data: Vec<u8>,
}

impl Decoder for Still<'_> {
    fn size(&self) -> Size<Decoded> {
        self.size
    }

    fn format(&self) -> PixelFormat {
        self.pixels
    }

    fn next_frame(&mut self) -> Result<Option<u32>, CodecError> {
        Ok((!std::mem::replace(&mut self.started, true)).then_some(0))
    }

    fn next_band(&mut self) -> Result<Option<Band<'_>>, CodecError> {
        let Some(source) = self.source.take_if(|_| self.started) else {
            self.data = Vec::new();
            return Ok(None);
        };
        let stride = self.size.width as usize * self.pixels.channels();
        self.data = vec![0; stride * self.size.height as usize];
        source.read_image_boxed(&mut self.data).map_err(|error| broken(self.format, &error))?;
        Ok(Some(Band::new(vec![BandPlane::new(&self.data, stride)])))
    }
}

fn broken(format: Format, error: &ImageError) -> CodecError {
    match error {
        ImageError::Unsupported(feature) => CodecError::Unsupported { format, feature: feature.to_string() },
        other => CodecError::Broken { format, reason: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_are_no_bitmap_and_an_empty_list_no_icon() {
        assert!(!is_bmp(b"BMW drivers love this text, which is long enough"));
        assert!(!is_ico(&[0; 40]) && !is_ico(&[0, 0, 1, 0, 0, 0, 16, 16, 0, 0]));
        assert!(is_ico(&[0, 0, 1, 0, 1, 0, 16, 16, 0, 0]));
    }

    #[test]
    fn a_size_that_the_file_cannot_hold_is_known_before_a_pixel_exists() {
        let mut file = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
        file.extend([0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 24, 0]);
        file.extend([0; 24]);
        assert_eq!(probe(Format::Bmp, &file).unwrap().size, Size::new(65535, 65535));
    }
}
