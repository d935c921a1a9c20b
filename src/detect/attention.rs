//! `attention`: what the eye is drawn to, from detail, colors that stand out, and skin.
//!
//! Each pixel gets a score; a square of half the shorter side then goes where the most of it is, with a slight liking
//! for the middle. Only additions and multiplications of what is in the picture, so always the same.

use super::{Detector, Region};
use crate::cancel::{CancelToken, Cancelled};
use crate::geometry::{Canvas, Origin};
use crate::raster::PixelBuffer;
use std::fmt;

/// Detail counts for so many times its contrast.
const DETAIL: i32 = 3;
/// Skin counts like a contrast of so many levels.
const SKIN: i32 = 24;
/// Differences of color below this are noise, in levels.
const NOISE: i32 = 6;
/// Part of the score that a square loses at the very edge.
const LIKING_OF_MIDDLE: f64 = 0.25;
/// A square whose score is not larger by this factor than what any square would have shows nothing special.
const STANDS_OUT: f64 = 1.05;

/// Finds the part of a picture that stands out.
#[derive(Debug)]
pub(super) struct Attention;

impl fmt::Display for Attention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("attention")
    }
}

impl Detector for Attention {
    fn side_px(&self) -> u32 {
        128
    }

    fn detect(&self, picture: &PixelBuffer<Canvas>, cancel: &CancelToken) -> Result<Vec<Region>, Cancelled> {
        cancel.check()?;
        let size = picture.size();
        let (width, height) = (size.width as usize, size.height as usize);
        let (pixels, _) = picture.first().data.as_chunks::<3>();
        let sums = Sums::of(&scores(pixels, width), width);
        cancel.check()?;
        let half = (width.min(height) / 2).max(1);
        let places = (0..=height - half).flat_map(|y| (0..=width - half).map(move |x| (x, y)));
        let score = |(x, y): (usize, usize)| {
            let off =
                |at: usize, room: usize| if room == 0 { 0.0 } else { (number(2 * at) / number(room) - 1.0).powi(2) };
            let middle = 1.0 - LIKING_OF_MIDDLE * f64::midpoint(off(x, width - half), off(y, height - half));
            number(sums.square(x, y, half)) * middle
        };
        let best = places.map(|at| (score(at), at)).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        let usual = number(sums.all()) * number(half * half) / number(width * height);
        let Some((_, (x, y))) = best.filter(|(score, _)| *score > usual * STANDS_OUT) else { return Ok(Vec::new()) };
        let edges = [x, y, x + half, y + half].map(number);
        let region = Region::of_pixels(edges[0], edges[1], edges[2], edges[3], size, Origin::Attention);
        Ok(region.into_iter().collect())
    }
}

/// Counts stay far below what `f64` holds exactly.
#[expect(clippy::cast_precision_loss, reason = "sums of some thousand pixels")]
fn number(count: usize) -> f64 {
    count as f64
}

/// What each pixel has to draw the eye: contrast to its neighbors, difference to the mean color, likeness to skin.
fn scores(pixels: &[[u8; 3]], width: usize) -> Vec<usize> {
    let mean: [i32; 3] = std::array::from_fn(|channel| {
        let sum: usize = pixels.iter().map(|pixel| usize::from(pixel[channel])).sum();
        i32::try_from(sum / pixels.len()).unwrap_or(0)
    });
    let luma = |[r, g, b]: [u8; 3]| (2 * i32::from(r) + 5 * i32::from(g) + i32::from(b)) / 8;
    let rows = pixels.len() / width;
    let score = |at: usize| {
        let (x, y) = (at % width, at / width);
        let near = [
            at - usize::from(x > 0),
            at + usize::from(x + 1 < width),
            at - if y > 0 { width } else { 0 },
            at + if y + 1 < rows { width } else { 0 },
        ];
        let here = luma(pixels[at]);
        let detail = near.iter().map(|near| (luma(pixels[*near]) - here).abs()).sum::<i32>() / 4;
        let color =
            pixels[at].iter().zip(mean).map(|(sample, mean)| (i32::from(*sample) - mean).abs()).sum::<i32>() / 3;
        let stands_out = DETAIL * (detail - NOISE).max(0) + (color - NOISE).max(0);
        let skin = if is_skin(pixels[at]) { SKIN } else { 0 };
        usize::try_from(stands_out + skin).unwrap_or(0)
    };
    (0..pixels.len()).map(score).collect()
}

/// Colors of skin, light to dark, lie in a narrow range of chroma whatever their brightness.
fn is_skin([r, g, b]: [u8; 3]) -> bool {
    let [r, g, b] = [r, g, b].map(i32::from);
    let blue = 128 + (-43 * r - 85 * g + 128 * b) / 256;
    let red = 128 + (128 * r - 107 * g - 21 * b) / 256;
    r > 60 && (80..=122).contains(&blue) && (138..=170).contains(&red)
}

/// Sums of all scores above and left of a pixel.
struct Sums {
    stride: usize,
    sums: Vec<usize>,
}

impl Sums {
    fn of(scores: &[usize], width: usize) -> Self {
        let stride = width + 1;
        let mut sums = vec![0; stride];
        for row in scores.chunks_exact(width) {
            let above = sums.len() - stride;
            let mut sum = 0;
            sums.push(0);
            for (x, score) in row.iter().enumerate() {
                sum += score;
                sums.push(sums[above + x + 1] + sum);
            }
        }
        Self { stride, sums }
    }

    fn square(&self, x: usize, y: usize, side: usize) -> usize {
        let at = |x: usize, y: usize| self.sums[y * self.stride + x];
        at(x + side, y + side) + at(x, y) - at(x + side, y) - at(x, y + side)
    }

    fn all(&self) -> usize {
        self.sums[self.sums.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Size, Upright};
    use crate::raster::PixelFormat;

    fn seen(pixel: impl Fn(u32, u32) -> [u8; 3]) -> Option<(u32, u32)> {
        let data = (0..90).flat_map(|y| (0..120).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect();
        let picture = PixelBuffer::from_vec(PixelFormat::Rgb, Size::new(120, 90), data);
        let found = Attention.detect(&picture, &CancelToken::never()).unwrap();
        found.first().map(|region| region.focal(Size::<Upright>::new(120, 90))).map(|focal| (focal.x, focal.y))
    }

    #[test]
    fn the_eye_goes_to_what_stands_out() {
        let patch = |x: u32, y: u32| (80..110).contains(&x) && (50..80).contains(&y);
        let near = |at: Option<(u32, u32)>| at.is_some_and(|(x, y)| x.abs_diff(95) <= 10 && y.abs_diff(65) <= 10);
        let sky = [120, 160, 220];
        let check = |what, color: &dyn Fn(u32, u32) -> [u8; 3]| {
            let found = seen(|x, y| if patch(x, y) { color(x, y) } else { sky });
            assert!(near(found), "{what}: {found:?}");
        };
        check("another color", &|_, _| [220, 60, 40]);
        check("skin", &|_, _| [200, 150, 130]);
        check("detail", &|x, y| if (x / 2 + y / 2) % 2 == 0 { [90, 130, 190] } else { [150, 190, 250] });
    }

    #[test]
    fn skin_is_known_light_and_dark_and_sky_is_none() {
        for skin in [[240, 200, 180], [200, 150, 130], [120, 80, 65], [90, 60, 48]] {
            assert!(is_skin(skin), "{skin:?}");
        }
        for other in [[120, 160, 220], [40, 120, 40], [128, 128, 128], [250, 250, 250], [200, 30, 30], [5, 3, 2]] {
            assert!(!is_skin(other), "{other:?}");
        }
    }
}
