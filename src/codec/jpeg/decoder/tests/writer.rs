//! Writes files of every kind out of random coefficients.

use super::entropy::{AC, Code, DC, Writer};

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
