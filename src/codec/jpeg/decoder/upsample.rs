//! Brings rows of subsampled components to the picture's width and height, as libjpeg does.

use super::grid::Shape;

/// How a component is brought to size.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Upsampling {
    /// It is the right size.
    None,
    /// Twice as wide, linear between the centers of the samples.
    Across,
    /// Twice as high, linear.
    Down,
    /// Twice as wide and high, linear.
    Both,
    /// By these ratios, each sample repeated: numerators and denominators of x and y.
    Repeat { x: (usize, usize), y: (usize, usize) },
}

impl Upsampling {
    /// What brings a component of `shape` to the size of one of `largest` factors at `samples` a block.
    ///
    /// `samples` of 1 are not worth interpolating between.
    pub(super) fn of(shape: &Shape, factors: (usize, usize), largest: (usize, usize), samples: usize) -> Self {
        let own = shape.scale.samples();
        let x = (factors.0 * own, largest.0 * samples);
        let y = (factors.1 * own, largest.1 * samples);
        let times = |(own, all): (usize, usize), ratio: usize| own * ratio == all;
        match (samples > 1, shape.width > 2) {
            _ if times(x, 1) && times(y, 1) => Self::None,
            (true, true) if times(x, 2) && times(y, 1) => Self::Across,
            (true, true) if times(x, 2) && times(y, 2) => Self::Both,
            (true, _) if times(x, 1) && times(y, 2) => Self::Down,
            _ => Self::Repeat { x, y },
        }
    }

    /// The component's row below which row `y` of the picture lies, or in which it lies.
    pub(super) fn source_row(self, y: usize) -> usize {
        match self {
            Self::None | Self::Across => y,
            Self::Down | Self::Both => y / 2,
            Self::Repeat { y: (own, all), .. } => y * own / all,
        }
    }

    /// Fills a row of the picture.
    ///
    /// `near` is the row in which it lies, `far` the next nearest one, both without padding; `below` tells whether
    /// `far` is the lower one. `sums` is scratch space.
    pub(super) fn fill(self, near: &[u8], far: &[u8], below: bool, sums: &mut Vec<u16>, target: &mut [u8]) {
        match self {
            Self::None => target.copy_from_slice(&near[..target.len()]),
            Self::Across => {
                sums.clear();
                sums.extend(near.iter().map(|&sample| u16::from(sample)));
                interpolate(sums, [1, 2], 2, target);
            }
            Self::Down => {
                let bias = if below { 2 } else { 1 };
                for ((target, near), far) in target.iter_mut().zip(near).zip(far) {
                    *target = ((u16::from(*near) * 3 + u16::from(*far) + bias) >> 2) as u8;
                }
            }
            Self::Both => {
                sums.clear();
                sums.extend(near.iter().zip(far).map(|(&near, &far)| u16::from(near) * 3 + u16::from(far)));
                interpolate(sums, [8, 7], 4, target);
            }
            Self::Repeat { x: (1, 2), .. } => {
                for (target, sample) in target.chunks_mut(2).zip(near) {
                    target.fill(*sample);
                }
            }
            Self::Repeat { x: (own, all), .. } => {
                for (x, target) in target.iter_mut().enumerate() {
                    *target = near[x * own / all];
                }
            }
        }
    }
}

/// Two samples of each, a quarter of the way to its neighbors; the outermost ones are repeated.
///
/// `biases` are added to the left and right ones before the lowest `shift` bits are dropped.
fn interpolate(samples: &[u16], biases: [u16; 2], shift: u32, target: &mut [u8]) {
    let count = samples.len();
    let sample = |index: usize, neighbor: usize, bias: u16| {
        ((samples[index] * 3 + samples[neighbor.min(count - 1)] + bias) >> shift) as u8
    };
    let ends = [0, count - 1];
    for (pair, index) in [(0, ends[0]), (count - 1, ends[1])] {
        let left = sample(index, index.saturating_sub(1), biases[0]);
        let right = sample(index, index + 1, biases[1]);
        for (target, value) in target.iter_mut().skip(pair * 2).zip([left, right]) {
            *target = value;
        }
    }
    let inner = target.get_mut(2..).unwrap_or_default().as_chunks_mut::<2>().0;
    let triples = samples.iter().zip(&samples[1.min(count)..]).zip(&samples[2.min(count)..]);
    for (pair, ((before, sample), after)) in inner.iter_mut().zip(triples) {
        let left = (sample * 3 + before + biases[0]) >> shift;
        let right = (sample * 3 + after + biases[1]) >> shift;
        *pair = [left as u8, right as u8];
    }
}
