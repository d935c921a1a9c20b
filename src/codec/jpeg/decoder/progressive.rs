//! The blocks of scans whose coefficients are kept until all scans are read (T.81, G.1.2).

use super::bits::Bits;
use super::coefficients::Coefficients;
use super::huffman::{BlockEnd, Table};
use super::scan::Scan;

/// Coefficients from `first` to `last` in zigzag order, as bits.
pub(super) fn band(first: usize, last: usize) -> u64 {
    if first > last { 0 } else { u64::MAX >> (63 - last) & u64::MAX << first }
}

/// First scan of a DC coefficient (G.1.2.1).
pub(super) fn dc_first(bits: &mut Bits, table: &Table, low: u32, predictor: &mut i32, dc: &mut i16) -> bool {
    let Some(difference) = bits.dc_difference(table) else { return false };
    *predictor = predictor.wrapping_add(difference);
    *dc = (*predictor << low) as i16;
    true
}

/// One more bit of a DC coefficient (G.1.2.1.1).
pub(super) fn dc_refine(bits: &mut Bits, low: u32, dc: &mut i16) {
    *dc |= i16::from(bits.next_bit()) << low;
}

/// The AC coefficients of one component in a scan.
pub(super) struct AcScan<'t> {
    table: &'t Table,
    first: usize,
    last: usize,
    low: u32,
    /// All coefficients from here on are of no use.
    needed_end: usize,
    /// The coefficients that are kept, as bits.
    kept: u64,
}

impl<'t> AcScan<'t> {
    /// The AC part of `scan`.
    pub(super) fn new(scan: &Scan, table: &'t Table, target: &Coefficients) -> Self {
        let first = scan.first.max(1);
        let kept = target.kept_bits & band(first, scan.last);
        let needed_end = if target.nonzero.is_empty() { 64 - kept.leading_zeros() as usize } else { scan.last + 1 };
        Self { table, first, last: scan.last, low: scan.low, needed_end, kept: target.kept_bits }
    }

    /// First scan of the coefficients of a block (G.1.2.2). Gives the number of blocks after this one that
    /// have none, or `None` for damage.
    #[inline(always)]
    pub(super) fn first(&self, bits: &mut Bits, target: &mut Coefficients, index: usize) -> Option<u32> {
        let mut k = self.first;
        let mut found = 0_u64;
        while k < self.needed_end {
            bits.refill();
            let mut symbol = self.table.look_up(bits);
            let value;
            if symbol.size() > 0 {
                value = bits.value(symbol);
            } else {
                symbol = bits.symbol(self.table)?;
                match (symbol.size(), symbol.run()) {
                    (0, 15) => {
                        k += 16;
                        continue;
                    }
                    (0, run) => {
                        target.remember(index, found);
                        return Some(run_of_blocks(bits, run as u32));
                    }
                    (size, _) => {
                        bits.refill();
                        value = bits.magnitude(size);
                    }
                }
            }
            k += symbol.run();
            if k > self.last {
                return None;
            }
            if self.kept >> k & 1 == 1 {
                target.set(index, k, (value << self.low) as i16);
            }
            found |= 1 << k;
            k += 1;
        }
        target.remember(index, found);
        match bits.skip_ac(self.table, k, self.last + 1) {
            BlockEnd::Here => Some(0),
            BlockEnd::Run(size) => Some(run_of_blocks(bits, size)),
            BlockEnd::Damaged => None,
        }
    }

    /// One more bit of the coefficients of a block (G.1.2.3). Gives the number of blocks after this one that have
    /// no new ones, or `None` for damage.
    #[inline(always)]
    pub(super) fn refine(&self, bits: &mut Bits, target: &mut Coefficients, index: usize) -> Option<u32> {
        let mut nonzero = target.nonzero[index];
        // What this scan has not come to yet.
        let mut ahead = band(self.first, self.last);
        while ahead != 0 {
            bits.refill();
            let mut symbol = self.table.look_up(bits);
            let value;
            if symbol.size() > 0 {
                value = bits.value(symbol);
            } else {
                symbol = bits.symbol(self.table)?;
                if symbol.size() == 0 && symbol.run() < 15 {
                    let run = run_of_blocks(bits, symbol.run() as u32);
                    self.correct(bits, target, index, nonzero & ahead);
                    target.nonzero[index] = nonzero;
                    return Some(run);
                }
                bits.refill();
                value = bits.magnitude(symbol.size());
            }
            // The place of the new coefficient, or of the last zero of sixteen: after `run` others that were zero.
            let mut zeros = !nonzero & ahead;
            for _ in 0..symbol.run() {
                zeros &= zeros.wrapping_sub(1);
            }
            let place = zeros & zeros.wrapping_neg();
            let before = place.wrapping_sub(1);
            self.correct(bits, target, index, nonzero & ahead & before);
            ahead &= !(before | place);
            if symbol.size() > 0 {
                if place == 0 {
                    return None;
                }
                nonzero |= place;
                if self.kept & place != 0 {
                    let bit = 1 << self.low;
                    target.set(index, place.trailing_zeros() as usize, if value > 0 { bit } else { -bit });
                }
            }
        }
        target.nonzero[index] = nonzero;
        Some(0)
    }

    /// One more bit of the coefficients of a block that has no new ones.
    #[inline(always)]
    pub(super) fn refine_old(&self, bits: &mut Bits, target: &mut Coefficients, index: usize) {
        let nonzero = target.nonzero[index] & band(self.first, self.last);
        self.correct(bits, target, index, nonzero);
    }

    /// Takes a correction bit for each of these coefficients.
    #[inline(always)]
    fn correct(&self, bits: &mut Bits, target: &mut Coefficients, index: usize, mut which: u64) {
        while which != 0 {
            bits.refill();
            let count = which.count_ones();
            if which & self.kept == 0 && count <= 48 {
                bits.skip(count);
                return;
            }
            let (lowest, corrections) = (which & which.wrapping_neg(), bits.peek());
            which ^= lowest;
            bits.skip(1);
            if self.kept & lowest != 0 {
                target.correct(index, lowest.trailing_zeros() as usize, 1 << self.low, corrections >> 63 == 1);
            }
        }
    }
}

/// The blocks that a run spans besides the one that it starts in; its symbol was read (table G.1).
#[inline(always)]
fn run_of_blocks(bits: &mut Bits, size: u32) -> u32 {
    bits.refill();
    (1 << size) - 1 + bits.take(size)
}
