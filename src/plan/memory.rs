//! What rendering takes in memory, foreseen from the plan's numbers.

use super::{Findings, LimitError, Limits, Plan};
use crate::codec::SourceInfo;
use crate::geometry::{Canvas, Size};
use crate::recipe::{Policy, Recipe};

/// Bytes a pixel of a canvas, in the widest layout.
const CANVAS: u64 = 4;
/// Bytes a pixel of a source frame that exists as a whole: the frame and what its decoder keeps beside it.
const WHOLE_FRAME: u64 = 8;
/// Bytes a pixel of what encoders keep beside the canvas: coefficients, tokens, indices and the file itself.
const ENCODER: u64 = 10;
/// Source rows held while rows stream: a band, and what the resampler waits for.
const ROWS_HELD: u64 = 256;

impl Plan {
    /// Bytes that rendering will take at its peak, while nothing is known but what headers tell: `unseen`.
    ///
    /// # Errors
    /// When a limit is exceeded, whatever the pixels are. What only trimming could make small enough is let through as
    /// the largest of all.
    pub fn foresee_memory(
        recipe: &Recipe,
        policy: &Policy,
        info: &SourceInfo,
        unseen: &Findings,
        limits: &Limits,
    ) -> Result<u64, LimitError> {
        match Self::resolve(recipe, policy, info, unseen, limits) {
            Ok(plan) => Ok(plan.memory_bytes),
            Err(_) if recipe.geometry.trim.is_some() => Ok(u64::MAX),
            Err(error) => Err(error),
        }
    }

    /// Bytes that the plan takes at its peak, the source file not counted: an estimate from above for what is usual.
    ///
    /// `sizes` are those of the canvas before the first effect and after each, `looks` whether all pixels are looked at
    /// first.
    pub(super) fn memory_bytes(&self, info: &SourceInfo, sizes: &[Size<Canvas>], looks: bool) -> u64 {
        let largest = sizes.iter().map(|size| size.area_px()).max().unwrap_or(0);
        let last = sizes.last().map_or(0, |size| size.area_px());
        let frame = if info.rows_stream {
            u64::from(self.decoded.width) * ROWS_HELD * CANVAS
        } else {
            self.decoded.area_px() * WHOLE_FRAME
        };
        // An effect that makes a new canvas has two for a while.
        let canvases = 2 * largest * CANVAS + u64::from(self.frames - 1) * last * CANVAS;
        let assets: u64 = self.scene.assets.iter().map(|asset| asset.size.area_px() * CANVAS).sum();
        let made = frame + assets + canvases + last * ENCODER;
        let looked_at = if looks { info.size.area_px() * WHOLE_FRAME } else { 0 };
        made.max(looked_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Format;
    use crate::filter;
    use crate::geometry::Orientation;
    use crate::raster::{Loops, PixelFormat, Subsampling};
    use crate::request::Accept;

    fn foreseen(path: &str, info: &SourceInfo) -> Result<u64, LimitError> {
        let (policy, limits) = (Policy::default(), Limits::default());
        let recipe = filter::compile(&crate::request::parse(path).unwrap(), Accept::default(), &policy).unwrap();
        Plan::foresee_memory(&recipe, &policy, info, &Findings::default(), &limits)
    }

    fn source(width: u32, height: u32, frames: u32, rows_stream: bool) -> SourceInfo {
        SourceInfo {
            format: if frames > 1 { Format::Gif } else { Format::Jpeg },
            size: Size::new(width, height),
            frames,
            loops: Loops::Forever,
            orientation: Orientation::UPRIGHT,
            pixels: PixelFormat::YCbCr(Subsampling::HALF),
            indexed: false,
            icc: None,
            exif: None,
            rows_stream,
        }
    }

    #[test]
    fn rows_that_stream_cost_rows_and_whole_frames_their_area() {
        let streams = foreseen("/unsafe/400x300/i.jpg", &source(4000, 3000, 1, true)).unwrap();
        assert!(streams < 5 << 20, "{streams}");
        let whole = foreseen("/unsafe/400x300/i.jpg", &source(4000, 3000, 1, false)).unwrap();
        assert!((6 << 20..12 << 20).contains(&whole), "{whole}"); // a quarter of each side
    }

    #[test]
    fn canvases_frames_and_a_look_at_all_pixels_count() {
        let large = foreseen("/unsafe/6000x6000/i.jpg", &source(100, 100, 1, true)).unwrap();
        assert_eq!(large / 36_000_000, 2 * CANVAS + ENCODER);
        let animated = foreseen("/unsafe/i.gif", &source(500, 500, 100, false)).unwrap();
        assert!((100_000_000..120_000_000).contains(&animated), "{animated}");
        let trimmed = foreseen("/unsafe/trim/40x30/i.jpg", &source(4000, 3000, 1, true)).unwrap();
        assert_eq!(trimmed, 12_000_000 * WHOLE_FRAME);
    }

    #[test]
    fn limits_refuse_at_once_what_pixels_cannot_change() {
        let small = source(100, 100, 1, true);
        assert!(foreseen("/unsafe/9000x9000/i.jpg", &small).is_err());
        assert_eq!(foreseen("/unsafe/trim/9000x9000/i.jpg", &small), Ok(u64::MAX));
    }
}
