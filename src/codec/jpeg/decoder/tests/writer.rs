//! Writes files of every kind out of random coefficients.

use std::collections::BTreeMap;

/// A picture that is nothing but quantized coefficients.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    pub(super) width: u16,
    pub(super) height: u16,
    /// Sampling factors.
    pub(super) factors: Vec<(u8, u8)>,
    pub(super) ids: Vec<u8>,
    /// Segments between the start of image and the tables.
    pub(super) tags: Vec<u8>,
    pub(super) restart_interval: u16,
    /// By component, row of blocks and column, in zigzag order; whole MCUs.
    pub(super) blocks: Vec<Vec<Vec<[i32; 64]>>>,
}

/// A scan: components, first and last coefficient, high and low bit.
pub(super) type Spec = (&'static [usize], usize, usize, u32, u32);

pub(super) mod scans {
    use super::Spec;

    /// By spectrum only, libjpeg's own, and one that refines bands that overlap differently.
    pub(in super::super) const PROGRESSIVE: [(&str, &[Spec]); 3] = [
        (
            "spectral",
            &[
                (&[0, 1, 2], 0, 0, 0, 0),
                (&[0], 1, 8, 0, 0),
                (&[2], 1, 63, 0, 0),
                (&[1], 1, 63, 0, 0),
                (&[0], 9, 63, 0, 0),
            ],
        ),
        (
            "successive",
            &[
                (&[0, 1, 2], 0, 0, 0, 1),
                (&[0], 1, 5, 0, 2),
                (&[2], 1, 63, 0, 1),
                (&[1], 1, 63, 0, 1),
                (&[0], 6, 63, 0, 2),
                (&[0], 1, 63, 2, 1),
                (&[0, 1, 2], 0, 0, 1, 0),
                (&[2], 1, 63, 1, 0),
                (&[1], 1, 63, 1, 0),
                (&[0], 1, 63, 1, 0),
            ],
        ),
        (
            "overlapping",
            &[
                (&[0], 0, 0, 0, 2),
                (&[1, 2], 0, 0, 0, 0),
                (&[0], 1, 63, 0, 2),
                (&[0], 0, 0, 2, 1),
                (&[0], 30, 63, 2, 1),
                (&[0], 3, 29, 2, 1),
                (&[0], 1, 2, 2, 1),
                (&[1], 1, 63, 0, 0),
                (&[2], 1, 63, 0, 0),
                (&[0], 2, 40, 1, 0),
                (&[0], 0, 0, 1, 0),
                (&[0], 1, 1, 1, 0),
                (&[0], 41, 63, 1, 0),
            ],
        ),
    ];
}

/// Step sizes of every component, in zigzag order.
pub(super) fn step(k: usize) -> i32 {
    3 + i32::try_from(k).unwrap() / 4
}

/// Marsaglia's xorshift.
pub(super) fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

impl Sketch {
    /// Blocks of few and of many coefficients, with DC in slow motion.
    pub(super) fn new(width: u16, height: u16, factors: &[(u8, u8)], seed: u64) -> Self {
        let mut state = seed | 1 << 40;
        let mut next = |below: u64| {
            (i32::try_from((random(&mut state) >> 20) & 0xFFFF).unwrap() * i32::try_from(below).unwrap()) >> 16
        };
        let (mcus_x, mcus_y) = mcus(width, height, factors);
        let component = |&(x, y): &(u8, u8)| {
            let mut row = |_| {
                let mut block = |_| {
                    let mut block = [0; 64];
                    block[0] = next(300) - 150;
                    let count = [0, 0, 1, 3, 5, 12, 40, 64][usize::try_from(next(8)).unwrap()];
                    for _ in 0..count {
                        let k = usize::try_from(1 + next(63)).unwrap();
                        block[k] = (next(41) - 20) / (1 + i32::try_from(k / 6).unwrap());
                    }
                    block
                };
                (0..mcus_x * usize::from(x)).map(&mut block).collect()
            };
            (0..mcus_y * usize::from(y)).map(&mut row).collect()
        };
        let factors = if factors.len() == 1 { vec![(1, 1)] } else { factors.to_vec() };
        let blocks = factors.iter().map(component).collect();
        let ids = (1..=u8::try_from(factors.len()).unwrap()).collect();
        Self { width, height, factors, ids, tags: Vec::new(), restart_interval: 0, blocks }
    }

    /// SOF0, one scan.
    pub(super) fn baseline(&self) -> Vec<u8> {
        self.sequential(&[&(0..self.factors.len()).collect::<Vec<_>>()])
    }

    /// SOF0, scans of these components.
    pub(super) fn sequential(&self, scans: &[&[usize]]) -> Vec<u8> {
        let scans: Vec<_> = scans.iter().map(|components| self.scan((components, 0, 63, 0, 0), false)).collect();
        self.file(0xC0, &scans.concat())
    }

    /// SOF2, these scans.
    pub(super) fn progressive(&self, specs: &[Spec]) -> Vec<u8> {
        let scans: Vec<_> = specs.iter().map(|&spec| self.scan(spec, true)).collect();
        self.file(0xC2, &scans.concat())
    }

    fn file(&self, frame_marker: u8, scans: &[u8]) -> Vec<u8> {
        let steps: Vec<u8> = (0..64).map(|k| u8::try_from(step(k)).unwrap()).collect();
        let mut frame = vec![8];
        frame.extend(self.height.to_be_bytes());
        frame.extend(self.width.to_be_bytes());
        frame.push(u8::try_from(self.factors.len()).unwrap());
        for (id, (x, y)) in self.ids.iter().zip(&self.factors) {
            frame.extend([*id, x << 4 | y, 0]);
        }
        let segments = [
            segment(0xDB, &[&[0][..], &steps].concat()),
            segment(frame_marker, &frame),
            segment(0xC4, &Code::of(&DC).table(0x00)),
            segment(0xC4, &Code::of(&AC).table(0x10)),
            segment(0xDD, &self.restart_interval.to_be_bytes()),
        ];
        [&[0xFF, 0xD8], &self.tags[..], &segments.concat(), scans, &[0xFF, 0xD9]].concat()
    }

    fn scan(
        &self,
        (components, first, last, high, low): (&[usize], usize, usize, u32, u32),
        progressive: bool,
    ) -> Vec<u8> {
        let mut header = vec![u8::try_from(components.len()).unwrap()];
        header.extend(components.iter().flat_map(|&component| [self.ids[component], 0]));
        header.extend([first, last, (high << 4 | low) as usize].map(|byte| u8::try_from(byte).unwrap()));
        let mut out = segment(0xDA, &header);
        let mut writer = Writer::default();
        for (number, unit) in self.units(components).into_iter().enumerate() {
            if self.restart_interval > 0 && number > 0 && number % usize::from(self.restart_interval) == 0 {
                writer.end_run();
                out.extend(writer.finish());
                let interval = number / usize::from(self.restart_interval) - 1;
                out.extend([0xFF, 0xD0 + u8::try_from(interval % 8).unwrap()]);
                writer = Writer::default();
            }
            for (component, block) in unit {
                match (first, high) {
                    (0, 0) => writer.dc(component, block[0] >> low),
                    (0, _) => writer.bits(u32::from(block[0] >> low & 1 == 1), 1),
                    _ => {}
                }
                match (last, high) {
                    (0, _) => {}
                    (_, 0) => writer.ac(&block, first.max(1), last, low, progressive),
                    _ => writer.refine(&block, first, last, low),
                }
            }
        }
        writer.end_run();
        out.extend(writer.finish());
        out
    }

    /// MCUs, or the blocks of a single component that have pixels.
    fn units(&self, components: &[usize]) -> Vec<Vec<(usize, [i32; 64])>> {
        let (mcus_x, mcus_y) = mcus(self.width, self.height, &self.factors);
        if let [component] = *components {
            let (x, y) = self.factors[component];
            let widest = self.factors.iter().map(|factor| factor.0).max().unwrap();
            let highest = self.factors.iter().map(|factor| factor.1).max().unwrap();
            let count = |side: u16, own: u8, all: u8| {
                (usize::from(side) * usize::from(own)).div_ceil(usize::from(all)).div_ceil(8)
            };
            let rows = self.blocks[component].iter().take(count(self.height, y, highest));
            return rows
                .flat_map(|row| row.iter().take(count(self.width, x, widest)))
                .map(|block| vec![(component, *block)])
                .collect();
        }
        let mut units = Vec::new();
        for (mcu_y, mcu_x) in (0..mcus_y).flat_map(|y| (0..mcus_x).map(move |x| (y, x))) {
            let mut unit = Vec::new();
            for &component in components {
                let (x_factor, y_factor) =
                    (usize::from(self.factors[component].0), usize::from(self.factors[component].1));
                for (y, x) in (0..y_factor).flat_map(|y| (0..x_factor).map(move |x| (y, x))) {
                    unit.push((component, self.blocks[component][mcu_y * y_factor + y][mcu_x * x_factor + x]));
                }
            }
            units.push(unit);
        }
        units
    }
}

fn mcus(width: u16, height: u16, factors: &[(u8, u8)]) -> (usize, usize) {
    let alone = factors.len() == 1;
    let widest = if alone { 1 } else { factors.iter().map(|factor| factor.0).max().unwrap() };
    let highest = if alone { 1 } else { factors.iter().map(|factor| factor.1).max().unwrap() };
    (usize::from(width).div_ceil(8 * usize::from(widest)), usize::from(height).div_ceil(8 * usize::from(highest)))
}

pub(super) fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker], &length[..], body].concat()
}

