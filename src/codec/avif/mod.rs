//! AVIF: stills of AV1, in and out, with alpha.
//!
//! The container is read and written in safe code, and so is what has to be known of the AV1 stream before it is
//! decoded; pixels go through libaom. Of image sequences the still that stands for them is shown.

mod colors;
mod container;
mod decode;
mod encode;
mod obu;
#[cfg(test)]
mod tests;
mod write;

use super::ffi::aom;
use super::{Abilities, CodecDef, CodecError, Format, SourceInfo};
use crate::geometry::Orientation;
use crate::raster::{Loops, PixelFormat, Subsampling};
use moxcms::{CicpColorPrimaries, CicpProfile, ColorProfile, MatrixCoefficients, TransferCharacteristics};

/// AVIF as the rest of the program sees it.
pub(super) const DEF: CodecDef = CodecDef {
    format: Format::Avif,
    answered_as: Format::Avif,
    names: &["avif"],
    mime: "image/avif",
    abilities: Abilities {
        alpha: true,
        gray: true,
        animation: false,
        planar: Some(Subsampling::HALF),
        icc: true,
        max_side: 65_536, // of AV1
        shrinks: &[],
        shrinks_by_blocks: false,
        lossy: true,
        vector: false,
    },
    sniff: container::sniff,
    probe,
    open: decode::open,
    encode: encode::encode,
};

fn probe(file: &[u8]) -> Result<SourceInfo, CodecError> {
    let found = container::parse(file)?;
    Ok(SourceInfo {
        format: Format::Avif,
        size: found.size,
        frames: 1,
        loops: Loops::Forever,
        orientation: orientation(found.turns, found.mirror),
        pixels: pixels(&found),
        indexed: false,
        icc: found.icc.map(<[u8]>::to_vec).or_else(|| found.colors.and_then(profile)),
        exif: found.exif.map(std::borrow::Cow::into_owned),
        rows_stream: false,
    })
}

fn pixels(found: &container::Found) -> PixelFormat {
    match (found.gray, found.alpha.is_some()) {
        (true, false) => PixelFormat::Gray,
        (true, true) => PixelFormat::GrayAlpha,
        (false, true) => PixelFormat::Rgba,
        (false, false) => PixelFormat::YCbCr(Subsampling { x: found.chroma.0, y: found.chroma.1 }),
    }
}

/// A profile for primaries that are wider than sRGB's: there code points stand in for one, but not in other formats.
///
/// The transfer functions of standard range are taken as that of sRGB, as browsers do. Pictures of high dynamic range
/// get no profile: sRGB would show them far too dark.
fn profile(colors: container::Colors) -> Option<Vec<u8>> {
    let color_primaries = match colors.primaries {
        9 => CicpColorPrimaries::Bt2020,
        12 => CicpColorPrimaries::Smpte432,
        _ => return None,
    };
    if !matches!(colors.transfer, 1 | 2 | 6 | 13..=15) {
        return None;
    }
    let code_points = CicpProfile {
        color_primaries,
        transfer_characteristics: TransferCharacteristics::Srgb,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    };
    ColorProfile::new_from_cicp(code_points).encode().ok()
}

/// What quarter turns against the clock and then a mirror are as EXIF values.
fn orientation(turns: Option<u8>, mirror: Option<u8>) -> Orientation {
    let value = match (turns.unwrap_or(0), mirror) {
        (0, None) => 1,
        (0, Some(1)) | (2, Some(0)) => 2,
        (2, None) => 3,
        (0 | 2, Some(_)) => 4,
        (1, Some(0)) | (3, Some(1)) => 5,
        (3, None) => 6,
        (1 | 3, Some(_)) => 7,
        _ => 8,
    };
    Orientation::from_exif(value)
}

fn broken(reason: impl Into<String>) -> CodecError {
    CodecError::Broken { format: Format::Avif, reason: reason.into() }
}

fn unsupported(feature: impl Into<String>) -> CodecError {
    CodecError::Unsupported { format: Format::Avif, feature: feature.into() }
}

fn refused(reason: impl Into<String>) -> CodecError {
    CodecError::Encode { format: Format::Avif, reason: reason.into() }
}
