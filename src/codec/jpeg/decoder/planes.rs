//! The rows of samples that a band is decoded into.

use super::grid::{Grid, Shape};
use super::idct;
use super::scale::Scale;
use bytemuck::cast;
use wide::i16x8;

/// Rows of one component: as many blocks wide as are stored, a few rows of MCUs high.
#[derive(Clone, Debug)]
pub(super) struct Plane {
    pub(super) data: Vec<u8>,
    /// Samples a row.
    pub(super) stride: usize,
    scale: Scale,
}

impl Plane {
    /// Room for `mcu_rows` rows of MCUs.
    pub(super) fn new(grid: &Grid, shape: &Shape, mcu_rows: usize) -> Self {
        let samples = shape.scale.samples();
        let stride = grid.stored_x(shape) * samples;
        Self { data: vec![128; stride * samples * shape.y_factor * mcu_rows], stride, scale: shape.scale }
    }

    /// Puts the samples of a block to this column and row of the blocks in this plane.
    #[inline(always)]
    pub(super) fn put<const N: usize>(&mut self, (x, y): (usize, usize), rows: &[[u8; N]; N]) {
        let stride = self.stride;
        // One check for all rows.
        let target = &mut self.data[y * N * stride + x * N..][..(N - 1) * stride + N];
        for (y, row) in rows.iter().enumerate() {
            target[y * stride..][..N].copy_from_slice(row);
        }
    }

    /// Dequantizes and transforms blocks at 1/4 and puts them side by side, the first to this column and row of blocks.
    ///
    /// `steps` are those of the four coefficients, twice.
    pub(super) fn put_quarters(&mut self, (x, y): (usize, usize), blocks: &[[i16; 4]], steps: i16x8) {
        let (eights, rest) = blocks.as_chunks::<8>();
        let stride = self.stride;
        let (upper, lower) = self.data[y * 2 * stride..][..2 * stride].split_at_mut(stride);
        let targets = upper[x * 2..].as_chunks_mut::<16>().0.iter_mut().zip(lower[x * 2..].as_chunks_mut::<16>().0);
        for (eight, (upper, lower)) in eights.iter().zip(targets) {
            let pairs: [[i16; 8]; 4] = cast(*eight);
            [*upper, *lower] = idct::quarter_of_eight(pairs.map(|pair| i16x8::new(pair) * steps));
        }
        let steps = steps.to_array();
        for (x, block) in (x + eights.len() * 8..).zip(rest) {
            let block = std::array::from_fn(|slot| block[slot].wrapping_mul(steps[slot]));
            self.put((x, y), &idct::quarter(block));
        }
    }

    /// Puts a block of nothing but this DC coefficient.
    #[inline(always)]
    pub(super) fn put_flat(&mut self, place: (usize, usize), dc: i16) {
        let value = idct::flat(dc);
        match self.scale {
            Scale::Full => self.put(place, &[[value; 8]; 8]),
            Scale::Half => self.put(place, &[[value; 4]; 4]),
            Scale::Quarter => self.put(place, &[[value; 2]; 2]),
            Scale::Eighth => self.put(place, &[[value]]),
        }
    }
}
