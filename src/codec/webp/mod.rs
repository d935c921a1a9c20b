//! WebP: lossy, lossless and animated, in and out.
//!
//! The container is read and extended in safe code; pixels go through libwebp.

mod container;
mod decode;
mod encode;
#[cfg(test)]
mod tests;

use super::ffi::webp as ffi;
use super::{Abilities, CodecDef, CodecError, Format, SourceInfo, metadata};
use crate::geometry::Orientation;
use crate::raster::{PixelFormat, Subsampling};

/// WebP as the rest of the program sees it.
pub(super) const DEF: CodecDef = CodecDef {
    format: Format::WebP,
    answered_as: Format::WebP,
    names: &["webp"],
    mime: "image/webp",
    abilities: Abilities {
        alpha: true,
        gray: false,
        animation: true,
        planar: Some(Subsampling::HALF),
        icc: true,
        lossy: true,
        vector: false,
        max_side: ffi::MAX_SIDE,
        shrinks: &[2, 4, 8],
        shrinks_by_blocks: false,
    },
    sniff,
    probe,
    open: decode::open,
    encode: encode::encode,
};

fn sniff(file: &[u8]) -> bool {
    file.starts_with(b"RIFF") && file.get(8..12) == Some(b"WEBP")
}

fn probe(file: &[u8]) -> Result<SourceInfo, CodecError> {
    let found = container::parse(file)?;
    Ok(SourceInfo {
        format: Format::WebP,
        size: found.size,
        frames: found.frames,
        loops: found.loops,
        orientation: found.exif.map_or(Orientation::UPRIGHT, metadata::orientation),
        pixels: if found.alpha || found.animated { PixelFormat::Rgba } else { PixelFormat::Rgb },
        indexed: false,
        icc: found.icc.map(<[u8]>::to_vec),
        exif: found.exif.map(<[u8]>::to_vec),
        rows_stream: false,
    })
}

fn broken(reason: impl Into<String>) -> CodecError {
    CodecError::Broken { format: Format::WebP, reason: reason.into() }
}

fn refused(reason: impl Into<String>) -> CodecError {
    CodecError::Encode { format: Format::WebP, reason: reason.into() }
}
