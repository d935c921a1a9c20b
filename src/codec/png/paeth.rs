//! Undoes the Paeth filter of four rows at once.
//!
//! Within a row each pixel waits for the one on its left, so one row cannot use a vector. Four rows can: each runs
//! one pixel behind the row above it, and then everything a pixel depends on is known from the step before.

use wide::{u8x16, u32x4};

/// Four pixels of up to four bytes, one from each row; below, "lane" is a pixel's place in it.
#[derive(Clone, Copy)]
struct Wave {
    left: u8x16,
    above_left: u8x16,
}

impl Wave {
    /// The pixels of the next column, given the pixel above the first row and the filtered pixels.
    #[inline]
    fn step(self, above_first: u32, filtered: [u32; 4]) -> Self {
        // The pixel above is what the lane above gave in the last step.
        let [first, second, third, _] = u32x4::to_array(bytemuck::cast(self.left));
        let above: u8x16 = bytemuck::cast(u32x4::new([above_first, first, second, third]));
        let filtered: u8x16 = bytemuck::cast(u32x4::new(filtered));
        Self { left: filtered + predict(self.left, above, self.above_left), above_left: above }
    }

    #[inline]
    fn lane<const BYTES: usize>(self, lane: usize) -> [u8; BYTES] {
        let bytes = u32x4::to_array(bytemuck::cast(self.left))[lane].to_le_bytes();
        std::array::from_fn(|index| bytes[index])
    }
}

/// Whichever of `a` (left), `b` (above) and `c` (above left) is nearest to `a + b - c`, ties in this order.
///
/// The three distances fit bytes: |b - c|, |a - c|, and their difference if `c` lies between `a` and `b`. If it does
/// not, the third distance is their sum, which is never the least, so any large number serves.
#[inline]
fn predict(a: u8x16, b: u8x16, c: u8x16) -> u8x16 {
    let (high_a, high_b) = (a.max(c), b.max(c));
    let (to_a, to_b) = (high_b - b.min(c), high_a - a.min(c));
    let least = to_a.min(to_b);
    let same_side = !(high_a.simd_eq(a) ^ high_b.simd_eq(b));
    let to_c = (to_a.max(to_b) - least) | same_side;
    let b_or_c = to_b.min(to_c);
    let prediction = b_or_c.simd_eq(to_b).bitselect(b, c);
    to_a.min(b_or_c).simd_eq(to_a).bitselect(a, prediction)
}

/// Undoes the filter of four rows that all use it.
///
/// `filtered` holds them as in the file, a filter byte before each; `rows` holds the row above and then room for the
/// four. A row has `row_bytes`, pixels have `BYTES`, at most four.
pub(super) fn unfilter_four_rows<const BYTES: usize>(filtered: &[u8], row_bytes: usize, rows: &mut [u8]) {
    let (above, below) = rows[..5 * row_bytes].split_at_mut(row_bytes);
    let above = above.as_chunks::<BYTES>().0;
    let filtered: [&[[u8; BYTES]]; 4] =
        std::array::from_fn(|row| filtered[row * (row_bytes + 1) + 1..][..row_bytes].as_chunks().0);
    let mut out = below.chunks_exact_mut(row_bytes).map(|row| row.as_chunks_mut::<BYTES>().0);
    let mut out: [&mut [[u8; BYTES]]; 4] = std::array::from_fn(|_| out.next().expect("there are four rows"));

    let columns = above.len();
    let mut wave = Wave { left: u8x16::ZERO, above_left: u8x16::ZERO };
    // At both ends some lanes have no pixel. Before its row a lane stays zero, which is what the filter wants there;
    // behind it nobody looks at it any more.
    let edge = |wave: Wave, x: usize, out: &mut [&mut [[u8; BYTES]]; 4]| {
        let at = |row: &[[u8; BYTES]], lag: usize| x.checked_sub(lag).and_then(|x| row.get(x)).map_or(0, word);
        let wave = wave.step(at(above, 0), std::array::from_fn(|row| at(filtered[row], row)));
        for (row, out) in out.iter_mut().enumerate() {
            if let Some(pixel) = x.checked_sub(row).and_then(|x| out.get_mut(x)) {
                *pixel = wave.lane(row);
            }
        }
        wave
    };
    for x in 0..3 {
        wave = edge(wave, x, &mut out);
    }
    if let Some(full) = columns.checked_sub(3) {
        let [in0, in1, in2, in3] = filtered;
        let [out0, out1, out2, out3] = &mut out;
        // Slices of one length spare the loop its bounds checks.
        let (above, in0, in1) = (&above[3..][..full], &in0[3..][..full], &in1[2..][..full]);
        let (in2, in3) = (&in2[1..][..full], &in3[..full]);
        let (out0, out1) = (&mut out0[3..][..full], &mut out1[2..][..full]);
        let (out2, out3) = (&mut out2[1..][..full], &mut out3[..full]);
        for x in 0..full {
            wave = wave.step(word(&above[x]), [word(&in0[x]), word(&in1[x]), word(&in2[x]), word(&in3[x])]);
            (out0[x], out1[x], out2[x], out3[x]) = (wave.lane(0), wave.lane(1), wave.lane(2), wave.lane(3));
        }
    }
    for x in columns.max(3)..columns + 3 {
        wave = edge(wave, x, &mut out);
    }
}

#[inline]
fn word<const BYTES: usize>(pixel: &[u8; BYTES]) -> u32 {
    let mut bytes = [0; 4];
    bytes[..BYTES].copy_from_slice(pixel);
    u32::from_le_bytes(bytes)
}
