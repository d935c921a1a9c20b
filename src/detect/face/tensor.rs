//! Maps of numbers between the layers of the network, and the layers themselves.

use wide::f32x8;

/// Numbers that are worked on together.
const LANES: usize = 8;

/// `channels` numbers for each cell of a grid, cells row by row from the top.
#[derive(Clone, Debug)]
pub(super) struct Tensor {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) channels: usize,
    pub(super) data: Vec<f32>,
}

impl Tensor {
    pub(super) fn zeros(width: usize, height: usize, channels: usize) -> Self {
        Self { width, height, channels, data: vec![0.0; width * height * channels] }
    }

    /// The channels of one cell.
    pub(super) fn cell(&self, x: usize, y: usize) -> &[f32] {
        &self.data[(y * self.width + x) * self.channels..][..self.channels]
    }

    fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.data.chunks_exact(self.width * self.channels)
    }

    /// The largest of each 2 by 2 cells. Sides are even.
    pub(super) fn pooled(&self) -> Self {
        let mut out = Self::zeros(self.width / 2, self.height / 2, self.channels);
        let rows: Vec<&[f32]> = self.rows().collect();
        let pairs = rows.chunks_exact(2).zip(out.data.chunks_exact_mut(out.width * out.channels));
        for (pair, out) in pairs {
            let twice = self.channels * 2;
            let cells = pair[0].chunks_exact(twice).zip(pair[1].chunks_exact(twice));
            for ((above, below), out) in cells.zip(out.chunks_exact_mut(self.channels)) {
                let (a, b) = above.split_at(self.channels);
                let (c, d) = below.split_at(self.channels);
                for ((((out, a), b), c), d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
                    *out = a.max(*b).max(c.max(*d));
                }
            }
        }
        out
    }

    /// Adds a map of half the sides, each of its cells to four of ours.
    pub(super) fn add_doubled(&mut self, half: &Self) {
        let (width, channels) = (self.width, self.channels);
        for (y, row) in self.data.chunks_exact_mut(width * channels).enumerate() {
            for (x, cell) in row.chunks_exact_mut(channels).enumerate() {
                for (sum, number) in cell.iter_mut().zip(half.cell(x / 2, y / 2)) {
                    *sum += number;
                }
            }
        }
    }
}

/// Every cell by itself: each output is a weighted sum of its inputs.
#[derive(Debug)]
pub(super) struct Pointwise {
    inputs: usize,
    outputs: usize,
    /// For each eight outputs, for each input, eight weights.
    weights: Vec<[f32; LANES]>,
    bias: Vec<[f32; LANES]>,
}

impl Pointwise {
    /// Takes the weights of each input one after the other, then the biases. `outputs` is a multiple of eight.
    pub(super) fn read(inputs: usize, outputs: usize, numbers: &mut impl Iterator<Item = f32>) -> Self {
        let by_input: Vec<f32> = numbers.take(inputs * outputs).collect();
        let block = |block: usize| {
            let rows = by_input.chunks_exact(outputs);
            rows.map(move |row| std::array::from_fn(|lane| row[block * LANES + lane]))
        };
        let weights = (0..outputs / LANES).flat_map(block).collect();
        Self { inputs, outputs, weights, bias: eights(numbers, outputs) }
    }

    /// The outputs of some cells, negative ones as 0 if `rectify`.
    pub(super) fn apply(&self, cells: &[f32], out: &mut [f32], rectify: bool) {
        let four = cells.chunks(4 * self.inputs).zip(out.chunks_mut(4 * self.outputs));
        for (cells, out) in four {
            if cells.len() == 4 * self.inputs {
                self.cells::<4>(cells, out, rectify);
            } else {
                let single = cells.chunks_exact(self.inputs).zip(out.chunks_exact_mut(self.outputs));
                single.for_each(|(cell, out)| self.cells::<1>(cell, out, rectify));
            }
        }
    }

