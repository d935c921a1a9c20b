//! Several symbols of a block at once: what the next bits hold, looked up as a whole.
//!
//! Nobody needs all entries of such a table, so each is made when it is first asked for.

use super::bits::Bits;
use super::huffman::{Symbol, Table, extend};
use std::cell::{Cell, OnceCell};

/// Bits that a look-up covers.
const AHEAD: u32 = 12;
/// Added to the number of coefficients when the block ends.
const END: usize = 128;

/// An entry for each value of the next bits.
type Entries<T> = Box<[Cell<T>; 1 << AHEAD]>;

/// The tables of what the bits of one Huffman table's code hold.
#[derive(Default)]
pub(super) struct Lookahead {
    skips: OnceCell<Entries<Skip>>,
    marks: OnceCell<Entries<Mark>>,
    starts: OnceCell<Entries<Start>>,
    /// Coefficients of a block from 1 on, for which `starts` was made.
    started: Cell<usize>,
}

/// Goes through the symbols that are whole within the first `AHEAD` of these bits and lead over no more than `most`
/// coefficients; gives the bits and the coefficients that they take. `found` is told of each coefficient that is not
/// zero.
///
/// The end of a run of blocks is left to those who read symbol by symbol.
fn look_ahead(table: &Table, bits: u64, most: usize, mut found: impl FnMut(usize, i32)) -> (u32, usize) {
    let (mut taken, mut k) = (0, 0);
    loop {
        let symbol = table.symbol_at(bits << taken);
        let next = taken + symbol.length();
        if symbol == Symbol::NONE || next > AHEAD {
            break;
        }
        match (symbol.size(), symbol.run()) {
            _ if k == most => break,
            (0, 0) => return (next, k + END),
            (0, 15) if k + 16 <= most => k += 16,
            (size @ 1..=11, run) if k + run < most => {
                k += run;
                found(k, extend(bits << (next - size), size));
                k += 1;
            }
            _ => break,
        }
        taken = next;
    }
    (taken, k)
}

/// A step over several symbols.
trait Step: Copy + Eq {
    /// Goes beyond every block, as does [`Self::NONE`].
    const UNKNOWN: Self;
    /// Not one symbol is whole.
    const NONE: Self;

    fn entries(ahead: &Lookahead) -> &[Cell<Self>; 1 << AHEAD];
    /// The step over the symbols at the start of `bits`, or none.
    fn over(table: &Table, bits: u64) -> Self;
    fn bits(self) -> u32;
    fn coefficients(self) -> usize;
    /// The coefficients that are not zero, as bits; all zero if that is not kept.
    fn found(self) -> u64;
}

/// Bits (4 bits) and coefficients (the rest).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Skip(u16);

impl Step for Skip {
    const UNKNOWN: Self = Self(255 << 4);
    const NONE: Self = Self(254 << 4);

    #[inline(always)]
    fn entries(ahead: &Lookahead) -> &[Cell<Self>; 1 << AHEAD] {
        ahead.skips.get_or_init(|| entries(Self::UNKNOWN))
    }

    fn over(table: &Table, bits: u64) -> Self {
        let (taken, coefficients) = look_ahead(table, bits, 63, |_, _| ());
        if taken == 0 { Self::NONE } else { Self((coefficients as u16) << 4 | taken as u16) }
    }

    #[inline(always)]
    fn bits(self) -> u32 {
        u32::from(self.0 & 15)
    }

    #[inline(always)]
    fn coefficients(self) -> usize {
        usize::from(self.0 >> 4)
    }

    #[inline(always)]
    fn found(self) -> u64 {
        0
    }
}

/// Bits (4 bits), coefficients (8 bits) and which of those are not zero (the rest).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Mark(u64);

impl Step for Mark {
    const UNKNOWN: Self = Self(255 << 4);
    const NONE: Self = Self(254 << 4);

    #[inline(always)]
    fn entries(ahead: &Lookahead) -> &[Cell<Self>; 1 << AHEAD] {
        ahead.marks.get_or_init(|| entries(Self::UNKNOWN))
    }

    fn over(table: &Table, bits: u64) -> Self {
        let mut found = 0;
        let (taken, coefficients) = look_ahead(table, bits, 52, |k, _| found |= 1 << k);
        if taken == 0 { Self::NONE } else { Self(found << 12 | (coefficients as u64) << 4 | u64::from(taken)) }
    }

    #[inline(always)]
    fn bits(self) -> u32 {
        self.0 as u32 & 15
    }

    #[inline(always)]
    fn coefficients(self) -> usize {
        (self.0 >> 4) as usize & 255
    }

    #[inline(always)]
    fn found(self) -> u64 {
        self.0 >> 12
    }
}

/// How a block ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum BlockEnd {
    /// By itself.
    Here,
    /// With the symbol of this many extra bits that ends a run of blocks (progressive only).
    Run(u32),
    /// With bits that are no code, or with more coefficients than there are.
    Damaged,
}

