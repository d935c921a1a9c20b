//! `YuNet`, a small network that finds faces of many sizes and poses in one pass.
//!
//! Shiqi Yu and others, "`YuNet`: A Tiny Millisecond-level Face Detector", Machine Intelligence Research 2023; weights from
//! `libfacedetection`, packed by `pack-weights.py`. 53,104 of them: a head of 3x3 pixels, six stages of units that halve the
//! picture five times, a neck that hands what large cells have seen down to small ones, and for three sizes of cells a
//! head that tells where a face is, if there is one.

use super::tensor::{Pointwise, Tensor, Unit};
use crate::cancel::{CancelToken, Cancelled};
use std::sync::LazyLock;

/// Sides of a picture are filled up with black to a multiple of this.
const MULTIPLE: usize = 32;
/// Pixels of a side of the smallest cells; those of the next levels are twice and four times as large.
const SMALLEST_CELL: f32 = 8.0;

static NETWORK: LazyLock<Network> = LazyLock::new(|| Network::read(include_bytes!("weights.bin")));

/// What one cell says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    /// How sure it is, 0 to 1.
    pub(super) score: f32,
    /// Left, top, right, bottom of the face in pixels.
    pub(super) edges: [f32; 4],
    /// The middles of both eyes.
    pub(super) eyes: [[f32; 2]; 2],
}

#[derive(Debug)]
struct Network {
    first: Pointwise,
    stem: Unit,
    stages: Vec<[Unit; 2]>,
    neck: Vec<Unit>,
    heads: Vec<Unit>,
}

/// What all cells say that are surer than `threshold`. `rgb` has three bytes a pixel, rows without padding.
///
/// # Errors
/// When the work is cancelled: asked between layers.
pub(super) fn candidates(
    rgb: &[u8],
    (width, height): (usize, usize),
    threshold: f32,
    cancel: &CancelToken,
) -> Result<Vec<Candidate>, Cancelled> {
    let network = &*NETWORK;
    let mut map = network.stem.apply(&network.look(rgb, (width, height))).pooled();
    let mut levels = Vec::with_capacity(3);
    for (number, [first, second]) in network.stages.iter().enumerate() {
        cancel.check()?;
        if number >= 2 {
            map = map.pooled();
        }
        map = second.apply(&first.apply(&map));
        if number >= 2 {
            levels.push(map.clone());
        }
    }
    let mut found = Vec::new();
    let mut cell = SMALLEST_CELL * 4.0;
    for (level, (neck, head)) in network.neck.iter().zip(&network.heads).enumerate().rev() {
        cancel.check()?;
        levels[level] = neck.apply(&levels[level]);
        collect(&head.apply(&levels[level]), cell, threshold, &mut found);
        if let [.., finer, coarser] = &mut levels[..=level] {
            finer.add_doubled(coarser);
        }
        cell /= 2.0;
    }
    Ok(found)
}

impl Network {
    fn read(file: &[u8]) -> Self {
        let mut numbers = file.as_chunks::<2>().0.iter().map(|half| from_half(u16::from_le_bytes(*half)));
        let numbers = &mut numbers;
        let first = Pointwise::read(27, 16, numbers);
        let stem = Unit::read((16, 16), true, numbers);
        let widths = [(16, 32), (32, 64), (64, 64), (64, 64), (64, 64)];
        let stage = |(inputs, outputs)| {
            [Unit::read((inputs, inputs), true, numbers), Unit::read((inputs, outputs), true, numbers)]
        };
        let stages = widths.into_iter().map(stage).collect();
        let neck = (0..3).map(|_| Unit::read((64, 64), true, numbers)).collect();
        let heads = (0..3).map(|_| Unit::read((64, 16), false, numbers)).collect();
        Self { first, stem, stages, neck, heads }
    }

