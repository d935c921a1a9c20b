//! Writes entropy-coded data.

use std::collections::BTreeMap;

/// Lengths and how many codes have them: some shorter than every look-up, some longer.
pub(super) const DC: [(u32, usize); 3] = [(3, 6), (6, 6), (12, 4)];
pub(super) const AC: [(u32, usize); 8] = [(2, 1), (3, 1), (4, 1), (5, 2), (6, 2), (9, 9), (13, 100), (16, 140)];

/// A Huffman code.
pub(super) struct Code {
    counts: [u8; 16],
    values: Vec<u8>,
    codes: BTreeMap<u8, (u32, u32)>,
}

impl Code {
    /// Values that are frequent come first.
    pub(super) fn of(lengths: &[(u32, usize)]) -> Self {
        let frequent: &[u8] = if lengths.len() == DC.len() { &[] } else { &[0, 1, 0x11, 2, 0x21, 3, 0xF0] };
        let mut others = (0..=255).filter(|value| !frequent.contains(value));
        let mut this = Self { counts: [0; 16], values: Vec::new(), codes: BTreeMap::new() };
        let (mut code, mut last) = (0, 0);
        for &(length, count) in lengths {
            code <<= length - last;
            last = length;
            this.counts[length as usize - 1] = u8::try_from(count).unwrap();
            for _ in 0..count {
                let value = frequent.get(this.values.len()).copied().unwrap_or_else(|| others.next().unwrap_or(0));
                this.values.push(value);
                this.codes.insert(value, (code, length));
                code += 1;
            }
        }
        this
    }

    pub(super) fn table(&self, spec: u8) -> Vec<u8> {
        [&[spec], &self.counts[..], &self.values].concat()
    }
}

/// Coded data of one restart interval.
pub(super) struct Writer {
    dc: Code,
    ac: Code,
    pending: u64,
    count: u32,
    bytes: Vec<u8>,
    predictors: [i32; 4],
    /// Blocks without new coefficients, and the correction bits of their old ones.
    run: u32,
    corrections: Vec<bool>,
}

impl Default for Writer {
    fn default() -> Self {
        Self {
            dc: Code::of(&DC),
            ac: Code::of(&AC),
            pending: 0,
            count: 0,
            bytes: Vec::new(),
            predictors: [0; 4],
            run: 0,
            corrections: Vec::new(),
        }
    }
}

impl Writer {
    pub(super) fn bits(&mut self, value: u32, count: u32) {
        self.pending = self.pending << count | u64::from(value);
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = u8::try_from(self.pending >> self.count & 255).unwrap();
            self.bytes.push(byte);
            if byte == 255 {
                self.bytes.push(0);
            }
        }
    }

    pub(super) fn finish(&mut self) -> Vec<u8> {
        self.bits(127, 7);
        std::mem::take(&mut self.bytes)
    }

    fn symbol(&mut self, value: u8) {
        let (code, length) = self.ac.codes[&value];
        self.bits(code, length);
    }

    /// The bits of a number whose size has been written.
    fn magnitude(&mut self, value: i32) {
        let size = size_of(value);
        let bits = if value < 0 { value - 1 } else { value } & ((1 << size) - 1);
        self.bits(bits.cast_unsigned(), size.into());
    }

    pub(super) fn dc(&mut self, component: usize, value: i32) {
        let difference = value - self.predictors[component];
        self.predictors[component] = value;
        let (code, length) = self.dc.codes[&size_of(difference)];
        self.bits(code, length);
        self.magnitude(difference);
    }

    pub(super) fn ac(&mut self, block: &[i32; 64], first: usize, last: usize, low: u32, runs: bool) {
        let mut zeros = 0;
        for &value in &block[first..=last] {
            // Divided towards zero.
            let value = value.signum() * (value.abs() >> low);
            if value == 0 {
                zeros += 1;
                continue;
            }
            self.end_run();
            while zeros > 15 {
                self.symbol(0xF0);
                zeros -= 16;
            }
            self.symbol(zeros << 4 | size_of(value));
            self.magnitude(value);
            zeros = 0;
        }
        if zeros > 0 {
            self.run += 1;
            if !runs || self.run == 20 {
                self.end_run();
            }
        }
    }

    pub(super) fn refine(&mut self, block: &[i32; 64], first: usize, last: usize, low: u32) {
        let after_low = block.map(|value| value.abs() >> low);
        let last_new = (first..=last).rev().find(|&k| after_low[k] == 1);
        let mut zeros = 0;
        let mut corrections = Vec::new();
        for k in first..=last {
            let value = after_low[k];
            if last_new.is_none_or(|new| k > new) {
                if value > 1 {
                    corrections.push(value & 1 == 1);
                }
                continue;
            }
            if value == 0 {
                zeros += 1;
                continue;
            }
            self.end_run();
            while zeros > 15 {
                self.symbol(0xF0);
                zeros -= 16;
                self.correct(&mut corrections);
            }
            if value > 1 {
                corrections.push(value & 1 == 1);
                continue;
            }
            self.symbol(zeros << 4 | 1);
            self.bits(u32::from(block[k] > 0), 1);
            self.correct(&mut corrections);
            zeros = 0;
        }
        if last_new != Some(last) {
            self.run += 1;
            self.corrections.append(&mut corrections);
            if self.run == 20 {
                self.end_run();
            }
        }
    }

    fn correct(&mut self, corrections: &mut Vec<bool>) {
        for bit in corrections.drain(..) {
            self.bits(bit.into(), 1);
        }
    }

    /// Writes the end of so many blocks and what their old coefficients gain.
    pub(super) fn end_run(&mut self) {
        if self.run > 0 {
            let size = u8::try_from(self.run.ilog2()).unwrap();
            self.symbol(size << 4);
            self.bits(self.run - (1 << size), size.into());
            self.run = 0;
        }
        let mut corrections = std::mem::take(&mut self.corrections);
        self.correct(&mut corrections);
    }
}

/// Bits of a number's magnitude.
fn size_of(value: i32) -> u8 {
    u8::try_from(32 - value.unsigned_abs().leading_zeros()).unwrap()
}