impl Bits<'_> {
    /// Goes on from coefficient `k` to the end of the block, which is at coefficient `end`.
    #[inline(always)]
    pub(super) fn skip_ac(&mut self, table: &Table, k: usize, end: usize) -> BlockEnd {
        self.walk::<Skip>(table, k, end).1
    }

    /// The same, and which of the coefficients on the way are not zero, as bits.
    #[inline(always)]
    pub(super) fn mark_ac(&mut self, table: &Table, k: usize, end: usize) -> (u64, BlockEnd) {
        self.walk::<Mark>(table, k, end)
    }

    #[inline(always)]
    fn walk<S: Step>(&mut self, table: &Table, mut k: usize, end: usize) -> (u64, BlockEnd) {
        let steps = S::entries(&table.ahead);
        let mut found = 0;
        while k < end {
            self.refill();
            // Four steps are 52 bits at most.
            for _ in 0..4 {
                let window = self.peek() >> (64 - AHEAD);
                let step = steps[window as usize].get();
                let next = k + step.coefficients();
                if next < end {
                    found |= step.found() << k;
                    self.skip(step.bits());
                    k = next;
                    continue;
                }
                if next == end || (END + 1..END + end).contains(&next) {
                    found |= step.found() << k;
                    self.skip(step.bits());
                    return (found, BlockEnd::Here);
                }
                if step == S::UNKNOWN {
                    learn(&steps[window as usize], table, window);
                    continue;
                }
                // The step would lead into the next block, or there is none.
                let Some(symbol) = self.symbol(table) else { return (found, BlockEnd::Damaged) };
                self.skip(symbol.size());
                match (symbol.size(), symbol.run()) {
                    (0, 15) => k += 16,
                    (0, 0) => return (found, BlockEnd::Here),
                    (0, run) => return (found, BlockEnd::Run(run as u32)),
                    (_, run) if k + run >= end => return (found, BlockEnd::Damaged),
                    (_, run) => {
                        found |= 1 << (k + run);
                        k += run + 1;
                    }
                }
                break;
            }
        }
        (found, if k == end { BlockEnd::Here } else { BlockEnd::Damaged })
    }
}

#[cold]
#[inline(never)]
fn learn<S: Step>(entry: &Cell<S>, table: &Table, window: u64) {
    entry.set(S::over(table, window << (64 - AHEAD)));
}

/// The start of a block's AC coefficients, as far as its symbols are whole within the next bits.
///
/// Coefficients 1, 2 and 4 (12 bits each, topmost first), which from 1 on are not zero (16 bits), whether the block
/// ends (1 bit), reach (7 bits), bits taken (4 bits); zero if not known yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Start(u64);

impl Start {
    const UNKNOWN: Self = Self(0);
    /// It holds no more coefficients.
    const LONGEST: usize = 16;

    fn at(table: &Table, bits: u64, most: usize) -> Self {
        let (mut values, mut found) = ([0_u64; Self::LONGEST], 0);
        let (taken, k) = look_ahead(table, bits, most, |k, value| {
            values[k] = value as u64 & 0xFFF;
            found |= 1 << k;
        });
        let [one, two, _, four, ..] = values;
        Self(one << 52 | two << 40 | four << 28 | found << 12 | (k as u64 + 1) << 4 | u64::from(taken))
    }

    /// Coefficients 1, 2 and 4.
    #[inline(always)]
    pub(super) fn values(self) -> [i16; 3] {
        [0, 12, 24].map(|shift| ((self.0 << shift) as i64 >> 52) as i16)
    }

    /// Which coefficients are not zero, as bits.
    #[inline(always)]
    pub(super) fn found(self) -> u64 {
        (self.0 >> 12 & 0xFFFF) << 1
    }

    /// The number of the first coefficient that it does not reach.
    #[inline(always)]
    pub(super) fn reach(self) -> usize {
        (self.0 >> 4) as usize % END
    }

    /// Whether it ends with the end of the block.
    #[inline(always)]
    pub(super) fn ends(self) -> bool {
        self.0 >> 4 & END as u64 != 0
    }

    /// Bits that it takes.
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        self.0 as u32 & 15
    }
}

/// Where to look the starts of blocks up.
#[derive(Clone, Copy)]
pub(super) struct Starts<'t> {
    table: &'t Table,
    entries: &'t Entries<Start>,
}

impl Table {
    /// The starts of blocks that are at their end at coefficient `end`.
    pub(super) fn starts(&self, end: usize) -> Starts<'_> {
        let entries = self.ahead.starts.get_or_init(|| entries(Start::UNKNOWN));
        let most = (end - 1).min(Start::LONGEST);
        if self.ahead.started.replace(most) != most {
            entries.iter().for_each(|entry| entry.set(Start::UNKNOWN));
        }
        Starts { table: self, entries }
    }
}

impl Bits<'_> {
    /// Refills and looks at the start of a block's AC coefficients; takes nothing.
    #[inline(always)]
    pub(super) fn start(&mut self, starts: Starts) -> Start {
        self.refill();
        let window = self.peek() >> (64 - AHEAD);
        let entry = &starts.entries[window as usize];
        if entry.get() == Start::UNKNOWN {
            starts.learn(window);
        }
        entry.get()
    }
}

impl Starts<'_> {
    #[cold]
    #[inline(never)]
    fn learn(&self, window: u64) {
        let start = Start::at(self.table, window << (64 - AHEAD), self.table.ahead.started.get());
        self.entries[window as usize].set(start);
    }
}

/// A table on the heap.
#[cold]
#[expect(clippy::unnecessary_box_returns, reason = "it is too large for the stack")]
fn entries<T: Copy>(value: T) -> Entries<T> {
    match vec![Cell::new(value); 1 << AHEAD].into_boxed_slice().try_into() {
        Ok(table) => table,
        Err(_) => unreachable!("made of that length"),
    }
}
