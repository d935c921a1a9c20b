//! Mirrors and quarter turns.

use crate::geometry::{Canvas, Orientation, Size};
use crate::raster::{PixelBuffer, PixelFormat, Plane, Subsampling};

/// Side of the square blocks that a transposition moves at a time: both the rows read and the rows written stay cached.
const BLOCK: usize = 32;

/// The picture turned upright. Chroma planes turn with the luma plane, so mirrored sides should be even for them.
pub fn orient(picture: PixelBuffer<Canvas>, orientation: Orientation) -> PixelBuffer<Canvas> {
    if orientation == Orientation::UPRIGHT {
        return picture;
    }
    let format = match picture.format() {
        PixelFormat::YCbCr(Subsampling { x, y }) if orientation.transpose => {
            PixelFormat::YCbCr(Subsampling { x: y, y: x })
        }
        other => other,
    };
    let size: Size<Canvas> = orientation.apply_to(picture.size());
    let mut out = PixelBuffer::new(format, size);
    for (source, target) in picture.planes().iter().zip(out.planes_mut()) {
        match picture.format().channels() {
            1 => orient_plane::<1>(source, target, orientation),
            2 => orient_plane::<2>(source, target, orientation),
            3 => orient_plane::<3>(source, target, orientation),
            _ => orient_plane::<4>(source, target, orientation),
        }
    }
    out
}

fn orient_plane<const CHANNELS: usize>(source: &Plane, target: &mut Plane, orientation: Orientation) {
    if orientation.transpose {
        transpose::<CHANNELS>(source, target, orientation);
        return;
    }
    let rows = source.rows().len();
    for (y, target) in target.rows_mut().enumerate() {
        let row = source.row(if orientation.mirror_y { rows - 1 - y } else { y });
        target.copy_from_slice(row);
        if orientation.mirror_x {
            target.as_chunks_mut::<CHANNELS>().0.reverse();
        }
    }
}

fn transpose<const CHANNELS: usize>(source: &Plane, target: &mut Plane, orientation: Orientation) {
    let (from, _) = source.data.as_chunks::<CHANNELS>();
    let (to, _) = target.data.as_chunks_mut::<CHANNELS>();
    let (from_width, to_width) = (source.stride / CHANNELS, target.stride / CHANNELS);
    let to_height = from_width;
    for block_y in (0..to_height).step_by(BLOCK) {
        for block_x in (0..to_width).step_by(BLOCK) {
            for y in block_y..(block_y + BLOCK).min(to_height) {
                let column = if orientation.mirror_y { to_height - 1 - y } else { y };
                for x in block_x..(block_x + BLOCK).min(to_width) {
                    let row = if orientation.mirror_x { to_width - 1 - x } else { x };
                    to[y * to_width + x] = from[row * from_width + column];
                }
            }
        }
    }
}

/// Whether chroma planes of half resolution can be mirrored without moving against luma, for a picture of `size`
/// before turning.
pub(crate) fn keeps_chroma_in_place(orientation: Orientation, size: Size<Canvas>) -> bool {
    let turned: Size<Canvas> = orientation.apply_to(size);
    let moves = |mirrored: bool, side: u32| mirrored && !side.is_multiple_of(2);
    !moves(orientation.mirror_x, turned.width) && !moves(orientation.mirror_y, turned.height)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Decoded;

    /// The slow, obvious twin: each pixel from where [`Orientation::stored_position`] says.
    fn slow(picture: &PixelBuffer<Canvas>, orientation: Orientation) -> Vec<u8> {
        let channels = picture.format().channels();
        let stored = Size::new(picture.size().width, picture.size().height);
        let upright: Size<Decoded> = orientation.apply_to(stored);
        let mut out = Vec::new();
        for y in 0..upright.height {
            for x in 0..upright.width {
                let (from_x, from_y) = orientation.stored_position(x, y, stored);
                let at = (from_y as usize * stored.width as usize + from_x as usize) * channels;
                out.extend_from_slice(&picture.first().data[at..at + channels]);
            }
        }
        out
    }

    #[test]
    fn every_orientation_moves_pixels_as_the_arithmetic_says() {
        for format in [PixelFormat::Gray, PixelFormat::GrayAlpha, PixelFormat::Rgb, PixelFormat::Rgba] {
            for (width, height) in [(1, 1), (3, 2), (70, 33)] {
                let bytes = width as usize * height as usize * format.channels();
                let data = (0..bytes).map(|i| u8::try_from(i * 7 % 251).unwrap()).collect();
                let picture = PixelBuffer::from_vec(format, Size::new(width, height), data);
                for value in 1..=8 {
                    let orientation = Orientation::from_exif(value);
                    let expected = slow(&picture, orientation);
                    let turned = orient(picture.clone(), orientation);
                    assert_eq!(turned.size(), orientation.apply_to(picture.size()));
                    assert_eq!(turned.into_first(), expected, "{format:?} {width}x{height} orientation {value}");
                }
            }
        }
    }
}
