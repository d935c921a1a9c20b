//! Huffman tables and what they decode (T.81, annex C and F.2.2).

use super::Error;
use super::bits::Bits;
use super::lookahead::Lookahead;

/// Bits that the first look-up covers.
const LOOK: u32 = 11;
/// Longest code.
const LONGEST: usize = 16;

/// One Huffman table.
pub(super) struct Table {
    /// By the next bits: what the first code among them means.
    look: Box<[Symbol; 1 << LOOK]>,
    /// By code length: the first code that is longer, and what to add to a code to get the index of its value.
    longer: [(u32, u32); LONGEST + 1],
    values: Vec<u8>,
    /// What several symbols at once mean.
    pub(super) ahead: Lookahead,
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
    pub(super) const NONE: Self = Self(0);

    fn new(code_length: u32, value: u8) -> Self {
        let (run, size) = (u16::from(value >> 4), u16::from(value & 15));
        Self((code_length as u16 + size) | size << 5 | run << 9)
    }

    /// Length of code and magnitude.
    #[inline(always)]
    pub(super) fn length(self) -> u32 {
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
        Ok(Self { look, longer, values: values.to_vec(), ahead: Lookahead::default() })
    }

    /// The symbol at the start of `bits`, if its code is not longer than most.
    #[inline(always)]
    pub(super) fn look_up(&self, bits: &Bits) -> Symbol {
        self.symbol_at(bits.peek())
    }

    /// The same for bits that are no longer being read, topmost first.
    #[inline(always)]
    pub(super) fn symbol_at(&self, bits: u64) -> Symbol {
        self.look[(bits >> (64 - LOOK)) as usize]
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
}

/// The number whose `size` bits are the topmost ones: those that start with 0 are negative (table F.1).
#[inline(always)]
pub(super) fn extend(bits: u64, size: u32) -> i32 {
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
