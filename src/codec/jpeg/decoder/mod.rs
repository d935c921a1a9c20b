//! A JPEG decoder that does not decode what a reduced picture leaves out (ITU-T T.81).
//!
//! A picture reduced to 1/8 needs one of 64 coefficients of each block, at 1/4 four, at 1/2 sixteen. The others are
//! skipped in the coded data, several at a time, are never stored and never transformed; of progressive files whole
//! scans are left out. Sequential files of one scan are decoded row by row in constant memory.
//!
//! Where things are, in the order in which data pass, and where ITU-T T.81 has them:
//!
//! | file | what | T.81 |
//! |---|---|---|
//! | [`markers`] | marker codes; from segment to segment, beyond coded data | B.1.1, table B.1 |
//! | [`frame`] | frame header: size, components, kind; what colors they are (JFIF, Adobe) | B.2.2 |
//! | [`scan`] | scan header: components, band (Ss, Se), bits (Ah, Al) | B.2.3, G.1.1.1 |
//! | [`quantization`] | tables of step sizes, zigzag order | B.2.4.1, figure A.6 |
//! | [`huffman`] | tables of codes (DHT), symbols and the numbers behind them (EXTEND) | B.2.4.2, C, F.2.2.1 to 3 |
//! | [`lookahead`] | several symbols at once | |
//! | [`bits`] | coded data without stuffing; restart markers | B.1.1.5, F.2.2.4 and 5 |
//! | [`grid`] | pixels, blocks and MCUs; what of them is wanted | A.1.1, A.2 |
//! | [`scale`] | which coefficients are kept | |
//! | [`sequential`] | files of one scan: from bits to samples at once | F.2 |
//! | [`parts`] | files of several scans: which of them are needed | |
//! | [`buffered`] | those scans, row by row, into coefficients | A.2.3, G.2 |
//! | [`progressive`] | a block in a first scan or in a refinement | G.1.2 |
//! | [`coefficients`] | what is kept of each block until all scans are read | |
//! | [`idct`] | inverse transforms, whole and reduced | A.3.3 |
//! | [`planes`] | rows of samples of a band | A.3.1 |
//! | [`upsample`], [`color`], [`pixels`] | from planes to pixels | |
//!
//! Safe Rust, no dependency on the rest of the program. Not decoded: arithmetic and lossless coding, 12 bits.

#![forbid(unsafe_code)]
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "coded numbers are of few bits, those of damaged files may wrap, and sides have 16 bits"
)]
#![expect(clippy::inline_always, reason = "what is done for each symbol or sample must stay in registers")]

mod bits;
mod buffered;
mod coefficients;
mod color;
mod error;
mod frame;
mod grid;
mod huffman;
mod idct;
mod lanes;
mod lookahead;
pub(in crate::codec) mod markers;
mod parts;
mod pixels;
mod planes;
mod progressive;
mod quantization;
mod scale;
mod scan;
mod sequential;
mod upsample;

pub(in crate::codec) use error::Error;
pub(in crate::codec) use frame::{ColorModel, Component, Header};
pub(in crate::codec) use scale::Scale;

use buffered::Buffered;
use grid::Grid;
use huffman::Tables;
use markers::{HUFFMAN_TABLES, Markers, QUANTIZATION_TABLES, START_OF_SCAN};
use pixels::Pixels;
use planes::Plane;
use quantization::Quantizers;
use scan::Scan;
use sequential::Sequential;
use std::ops::Range;

/// What is wanted of a file.
#[derive(Clone, Debug)]
pub(in crate::codec) struct Options {
    /// How much smaller than stored.
    pub(in crate::codec) scale: Scale,
    /// In which form.
    pub(in crate::codec) output: Output,
    /// What will be looked at; `None` for all of it. Rows above are handed out and hold nothing, those below are not.
    pub(in crate::codec) region: Option<Region>,
    /// What it may take.
    pub(in crate::codec) limits: Limits,
}

/// The form of a decoded picture.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::codec) enum Output {
    /// A plane for each component, as subsampled as it is stored.
    Planes,
    /// Pixels of gray, RGB or four inks.
    Pixels,
}

/// A part of a picture, in pixels after reducing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(in crate::codec) struct Region {
    /// From the left.
    pub(in crate::codec) columns: Range<u32>,
    /// From the top.
    pub(in crate::codec) rows: Range<u32>,
}

/// What decoding may take.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::codec) struct Limits {
    /// Bytes for the coefficients of files of several scans.
    pub(in crate::codec) coefficient_bytes: u64,
    /// Scans a file. Each costs a pass over all blocks, even when it is empty.
    pub(in crate::codec) scans: u32,
}

impl Default for Limits {
    /// A gigabyte, and ten times as many scans as encoders write.
    fn default() -> Self {
        Self { coefficient_bytes: 1 << 30, scans: 100 }
    }
}

/// How much of a picture is real.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(in crate::codec) struct Report {
    /// Blocks that made no sense, restart markers out of order, ends before the end.
    pub(in crate::codec) errors: u32,
    /// MCUs (of files of several scans also blocks) that were decoded.
    pub(in crate::codec) real: u64,
    /// Those whose data were missing.
    pub(in crate::codec) lost: u64,
}

/// A [`Report`] in the making.
type Progress = Report;

impl Report {
    /// Counts what has no data, as one error.
    fn lose(&mut self, count: u64) {
        self.lost += count;
        self.errors += u32::from(count > 0);
    }
}

