//! PNG: every kind of still picture in, gray, truecolor and palettes out. Of animated ones the default image only.

mod chunks;
mod decode;
mod encode;
mod expand;
mod inflate;
mod paeth;
mod unfilter;

use self::chunks::Chunks;
use super::{Abilities, CodecDef, CodecError, DecodeOptions, Decoder, Format, SourceInfo, metadata};
use crate::geometry::Orientation;
use crate::raster::Loops;

/// PNG.
pub(super) const DEF: CodecDef = CodecDef {
    format: Format::Png,
    answered_as: Format::Png,
    names: &["png"],
    mime: "image/png",
    abilities: Abilities {
        alpha: true,
        gray: true,
        animation: false,
        planar: None,
        icc: true,
        lossy: false,
        vector: false,
        max_side: 1_000_000,
        shrinks: &[],
        shrinks_by_blocks: false,
    },
    sniff: |start| start.starts_with(chunks::SIGNATURE),
    probe,
    open,
    encode: encode::encode,
};

/// More bytes of color profile are no profile.
const MAX_ICC_BYTES: usize = 4 << 20;

fn probe(file: &[u8]) -> Result<SourceInfo, CodecError> {
    let chunks = Chunks::read(file)?;
    let header = chunks.header;
    Ok(SourceInfo {
        format: Format::Png,
        size: header.size,
        frames: 1,
        loops: Loops::Forever,
        orientation: chunks.exif.map_or(Orientation::UPRIGHT, metadata::orientation),
        pixels: chunks.pixels(),
        indexed: header.color == chunks::Color::Palette || (header.color, header.depth) == (chunks::Color::Gray, 1),
        icc: chunks.icc.and_then(inflate_icc),
        exif: chunks.exif.map(<[u8]>::to_vec),
        rows_stream: !header.interlaced,
    })
}

/// The profile in an iCCP chunk: a name, a zero, the method (also zero), a zlib stream.
fn inflate_icc(chunk: &[u8]) -> Option<Vec<u8>> {
    let name_end = chunk.iter().position(|&byte| byte == 0)?;
    let stream = chunk.get(name_end + 1..)?.strip_prefix(&[0])?;
    fdeflate::decompress_to_vec_bounded(stream, MAX_ICC_BYTES).ok()
}

fn open<'a>(file: &'a [u8], _: &SourceInfo, _: DecodeOptions) -> Result<Box<dyn Decoder + 'a>, CodecError> {
    Ok(Box::new(decode::PngDecoder::new(&Chunks::read(file)?)?))
}

/// A file that cannot be read.
fn broken(reason: impl Into<String>) -> CodecError {
    CodecError::Broken { format: Format::Png, reason: reason.into() }
}

#[cfg(test)]
mod tests;
