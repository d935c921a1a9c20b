//! GIF: stills and animations in and out, composited to full frames.

mod blocks;
mod decode;
mod encode;

use super::{Abilities, CodecDef, CodecError, DecodeOptions, Decoder, Format, SourceInfo};
use crate::geometry::Orientation;
use blocks::Gif;

/// GIF.
pub(super) const DEF: CodecDef = CodecDef {
    format: Format::Gif,
    answered_as: Format::Gif,
    names: &["gif"],
    mime: "image/gif",
    abilities: Abilities {
        alpha: true,
        gray: false,
        animation: true,
        planar: None,
        icc: false,
        lossy: false,
        vector: false,
        max_side: 65_535,
        shrinks: &[],
        shrinks_by_blocks: false,
    },
    sniff: |start| start.starts_with(b"GIF8"),
    probe,
    open,
    encode: encode::encode,
};

fn probe(file: &[u8]) -> Result<SourceInfo, CodecError> {
    let gif = Gif::read(file)?;
    Ok(SourceInfo {
        format: Format::Gif,
        size: gif.size,
        frames: gif.frame_count(),
        loops: gif.loops,
        orientation: Orientation::UPRIGHT,
        pixels: gif.pixels(),
        indexed: true,
        icc: None,
        exif: None,
        rows_stream: false,
    })
}

fn open<'a>(file: &'a [u8], _: &SourceInfo, _: DecodeOptions) -> Result<Box<dyn Decoder + 'a>, CodecError> {
    Ok(Box::new(decode::GifDecoder::new(Gif::read(file)?)?))
}

/// A file that cannot be read.
fn broken(reason: &str) -> CodecError {
    CodecError::Broken { format: Format::Gif, reason: reason.into() }
}

#[cfg(test)]
mod tests;
