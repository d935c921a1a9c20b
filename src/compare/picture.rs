//! Answers as pixels: read by the same code as originals, upright, in sRGB, and no larger than a judge needs.

use crate::cancel::CancelToken;
use crate::codec::{self, CodecError};
use crate::filter;
use crate::geometry::{Canvas, Size};
use crate::plan::{Findings, LimitError, Limits, Plan, upright};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::Policy;
use crate::request::{Accept, parse};

/// Longest side of the pixels that are judged; larger pictures are reduced to it.
const JUDGED_SIDE_PX: u32 = 1600;

/// A picture that was answered.
#[derive(Debug)]
pub(super) struct Picture {
    /// Content type of the format that its bytes are in.
    pub(super) mime: &'static str,
    /// Width and height as a viewer sees them.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) frames: u32,
    /// The first frame, reduced if it is large.
    pub(super) pixels: PixelBuffer<Canvas>,
}

/// Why an answer is no picture.
#[derive(Debug, thiserror::Error)]
pub(super) enum PictureError {
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error(transparent)]
    Limit(#[from] LimitError),
}

impl Picture {
    /// Decodes an answer.
    pub(super) fn read(file: &[u8]) -> Result<Self, PictureError> {
        let policy = Policy {
            animation: false,
            convert_to_srgb: true,
            max_height: JUDGED_SIDE_PX,
            max_width: JUDGED_SIDE_PX,
            respect_orientation: true,
            ..Policy::default()
        };
        let (limits, cancel) = (Limits::default(), CancelToken::never());
        let info = codec::probe(file)?;
        limits.admit(&info)?;
        let (size, _) = upright(&info, &policy);
        // PNG, because it holds everything that a picture shows.
        let request = parse("/unsafe/filters:format(png)/answer").expect("this is a good URL");
        let recipe = filter::compile(&request, Accept::default(), &policy).expect("this filter exists");
        let plan = Plan::resolve(&recipe, &policy, &info, &Findings::default(), &limits)?;
        let mut decoder = codec::open(file, &info, plan.decode)?;
        if decoder.next_frame()?.is_none() {
            return Err(CodecError::Broken { format: info.format, reason: "it holds no frame".into() }.into());
        }
        let pixels = plan.apply(decoder.as_mut(), &recipe, &info, &cancel)?;
        let mime = codec::of(info.format).mime;
        Ok(Self { mime, width: size.width, height: size.height, frames: info.frames, pixels })
    }

    /// Size of the pixels that are judged.
    pub(super) fn judged_size(&self) -> Size<Canvas> {
        self.pixels.size()
    }

    pub(super) fn has_alpha(&self) -> bool {
        self.pixels.format().has_alpha()
    }

    /// Red, green and blue from 0 to 1, row by row, on a gray ground (0 black, 1 white).
    pub(super) fn on_ground(&self, ground: f32) -> Vec<[f32; 3]> {
        let unit = |sample: u8| f32::from(sample) / 255.0;
        let format = self.pixels.format();
        let data = &self.pixels.first().data;
        let pixels = data.chunks_exact(format.channels()).map(|pixel| match (format, pixel) {
            (PixelFormat::Gray, [gray]) => ([*gray; 3], 255),
            (PixelFormat::GrayAlpha, [gray, alpha]) => ([*gray; 3], *alpha),
            (_, [red, green, blue, alpha]) => ([*red, *green, *blue], *alpha),
            (_, [red, green, blue]) => ([*red, *green, *blue], 255),
            _ => unreachable!("PNG is written from these layouts"),
        });
        pixels
            .map(|(color, alpha)| color.map(|sample| unit(sample) * unit(alpha) + ground * (1.0 - unit(alpha))))
            .collect()
    }
}
