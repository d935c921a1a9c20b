//! `feature`: strong corners, by the method of Shi and Tomasi ("Good Features to Track", 1994) as `OpenCV` does it.
//!
//! A corner is a pixel around which brightness changes in both directions: the smaller eigenvalue of the matrix of
//! products of its gradients, summed over 3x3 pixels, is large, and the largest of the nine. Of those at least 0.04
//! times as large as the largest of all, the 20 largest count.

use super::{Detector, Region};
use crate::cancel::{CancelToken, Cancelled};
use crate::geometry::{Canvas, Origin};
use crate::raster::PixelBuffer;
use std::cmp::Ordering;
use std::fmt;

const MOST_POINTS: usize = 20;
const QUALITY: f64 = 0.04;
/// Rows between two questions whether anybody still waits.
const ROWS_AT_A_TIME: usize = 64;

/// Finds corners.
#[derive(Debug)]
pub(super) struct FeatureDetector;

impl fmt::Display for FeatureDetector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("feature")
    }
}

impl Detector for FeatureDetector {
    fn side_px(&self) -> u32 {
        640
    }

    fn detect(&self, picture: &PixelBuffer<Canvas>, cancel: &CancelToken) -> Result<Vec<Region>, Cancelled> {
        cancel.check()?;
        let size = picture.size();
        let gray = Gray::of(picture);
        let strengths = gray.strengths(cancel)?;
        let strongest = strengths.iter().copied().fold(0.0, f64::max);
        let mut corners = Vec::new();
        for y in 1..gray.height.saturating_sub(1) {
            for x in 1..gray.width.saturating_sub(1) {
                let strength = strengths[y * gray.width + x];
                let least_of_all = strength <= strongest * QUALITY || strength <= 0.0;
                if !least_of_all && is_largest(&strengths, gray.width, (x, y)) {
                    corners.push((strength, x, y));
                }
            }
        }
        corners.sort_by(|a, b| b.0.total_cmp(&a.0).then(later(a, b)));
        corners.truncate(MOST_POINTS);
        let pixel = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let region = |(_, x, y)| Region::of_pixel((pixel(x), pixel(y)), size, Origin::Feature);
        Ok(corners.into_iter().map(region).collect())
    }
}

/// Of equal corners the one nearer to the end counts more, as in `OpenCV`.
fn later(a: &(f64, usize, usize), b: &(f64, usize, usize)) -> Ordering {
    (b.2, b.1).cmp(&(a.2, a.1))
}

fn is_largest(strengths: &[f64], width: usize, (x, y): (usize, usize)) -> bool {
    let strength = strengths[y * width + x];
    (y - 1..=y + 1).all(|y| strengths[y * width + x - 1..=y * width + x + 1].iter().all(|near| *near <= strength))
}

/// Brightness.
struct Gray {
    width: usize,
    height: usize,
    data: Vec<i32>,
}

impl Gray {
    fn of(picture: &PixelBuffer<Canvas>) -> Self {
        let luma = |[r, g, b]: &[u8; 3]| {
            (19_595 * i32::from(*r) + 38_470 * i32::from(*g) + 7_471 * i32::from(*b) + 0x8000) >> 16
        };
        let data = picture.first().data.as_chunks::<3>().0.iter().map(luma).collect();
        Self { width: picture.size().width as usize, height: picture.size().height as usize, data }
    }