    /// Some cells at once, so that a weight that has been loaded is used for all of them.
    fn cells<const COUNT: usize>(&self, cells: &[f32], out: &mut [f32], rectify: bool) {
        let cells: [&[f32]; COUNT] = std::array::from_fn(|at| &cells[at * self.inputs..][..self.inputs]);
        let blocks = self.weights.chunks_exact(self.inputs).zip(&self.bias);
        for (block, (weights, bias)) in blocks.enumerate() {
            let mut sums = [f32x8::from(*bias); COUNT];
            for (input, weights) in weights.iter().enumerate() {
                let weights = f32x8::from(*weights);
                for (sum, cell) in sums.iter_mut().zip(cells) {
                    *sum += weights * f32x8::splat(cell[input]);
                }
            }
            for (sum, out) in sums.into_iter().zip(out.chunks_exact_mut(self.outputs)) {
                let sum = if rectify { sum.max(f32x8::ZERO) } else { sum };
                out[block * LANES..][..LANES].copy_from_slice(&sum.to_array());
            }
        }
    }
}

/// Every channel by itself: each output is a weighted sum of the nine cells around it, nothing beyond the border.
#[derive(Debug)]
struct Depthwise {
    /// For each eight channels the weights of nine cells.
    weights: Vec<[[f32; LANES]; 9]>,
    bias: Vec<[f32; LANES]>,
}

impl Depthwise {
    /// Takes the weights of each of the nine cells, then the biases.
    fn read(channels: usize, numbers: &mut impl Iterator<Item = f32>) -> Self {
        let by_cell: Vec<f32> = numbers.take(9 * channels).collect();
        let block = |block: usize| {
            std::array::from_fn(|cell| std::array::from_fn(|lane| by_cell[cell * channels + block * LANES + lane]))
        };
        Self { weights: (0..channels / LANES).map(block).collect(), bias: eights(numbers, channels) }
    }

    /// One row of outputs out of three rows that have one cell more on either side.
    fn row(&self, rows: [&[f32]; 3], out: &mut [f32], rectify: bool) {
        let blocks = self.weights.len();
        let rows = rows.map(|row| row.as_chunks::<LANES>().0);
        let (out, _) = out.as_chunks_mut::<LANES>();
        for (block, (weights, bias)) in self.weights.iter().zip(&self.bias).enumerate() {
            let weights = weights.map(f32x8::from);
            let bias = f32x8::from(*bias);
            for (x, out) in out.iter_mut().skip(block).step_by(blocks).enumerate() {
                let mut sum = bias;
                for (row, weights) in rows.iter().zip(weights.chunks_exact(3)) {
                    for (cell, weights) in weights.iter().enumerate() {
                        sum += f32x8::from(row[(x + cell) * blocks + block]) * *weights;
                    }
                }
                let sum = if rectify { sum.max(f32x8::ZERO) } else { sum };
                *out = sum.to_array();
            }
        }
    }
}

/// A pointwise layer and a depthwise one.
#[derive(Debug)]
pub(super) struct Unit {
    point: Pointwise,
    depth: Depthwise,
    rectify: bool,
}

impl Unit {
    /// Takes the numbers of both layers. Negative results become 0 if `rectify`.
    pub(super) fn read(
        (inputs, outputs): (usize, usize),
        rectify: bool,
        numbers: &mut impl Iterator<Item = f32>,
    ) -> Self {
        let point = Pointwise::read(inputs, outputs, numbers);
        Self { point, depth: Depthwise::read(outputs, numbers), rectify }
    }

