//! The coefficients of a whole component, as many of each block as its scale keeps.

use super::grid::{Grid, Shape};
use super::idct::{self, Block};
use super::planes::Plane;
use super::quantization::Quantizer;
use super::scale::Scale;
use bytemuck::{cast, cast_mut, cast_ref};
use wide::i16x8;

/// Quantized coefficients, block after block, row after row.
#[derive(Debug)]
pub(super) struct Coefficients {
    /// Those of a block in the order of the inverse transform.
    kept: Vec<i16>,
    /// Bits for the coefficients of each block in zigzag order that are not zero, kept or not; empty unless a
    /// refinement needs to know.
    pub(super) nonzero: Vec<u64>,
    /// Blocks a row.
    pub(super) stored_x: usize,
    /// Blocks an MCU, across and down.
    pub(super) factors: (usize, usize),
    /// Blocks that have pixels.
    pub(super) blocks: (usize, usize),
    scale: Scale,
    /// The coefficients that are kept, as bits in zigzag order.
    pub(super) kept_bits: u64,
    /// By index in zigzag order: the place within a block, 0 for what is not kept.
    slots: [u8; 64],
    /// Step sizes in the order of the inverse transform.
    steps: Block,
}

impl Coefficients {
    /// Bytes that it takes.
    pub(super) fn bytes(grid: &Grid, shape: &Shape, with_nonzero: bool) -> u64 {
        let blocks = grid.stored_x(shape) as u64 * grid.stored_y(shape) as u64;
        blocks * (shape.scale.coefficients() as u64 * 2 + if with_nonzero { 8 } else { 0 })
    }

    /// All zero.
    pub(super) fn new(grid: &Grid, shape: &Shape, with_nonzero: bool) -> Self {
        let blocks = grid.stored_x(shape) * grid.stored_y(shape);
        Self {
            kept: vec![0; blocks * shape.scale.coefficients()],
            nonzero: vec![0; if with_nonzero { blocks } else { 0 }],
            stored_x: grid.stored_x(shape),
            factors: (shape.x_factor, shape.y_factor),
            blocks: (shape.blocks_x, shape.blocks_y),
            scale: shape.scale,
            kept_bits: shape.scale.kept(),
            slots: std::array::from_fn(|k| shape.scale.slot(k).map_or(0, |slot| slot as u8)),
            steps: [i16x8::splat(0); 8],
        }
    }

    /// Sets the step sizes.
    pub(super) fn set_quantizer(&mut self, quantizer: &Quantizer) {
        let steps = cast_mut::<_, [i16; 64]>(&mut self.steps);
        for (k, &step) in quantizer.iter().enumerate() {
            if let Some(slot) = self.scale.slot(k) {
                steps[slot] = step as i16;
            }
        }
    }

    /// The DC coefficient of a block.
    #[inline(always)]
    pub(super) fn dc(&mut self, index: usize) -> &mut i16 {
        &mut self.kept[index * self.scale.coefficients()]
    }

    /// Sets a coefficient that is kept.
    #[inline(always)]
    pub(super) fn set(&mut self, index: usize, k: usize, value: i16) {
        self.kept[index * self.scale.coefficients() + usize::from(self.slots[k & 63])] = value;
    }

    /// Notes coefficients of a block that are not zero, if that is of interest.
    #[inline(always)]
    pub(super) fn remember(&mut self, index: usize, found: u64) {
        if let Some(nonzero) = self.nonzero.get_mut(index) {
            *nonzero |= found;
        }
    }

    /// Moves a coefficient that is kept away from zero by `bit` if `by_bit` says so and it has not moved yet.
    #[inline(always)]
    pub(super) fn correct(&mut self, index: usize, k: usize, bit: i16, by_bit: bool) {
        let value = &mut self.kept[index * self.scale.coefficients() + usize::from(self.slots[k & 63])];
        let step = if by_bit && *value & bit == 0 { bit } else { 0 };
        let negative = *value >> 15;
        *value = value.wrapping_add((step ^ negative) - negative);
    }

