//! Huffman tables and what they decode (T.81, annex C and F.2.2).

use super::Error;
use super::bits::Bits;
use std::cell::Cell;

/// Bits that the first look-up covers.
const LOOK: u32 = 11;
/// Bits that a look-up of several symbols covers.
const SKIP: u32 = 13;
/// Longest code.
const LONGEST: usize = 16;

/// One Huffman table.
pub(super) struct Table {
    /// By the next bits: what the first code among them means.
    look: Box<[Symbol; 1 << LOOK]>,
    /// By code length: the first code that is longer, and what to add to a code to get the index of its value.
    longer: [(u32, u32); LONGEST + 1],
    values: Vec<u8>,
    /// By the next bits: how far the symbols that are whole among them go. Filled when first asked for.
    skips: Box<[Cell<Skip>; 1 << SKIP]>,
    /// By the next bits: what they hold when a block's AC coefficients start there. Filled when first asked for.
    starts: Box<[Cell<Start>; 1 << SKIP]>,
}

/// The tables a file may define: DC and AC, four each.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) dc: [Option<Table>; 4],
    pub(super) ac: [Option<Table>; 4],
}

/// A symbol: a run of zero coefficients and the size of the next one in bits.
///
/// Packed as the length of code and magnitude together (5 bits), size (4), run (4); zero is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Symbol(u16);

impl Symbol {
    const NONE: Self = Self(0);

    fn new(code_length: u32, value: u8) -> Self {
        let (run, size) = (u16::from(value >> 4), u16::from(value & 15));
        Self((code_length as u16 + size) | size << 5 | run << 9)
    }

    /// Length of code and magnitude.
    #[inline(always)]
    fn length(self) -> u32 {
        u32::from(self.0 & 31)
    }

    /// Bits of the magnitude; 0 for the end of a block, for a run of sixteen and for a code that was not found.
    #[inline(always)]
    pub(super) fn size(self) -> u32 {
        u32::from(self.0 >> 5 & 15)
    }

    /// Zero coefficients before this one.
    #[inline(always)]
    pub(super) fn run(self) -> usize {
        usize::from(self.0 >> 9)
    }
}

/// A step over several symbols: bits (4 bits) and coefficients (the rest).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Skip(u16);

impl Skip {
    /// Not known yet, or the first symbol is too long; goes beyond every block.
    const NONE: Self = Self(255 << 4);
    /// Added to the coefficients when the block ends.
    const END: usize = 128;

    #[inline(always)]
    fn bits(self) -> u32 {
        u32::from(self.0 & 15)
    }

    #[inline(always)]
    fn coefficients(self) -> usize {
        usize::from(self.0 >> 4)
    }
}

/// The whole symbols at the start of a block: coefficients 1, 2 and 4 (16 bits each, topmost first), where it goes on
/// (8 bits), bits taken (4 bits); zero if not known yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Start(u64);

impl Start {
    const UNKNOWN: Self = Self(0);
}

impl Tables {
    /// # Errors
    /// [`Error::Broken`] if it was not defined.
    pub(super) fn dc(&self, number: usize) -> Result<&Table, Error> {
        self.dc[number].as_ref().ok_or_else(|| Error::broken(format!("Huffman table {number} for DC was not defined")))
    }

    /// # Errors
    /// [`Error::Broken`] if it was not defined.
    pub(super) fn ac(&self, number: usize) -> Result<&Table, Error> {
        self.ac[number].as_ref().ok_or_else(|| Error::broken(format!("Huffman table {number} for AC was not defined")))
    }

    /// Takes over the tables of a DHT segment.
    pub(super) fn parse(&mut self, mut body: &[u8]) -> Result<(), Error> {
        let cut_short = || Error::broken("Huffman table is cut short");
        while let Some((&spec, rest)) = body.split_first() {
            let (counts, rest) = rest.split_first_chunk::<LONGEST>().ok_or_else(cut_short)?;
            let total = counts.iter().map(|&count| usize::from(count)).sum();
            let (values, rest) = rest.split_at_checked(total).ok_or_else(cut_short)?;
            let table = Table::new(counts, values)?;
            let class = match spec >> 4 {
                0 => &mut self.dc,
                1 => &mut self.ac,
                class => return Err(Error::broken(format!("Huffman table of class {class}"))),
            };
            let number = usize::from(spec & 15);
            *class.get_mut(number).ok_or_else(|| Error::broken(format!("Huffman table number {number}")))? =
                Some(table);
            body = rest;
        }
        Ok(())
    }
}

