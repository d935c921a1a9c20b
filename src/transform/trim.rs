//! Finding the borders of one color around a picture.

use crate::geometry::{Rect, Upright};
use crate::raster::PixelBuffer;
use crate::request::{Corner, Trim};

/// The part of an upright picture inside its borders; `None` if it has none, or nothing else.
///
/// The search is Thumbor's, row by row from the top: the first differing column of a row may widen the box to the
/// left, the last differing one right of it to the right. So a subject one pixel wide is not found.
/// Channels count alike, alpha included; pictures with gray values count them as three.
pub fn trim_box(picture: &PixelBuffer<Upright>, trim: Trim) -> Option<Rect<Upright>> {
    match picture.format().channels() {
        1 => search::<1>(picture, trim, [3]),
        2 => search::<2>(picture, trim, [3, 1]),
        3 => search::<3>(picture, trim, [1, 1, 1]),
        _ => search::<4>(picture, trim, [1, 1, 1, 1]),
    }
}

fn search<const CHANNELS: usize>(
    picture: &PixelBuffer<Upright>,
    trim: Trim,
    weights: [u32; CHANNELS],
) -> Option<Rect<Upright>> {
    let (pixels, _) = picture.first().data.as_chunks::<CHANNELS>();
    let reference = match trim.corner {
        Corner::TopLeft => pixels.first()?,
        Corner::BottomRight => pixels.last()?,
    };
    let limit = u64::from(trim.tolerance) * u64::from(trim.tolerance);
    let differs = |pixel: &[u8; CHANNELS]| {
        let distances = pixel.iter().zip(reference).zip(weights);
        let sum: u32 = distances.map(|((a, b), weight)| weight * u32::from(a.abs_diff(*b)).pow(2)).sum();
        u64::from(sum) > limit
    };
    let width = picture.size().width as usize;
    let mut found: Option<(usize, usize)> = None; // top, bottom
    let (mut left, mut right) = (width, 0);
    for (y, row) in pixels.chunks_exact(width).enumerate() {
        let Some(x) = row.iter().position(differs) else { continue };
        left = left.min(x);
        found = Some((found.map_or(y, |(top, _)| top), y));
        let start = x.max(right) + 1;
        if let Some(beyond) = row.get(start..).and_then(|rest| rest.iter().rposition(differs)) {
            right = start + beyond;
        }
    }
    let (top, bottom) = found?;
    let edge = |value: usize| u32::try_from(value).expect("sides are 32 bit");
    (right >= left).then(|| Rect::new(edge(left), edge(top), edge(right) + 1, edge(bottom) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::raster::PixelFormat;

    fn check(rows: &str, corner: Corner, tolerance: u32, expected: Option<(u32, u32, u32, u32)>) {
        let data = rows
            .chars()
            .filter_map(|c| match c {
                '.' => Some([0xff; 3]),
                '#' => Some([0; 3]),
                'o' => Some([0xfa; 3]),
                _ => None,
            })
            .flatten()
            .collect();
        let picture = PixelBuffer::from_vec(PixelFormat::Rgb, Size::new(6, 5), data);
        let found = trim_box(&picture, Trim { corner, tolerance });
        let inclusive = found.map(|r| (r.left, r.top, r.right - 1, r.bottom - 1));
        assert_eq!(inclusive, expected, "{rows} {corner:?} {tolerance}");
    }

    #[test]
    fn boxes_are_those_of_thumbor() {
        check("......|..##..|..##..|......|......", Corner::TopLeft, 0, Some((2, 1, 3, 2)));
        check("......|..#...|..#...|......|......", Corner::TopLeft, 0, None);
        let noisy = "oooooo|..##..|......|......|....#.";
        check(noisy, Corner::TopLeft, 0, Some((0, 1, 5, 4)));
        check(noisy, Corner::BottomRight, 0, Some((0, 0, 5, 4)));
        check(noisy, Corner::TopLeft, 10, Some((2, 1, 3, 4)));
    }

    #[test]
    fn a_picture_of_one_color_is_not_trimmed() {
        check("......|......|......|......|......", Corner::TopLeft, 0, None);
    }
}
