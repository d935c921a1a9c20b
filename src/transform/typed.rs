//! The resampling crate's operations for one pixel type at a time.
//!
//! Its own choice among pixel types knows a dozen that do not exist here, and all of them would be compiled.

use bytemuck::Pod;
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::{MulDiv, PixelTrait, ResizeOptions, Resizer};

/// Rows of samples without gaps, and how many pixels wide and high they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a, S> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) samples: &'a [S],
}

/// The same, to be written to.
#[derive(Debug)]
pub(super) struct RowsMut<'a, S> {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) samples: &'a mut [S],
}

/// Fills `to` from the part of `from` that the options name.
pub(super) fn resize<P: PixelTrait, S: Pod>(
    resizer: &mut Resizer,
    from: Rows<'_, S>,
    to: RowsMut<'_, S>,
    how: &ResizeOptions,
) {
    let from = TypedImageRef::<P>::from_buffer(from.width, from.height, bytemuck::cast_slice(from.samples))
        .expect("samples are aligned and their number fits");
    resizer.resize_typed(&from, &mut image::<P, S>(to), how).expect("the crop lies inside");
}

/// Multiplies color by alpha.
pub(super) fn premultiply<P: PixelTrait, S: Pod>(rows: RowsMut<'_, S>) {
    MulDiv::new().multiply_alpha_inplace_typed(&mut image::<P, S>(rows)).expect("the pixel has alpha");
}

/// Divides color by alpha.
pub(super) fn unpremultiply<P: PixelTrait, S: Pod>(rows: RowsMut<'_, S>) {
    MulDiv::new().divide_alpha_inplace_typed(&mut image::<P, S>(rows)).expect("the pixel has alpha");
}

fn image<P: PixelTrait, S: Pod>(RowsMut { width, height, samples }: RowsMut<'_, S>) -> TypedImage<'_, P> {
    TypedImage::from_buffer(width, height, bytemuck::cast_slice_mut(samples))
        .expect("samples are aligned and their number fits")
}
