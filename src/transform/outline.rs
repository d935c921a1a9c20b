//! White lines around areas.

use crate::geometry::Canvas;
use crate::raster::PixelBuffer;

/// A rectangle that may reach over all edges of a picture.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Frame {
    left: i64,
    top: i64,
    right: i64,
    bottom: i64,
}

impl Frame {
    /// A frame whose sides are so far from each other, around a point: its right and lower lines are that many pixels
    /// after its left and upper ones.
    pub fn around((x, y): (u32, u32), (width, height): (u32, u32)) -> Self {
        let (left, top) = (i64::from(x) - i64::from(width / 2), i64::from(y) - i64::from(height / 2));
        Self { left, top, right: left + i64::from(width), bottom: top + i64::from(height) }
    }
}

/// The picture with frames drawn into it, one pixel wide, white and opaque. Its layout is an interleaved one.
#[must_use]
pub fn outlined(mut picture: PixelBuffer<Canvas>, frames: &[Frame]) -> PixelBuffer<Canvas> {
    debug_assert!(picture.format().planes() == 1, "planes cannot be drawn into");
    let channels = picture.format().channels();
    let (width, height) = (i64::from(picture.size().width), i64::from(picture.size().height));
    let plane = picture.first_mut();
    let mut fill = |y: i64, from: i64, to: i64| {
        let columns = from.max(0)..to.min(width - 1) + 1;
        if (0..height).contains(&y) && !columns.is_empty() {
            let at = |x: i64| usize::try_from(x).unwrap_or(0);
            let row = &mut plane.data[at(y) * plane.stride..][..plane.stride];
            row[at(columns.start) * channels..at(columns.end) * channels].fill(255);
        }
    };
    for &Frame { left, top, right, bottom } in frames {
        fill(top, left, right);
        fill(bottom, left, right);
        for y in top.max(0)..=bottom.min(height - 1) {
            fill(y, left, left);
            fill(y, right, right);
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::raster::PixelFormat;

    fn drawn(frame: Frame) -> Vec<String> {
        let picture = outlined(PixelBuffer::new(PixelFormat::Gray, Size::new(7, 5)), &[frame]);
        let line = |row: &[u8]| row.iter().map(|sample| if *sample == 255 { '#' } else { '.' }).collect();
        picture.first().rows().map(line).collect()
    }

    #[test]
    fn both_edges_are_inside() {
        assert_eq!(drawn(Frame::around((3, 2), (4, 2))), [".......", ".#####.", ".#...#.", ".#####.", "......."]);
    }

    #[test]
    fn what_is_outside_is_not_drawn() {
        assert_eq!(drawn(Frame::around((0, 0), (4, 4))), ["..#....", "..#....", "###....", ".......", "......."]);
        assert_eq!(drawn(Frame::around((90, 90), (10, 10))), ["......."; 5]);
        assert_eq!(drawn(Frame::around((3, 2), (90, 90))), ["......."; 5]);
    }
}