    /// The first layer: every second pixel with the eight around it.
    fn look(&self, rgb: &[u8], (width, height): (usize, usize)) -> Tensor {
        let half = |side: usize| side.next_multiple_of(MULTIPLE) / 2;
        let mut out = Tensor::zeros(half(width), half(height), 16);
        let stride = out.width * out.channels;
        let mut around = vec![0.0; out.width * 27];
        for (y, out) in out.data.chunks_exact_mut(stride).enumerate() {
            around.fill(0.0);
            for (tap, row) in (0..3).filter_map(|tap| Some((tap, (2 * y + tap).checked_sub(1)?))) {
                let Some(row) = rgb.chunks_exact(width * 3).nth(row).filter(|_| row < height) else { continue };
                let (pixels, _) = row.as_chunks::<3>();
                for (x, nine) in around.chunks_exact_mut(27).enumerate() {
                    for (column, bgr) in nine[tap * 9..][..9].as_chunks_mut::<3>().0.iter_mut().enumerate() {
                        // The network was made for blue first.
                        if let Some([r, g, b]) = (2 * x + column).checked_sub(1).and_then(|at| pixels.get(at)) {
                            *bgr = [f32::from(*b), f32::from(*g), f32::from(*r)];
                        }
                    }
                }
            }
            self.first.apply(&around, out, true);
        }
        out
    }
}

/// Adds what the cells of one level say. Their 16 numbers: class, object, center and size of the box, landmarks.
fn collect(level: &Tensor, cell: f32, threshold: f32, found: &mut Vec<Candidate>) {
    let mut top = 0.0;
    for y in 0..level.height {
        let mut left = 0.0;
        for x in 0..level.width {
            let [class, object, shift_x, shift_y, width, height, right_x, right_y, left_x, left_y] =
                level.cell(x, y)[..10]
            else {
                unreachable!("heads have 16 outputs")
            };
            let score = (sigmoid(class) * sigmoid(object)).sqrt();
            if score > threshold {
                let place = |x: f32, y: f32| [left + x * cell, top + y * cell];
                let center = place(shift_x, shift_y);
                let half = [width, height].map(|side| side.min(8.0).exp() * cell / 2.0);
                let edges = [center[0] - half[0], center[1] - half[1], center[0] + half[0], center[1] + half[1]];
                found.push(Candidate { score, edges, eyes: [place(right_x, right_y), place(left_x, left_y)] });
            }
            left += cell;
        }
        top += cell;
    }
}

fn sigmoid(number: f32) -> f32 {
    1.0 / (1.0 + (-number).exp())
}

/// A 16-bit float: sign, five bits of exponent, ten of fraction. Ours are all finite.
fn from_half(bits: u16) -> f32 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff) / 1024.0);
    let value = if exponent == 0 { fraction * 2_f32.powi(-14) } else { (1.0 + fraction) * 2_f32.powi(exponent - 15) };
    if bits >> 15 == 1 { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_read_exactly() {
        for (bits, expected) in [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x3555, 0.333_251_95),
            (0x0001, 5.960_464_5e-8),
            (0x7bff, 65504.0),
        ] {
            assert_eq!(from_half(bits).to_bits(), f32::to_bits(expected), "{bits:04x}");
        }
    }

    #[test]
    fn the_file_holds_what_the_layers_take() {
        let file = include_bytes!("weights.bin");
        let unit = |(inputs, outputs): (usize, usize)| (inputs + 11) * outputs;
        let stages = [(16, 16), (16, 16), (16, 32), (32, 32), (32, 64)].map(unit).iter().sum::<usize>();
        let same = 6 + 3; // units from 64 to 64: stages and neck
        assert_eq!(file.len(), 2 * (28 * 16 + stages + same * unit((64, 64)) + 3 * unit((64, 16))));
    }

    #[test]
    fn cancelled_work_stops() {
        let cancel = CancelToken::never();
        cancel.cancel();
        assert_eq!(candidates(&[0; 3], (1, 1), 0.5, &cancel).unwrap_err(), Cancelled::Abandoned);
    }
}