impl Table {
    /// The table of `counts` codes of each length and their values.
    fn new(counts: &[u8; LONGEST], values: &[u8]) -> Result<Self, Error> {
        let mut look = Box::new([Symbol::NONE; 1 << LOOK]);
        let mut longer = [(0, 0); LONGEST + 1];
        let (mut code, mut index) = (0_u32, 0_u32);
        for (length, &count) in (1..).zip(counts) {
            let codes = code + u32::from(count);
            if codes > 1 << length {
                return Err(Error::broken("Huffman table has more codes than there are"));
            }
            if length <= LOOK {
                let span = 1 << (LOOK - length);
                for (code, &value) in (code..codes).zip(&values[index as usize..]) {
                    look[(code * span) as usize..][..span as usize].fill(Symbol::new(length, value));
                }
            }
            longer[length as usize] = (codes << (16 - length), index.wrapping_sub(code));
            index += u32::from(count);
            code = codes << 1;
        }
        let skips = boxed(Skip::NONE);
        let starts = boxed(Start::UNKNOWN);
        Ok(Self { look, longer, values: values.to_vec(), skips, starts })
    }

    /// The symbol at the start of `bits`, if its code is not longer than most.
    #[inline(always)]
    pub(super) fn look_up(&self, bits: &Bits) -> Symbol {
        self.look[(bits.peek() >> (64 - LOOK)) as usize]
    }

    /// The symbol at the start of `bits`, however long its code is; `None` if there is none.
    #[cold]
    #[inline(never)]
    fn search(&self, bits: u64) -> Option<Symbol> {
        let next = (bits >> 48) as u32;
        let length = (1..=LONGEST).find(|&length| next < self.longer[length].0)?;
        let index = (next >> (LONGEST - length)).wrapping_add(self.longer[length].1);
        self.values.get(index as usize).map(|&value| Symbol::new(length as u32, value))
    }
}

impl Bits<'_> {
    /// Refills and takes the code of the next symbol, not its magnitude; `None` for bits that are no code.
    #[inline(always)]
    pub(super) fn symbol(&mut self, table: &Table) -> Option<Symbol> {
        self.refill();
        let mut symbol = table.look_up(self);
        if symbol == Symbol::NONE {
            let Some(found) = table.search(self.peek()) else {
                self.skip(LONGEST as u32);
                return None;
            };
            symbol = found;
        }
        self.skip(symbol.length() - symbol.size());
        Some(symbol)
    }

    /// The magnitude of a symbol whose code was looked up but not taken; takes both (F.2.2.1, EXTEND).
    #[inline(always)]
    pub(super) fn value(&mut self, symbol: Symbol) -> i32 {
        let value = extend(self.peek() << (symbol.length() - symbol.size()), symbol.size());
        self.skip(symbol.length());
        value
    }

    /// A magnitude of `size` bits.
    #[inline(always)]
    pub(super) fn magnitude(&mut self, size: u32) -> i32 {
        let value = extend(self.peek(), size);
        self.skip(size);
        value
    }

    /// Refills and takes a DC difference (F.2.2.1); `None` for bits that are no code.
    #[inline(always)]
    pub(super) fn dc_difference(&mut self, table: &Table) -> Option<i32> {
        self.refill();
        let symbol = table.look_up(self);
        if symbol == Symbol::NONE {
            let symbol = self.symbol(table)?;
            self.refill();
            return Some(self.magnitude(symbol.size()));
        }
        Some(self.value(symbol))
    }

    /// Goes on from coefficient `k` to the end of the block, which is at coefficient `end`.
    #[inline(always)]
    pub(super) fn skip_ac(&mut self, table: &Table, mut k: usize, end: usize) -> BlockEnd {
        while k < end {
            self.refill();
            // Four steps are 52 bits at most.
            for _ in 0..4 {
                let skip = table.skips[(self.peek() >> (64 - SKIP)) as usize].get();
                let next = k + skip.coefficients();
                if next < end {
                    self.skip(skip.bits());
                    k = next;
                    continue;
                }
                if next == end || (Skip::END + 1..Skip::END + end).contains(&next) {
                    self.skip(skip.bits());
                    return BlockEnd::Here;
                }
                // By value, so that the bits can stay in registers elsewhere.
                let (bits, result) = self.clone().skip_symbol(table, k);
                *self = bits;
                match result {
                    Ok(next) => k = next,
                    Err(end) => return end,
                }
                break;
            }
        }
        if k == end { BlockEnd::Here } else { BlockEnd::Damaged }
    }

    /// Goes on by one symbol to the coefficient that is given, or to the end of the block.
    #[cold]
    #[inline(never)]
    fn skip_symbol(mut self, table: &Table, k: usize) -> (Self, Result<usize, BlockEnd>) {
        let window = self.peek() >> (64 - SKIP);
        let slot = &table.skips[window as usize];
        if slot.get() == Skip::NONE {
            slot.set(table.skip_of(window));
        }
        let Some(symbol) = self.symbol(table) else { return (self, Err(BlockEnd::Damaged)) };
        let result = match (symbol.size(), symbol.run()) {
            (0, 15) => Ok(k + 16),
            (0, 0) => Err(BlockEnd::Here),
            (0, run) => Err(BlockEnd::Run(run as u32)),
            (size, run) => {
                self.refill();
                self.skip(size);
                Ok(k + run + 1)
            }
        };
        (self, result)
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
    /// Takes the start of a block's AC coefficients: numbers 1, 2 and 4 as far as they are whole within the next bits,
    /// and the number of the coefficient to go on with; `None` if the block has ended.
    #[inline(always)]
    pub(super) fn start(&mut self, table: &Table) -> ([i16; 3], Option<usize>) {
        self.refill();
        let window = self.peek() >> (64 - SKIP);
        let mut start = table.starts[window as usize].get();
        if start == Start::UNKNOWN {
            start = table.start_of(window);
        }
        self.skip(start.0 as u32 & 15);
        let next = (start.0 >> 4) as usize & 255;
        let values = [48, 32, 16].map(|shift| (start.0 >> shift) as i16);
        (values, (next < Skip::END).then_some(next))
    }
}

