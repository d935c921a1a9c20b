//! A picture put on a canvas of another size.

use super::over;
use crate::geometry::{Canvas, Size};
use crate::raster::{PixelBuffer, PixelFormat};

/// How pixels are put on the canvas.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Paste {
    /// They replace what is there, alpha included.
    Replace,
    /// Transparent ones let the canvas show.
    Over,
}

/// `picture` in the middle of a canvas of `size` in one `color` (straight RGBA); what sticks out is cut off.
///
/// The picture is RGB or RGBA, and so is the result; without alpha the color's alpha is ignored.
pub fn pad(picture: &PixelBuffer<Canvas>, size: Size<Canvas>, color: [u8; 4], paste: Paste) -> PixelBuffer<Canvas> {
    let format = picture.format();
    debug_assert!(matches!(format, PixelFormat::Rgb | PixelFormat::Rgba), "padding is done in RGB or RGBA");
    let channels = format.channels();
    let mut canvas = PixelBuffer::new(format, size);
    for pixel in canvas.first_mut().data.chunks_exact_mut(channels) {
        pixel.copy_from_slice(&color[..channels]);
    }
    lay(picture, canvas, paste)
}

/// `picture` in the middle of `canvas`, which has its layout; what sticks out is cut off.
pub fn lay(picture: &PixelBuffer<Canvas>, mut canvas: PixelBuffer<Canvas>, paste: Paste) -> PixelBuffer<Canvas> {
    let (format, size) = (picture.format(), canvas.size());
    debug_assert_eq!(format, canvas.format(), "picture and canvas have one layout");
    let channels = format.channels();
    let across = overlap(size.width, picture.size().width);
    let down = overlap(size.height, picture.size().height);
    for y in 0..down.length {
        let from = &picture.first().row(down.from + y)[across.from * channels..][..across.length * channels];
        let stride = canvas.first().stride;
        let row = &mut canvas.first_mut().data[(down.to + y) * stride..][..stride];
        let to = &mut row[across.to * channels..][..across.length * channels];
        if paste == Paste::Over && format.has_alpha() {
            over(to, format, from);
        } else {
            to.copy_from_slice(from);
        }
    }
    canvas
}

/// The part of a centered span that lies on the canvas.
struct Overlap {
    from: usize,
    to: usize,
    length: usize,
}

fn overlap(canvas: u32, picture: u32) -> Overlap {
    let offset = (i64::from(canvas) - i64::from(picture)).div_euclid(2);
    let distance = usize::try_from(offset.unsigned_abs()).expect("sides are 32 bit");
    let (from, to) = if offset < 0 { (distance, 0) } else { (0, distance) };
    Overlap { from, to, length: (picture as usize - from).min(canvas as usize - to) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(format: PixelFormat, data: Vec<u8>) -> PixelBuffer<Canvas> {
        let width = u32::try_from(data.len() / format.channels()).unwrap();
        PixelBuffer::from_vec(format, Size::new(width, 1), data)
    }

    #[test]
    fn the_picture_lies_in_the_middle_and_to_the_left_when_odd() {
        let picture = row(PixelFormat::Rgb, vec![1, 2, 3]);
        let padded = pad(&picture, Size::new(4, 1), [9, 9, 9, 255], Paste::Replace);
        assert_eq!(padded.into_first(), [9, 9, 9, 1, 2, 3, 9, 9, 9, 9, 9, 9]);
    }

    #[test]
    fn what_sticks_out_is_cut_off() {
        let picture = row(PixelFormat::Rgb, vec![1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5]);
        // (2 - 5) floor-divided by 2 is -2
        let padded = pad(&picture, Size::new(2, 1), [0; 4], Paste::Replace);
        assert_eq!(padded.into_first(), [3, 3, 3, 4, 4, 4]);
    }

    #[test]
    fn replacing_keeps_transparency_and_pasting_over_does_not() {
        let picture = row(PixelFormat::Rgba, vec![10, 20, 30, 0]);
        let pad = |paste| pad(&picture, Size::new(1, 1), [255, 0, 0, 255], paste).into_first();
        assert_eq!(pad(Paste::Replace), [10, 20, 30, 0]);
        assert_eq!(pad(Paste::Over), [255, 0, 0, 255]);
    }
}
