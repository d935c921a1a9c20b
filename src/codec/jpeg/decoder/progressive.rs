//! The blocks of scans whose coefficients are kept until all scans are read (T.81, G.1.2).

use super::bits::Bits;
use super::coefficients::Coefficients;
use super::huffman::Table;
use super::lookahead::{BlockEnd, Start, Starts};
use super::scan::Scan;

/// Coefficients from `first` to `last` in zigzag order, as bits.
pub(super) fn band(first: usize, last: usize) -> u64 {
    if first > last { 0 } else { u64::MAX >> (63 - last) & u64::MAX << first }
}

/// Those of these bits that are for coefficients from `k` on, which may be 1 to 64.
#[inline(always)]
fn from(k: usize, bits: u64) -> u64 {
    bits >> 1 >> (k - 1)
}

/// First scan of a DC coefficient (G.1.2.1).
pub(super) fn dc_first(bits: &mut Bits, table: &Table, low: u32, predictor: &mut i32, dc: &mut i16) -> bool {
    let Some(difference) = bits.dc_difference(table) else { return false };
    *predictor = predictor.wrapping_add(difference);
    *dc = (*predictor << low) as i16;
    true
}

/// One more bit of a DC coefficient (G.1.2.1.1); does not refill.
#[inline(always)]
pub(super) fn dc_refine(bits: &mut Bits, low: u32, dc: &mut i16) {
    *dc |= (bits.take(1) as i16) << low;
}

/// The coefficients that [`Start`] knows, as bits.
const FEW: u64 = 0b1_0110;

/// The AC coefficients of one component in a scan.
pub(super) struct AcScan<'t> {
    table: &'t Table,
    first: usize,
    last: usize,
    low: u32,
    /// The coefficients that are kept, as bits.
    kept: u64,
    /// None of this scan's coefficients is kept from here on.
    kept_end: usize,
    /// If nothing else is kept of the blocks than what is in there.
    starts: Option<Starts<'t>>,
    /// Whether later scans must know which coefficients are not zero.
    history: bool,
}

impl<'t> AcScan<'t> {
    /// The AC part of `scan`.
    pub(super) fn new(scan: &Scan, table: &'t Table, target: &Coefficients) -> Self {
        let first = scan.first.max(1);
        let kept = target.kept_bits & band(first, scan.last);
        Self {
            table,
            first,
            last: scan.last,
            low: scan.low,
            kept,
            kept_end: 64 - kept.leading_zeros() as usize,
            starts: (first == 1 && target.kept_bits & !FEW == 1).then(|| table.starts(scan.last + 1)),
            history: !target.nonzero.is_empty(),
        }
    }

