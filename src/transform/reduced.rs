//! Small copies of pictures, for those who only look.

use super::{Kernel, resize};
use crate::geometry::{Canvas, Size, round_half_even};
use crate::raster::PixelBuffer;
use std::borrow::Cow;

/// The same picture with a longer side of at most `side_px`.
pub fn reduced(picture: &PixelBuffer<Canvas>, side_px: u32) -> Cow<'_, PixelBuffer<Canvas>> {
    let size = picture.size();
    let longer = size.width.max(size.height);
    if longer <= side_px {
        return Cow::Borrowed(picture);
    }
    let scaled = |side: u32| round_half_even(f64::from(side) * f64::from(side_px) / f64::from(longer)).max(1);
    let size = Size::new(scaled(size.width), scaled(size.height));
    Cow::Owned(resize(picture, size, Kernel::Bilinear))
}
