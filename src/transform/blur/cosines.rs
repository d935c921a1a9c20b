//! A symmetric row of weights as a sum of a few cosines.
//!
//! Within a radius r any smooth even function is nearly a0 + a1 cos(wx) + a2 cos(2wx) + ..., the better the longer
//! the period is chosen than r (a Fourier extension). Sums of samples under a cosine can slide, so that their cost
//! does not depend on r.

use std::f64::consts::PI;

/// Weights for offsets up to a radius on either side.
#[derive(Clone, Debug)]
pub(super) struct Cosines {
    radius: usize,
    constant: f64,
    terms: Vec<Term>,
}

/// A cosine and its share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Term {
    /// Radians a sample.
    pub(super) frequency: f64,
    /// What it counts in the weight.
    pub(super) share: f64,
}

/// Most cosines tried.
const MOST: usize = 6;

impl Cosines {
    /// The fewest cosines that come near `weights`, given from the middle outwards; `None` if [`MOST`] are too few.
    ///
    /// Near means that no sum of bytes is off by more than `tolerance`. Their sum becomes 1.
    pub(super) fn fit(weights: &[f64], tolerance: f64) -> Option<Self> {
        let radius = weights.len() - 1;
        let total = 2.0 * weights.iter().sum::<f64>() - weights[0];
        let weights: Vec<f64> = weights.iter().map(|weight| weight / total).collect();
        if radius < 2 * MOST {
            return None; // hardly fewer cosines than taps
        }
        (1..=MOST).find_map(|count| {
            let periods = (10..=30_u8).map(|tenths| f64::from(tenths) / 10.0);
            let fits = periods.filter_map(|period| Self::of_period(&weights, count, period));
            let (cosines, error) = fits.min_by(|a, b| a.1.total_cmp(&b.1))?;
            (error <= tolerance).then_some(cosines)
        })
    }

    /// How many cosines there are.
    pub(super) fn count(&self) -> usize {
        self.terms.len()
    }

    /// The farthest offset that has a weight.
    pub(super) fn radius(&self) -> usize {
        self.radius
    }

    /// What every sample within the radius counts besides the cosines.
    pub(super) fn constant(&self) -> f64 {
        self.constant
    }

    /// The cosines, as many as [`Cosines::count`] says.
    pub(super) fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Cosine `index` at so many samples from the middle.
    pub(super) fn cosine(&self, index: usize, offset: usize) -> f64 {
        (self.terms[index].frequency * position(offset)).cos()
    }

    /// Least squares for cosines whose slowest has half a period of so many radii; and the most that a sum of bytes is
    /// off.
    fn of_period(weights: &[f64], count: usize, period: f64) -> Option<(Self, f64)> {
        let radius = weights.len() - 1;
        let frequency = PI / (period * position(radius));
        let basis = |k: usize, x: usize| (position(k) * frequency * position(x)).cos();
        let sides = |x: usize| if x == 0 { 1.0 } else { 2.0 };
        let rows: Vec<Vec<f64>> = (0..=radius).map(|x| (0..=count).map(|k| basis(k, x)).collect()).collect();
        let mut normal = vec![vec![0.0; count + 2]; count + 1];
        for (x, row) in rows.iter().enumerate() {
            for k in 0..=count {
                for j in 0..=count {
                    normal[k][j] += sides(x) * row[k] * row[j];
                }
                normal[k][count + 1] += sides(x) * row[k] * weights[x];
            }
        }
        let shares = solve(normal)?;
        let value = |row: &[f64]| row.iter().zip(&shares).map(|(b, s)| b * s).sum::<f64>();
        let total: f64 = rows.iter().enumerate().map(|(x, row)| sides(x) * value(row)).sum();
        let shares: Vec<f64> = shares.iter().map(|share| share / total).collect();
        let value = |row: &[f64]| row.iter().zip(&shares).map(|(b, s)| b * s).sum::<f64>();
        // Weights that are too large are as much too large as others are too small, so half of the differences count.
        let off = |(x, row): (usize, &Vec<f64>)| sides(x) * (value(row) - weights[x]).abs();
        let error = rows.iter().enumerate().map(off).sum::<f64>() / 2.0 * 255.0;
        let terms = (1..=count).map(|k| Term { frequency: position(k) * frequency, share: shares[k] }).collect();
        Some((Self { radius, constant: shares[0], terms }, error))
    }
}

/// Gaussian elimination of a positive definite system, its right side in the last column; `None` if it is singular.
fn solve(mut rows: Vec<Vec<f64>>) -> Option<Vec<f64>> {
    let count = rows.len();
    for pivot in 0..count {
        let (above, below) = rows.split_at_mut(pivot + 1);
        let row = &above[pivot];
        if row[pivot] < 1e-12 {
            return None;
        }
        for other in below {
            let factor = other[pivot] / row[pivot];
            for column in pivot..=count {
                other[column] -= factor * row[column];
            }
        }
    }
    let mut solution = vec![0.0; count];
    for pivot in (0..count).rev() {
        let known: f64 = (pivot + 1..count).map(|k| rows[pivot][k] * solution[k]).sum();
        solution[pivot] = (rows[pivot][count] - known) / rows[pivot][pivot];
    }
    Some(solution)
}

fn position(index: usize) -> f64 {
    f64::from(u32::try_from(index).expect("radii and numbers of cosines are small"))
}
