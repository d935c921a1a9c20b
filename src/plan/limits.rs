//! What a picture may cost, checked from its header before any pixel exists.

use crate::codec::{self, Format, SourceInfo};
use crate::geometry::{Canvas, Size, Stored};

/// Bounds of what one request may cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Most pixels of one source frame; 0 = no limit.
    pub max_source_px: u64,
    /// Most frames decoded of an animation; further ones are left out. At least 1.
    pub max_frames: u32,
    /// Most pixels of all frames of an animation together, before and after.
    pub max_animation_px: u64,
    /// Most pixels of the canvas after any step.
    pub max_canvas_px: u64,
    /// Most pixel operations of all effects on all frames together, as [`Effect::work`] counts them.
    ///
    /// [`Effect::work`]: crate::recipe::Effect::work
    pub max_filter_work: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_source_px: 75_000_000,
            max_frames: 1_000,
            max_animation_px: 75_000_000,
            max_canvas_px: 50_000_000,
            max_filter_work: 4_000_000_000,
        }
    }
}

/// A limit that a picture exceeds.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum LimitError {
    /// The source has too many pixels.
    #[error("source of {pixels} pixels exceeds the limit of {limit}")]
    Source {
        /// Pixels of the source.
        pixels: u64,
        /// Pixels allowed.
        limit: u64,
    },
    /// The frames of an animation have too many pixels together.
    #[error("animation of {pixels} pixels in all frames exceeds the limit of {limit}")]
    Animation {
        /// Pixels of all frames.
        pixels: u64,
        /// Pixels allowed.
        limit: u64,
    },
    /// The picture asked for is too wide or too high for its format.
    #[error("picture of {size} pixels is larger than {limit} on a side, the most that {format:?} holds")]
    Side {
        /// Size asked for.
        size: Size<Canvas>,
        /// Format asked for.
        format: Format,
        /// Longest side.
        limit: u32,
    },
    /// The picture asked for has too many pixels.
    #[error("picture of {size} pixels exceeds the limit of {limit} pixels")]
    Canvas {
        /// Size asked for.
        size: Size<Canvas>,
        /// Pixels allowed.
        limit: u64,
    },
    /// The pictures that filters draw with have too many pixels together.
    #[error("pictures of {pixels} pixels to draw with exceed the limit of {limit}")]
    Assets {
        /// Pixels of all of them, in the sizes wanted.
        pixels: u64,
        /// Pixels allowed.
        limit: u64,
    },
    /// The filters would take too long.
    #[error("filters of {work} pixel operations exceed the limit of {limit}")]
    Work {
        /// Pixel operations of all filters on all frames.
        work: u64,
        /// Pixel operations allowed.
        limit: u64,
    },
}

impl Limits {
    /// Lets a source in, or not, by what its header says. Decides with numbers only.
    pub fn admit(&self, info: &SourceInfo) -> Result<(), LimitError> {
        let pixels = info.size.area_px();
        if self.max_source_px > 0 && pixels > self.max_source_px {
            return Err(LimitError::Source { pixels, limit: self.max_source_px });
        }
        Ok(())
    }

    /// Lets a canvas of this size be made, or not.
    pub(super) fn canvas(&self, size: Size<Canvas>) -> Result<(), LimitError> {
        if size.area_px() > self.max_canvas_px {
            return Err(LimitError::Canvas { size, limit: self.max_canvas_px });
        }
        Ok(())
    }

    /// Lets a picture of this size be written in `format`, or not.
    pub(super) fn side(size: Size<Canvas>, format: Format) -> Result<(), LimitError> {
        let limit = codec::of(format).abilities.max_side;
        if size.width > limit || size.height > limit {
            return Err(LimitError::Side { size, format, limit });
        }
        Ok(())
    }

    /// Lets pictures of these sizes be made to draw with, or not: together they are no larger than a canvas.
    pub fn assets(&self, sizes: impl Iterator<Item = Size<Canvas>>) -> Result<(), LimitError> {
        let pixels = sizes.map(Size::area_px).fold(0, u64::saturating_add);
        if pixels > self.max_canvas_px {
            return Err(LimitError::Assets { pixels, limit: self.max_canvas_px });
        }
        Ok(())
    }

    /// Lets effects of so much work on one frame run on so many, or not.
    pub(super) fn work(&self, frames: u32, work: u64) -> Result<(), LimitError> {
        let work = work.saturating_mul(u64::from(frames));
        if work > self.max_filter_work {
            return Err(LimitError::Work { work, limit: self.max_filter_work });
        }
        Ok(())
    }

