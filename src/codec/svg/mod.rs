//! SVG, drawn by resvg: plain or gzipped, in, never out.
//!
//! A drawing is data from strangers and a program at once. So nothing outside it is looked at: no files, no network, no
//! fonts of the system (text is left out), no pictures inside. The header is read without parsing the rest, and a
//! drawing that would take too much memory or time is refused before it is drawn: `text` counts what is written,
//! `cost` what is to be painted.

mod cost;
mod draw;
mod head;
#[cfg(test)]
pub(super) mod tests;
mod text;

use super::{Abilities, CodecDef, CodecError, Format, SourceInfo, read_only};
use crate::geometry::Orientation;
use crate::raster::{Loops, PixelFormat};

/// SVG as the rest of the program sees it.
pub(super) const DEF: CodecDef = CodecDef {
    format: Format::Svg,
    answered_as: Format::Png,
    names: &[],
    mime: "image/svg+xml",
    abilities: Abilities {
        alpha: true,
        gray: false,
        animation: false,
        planar: None,
        icc: false,
        lossy: false,
        vector: true,
        max_side: 0,
        shrinks: &[],
        shrinks_by_blocks: false,
    },
    sniff: |file| head::root_tag(&text::beginning(file)).is_some(),
    probe,
    open: draw::open,
    encode: |_, _, _| Err(read_only(Format::Svg)),
};

fn probe(file: &[u8]) -> Result<SourceInfo, CodecError> {
    let beginning = text::beginning(file);
    let tag = head::root_tag(&beginning).ok_or_else(|| broken("there is no svg element"))?;
    Ok(SourceInfo {
        format: Format::Svg,
        size: head::size(tag).ok_or_else(|| broken("it has no size"))?,
        frames: 1,
        loops: Loops::Forever,
        orientation: Orientation::UPRIGHT,
        pixels: PixelFormat::Rgba,
        indexed: false,
        icc: None,
        exif: None,
        rows_stream: false,
    })
}

fn broken(reason: impl Into<String>) -> CodecError {
    CodecError::Broken { format: Format::Svg, reason: reason.into() }
}

fn refused(what: impl Into<String>) -> CodecError {
    CodecError::Unsupported { format: Format::Svg, feature: what.into() }
}