    /// First scan of the coefficients of a block (G.1.2.2). Gives the number of blocks after this one that
    /// have none, or `None` for damage.
    #[inline(always)]
    pub(super) fn first(&self, bits: &mut Bits, target: &mut Coefficients, index: usize) -> Option<u32> {
        let mut k = self.first;
        let mut found = 0_u64;
        if let Some(starts) = self.starts {
            let start = bits.start(starts);
            self.take(start, bits, target, index);
            found = start.found();
            k = start.reach();
            if start.ends() || k > self.last {
                target.remember(index, found);
                return Some(0);
            }
        }
        while k < self.kept_end {
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
                    (size, _) => value = bits.magnitude(size),
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
        let end = if self.history {
            let (further, end) = bits.mark_ac(self.table, k, self.last + 1);
            target.remember(index, found | further);
            end
        } else {
            bits.skip_ac(self.table, k, self.last + 1)
        };
        blocks_after(bits, end)
    }

    /// One more bit of the coefficients of a block (G.1.2.3). Gives the number of blocks after this one that have
    /// no new ones, or `None` for damage.
    #[inline(always)]
    pub(super) fn refine(&self, bits: &mut Bits, target: &mut Coefficients, index: usize) -> Option<u32> {
        let old = target.nonzero[index] & band(self.first, self.last);
        let (mut k, mut new) = (self.first, 0);
        if let Some(starts) = self.starts
            && old & FEW == 0
        {
            let start = bits.start(starts);
            if old & band(1, start.reach() - 1) == 0 {
                self.take(start, bits, target, index);
                new = start.found();
                if start.ends() {
                    self.correct(bits, target, index, old);
                    target.nonzero[index] |= new;
                    return Some(0);
                }
                k = start.reach();
            }
        }
        while k <= self.last {
            if k >= self.kept_end {
                self.refine_unkept(bits, old, &mut k, &mut new);
                if from(k, old) == 0 {
                    // As in a first scan.
                    let (found, end) = bits.mark_ac(self.table, k, self.last + 1);
                    target.nonzero[index] |= new | found;
                    return blocks_after(bits, end);
                }
            }
            bits.refill();
            let mut symbol = self.table.look_up(bits);
            let positive;
            if symbol.size() == 1 {
                positive = (bits.peek() << (symbol.length() - 1)) >> 63 == 1;
                bits.skip(symbol.length());
            } else {
                symbol = bits.symbol(self.table)?;
                if symbol.size() == 0 && symbol.run() < 15 {
                    let run = run_of_blocks(bits, symbol.run() as u32);
                    self.correct(bits, target, index, old & band(k, self.last));
                    target.nonzero[index] |= new;
                    return Some(run);
                }
                positive = bits.magnitude(symbol.size()) > 0;
            }
            // The place of the new coefficient, or of the last zero of sixteen: after `run` others that were zero.
            let place = zero_after(old, k, symbol.run());
            self.correct(bits, target, index, old & band(k, place.min(self.last + 1) - 1));
            k = place + 1;
            if symbol.size() > 0 {
                if place > self.last {
                    return None;
                }
                new |= 1 << place;
                if self.kept >> place & 1 == 1 {
                    let bit = 1 << self.low;
                    target.set(index, place, if positive { bit } else { -bit });
                }
            }
        }
        target.nonzero[index] |= new;
        Some(0)
    }

    /// Goes on with [`Self::refine`] over coefficients none of which is kept, as long as there are `old` ones ahead and
    /// symbols are of the usual kind.
    #[inline(always)]
    fn refine_unkept(&self, bits: &mut Bits, old: u64, k: &mut usize, new: &mut u64) {
        while from(*k, old) != 0 {
            bits.refill();
            let symbol = self.table.look_up(bits);
            let place = zero_after(old, *k, symbol.run());
            let length = symbol.length() + (place - *k - symbol.run()) as u32;
            if symbol.size() == 0 || place > self.last || length > 56 {
                return;
            }
            bits.skip(length);
            *new |= 1 << place;
            *k = place + 1;
        }
    }

    /// Takes the start of a block that has no old coefficients there.
    #[inline(always)]
    fn take(&self, start: Start, bits: &mut Bits, target: &mut Coefficients, index: usize) {
        bits.skip(start.bits());
        if start.found() & self.kept != 0 {
            for (k, value) in [1, 2, 4].into_iter().zip(start.values()) {
                if self.kept >> k & 1 == 1 && start.found() >> k & 1 == 1 {
                    target.set(index, k, value << self.low);
                }
            }
        }
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
        if which == 0 {
            return;
        }
        bits.refill();
        if self.starts.is_some() {
            let low = which & 0b1_1110;
            let taken = target.correct_few(index, low, 1 << self.low, bits.peek());
            bits.skip(taken);
            bits.skip_corrections((which ^ low).count_ones());
            return;
        }
        while which & self.kept != 0 {
            let lowest = which & which.wrapping_neg();
            let by_bit = bits.next_bit();
            if self.kept & lowest != 0 {
                target.correct(index, lowest.trailing_zeros() as usize, 1 << self.low, by_bit);
            }
            which ^= lowest;
        }
        if which != 0 {
            bits.refill();
            bits.skip_corrections(which.count_ones());
        }
    }
}

impl Bits<'_> {
    /// Goes on by at most 64 bits.
    #[inline(always)]
    fn skip_corrections(&mut self, count: u32) {
        // What a symbol and its sign have left of the reservoir.
        if count > 24 {
            self.refill();
            self.skip(count / 2);
            self.refill();
            self.skip(count - count / 2);
            return;
        }
        self.skip(count);
    }
}

/// The place of the coefficient that is zero after `run` others from `k` on that are, and may be beyond all of them.
#[inline(always)]
fn zero_after(nonzero: u64, mut k: usize, mut run: usize) -> usize {
    let mut ahead = nonzero >> k;
    loop {
        let place = usize::from(NTH_ZERO[ahead as usize & ((1 << NEAR) - 1)][run & 15]);
        if place < NEAR {
            return k + place;
        }
        // So many zeros were not enough.
        run -= place - NEAR;
        k += NEAR;
        ahead >>= NEAR;
    }
}

/// Coefficients that a look into [`NTH_ZERO`] covers.
const NEAR: usize = 8;

/// By the next [`NEAR`] bits and a number below sixteen: the place of the zero that has so many before it, or `NEAR` and
/// the number of zeros.
static NTH_ZERO: [[u8; 16]; 1 << NEAR] = {
    let mut table = [[0; 16]; 1 << NEAR];
    let mut bits = 0;
    while bits < 1 << NEAR {
        let (mut zeros, mut place) = (0, 0);
        while place < NEAR {
            if bits >> place & 1 == 0 && zeros < 16 {
                table[bits][zeros] = place as u8;
                zeros += 1;
            }
            place += 1;
        }
        let mut run = zeros;
        while run < 16 {
            table[bits][run] = (NEAR + zeros) as u8;
            run += 1;
        }
        bits += 1;
    }
    table
};

/// The number of blocks after this one that have none, or `None` for damage.
#[inline(always)]
fn blocks_after(bits: &mut Bits, end: BlockEnd) -> Option<u32> {
    match end {
        BlockEnd::Here => Some(0),
        BlockEnd::Run(size) => Some(run_of_blocks(bits, size)),
        BlockEnd::Damaged => None,
    }
}

/// The blocks that a run spans besides the one that it starts in; its symbol was read (table G.1).
#[inline(always)]
fn run_of_blocks(bits: &mut Bits, size: u32) -> u32 {
    bits.refill();
    (1 << size) - 1 + bits.take(size)
}
