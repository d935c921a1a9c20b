//! Files of several scans: what is needed of them is read into [`Coefficients`] first (T.81, G.1 and A.2.3).

use super::bits::{Bits, CodedData};
use super::coefficients::Coefficients;
use super::frame::{Header, parse_restart_interval};
use super::grid::Grid;
use super::huffman::{Table, Tables};
use super::markers::{HUFFMAN_TABLES, QUANTIZATION_TABLES};
use super::parts::{Part, choose_scans, find_parts};
use super::planes::Plane;
use super::progressive::{AcScan, dc_first, dc_refine};
use super::quantization::{self, Quantizers};
use super::scan::Scan;
use super::{Error, Limits, Progress, Start};
use std::ops::Range;

/// A picture of several scans.
#[derive(Debug)]
pub(super) struct Buffered<'a> {
    file: &'a [u8],
    /// What is still to be read, last first.
    parts: Vec<Part<'a>>,
    tables: Tables,
    quantizers: Quantizers,
    /// Of each component: whether its quantizer was set.
    quantized: [bool; 4],
    restart_interval: usize,
    components: Vec<Coefficients>,
    current: Option<Pass<'a>>,
}

/// A scan being read.
#[derive(Debug)]
struct Pass<'a> {
    scan: Scan,
    coded: CodedData<'a>,
    /// The next row of MCUs or, in a scan of one component, of blocks.
    row: usize,
    until_restart: usize,
    state: State,
}

/// What decoding a block leaves for the next ones of its restart interval.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// Last DC coefficient of each component of the frame.
    predictors: [i32; 4],
    /// Further blocks that have no new coefficients.
    run: u32,
}

impl<'a> Buffered<'a> {
    /// Looks through the file for the scans that are needed; reads none.
    pub(super) fn new(
        file: &'a [u8],
        header: &Header,
        start: Start<'a>,
        grid: &Grid,
        limits: &Limits,
        progress: &mut Progress,
    ) -> Result<Self, Error> {
        let Start { tables, quantizers, restart_interval, scan, markers } = start;
        let mut parts = find_parts(header, scan, markers, grid, limits, progress)?;
        let nonzero = choose_scans(&mut parts, grid);
        let with_nonzero = |index: usize| nonzero[index] != 0;
        let shapes = grid.components.iter().enumerate();
        let bytes: u64 =
            shapes.clone().map(|(index, shape)| Coefficients::bytes(grid, shape, with_nonzero(index))).sum();
        if bytes > limits.coefficient_bytes {
            return Err(Error::Limit(format!("{bytes} bytes for coefficients, of {}", limits.coefficient_bytes)));
        }
        let components = shapes.map(|(index, shape)| Coefficients::new(grid, shape, with_nonzero(index))).collect();
        parts.reverse();
        Ok(Self {
            file,
            parts,
            tables,
            quantizers,
            quantized: [false; 4],
            restart_interval: restart_interval.into(),
            components,
            current: None,
        })
    }

    /// Reads a row of one of the scans that are needed; `false` when there is nothing more to read.
    pub(super) fn step(&mut self, header: &Header, grid: &Grid, progress: &mut Progress) -> Result<bool, Error> {
        if self.current.is_none() && !self.next_pass(header, progress)? {
            return Ok(false);
        }
        let Some(pass) = &mut self.current else { return Ok(false) };
        if !pass.read_row(grid, &self.tables, self.restart_interval, &mut self.components, progress) {
            self.current = None;
        }
        Ok(true)
    }

    /// Goes on to the next scan that is needed. Damage between scans ends the picture as far as it has come.
    fn next_pass(&mut self, header: &Header, progress: &mut Progress) -> Result<bool, Error> {
        while let Some(part) = self.parts.pop() {
            let result = match part {
                Part::Segment(marker, body) => self.take_segment(marker, body),
                Part::Scan { scan, coded_at } => self.start(scan, coded_at, header),
            };
            match result {
                Ok(false) => {}
                Ok(true) => return Ok(true),
                Err(error) if progress.real == 0 => return Err(error),
                Err(_) => {
                    progress.errors += 1;
                    self.parts.clear();
                }
            }
        }
        Ok(false)
    }

    fn take_segment(&mut self, marker: u8, body: &[u8]) -> Result<bool, Error> {
        match marker {
            QUANTIZATION_TABLES => quantization::parse(body, &mut self.quantizers)?,
            HUFFMAN_TABLES => self.tables.parse(body)?,
            _ => self.restart_interval = parse_restart_interval(body)?.into(),
        }
        Ok(false)
    }

    /// Starts a scan unless nothing of it is needed; its components keep the quantizers that hold when the first scan
    /// of theirs starts.
    fn start(&mut self, scan: Scan, coded_at: Option<usize>, header: &Header) -> Result<bool, Error> {
        for component in &scan.components {
            if !std::mem::replace(&mut self.quantized[component.index], true) {
                let number = header.components[component.index].quantizer;
                self.components[component.index].set_quantizer(quantization::get(&self.quantizers, number)?);
            }
        }
        let Some(coded_at) = coded_at else { return Ok(false) };
        for component in &scan.components {
            if scan.first == 0 && scan.high == 0 {
                self.tables.dc(component.dc)?;
            }
            if scan.last > 0 {
                self.tables.ac(component.ac)?;
            }
        }
        self.current = Some(Pass {
            scan,
            coded: CodedData::new(self.file, coded_at),
            row: 0,
            until_restart: self.restart_interval,
            state: State::default(),
        });
        Ok(true)
    }

    /// Puts a row of MCUs as the `row`th of the planes.
    pub(super) fn put_row(&self, mcu_y: usize, row: usize, planes: &mut [Plane]) {
        for (component, plane) in self.components.iter().zip(planes) {
            component.put_row(mcu_y, row, plane);
        }
    }
}