/// Two fill bytes before every marker within the coded data and before the end.
pub(super) fn with_fill_bytes(file: &[u8]) -> Vec<u8> {
    let scan = file.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap() + 2;
    let mut filled = file[..scan].to_vec();
    for pair in file[scan..].windows(2) {
        if pair[0] == 0xFF && matches!(pair[1], 0xD0..=0xD7 | 0xD9) {
            filled.extend([0xFF, 0xFF]);
        }
        filled.push(pair[0]);
    }
    filled.push(0xD9);
    filled
}

/// The same with a height of 0 in the frame header and a DNL segment.
pub(super) fn with_late_height(file: &[u8]) -> Vec<u8> {
    let frame = file.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    let mut late = file[..file.len() - 2].to_vec();
    let height = [late[frame + 5], late[frame + 6]];
    late[frame + 5..frame + 7].fill(0);
    late.extend(segment(0xDC, &height));
    late.extend([0xFF, 0xD9]);
    late
}

/// Lengths and how many codes have them: some shorter than every look-up, some longer.
const DC: [(u32, usize); 3] = [(3, 6), (6, 6), (12, 4)];
const AC: [(u32, usize); 8] = [(2, 1), (3, 1), (4, 1), (5, 2), (6, 2), (9, 9), (13, 100), (16, 140)];

/// A Huffman code.
struct Code {
    counts: [u8; 16],
    values: Vec<u8>,
    codes: BTreeMap<u8, (u32, u32)>,
}

impl Code {
    /// Values that are frequent come first.
    fn of(lengths: &[(u32, usize)]) -> Self {
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

    fn table(&self, spec: u8) -> Vec<u8> {
        [&[spec], &self.counts[..], &self.values].concat()
    }
}

/// Coded data of one restart interval.
struct Writer {
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
    fn bits(&mut self, value: u32, count: u32) {
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

    fn finish(&mut self) -> Vec<u8> {
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

    fn dc(&mut self, component: usize, value: i32) {
        let difference = value - self.predictors[component];
        self.predictors[component] = value;
        let (code, length) = self.dc.codes[&size_of(difference)];
        self.bits(code, length);
        self.magnitude(difference);
    }

    fn ac(&mut self, block: &[i32; 64], first: usize, last: usize, low: u32, runs: bool) {
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

    fn refine(&mut self, block: &[i32; 64], first: usize, last: usize, low: u32) {
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
    fn end_run(&mut self) {
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
