//! Very large reductions begin with means over boxes of pixels, so that the resampler need not keep hundreds of rows.

use super::plane::PlaneSink;
use crate::geometry::trunc_to_u32;
use crate::raster::BandPlane;

/// Reductions below this go to the resampler as they are.
const LARGE: f64 = 16.0;
/// How much of a large reduction is left to the resampler at least; at 8 and more, boxes do not show.
const LEFT_OVER: f64 = 8.0;
/// Longest side of a box, so that sums fit 32 bits.
const LONGEST: u32 = 64;

/// Side of the boxes for a reduction by `scale`; 1 for none.
pub(super) fn side_of_boxes(scale: f64) -> u32 {
    if scale < LARGE { 1 } else { trunc_to_u32(scale / LEFT_OVER).min(LONGEST) }
}

/// Passes on the mean of each box of a plane; boxes at the far edges may be smaller.
///
/// Colors count by their alpha.
#[derive(Debug)]
pub(super) struct Boxes {
    next: Box<dyn PlaneSink>,
    columns: usize,
    width: usize,
    height: usize,
    channels: usize,
    alpha: bool,
    /// Rows of the boxes under way.
    open_rows: usize,
    sums: Vec<u32>,
    row: Vec<u8>,
}

impl Boxes {
    /// Boxes of `width` by `height` pixels in front of `next`, for a plane that is `columns` wide.
    pub(super) fn new(
        next: Box<dyn PlaneSink>,
        (width, height): (u32, u32),
        columns: u32,
        channels: usize,
        alpha: bool,
    ) -> Self {
        let samples = columns.div_ceil(width) as usize * channels;
        let (width, height) = (width as usize, height as usize);
        let (sums, row) = (vec![0; samples], vec![0; samples]);
        Self { next, columns: columns as usize, width, height, channels, alpha, open_rows: 0, sums, row }
    }

    fn add(&mut self, row: &[u8]) {
        let channels = self.channels;
        let row = &row[..self.columns * channels]; // without padding
        for (sums, pixels) in self.sums.chunks_exact_mut(channels).zip(row.chunks(self.width * channels)) {
            for pixel in pixels.chunks_exact(channels) {
                let weight = if self.alpha { u32::from(pixel[channels - 1]) } else { 1 };
                let colors = channels - usize::from(self.alpha);
                for (sum, sample) in sums.iter_mut().zip(&pixel[..colors]) {
                    *sum += u32::from(*sample) * weight;
                }
                if self.alpha {
                    sums[channels - 1] += weight;
                }
            }
        }
        self.open_rows += 1;
    }

    /// Passes on the means of the boxes under way.
    fn close(&mut self) -> bool {
        let channels = self.channels;
        let boxes = self.sums.chunks_exact_mut(channels).zip(self.row.chunks_exact_mut(channels));
        for (index, (sums, means)) in boxes.enumerate() {
            let pixels = (self.columns - index * self.width).min(self.width) * self.open_rows;
            let pixels = u32::try_from(pixels).expect("boxes are small");
            let weight = if self.alpha { sums[channels - 1] } else { pixels };
            for (mean, sum) in means.iter_mut().zip(sums.iter()) {
                *mean = mean_of(*sum, weight);
            }
            if self.alpha {
                means[channels - 1] = mean_of(weight, pixels);
            }
            sums.fill(0);
        }
        self.open_rows = 0;
        self.next.push(&BandPlane::new(&self.row, self.row.len()))
    }
}

fn mean_of(sum: u32, count: u32) -> u8 {
    ((sum + count / 2) / count.max(1)).min(255).to_le_bytes()[0]
}

impl PlaneSink for Boxes {
    fn push(&mut self, band: &BandPlane<'_>) -> bool {
        let mut hungry = true;
        for row in band.rows() {
            self.add(row);
            if self.open_rows == self.height {
                hungry = self.close();
            }
        }
        hungry
    }

    fn finish(mut self: Box<Self>) -> Vec<u8> {
        if self.open_rows > 0 {
            self.close();
        }
        self.next.finish()
    }
}