/// Rows of a component.
#[derive(Clone, Copy, Debug)]
pub(in crate::codec) struct Rows<'a> {
    /// Whole rows.
    pub(in crate::codec) data: &'a [u8],
    /// Bytes a row; those beyond the picture's width are padding.
    pub(in crate::codec) stride: usize,
    /// Number of the first of these rows in the whole picture.
    pub(in crate::codec) first: usize,
}

/// A picture being decoded.
#[derive(Debug)]
pub(in crate::codec) struct Decoder<'a> {
    header: Header,
    grid: Grid,
    source: Source<'a>,
    planes: Vec<Plane>,
    /// If pixels are wanted.
    pixels: Option<Pixels>,
    /// Rows of MCUs a band.
    band_mcus: usize,
    /// The next row of MCUs to be handed out.
    next_row: usize,
    progress: Progress,
}

/// Where samples come from.
#[derive(Debug)]
enum Source<'a> {
    Sequential(Box<Sequential<'a>>),
    Buffered { picture: Box<Buffered<'a>>, complete: bool },
}

/// What holds when the first scan starts.
#[derive(Debug)]
struct Start<'a> {
    tables: Tables,
    quantizers: Quantizers,
    restart_interval: u16,
    scan: Scan,
    /// After the header of the scan.
    markers: Markers<'a>,
}

impl<'a> Start<'a> {
    fn read(file: &'a [u8], header: &Header) -> Result<Self, Error> {
        let mut markers = Markers::new(file)?;
        let (mut tables, mut quantizers) = (Tables::default(), Quantizers::default());
        loop {
            let (marker, body) = markers.next_segment()?;
            match marker {
                START_OF_SCAN => {
                    let (scan, restart_interval) = (Scan::parse(body, header)?, header.restart_interval);
                    return Ok(Self { tables, quantizers, restart_interval, scan, markers });
                }
                QUANTIZATION_TABLES => quantization::parse(body, &mut quantizers)?,
                HUFFMAN_TABLES => tables.parse(body)?,
                _ => {}
            }
        }
    }
}

/// Rows of luma samples that a band has at least.
const BAND_ROWS: usize = 16;

impl<'a> Decoder<'a> {
    /// Reads everything up to the first scan and prepares for decoding.
    pub(in crate::codec) fn new(file: &'a [u8], options: &Options) -> Result<Self, Error> {
        let header = Header::parse(file)?;
        let grid = Grid::new(&header, options);
        let mut progress = Progress::default();
        let start = Start::read(file, &header)?;
        let source = if !header.progressive && start.scan.components.len() == header.components.len() {
            Source::Sequential(Box::new(Sequential::new(file, &header, start, &grid)?))
        } else {
            let picture = Buffered::new(file, &header, start, &grid, &options.limits, &mut progress)?;
            Source::Buffered { picture: Box::new(picture), complete: false }
        };
        let mcu_rows = grid.components.iter().map(|shape| shape.y_factor * shape.scale.samples()).max().unwrap_or(1);
        let band_mcus = BAND_ROWS.div_ceil(mcu_rows);
        let planes = grid.components.iter().map(|shape| Plane::new(&grid, shape, band_mcus)).collect();
        let pixels = (options.output == Output::Pixels).then(|| Pixels::new(&header, &grid, options.scale));
        Ok(Self { header, grid, source, planes, pixels, band_mcus, next_row: 0, progress })
    }

    /// How much of what was decoded so far is real.
    pub(in crate::codec) fn report(&self) -> Report {
        self.progress
    }

    /// Does a row's worth of what must be done before there can be rows; `false` when nothing is left to do.
    pub(in crate::codec) fn step(&mut self) -> Result<bool, Error> {
        match &mut self.source {
            Source::Buffered { picture, complete } if !*complete => {
                *complete = !picture.step(&self.header, &self.grid, &mut self.progress)?;
                Ok(!*complete)
            }
            _ => Ok(false),
        }
    }

    /// The next rows of each component, or of pixels; `None` after the last that is wanted.
    pub(in crate::codec) fn next_band(&mut self) -> Result<Option<Vec<Rows<'_>>>, Error> {
        while self.step()? {}
        let first = self.next_row;
        let end = (first + self.band_mcus).min(self.grid.wanted_y.end);
        if first >= end {
            return Ok(None);
        }
        for row in first..end {
            let wanted = (row >= self.grid.wanted_y.start).then_some(row - first);
            match (&mut self.source, wanted) {
                (Source::Sequential(picture), _) => {
                    picture.decode_row(&self.grid, wanted, &mut self.planes, &mut self.progress);
                }
                (Source::Buffered { picture, .. }, Some(place)) => picture.put_row(row, place, &mut self.planes),
                (Source::Buffered { .. }, None) => {}
            }
        }
        self.next_row = end;
        let rows = self.planes.iter().zip(&self.grid.components).map(|(plane, shape)| {
            let mcu_rows = shape.y_factor * shape.scale.samples();
            let first = first * mcu_rows;
            let count = (end * mcu_rows).min(shape.height) - first.min(shape.height);
            Rows { data: &plane.data[..count * plane.stride], stride: plane.stride, first }
        });
        let rows: Vec<_> = rows.collect();
        Ok(Some(match &mut self.pixels {
            Some(pixels) => vec![pixels.convert(&rows, end == self.grid.wanted_y.end)],
            None => rows,
        }))
    }
}

#[cfg(test)]
mod tests;