    /// Lets so many frames be decoded and made, or not. A still is bound by the other limits.
    pub(super) fn animation(&self, frames: u32, source: Size<Stored>, canvas: Size<Canvas>) -> Result<(), LimitError> {
        let pixels = source.area_px().max(canvas.area_px()).saturating_mul(u64::from(frames));
        if frames > 1 && pixels > self.max_animation_px {
            return Err(LimitError::Animation { pixels, limit: self.max_animation_px });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::CancelToken;
    use crate::codec::EncodeOptions;
    use crate::filter;
    use crate::plan::{Findings, Plan};
    use crate::raster::{Image, PixelBuffer, PixelFormat};
    use crate::recipe::Policy;
    use crate::request::{Accept, parse};

    /// What becomes of these options for a photograph of this size under the default limits.
    fn planned(options: &str, (width, height): (u32, u32), frames: u32) -> Result<(), LimitError> {
        let pixel = Image::still(PixelBuffer::new(PixelFormat::Rgb, Size::new(1, 1)));
        let encode = codec::of(Format::Png).encode;
        let file = encode(&pixel, &EncodeOptions::default(), &CancelToken::never()).unwrap();
        let mut info = codec::probe(&file).unwrap();
        (info.size, info.frames) = (Size::new(width, height), frames);
        let format = if frames > 1 { "format(gif):" } else { "" };
        let request = parse(&format!("/unsafe/{options}").replace("filters:", &format!("filters:{format}"))).unwrap();
        let policy = Policy::default();
        let recipe = filter::compile(&request, Accept::default(), &policy).unwrap();
        assert_eq!(recipe.ignored_filters, [""; 0]);
        Plan::resolve(&recipe, &policy, &info, &Findings::default(), &Limits::default()).map(drop)
    }

    fn ones(count: usize) -> String {
        vec!["1"; count].join(";")
    }

    #[test]
    fn work_of_filters_is_bounded_before_it_is_done() {
        let large = (6000, 4000);
        let check = |filters: &str, size, frames, fits: bool| {
            let planned = planned(&format!("filters:{filters}/i.png"), size, frames);
            let refused = matches!(planned, Err(LimitError::Work { .. }));
            assert!(if fits { planned.is_ok() } else { refused }, "{filters}: {planned:?}");
        };
        check("blur(150)", large, 1, true);
        check("blur(150,3)", large, 1, true);
        check("sharpen(2,1.0,false)", large, 1, true);
        check("sharpen(2,1.0,false):sharpen(2,1.0,false):sharpen(2,1.0,false)", large, 1, false);
        check(&["blur(150)"; 20].join(":"), large, 1, false);
        check(&["blur(150)"; 20].join(":"), (1000, 1000), 1, true);
        check(&["brightness(1)"; 20].join(":"), large, 1, true);
        check(&format!("convolution({},31)", ones(31 * 31)), large, 1, false);
        check(&format!("convolution({},31)", ones(31 * 31)), (1000, 1000), 1, true);
        check(&format!("convolution({},31):blur(150)", ones(31 * 31)), (400, 400), 1, true);
        check(&format!("convolution({},31)", ones(31 * 31)), (400, 400), 100, false);
        check("fill(blur)", large, 1, true);
        check("round_corner(4294967295,0,0,0)", large, 1, true);
        let error = planned(&format!("filters:convolution({},31)/i.png", ones(961)), large, 1).unwrap_err();
        assert!(error.to_string().ends_with("pixel operations exceed the limit of 4000000000"), "{error}");
    }

    #[test]
    fn what_filters_enlarge_is_bounded_before_it_is_made() {
        let check = |options: &str, fits: bool| {
            let planned = planned(&format!("{options}/i.png"), (1000, 1000), 1);
            let refused = matches!(planned, Err(LimitError::Canvas { .. }));
            assert!(if fits { planned.is_ok() } else { refused }, "{options}: {planned:?}");
        };
        check("fit-in/7000x7000/filters:upscale()", true);
        check("fit-in/8000x8000/filters:upscale()", false);
        check("fit-in/8000x8000/filters:fill(blur)", false);
        check("fit-in/8000x8000/filters:proportion(0.1):fill(red)", false);
        check("8000x8000/filters:proportion(0.1)", false);
        check("7000x7000/filters:proportion(0.1)", true);
    }
}