    /// Moves those of the coefficients 1 to 4 (of which 3 is not kept) that are in `which` away from zero by `bit`, as
    /// the topmost `corrections` say; gives how many of these there are.
    #[inline(always)]
    pub(super) fn correct_few(&mut self, index: usize, which: u64, bit: i16, corrections: u64) -> u32 {
        let Some(block) = self.kept.as_chunks_mut::<4>().0.get_mut(index) else { return 0 };
        let mut taken = 0;
        for (k, slot) in [(1, Some(1)), (2, Some(2)), (3, None), (4, Some(3))] {
            let is_old = (which >> k & 1) as u32;
            if let Some(slot) = slot {
                let value = block[slot];
                let by_bit = (corrections << taken >> 63) as i16 & is_old as i16;
                let step = bit & -by_bit & !(value & bit);
                let negative = value >> 15;
                block[slot] = value.wrapping_add((step ^ negative) - negative);
            }
            taken += is_old;
        }
        taken
    }

    /// Dequantizes, transforms and puts the blocks of a row of MCUs as the `row`th of a plane.
    pub(super) fn put_row(&self, mcu_y: usize, row: usize, plane: &mut Plane) {
        let count = self.scale.coefficients();
        let steps = cast_ref::<_, [i16; 64]>(&self.steps);
        for block_y in 0..self.factors.1 {
            let first = (mcu_y * self.factors.1 + block_y) * self.stored_x * count;
            let y = row * self.factors.1 + block_y;
            let row = &self.kept[first..][..self.stored_x * count];
            if self.scale == Scale::Quarter {
                let steps = i16x8::new(std::array::from_fn(|lane| steps[lane % 4]));
                plane.put_quarters((0, y), row.as_chunks::<4>().0, steps);
                continue;
            }
            for (x, coefficients) in row.chunks_exact(count).enumerate() {
                let at = (x, y);
                match self.scale {
                    Scale::Full => {
                        let Ok(quantized) = <&[i16; 64]>::try_from(coefficients) else { continue };
                        let shape = block_shape(quantized);
                        if shape == BlockShape::Flat {
                            plane.put_flat(at, quantized[0].wrapping_mul(steps[0]));
                            continue;
                        }
                        let mut block = self.steps;
                        for (vector, row) in block.iter_mut().zip(quantized.as_chunks::<8>().0) {
                            *vector *= i16x8::new(*row);
                        }
                        match shape {
                            BlockShape::Corner => plane.put(at, &idct::full_of_corner(&block)),
                            _ => plane.put(at, &idct::full(&block)),
                        }
                    }
                    Scale::Half => {
                        let Ok(quantized) = <[i16; 16]>::try_from(coefficients) else { continue };
                        let [first, second]: [i16x8; 2] = cast(quantized);
                        plane.put(at, &idct::half(&[first * self.steps[0], second * self.steps[1]]));
                    }
                    Scale::Quarter | Scale::Eighth => plane.put_flat(at, coefficients[0].wrapping_mul(steps[0])),
                }
            }
        }
    }
}

/// Where a block has coefficients.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum BlockShape {
    Flat,
    /// In the first four rows and columns.
    Corner,
    Whole,
}

fn block_shape(block: &[i16; 64]) -> BlockShape {
    let (rows, _) = block.as_chunks::<8>();
    let any = |rows: &[[i16; 8]]| rows.iter().fold(i16x8::splat(0), |any, row| any | i16x8::new(*row)).to_array();
    let upper: u128 = cast(any(&rows[..4]));
    let lower: u128 = cast(any(&rows[4..]));
    if lower != 0 || upper >> 64 != 0 {
        BlockShape::Whole
    } else if block[1..8].iter().chain(&block[8..32]).any(|&value| value != 0) {
        BlockShape::Corner
    } else {
        BlockShape::Flat
    }
}
