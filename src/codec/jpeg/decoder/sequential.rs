//! Sequential scans that hold all components: decoded row by row, nothing is kept (T.81, F.2).

use super::bits::{Bits, CodedData};
use super::frame::Header;
use super::grid::{Grid, Shape};
use super::huffman::{Table, Tables};
use super::idct;
use super::lookahead::BlockEnd;
use super::planes::Plane;
use super::quantization::{self, Quantizer};
use super::scale::Scale;
use super::scan::ScanComponent;
use super::{Error, Progress, Start};
use bytemuck::cast;
use std::ops::Range;
use wide::i16x8;

/// A scan being decoded.
#[derive(Debug)]
pub(super) struct Sequential<'a> {
    coded: CodedData<'a>,
    tables: Tables,
    components: Vec<Coder>,
    restart_interval: usize,
    /// MCUs until the next restart marker.
    until_restart: usize,
}

/// What it takes to decode the blocks of one component.
#[derive(Debug)]
struct Coder {
    /// Its index in the frame.
    index: usize,
    shape: Shape,
    dc: usize,
    ac: usize,
    targets: Box<Targets>,
    /// Last DC coefficient, before dequantization.
    predictor: i32,
    /// At 1/4 the coefficients of a row of MCUs, by row of blocks: they are transformed several at a time.
    quarters: Vec<[i16; 4]>,
}

/// What becomes of the coefficient with an index in zigzag order.
#[derive(Clone, Copy, Debug, Default)]
struct Target {
    /// Where it goes in the block.
    slot: u16,
    /// By what it is multiplied.
    step: u16,
}

/// Runs may lead up to 16 coefficients beyond the block's end, hence more than 64.
type Targets = [Target; 128];

/// Where coefficients go that are not kept: reduced transforms do not look there, and at full size there are none.
const NOWHERE: u16 = 63;

/// The coefficients that lie in the first four rows and columns, as far as zigzag order goes without leaving them.
const CORNER: usize = 10;

fn targets(scale: Scale, steps: &Quantizer) -> Box<Targets> {
    let mut targets = Box::new([Target { slot: NOWHERE, step: 0 }; 128]);
    for (k, (target, &step)) in targets.iter_mut().zip(steps).enumerate() {
        if let Some(slot) = scale.slot(k) {
            *target = Target { slot: slot as u16, step };
        }
    }
    targets
}

impl<'a> Sequential<'a> {
    /// # Errors
    /// [`Error::Broken`] if a table is missing.
    pub(super) fn new(file: &'a [u8], header: &Header, start: Start<'a>, grid: &Grid) -> Result<Self, Error> {
        let Start { tables, quantizers, restart_interval, scan, markers } = start;
        let own = |component: &ScanComponent| {
            tables.dc(component.dc)?;
            tables.ac(component.ac)?;
            let quantizer = quantization::get(&quantizers, header.components[component.index].quantizer)?;
            let shape = grid.components[component.index];
            Ok(Coder {
                index: component.index,
                shape,
                dc: component.dc,
                ac: component.ac,
                targets: targets(shape.scale, quantizer),
                predictor: 0,
                quarters: match shape.scale {
                    Scale::Quarter => vec![[0; 4]; grid.stored_x(&shape) * shape.y_factor],
                    _ => Vec::new(),
                },
            })
        };
        let components = scan.components.iter().map(own).collect::<Result<_, Error>>()?;
        let coded = CodedData::new(file, markers.position());
        let restart_interval = restart_interval.into();
        Ok(Self { coded, tables, components, restart_interval, until_restart: restart_interval })
    }

    /// Decodes the next row of MCUs and puts it to the `row`th of the planes; nothing is put if that is `None`.
    pub(super) fn decode_row(
        &mut self,
        grid: &Grid,
        row: Option<usize>,
        planes: &mut [Plane],
        progress: &mut Progress,
    ) {
        let Self { coded, tables, components, restart_interval, until_restart } = self;
        let mut columns = 0..grid.mcus_x;
        while !columns.is_empty() {
            if *restart_interval > 0 && *until_restart == 0 {
                *until_restart = *restart_interval;
                progress.errors += u32::from(!coded.restart());
                for component in components.iter_mut() {
                    component.predictor = 0;
                }
            }
            let mut interval = columns.clone();
            if *restart_interval > 0 {
                interval.end = interval.end.min(interval.start + *until_restart);
                *until_restart -= interval.len();
            }
            columns.start = interval.end;
            let count = interval.len();
            let wanted = |x: usize| row.filter(|_| grid.wanted_x.contains(&x));
            let mut errors = 0;
            let lost = coded.read(interval, |bits, x| {
                for component in components.iter_mut() {
                    let (Some(dc), Some(ac)) = (&tables.dc[component.dc], &tables.ac[component.ac]) else { continue };
                    errors += component.decode_mcu(bits, dc, ac, planes, x, wanted(x));
                }
            });
            progress.errors += errors;
            progress.real += (count - lost.len()) as u64;
            progress.lose(lost.len() as u64);
            for x in lost {
                if let Some(row) = wanted(x) {
                    for component in components.iter_mut() {
                        component.fill(planes, x, row);
                    }
                }
            }
        }
        if let Some(row) = row {
            for component in components.iter() {
                component.put_quarters(planes, row, &grid.wanted_x);
            }
        }
    }
}