impl Pass<'_> {
    /// Reads a row; `false` after the last.
    fn read_row(
        &mut self,
        grid: &Grid,
        tables: &Tables,
        restart_interval: usize,
        targets: &mut [Coefficients],
        progress: &mut Progress,
    ) -> bool {
        let scan = &self.scan;
        let mut units = Units {
            coded: &mut self.coded,
            state: &mut self.state,
            until_restart: &mut self.until_restart,
            restart_interval,
            progress,
        };
        let rows = if let [component] = scan.components[..] {
            let target = &mut targets[component.index];
            let (blocks_x, blocks_y) = target.blocks;
            let first = self.row * target.stored_x;
            let row = first..first + blocks_x;
            match tables.ac[component.ac]
                .as_ref()
                .filter(|_| scan.last > 0)
                .map(|table| AcScan::new(scan, table, target))
            {
                Some(ac) if scan.first == 0 => {
                    let dc = tables.dc[component.dc].as_ref();
                    units.read(row, |bits, state, index| {
                        read_dc(bits, scan, dc, component.index, state, target.dc(index))
                            && ac.first(bits, target, index).is_some()
                    });
                }
                Some(ac) if scan.high == 0 => {
                    units.read(row, |bits, state, index| {
                        if state.run > 0 {
                            state.run -= 1;
                            return true;
                        }
                        let run = ac.first(bits, target, index);
                        state.run = run.unwrap_or(0);
                        run.is_some()
                    });
                }
                Some(ac) => {
                    units.read(row, |bits, state, index| {
                        if state.run > 0 {
                            state.run -= 1;
                            ac.refine_old(bits, target, index);
                            return true;
                        }
                        let run = ac.refine(bits, target, index);
                        state.run = run.unwrap_or(0);
                        run.is_some()
                    });
                }
                None => {
                    let dc = tables.dc[component.dc].as_ref();
                    units.read(row, |bits, state, index| {
                        read_dc(bits, scan, dc, component.index, state, target.dc(index))
                    });
                }
            }
            blocks_y
        } else {
            let row = self.row;
            let blocks_of_mcu = |target: &Coefficients, x: usize| {
                let ((x_factor, y_factor), stored_x) = (target.factors, target.stored_x);
                let first = row * y_factor * stored_x + x * x_factor;
                (0..y_factor).flat_map(move |y| first + y * stored_x..first + y * stored_x + x_factor)
            };
            if scan.high > 0 {
                units.read(0..grid.mcus_x, |bits, _, x| {
                    // One bit for each of at most ten blocks.
                    bits.refill();
                    for component in &scan.components {
                        let target = &mut targets[component.index];
                        for index in blocks_of_mcu(target, x) {
                            dc_refine(bits, scan.low, target.dc(index));
                        }
                    }
                    true
                });
            } else {
                units.read(0..grid.mcus_x, |bits, state, x| {
                    let mut valid = true;
                    for component in &scan.components {
                        let target = &mut targets[component.index];
                        let dc = tables.dc[component.dc].as_ref();
                        let ac = tables.ac[component.ac].as_ref().filter(|_| scan.last > 0);
                        let ac = ac.map(|table| AcScan::new(scan, table, target));
                        for index in blocks_of_mcu(target, x) {
                            valid &= read_dc(bits, scan, dc, component.index, state, target.dc(index));
                            if let Some(ac) = &ac {
                                valid &= ac.first(bits, target, index).is_some();
                            }
                        }
                    }
                    valid
                });
            }
            grid.mcus_y
        };
        self.row += 1;
        self.row < rows
    }
}

/// Reads or refines the DC coefficient of a block.
#[inline(always)]
fn read_dc(
    bits: &mut Bits,
    scan: &Scan,
    table: Option<&Table>,
    component: usize,
    state: &mut State,
    dc: &mut i16,
) -> bool {
    if scan.high > 0 {
        bits.refill();
        dc_refine(bits, scan.low, dc);
        return true;
    }
    table.is_some_and(|table| dc_first(bits, table, scan.low, &mut state.predictors[component], dc))
}

/// The MCUs of a scan, or in a scan of one component its blocks.
struct Units<'p, 'a> {
    coded: &'p mut CodedData<'a>,
    state: &'p mut State,
    until_restart: &'p mut usize,
    restart_interval: usize,
    progress: &'p mut Progress,
}

impl Units<'_, '_> {
    /// Reads the units of these numbers, which tell whether they are valid.
    #[inline(always)]
    fn read(&mut self, units: Range<usize>, mut read: impl FnMut(&mut Bits, &mut State, usize) -> bool) {
        let mut units = units;
        while !units.is_empty() {
            if self.restart_interval > 0 && *self.until_restart == 0 {
                *self.until_restart = self.restart_interval;
                self.progress.errors += u32::from(!self.coded.restart());
                *self.state = State::default();
            }
            let mut interval = units.clone();
            if self.restart_interval > 0 {
                interval.end = interval.end.min(interval.start + *self.until_restart);
                *self.until_restart -= interval.len();
            }
            units.start = interval.end;
            let mut errors = 0;
            let count = interval.len();
            let state = &mut *self.state;
            let left = self.coded.read(interval, |bits, unit| errors += u32::from(!read(bits, state, unit)));
            self.progress.errors += errors;
            self.progress.real += (count - left.len()) as u64;
            // What is left of a run needs no data.
            let lost = left.len().saturating_sub(self.state.run as usize);
            self.state.run = self.state.run.saturating_sub(left.len() as u32);
            self.progress.lose(lost as u64);
        }
    }
}