    /// Both layers, row by row: of what is between them only three rows exist.
    pub(super) fn apply(&self, input: &Tensor) -> Tensor {
        let channels = self.point.outputs;
        let mut out = Tensor::zeros(input.width, input.height, channels);
        let stride = (input.width + 2) * channels;
        let mut between = [vec![0.0; stride], vec![0.0; stride], vec![0.0; stride]];
        let mut rows = input.rows();
        let mut next = |row: &mut Vec<f32>| {
            let inside = &mut row[channels..stride - channels];
            match rows.next() {
                Some(cells) => self.point.apply(cells, inside, false),
                None => inside.fill(0.0),
            }
        };
        next(&mut between[2]);
        for out in out.data.chunks_exact_mut(input.width * channels) {
            between.rotate_left(1);
            next(&mut between[2]);
            self.depth.row([&between[0], &between[1], &between[2]], out, self.rectify);
        }
        out
    }
}

fn eights(numbers: &mut impl Iterator<Item = f32>, count: usize) -> Vec<[f32; LANES]> {
    let numbers: Vec<f32> = numbers.take(count).collect();
    numbers.as_chunks::<LANES>().0.to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small numbers with signs, the same every time.
    fn numbers() -> impl Iterator<Item = f32> {
        let mut state = 1_u16;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(25_173).wrapping_add(13_849);
            f32::from(state >> 8) / 128.0 - 1.0
        })
    }

    /// The layers from their definition, number by number.
    fn slow(input: &Tensor, outputs: usize, numbers: &[f32]) -> Tensor {
        let inputs = input.channels;
        let (weights, rest) = numbers.split_at(inputs * outputs);
        let (bias, rest) = rest.split_at(outputs);
        let (around, depth_bias) = rest.split_at(9 * outputs);
        let point = |x: usize, y: usize, output: usize| {
            let sum = |(at, number): (usize, &f32)| number * weights[at * outputs + output];
            bias[output] + input.cell(x, y).iter().enumerate().map(sum).sum::<f32>()
        };
        let mut out = Tensor::zeros(input.width, input.height, outputs);
        for (y, x) in (0..input.height).flat_map(|y| (0..input.width).map(move |x| (y, x))) {
            for output in 0..outputs {
                let mut sum = depth_bias[output];
                for cell in 0..9 {
                    let (x, y) = ((x + cell % 3).wrapping_sub(1), (y + cell / 3).wrapping_sub(1));
                    if x < input.width && y < input.height {
                        sum += point(x, y, output) * around[cell * outputs + output];
                    }
                }
                out.data[(y * input.width + x) * outputs + output] = sum.max(0.0);
            }
        }
        out
    }

    #[test]
    fn a_unit_gives_what_its_definition_gives() {
        for (width, height, inputs, outputs) in [(7, 5, 16, 32), (1, 1, 8, 8), (6, 2, 27, 16), (4, 9, 64, 64)] {
            let mut input = Tensor::zeros(width, height, inputs);
            input.data.iter_mut().zip(numbers()).for_each(|(to, number)| *to = number);
            let count = inputs * outputs + outputs + 10 * outputs;
            let weights: Vec<f32> = numbers().skip(77).take(count).collect();
            let mut unread = weights.iter().copied();
            let unit = Unit::read((inputs, outputs), true, &mut unread);
            assert_eq!(unread.next(), None);
            let (found, expected) = (unit.apply(&input), slow(&input, outputs, &weights));
            for (found, expected) in found.data.iter().zip(&expected.data) {
                assert!((found - expected).abs() < 1e-3 * (1.0 + expected.abs()), "{found} for {expected}");
            }
        }
    }

    #[test]
    fn pooling_takes_the_largest_and_doubling_repeats() {
        let tensor = |width, height, data: &[f32]| Tensor { width, height, channels: 1, data: data.to_vec() };
        let pooled = tensor(4, 2, &[1.0, 2.0, -5.0, -6.0, 3.0, 0.0, -7.0, -8.0]).pooled();
        assert_eq!((pooled.width, pooled.height, pooled.data), (2, 1, vec![3.0, -5.0]));
        let mut sum = tensor(2, 2, &[1.0, 2.0, 3.0, 4.0]);
        sum.add_doubled(&tensor(1, 1, &[10.0]));
        assert_eq!(sum.data, [11.0, 12.0, 13.0, 14.0]);
    }
}
