//! The main colors of a picture.

use super::rgba;
use crate::geometry::Canvas;
use crate::raster::PixelBuffer;
use std::cmp::Reverse;

/// Each channel is divided into so many parts; pixels in the same parts are of one color.
const PARTS: usize = 8;
/// Colors whose channels differ by less than this together are too much alike to be named both.
const ALIKE: u32 = 72;

/// At most `count` colors, those of most pixels first, each the mean of its pixels. Transparent pixels have none, and a
/// picture of nothing else has no colors.
pub fn palette(picture: &PixelBuffer<Canvas>, count: usize) -> Vec<[u8; 3]> {
    let (_, pixels) = rgba(picture);
    let mut bins = vec![(0_u32, [0_u32; 3]); PARTS.pow(3)];
    for [r, g, b, _] in pixels.into_iter().filter(|pixel| pixel[3] >= 128) {
        let part = |sample: u8| usize::from(sample) * PARTS / 256;
        let (pixels, sums) = &mut bins[(part(r) * PARTS + part(g)) * PARTS + part(b)];
        *pixels += 1;
        for (sum, sample) in sums.iter_mut().zip([r, g, b]) {
            *sum += u32::from(sample);
        }
    }
    bins.retain(|(pixels, _)| *pixels > 0);
    bins.sort_by_key(|(pixels, _)| Reverse(*pixels));
    let mut colors: Vec<[u8; 3]> = Vec::new();
    for (pixels, sums) in bins {
        let color = sums.map(|sum| u8::try_from((sum + pixels / 2) / pixels).unwrap_or(255));
        let difference = |other: &[u8; 3]| color.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(*b))).sum::<u32>();
        if colors.len() < count && colors.iter().all(|other| difference(other) >= ALIKE) {
            colors.push(color);
        }
    }
    colors
}

/// The color as CSS writes it.
pub fn css_color([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::raster::PixelFormat;

    #[test]
    fn colors_come_by_their_share_and_what_is_alike_counts_once() {
        let pixels = [[200, 10, 10, 255], [40, 60, 220, 255], [0, 0, 0, 0], [46, 60, 220, 255]];
        let shares = [5, 3, 9, 2];
        let data: Vec<u8> = pixels.iter().zip(shares).flat_map(|(pixel, share)| pixel.repeat(share)).collect();
        let picture = PixelBuffer::from_vec(PixelFormat::Rgba, Size::new(19, 1), data);
        assert_eq!(palette(&picture, 5), [[200, 10, 10], [42, 60, 220]]);
        assert_eq!(palette(&picture, 1), [[200, 10, 10]]);
        assert_eq!(css_color([200, 10, 7]), "#c80a07");
    }
}