    /// The smaller eigenvalue at each pixel.
    fn strengths(&self, cancel: &CancelToken) -> Result<Vec<f64>, Cancelled> {
        // Products of gradients of three rows: above, this, below.
        let mut products: [Vec<[i32; 3]>; 3] =
            [self.products(mirrored(-1, self.height)), self.products(0), self.products(mirrored(1, self.height))];
        let mut strengths = Vec::with_capacity(self.data.len());
        for y in 0..self.height {
            if y % ROWS_AT_A_TIME == 0 {
                cancel.check()?;
            }
            if y > 0 {
                products.rotate_left(1);
                products[2] = self.products(mirrored(signed(y) + 1, self.height));
            }
            let sums: Vec<[i32; 3]> = (0..self.width)
                .map(|x| std::array::from_fn(|of| products.iter().map(|row| row[x][of]).sum()))
                .collect();
            for x in 0..self.width {
                let (before, after) = (mirrored(signed(x) - 1, self.width), mirrored(signed(x) + 1, self.width));
                let [xx, xy, yy] =
                    std::array::from_fn(|of| f64::from(sums[before][of] + sums[x][of] + sums[after][of]));
                strengths.push(f64::midpoint(xx, yy) - ((xx - yy) / 2.0).hypot(xy));
            }
        }
        Ok(strengths)
    }

    /// For each pixel of a row the products of its gradients, which are Sobel's: along x, mixed, along y.
    fn products(&self, y: usize) -> Vec<[i32; 3]> {
        let row = |y: usize| &self.data[y * self.width..][..self.width];
        let (above, here) = (row(mirrored(signed(y) - 1, self.height)), row(y));
        let below = row(mirrored(signed(y) + 1, self.height));
        let product = |x: usize| {
            let (left, right) = (mirrored(signed(x) - 1, self.width), mirrored(signed(x) + 1, self.width));
            let down = |x: usize| above[x] + 2 * here[x] + below[x];
            let along_x = down(right) - down(left);
            let across = |row: &[i32]| row[left] + 2 * row[x] + row[right];
            let along_y = across(below) - across(above);
            [along_x * along_x, along_x * along_y, along_y * along_y]
        };
        (0..self.width).map(product).collect()
    }
}

fn signed(at: usize) -> isize {
    isize::try_from(at).unwrap_or(isize::MAX)
}

/// Beyond a border the picture goes on as in a mirror that stands on its outermost pixels.
fn mirrored(at: isize, side: usize) -> usize {
    let last = signed(side) - 1;
    let at = if at < 0 { -at } else { at };
    let at = if at > last { 2 * last - at } else { at };
    usize::try_from(at.clamp(0, last)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Size, Upright, Window};
    use crate::raster::PixelFormat;

    fn corners(width: u32, height: u32, gray: impl Fn(u32, u32) -> u8) -> Vec<(u32, u32)> {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let data = pixels.flat_map(|(x, y)| [gray(x, y); 3]).collect();
        let picture = PixelBuffer::from_vec(PixelFormat::Rgb, Size::new(width, height), data);
        let found = FeatureDetector.detect(&picture, &CancelToken::never()).unwrap();
        assert!(found.iter().all(|region| matches!(region.area, Window { width: 0.0, height: 0.0, .. })));
        found.iter().map(|region| region.focal(Size::<Upright>::new(width, height))).map(|f| (f.x, f.y)).collect()
    }

    #[test]
    fn a_square_has_its_four_corners() {
        let mut found = corners(40, 30, |x, y| if (10..20).contains(&x) && (8..18).contains(&y) { 250 } else { 10 });
        found.sort_unstable();
        for (found, (x, y)) in found.chunks(found.len() / 4).zip([(10, 8), (10, 17), (19, 8), (19, 17)]) {
            assert!(found.iter().all(|at| at.0.abs_diff(x) <= 1 && at.1.abs_diff(y) <= 1), "{found:?} near {x},{y}");
        }
    }

    #[test]
    fn edges_and_slopes_are_no_corners() {
        assert!(corners(40, 30, |x, _| if x < 20 { 0 } else { 255 }).is_empty());
        assert!(corners(40, 30, |x, y| u8::try_from(2 * x + 3 * y).unwrap()).is_empty());
    }

    #[test]
    fn twenty_points_are_enough() {
        assert_eq!(corners(90, 90, |x, y| if (x / 6 + y / 6) % 2 == 0 { 20 } else { 220 }).len(), 20);
    }
}