impl Table {
    /// Looks at the symbols at the start of a block within these `SKIP` bits, and remembers them.
    #[cold]
    #[inline(never)]
    fn start_of(&self, window: u64) -> Start {
        let bits = window << (64 - SKIP);
        let (mut taken, mut k) = (0, 1);
        let mut values = [0_i16; 5];
        while k < Skip::END {
            let symbol = self.look[(bits << taken >> (64 - LOOK)) as usize];
            let next = taken + symbol.length();
            if symbol == Symbol::NONE || next > SKIP || k + symbol.run() > 62 {
                break;
            }
            match (symbol.size(), symbol.run()) {
                (0, 15) => k += 16,
                (0, _) => k += Skip::END,
                (size, run) => {
                    k += run;
                    if let Some(value) = values.get_mut(k) {
                        *value = extend(bits << (next - size), size) as i16;
                    }
                    k += 1;
                }
            }
            taken = next;
        }
        let [_, one, two, _, four] = values.map(|value| u64::from(value as u16));
        let start = Start(one << 48 | two << 32 | four << 16 | (k as u64) << 4 | u64::from(taken));
        self.starts[window as usize].set(start);
        start
    }

    /// As many symbols as are whole within these `SKIP` bits.
    fn skip_of(&self, bits: u64) -> Skip {
        let bits = bits << (64 - SKIP);
        let (mut taken, mut coefficients) = (0, 0);
        loop {
            let symbol = self.look[(bits << taken >> (64 - LOOK)) as usize];
            let next = taken + symbol.length();
            let is_end = symbol.size() == 0 && symbol.run() == 0;
            let is_end_of_run = symbol.size() == 0 && (1..15).contains(&symbol.run());
            if symbol == Symbol::NONE || is_end_of_run || next > SKIP {
                break;
            }
            if is_end {
                taken = next;
                coefficients += Skip::END;
                break;
            }
            if coefficients + symbol.run() + 1 > 63 {
                break;
            }
            taken = next;
            coefficients += symbol.run() + 1;
        }
        if taken == 0 { Skip::NONE } else { Skip((coefficients as u16) << 4 | taken as u16) }
    }
}

/// A table on the heap.
fn boxed<T: Copy, const N: usize>(value: T) -> Box<[Cell<T>; N]> {
    match vec![Cell::new(value); N].into_boxed_slice().try_into() {
        Ok(table) => table,
        Err(_) => unreachable!("made of that length"),
    }
}

/// The number whose `size` bits are the topmost ones: those that start with 0 are negative (table F.1).
#[inline(always)]
fn extend(bits: u64, size: u32) -> i32 {
    let positive = (bits as i64 >> 63) as u64;
    let magnitude = ((bits ^ !positive) >> 1 >> (63 - size)) as i32;
    let negative = !positive as i32;
    (magnitude ^ negative) - negative
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("values", &self.values).finish_non_exhaustive()
    }
}
