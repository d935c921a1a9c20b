//! JPEG: read by a decoder of our own, written through MozJPEG's libjpeg.

mod decode;
mod decoder;
mod encode;
#[cfg(test)]
mod fixtures;
mod header;
pub(super) mod iptc;

use super::{Abilities, CodecDef, Format};
use crate::raster::Subsampling;

/// JPEG, in and out.
pub(super) const DEF: CodecDef = CodecDef {
    format: Format::Jpeg,
    answered_as: Format::Jpeg,
    names: &["jpeg", "jpg"],
    mime: "image/jpeg",
    abilities: Abilities {
        alpha: false,
        gray: true,
        animation: false,
        planar: Some(Subsampling::HALF),
        icc: true,
        lossy: true,
        vector: false,
        max_side: encode::MAX_SIDE,
        shrinks: &[2, 4, 8],
        shrinks_by_blocks: true,
    },
    sniff: |start| start.starts_with(&[0xFF, 0xD8]),
    probe: header::probe,
    open: decode::open,
    encode: encode::encode,
};
