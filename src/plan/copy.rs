//! The small upright copy of a picture that detectors look at.

use super::{Reduced, upright};
use crate::codec::{DecodeOptions, SourceInfo};
use crate::geometry::{Canvas, Orientation, Rect, Size, Upright, Window, round_half_even};
use crate::recipe::Policy;

/// How a small copy is made.
#[derive(Clone, Debug, PartialEq)]
pub struct CopyPlan {
    /// What the decoder is asked for.
    pub decode: DecodeOptions,
    /// Part of the decoded picture that is copied.
    pub window: Window,
    /// Size of the copy, lying as stored.
    pub size: Size<Canvas>,
    /// How it is turned afterwards.
    pub orientation: Orientation,
    /// What making it takes in memory, in bytes, estimated from above.
    pub memory_bytes: u64,
}

impl CopyPlan {
    /// A copy of `part` of the upright picture, or all of it, whose longer side is at most `side_px`. Never enlarged.
    ///
    /// Sharpness beyond that of the reduced decode does not matter here, so the smallest decode will do that is not
    /// smaller than the copy.
    pub fn of(info: &SourceInfo, policy: &Policy, part: Option<Rect<Upright>>, side_px: u32) -> Self {
        let (source, orientation) = upright(info, policy);
        let part = part.unwrap_or(Rect::whole(source));
        let whole = part.size();
        let scale = (f64::from(side_px) / f64::from(whole.width.max(whole.height))).min(1.0);
        let scaled = |side: u32| round_half_even(f64::from(side) * scale).max(1);
        let size = Size::<Canvas>::new(scaled(whole.width), scaled(whole.height));
        let size = if orientation.transpose { size.transposed() } else { size };
        let corner = Window::new(part.left.into(), part.top.into(), whole.width.into(), whole.height.into());
        let reduced = Reduced::of(info, orientation.stored_window(corner, source), size, 1.0);
        let frame =
            if info.rows_stream { u64::from(reduced.decoded.width) * 256 * 4 } else { reduced.decoded.area_px() * 8 };
        Self {
            decode: DecodeOptions { shrink: reduced.shrink, rgb: false },
            window: reduced.window,
            size,
            orientation,
            memory_bytes: frame + size.area_px() * 16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Format;
    use crate::raster::{Loops, PixelFormat, Subsampling};

    fn jpeg(width: u32, height: u32, orientation: u32) -> SourceInfo {
        SourceInfo {
            format: Format::Jpeg,
            size: Size::new(width, height),
            frames: 1,
            loops: Loops::Forever,
            orientation: Orientation::from_exif(orientation),
            pixels: PixelFormat::YCbCr(Subsampling::HALF),
            indexed: false,
            icc: None,
            exif: None,
            rows_stream: true,
        }
    }

    #[test]
    fn a_large_jpeg_is_decoded_as_small_as_it_can_be() {
        let check = |(width, height), side, shrink, size| {
            let plan = CopyPlan::of(&jpeg(width, height, 1), &Policy::default(), None, side);
            assert_eq!((plan.decode.shrink, plan.size), (shrink, size), "{width}x{height} at {side}");
        };
        check((6000, 4000), 640, 8, Size::new(640, 427)); // 24 megapixels come as 750 by 500
        check((4000, 3000), 320, 8, Size::new(320, 240));
        check((4000, 3000), 640, 4, Size::new(640, 480));
        check((700, 300), 640, 1, Size::new(640, 274));
        check((200, 100), 640, 1, Size::new(200, 100));
        check((1, 9000), 640, 8, Size::new(1, 640));
    }

    #[test]
    fn a_copy_shows_the_part_and_is_turned() {
        let policy = Policy { respect_orientation: true, ..Policy::default() };
        let part = Rect::new(0, 0, 1500, 1000); // the upper half of 1500x2000 pixels as shown
        let plan = CopyPlan::of(&jpeg(2000, 1500, 6), &policy, Some(part), 300);
        assert_eq!((plan.decode.shrink, plan.size), (4, Size::new(200, 300)));
        assert_eq!(plan.window, Window::new(0.0, 0.0, 250.0, 375.0)); // it lies on its side
    }
}
