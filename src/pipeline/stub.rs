//! STUB until `filter::compile` and `codec::probe` are there; goes then.

use crate::codec::{CodecError, Format, SourceInfo};
use crate::geometry::{Orientation, Size};
use crate::raster::{Loops, PixelFormat};
use crate::recipe::{OutputSpec, Policy, Recipe};
use crate::request::{Accept, ImageRequest};

/// Arguments of a filter that make no sense.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ArgsError {
    /// STUB.
    #[error("too many filters")]
    TooMany,
}

pub(super) mod filter {
    #[allow(clippy::wildcard_imports, reason = "stub")]
    use super::*;

    pub(crate) fn compile(request: &ImageRequest, accept: Accept, policy: &Policy) -> Result<Recipe, ArgsError> {
        if request.filters.len() > policy.max_filters {
            return Err(ArgsError::TooMany);
        }
        let webp = policy.auto_webp && accept.contains(Accept::WEBP);
        let age = request.filters.iter().find(|call| call.name == "max_age").and_then(|call| call.args.parse().ok());
        let known = |name: &str| name == "max_age";
        Ok(Recipe {
            source: request.image.as_str().to_owned(),
            geometry: crate::recipe::GeometrySpec::default(),
            effects: Vec::new(),
            output: OutputSpec {
                offered: if webp { vec![Format::WebP] } else { Vec::new() },
                negotiated: policy.auto_webp,
                max_age_s: age,
                ..OutputSpec::default()
            },
            ignored_filters: request.filters.iter().map(|call| call.name.clone()).filter(|name| !known(name)).collect(),
        })
    }
}

pub(super) mod codec {
    #[allow(clippy::wildcard_imports, reason = "stub")]
    use super::*;

    pub(crate) fn probe(bytes: &[u8]) -> Result<SourceInfo, CodecError> {
        if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Err(CodecError::Unknown);
        }
        let number = |at: usize| {
            let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
            let broken = || CodecError::Broken { format: Format::Png, reason: "the header ends early".into() };
            four.map(u32::from_be_bytes).ok_or_else(broken)
        };
        Ok(SourceInfo {
            format: Format::Png,
            size: Size::new(number(16)?, number(20)?),
            frames: 1,
            loops: Loops::default(),
            orientation: Orientation::default(),
            pixels: PixelFormat::Rgb,
            indexed: false,
            icc: None,
            exif: None,
        })
    }
}
