//! The rows of samples that a band is decoded into.

use super::grid::{Grid, Shape};
use super::idct;
use super::scale::Scale;

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

    /// Puts the samples of eight blocks at 1/4 that lie side by side, `x` being the column of the first.
    #[inline(always)]
    pub(super) fn put_eight(&mut self, (x, y): (usize, usize), rows: &[[u8; 16]; 2]) {
        let target = &mut self.data[y * 2 * self.stride + x * 2..][..self.stride + 16];
        target[..16].copy_from_slice(&rows[0]);
        target[self.stride..].copy_from_slice(&rows[1]);
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