impl Coder {
    /// Decodes this component's blocks of an MCU; gives the number of errors.
    #[inline(always)]
    fn decode_mcu(
        &mut self,
        bits: &mut Bits,
        dc: &Table,
        ac: &Table,
        planes: &mut [Plane],
        x: usize,
        row: Option<usize>,
    ) -> u32 {
        let mut errors = 0;
        let plane = &mut planes[self.index];
        let Shape { x_factor, y_factor, .. } = self.shape;
        let stored_x = self.quarters.len() / y_factor;
        for block_y in 0..y_factor {
            for block_x in 0..x_factor {
                let Some(difference) = bits.dc_difference(dc) else {
                    errors += 1;
                    continue;
                };
                self.predictor = self.predictor.wrapping_add(difference);
                let value = self.predictor.wrapping_mul(self.targets[0].step.into()) as i16;
                let Some(row) = row else {
                    errors += u32::from(bits.skip_ac(ac, 1, 64) == BlockEnd::Damaged);
                    continue;
                };
                let at = (x * x_factor + block_x, row * y_factor + block_y);
                let targets = &*self.targets;
                let valid = match self.shape.scale {
                    Scale::Full => {
                        let mut block = [0; 64];
                        block[0] = value;
                        let (end, valid) = read_block::<64, 64>(bits, ac, targets, 1, &mut block);
                        let block = cast(block);
                        match end {
                            1 => plane.put::<8>(at, &[[idct::flat(value); 8]; 8]),
                            2..=CORNER => plane.put(at, &idct::full_of_corner(&block)),
                            _ => plane.put(at, &idct::full(&block)),
                        }
                        valid
                    }
                    Scale::Half => {
                        let mut block = [0; 32];
                        block[0] = value;
                        let (end, valid) = read_block::<25, 32>(bits, ac, targets, 1, &mut block);
                        let [block, _]: [[i16x8; 2]; 2] = cast(block);
                        match end {
                            1 => plane.put::<4>(at, &[[idct::flat(value); 4]; 4]),
                            _ => plane.put(at, &idct::half(&block)),
                        }
                        valid
                    }
                    Scale::Quarter => {
                        let start = bits.start(ac.starts(64));
                        bits.skip(start.bits());
                        let [one, two, four] = start.values();
                        let step = |k: usize| targets[k].step as i16;
                        let [one, two, four] =
                            [one.wrapping_mul(step(1)), two.wrapping_mul(step(2)), four.wrapping_mul(step(4))];
                        let mut block = [value, one, two, four, 0, 0, 0, 0];
                        let valid = start.ends() || read_block::<5, 8>(bits, ac, targets, start.reach(), &mut block).1;
                        let (lowest, _) = block.as_chunks::<4>();
                        self.quarters[block_y * stored_x + at.0] = lowest[0];
                        valid
                    }
                    Scale::Eighth => {
                        plane.put(at, &[[idct::flat(value)]]);
                        bits.skip_ac(ac, 1, 64) != BlockEnd::Damaged
                    }
                };
                errors += u32::from(!valid);
            }
        }
        errors
    }

    /// Transforms what was collected of a row of MCUs.
    fn put_quarters(&self, planes: &mut [Plane], row: usize, wanted_x: &Range<usize>) {
        let Shape { x_factor, y_factor, .. } = self.shape;
        let stored_x = self.quarters.len() / y_factor;
        let wanted = wanted_x.start * x_factor..wanted_x.end * x_factor;
        for (block_y, blocks) in self.quarters.chunks_exact(stored_x.max(1)).enumerate() {
            let at = (wanted.start, row * y_factor + block_y);
            planes[self.index].put_quarters(at, &blocks[wanted.clone()], i16x8::splat(1));
        }
    }

    /// Puts blocks of the last known DC coefficient.
    #[cold]
    fn fill(&mut self, planes: &mut [Plane], x: usize, row: usize) {
        let Shape { x_factor, y_factor, .. } = self.shape;
        let stored_x = self.quarters.len() / y_factor;
        let dc = self.predictor.wrapping_mul(self.targets[0].step.into()) as i16;
        for block_y in 0..y_factor {
            for block_x in 0..x_factor {
                let x = x * x_factor + block_x;
                match self.shape.scale {
                    Scale::Quarter => self.quarters[block_y * stored_x + x] = [dc, 0, 0, 0],
                    _ => planes[self.index].put_flat((x, row * y_factor + block_y), dc),
                }
            }
        }
    }
}

/// Reads the AC coefficients of a block from number `k` on, those that are needed into `block`, where they must be zero.
///
/// `END` is the number of coefficients that are needed in zigzag order. Gives where in that order reading has ended,
/// 1 for a block of nothing but DC, and whether the block was valid.
#[inline(always)]
fn read_block<const END: usize, const SLOTS: usize>(
    bits: &mut Bits,
    ac: &Table,
    targets: &Targets,
    mut k: usize,
    block: &mut [i16; SLOTS],
) -> (usize, bool) {
    let mut put = |k: usize, value: i32| {
        let Target { slot, step } = targets[k & 127];
        block[usize::from(slot) & (SLOTS - 1)] = value.wrapping_mul(i32::from(step)) as i16;
    };
    while k < END {
        bits.refill();
        // Two symbols that are looked up take at most 2 (11 + 15) bits.
        for _ in 0..2 {
            let symbol = ac.look_up(bits);
            if symbol.size() > 0 {
                k += symbol.run();
                put(k, bits.value(symbol));
                k += 1;
                if k >= END {
                    break;
                }
                continue;
            }
            let Some(symbol) = bits.symbol(ac) else { return (k, false) };
            match (symbol.size(), symbol.run()) {
                (0, 15) => k += 16,
                (0, _) => return (k, true),
                (size, run) => {
                    bits.refill();
                    k += run;
                    put(k, bits.magnitude(size));
                    k += 1;
                }
            }
            break;
        }
    }
    (k, if END == 64 { k == 64 } else { bits.skip_ac(ac, k, 64) != BlockEnd::Damaged })
}
