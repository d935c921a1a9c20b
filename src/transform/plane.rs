//! One plane on its way through the resampler.

use super::kernel::Kernel;
use super::light::Sample;
use super::typed::{Rows, RowsMut};
use crate::geometry::{Canvas, Decoded, Size, Window, ceil_to_u32, trunc_to_u32};
use crate::raster::{BandPlane, PixelFormat};
use fast_image_resize::{ResizeOptions, Resizer};

/// Output rows that the vertical pass makes at once, so that the rows it reads stay in the cache.
const ROWS_AT_ONCE: u32 = 16;
/// Source rows taken at once, so that a band that is a whole frame is not copied as a whole.
const ROWS_TAKEN: usize = 64;
/// Bytes of vertically reduced rows that are gathered before the horizontal pass, which computes its weights anew
/// for every call.
const GATHERED_BYTES: usize = 4 << 20;

/// What a plane's rows are pushed into.
pub(super) trait PlaneSink: std::fmt::Debug {
    /// Takes the next rows; `false` once no further ones are needed.
    fn push(&mut self, band: &BandPlane<'_>) -> bool;
    /// The samples of the result; rows that never came count as zeros.
    fn finish(self: Box<Self>) -> Vec<u8>;
}

/// One plane on its way, in samples of type `S`.
#[derive(Debug)]
pub(super) struct PlaneResampler<S> {
    window: Window,
    target: Size<Canvas>,
    channels: usize,
    alpha: bool,
    options: ResizeOptions,
    /// How far, in source rows, an output row reaches from its center.
    reach: f64,
    /// Source columns and rows that may show: whole pixels around the window.
    columns: std::ops::Range<u32>,
    rows: std::ops::Range<u32>,
    /// Number of the source row that comes next.
    next_row: u32,
    /// Source rows still needed, from `first_kept` on, `columns` wide.
    kept: Vec<S>,
    first_kept: u32,
    /// Rows after the vertical pass, waiting for the horizontal one.
    gathered: Vec<S>,
    /// Output rows after the vertical pass.
    reduced_rows: u32,
    out: Vec<S>,
    resizer: Resizer,
}

impl<S: Sample> PlaneResampler<S> {
    /// A sink for `window` of a plane of `shape`, to become `target`.
    pub(super) fn boxed(
        shape: Size<Decoded>,
        layout: PixelFormat,
        window: Window,
        target: Size<Canvas>,
        kernel: Kernel,
    ) -> Box<dyn PlaneSink> {
        let (left, width) = keep_inside(window.left, window.width, shape.width);
        let (top, height) = keep_inside(window.top, window.height, shape.height);
        let channels = layout.channels();
        let is_copy = [left, top, width, height].iter().all(|edge| edge.fract() == 0.0)
            && (width, height) == (f64::from(target.width), f64::from(target.height));
        let (algorithm, support) = kernel.algorithm();
        Box::new(Self {
            window: Window::new(left, top, width, height),
            target,
            channels,
            // Pixels that are only moved keep the color below their transparency.
            alpha: layout.has_alpha() && !is_copy,
            options: ResizeOptions::new().resize_alg(algorithm).use_alpha(false),
            reach: support * (height / f64::from(target.height)).max(1.0),
            columns: trunc_to_u32(left)..ceil_to_u32(left + width).min(shape.width),
            rows: trunc_to_u32(top)..ceil_to_u32(top + height).min(shape.height),
            next_row: 0,
            kept: Vec::new(),
            first_kept: trunc_to_u32(top),
            gathered: Vec::new(),
            reduced_rows: 0,
            out: Vec::with_capacity(target.width as usize * target.height as usize * channels),
            resizer: Resizer::new(),
        })
    }

    /// Samples of a kept row.
    fn kept_stride(&self) -> usize {
        self.columns.len() * self.channels
    }

    /// Multiplies color by alpha in the kept rows from byte `first_new` on.
    fn premultiply(&mut self, first_new: usize) {
        if self.alpha && self.kept.len() > first_new {
            let (width, stride) = (self.columns.len(), self.kept_stride());
            let new = &mut self.kept[first_new..];
            let height = as_u32(new.len() / stride);
            S::premultiply(self.channels, RowsMut { width: as_u32(width), height, samples: new });
        }
    }

    /// The source rows that output row `y` is made of.
    fn rows_for(&self, y: u32) -> std::ops::Range<u32> {
        let center = self.window.top + (f64::from(y) + 0.5) * self.window.height / f64::from(self.target.height);
        let start = trunc_to_u32(center - self.reach).max(self.rows.start);
        let end = ceil_to_u32(center + self.reach).min(self.rows.end);
        start..end
    }

    /// Makes all output rows, as far as the source rows go, and forgets source rows that are done with.
    fn reduce_rows(&mut self) {
        let complete = self.next_row >= self.rows.end;
        loop {
            let left = self.target.height - self.reduced_rows;
            let bytes = self.kept_stride() * size_of::<S>();
            let count = left.min(ROWS_AT_ONCE).min(as_u32(GATHERED_BYTES / bytes).max(1));
            if count == 0 || !(complete || self.rows_for(self.reduced_rows + count - 1).end <= self.next_row) {
                break;
            }
            self.reduce_some_rows(count);
            if size_of_val(&self.gathered[..]) >= GATHERED_BYTES {
                self.reduce_columns();
            }
        }
    }

    fn reduce_some_rows(&mut self, count: u32) {
        let stride = self.kept_stride();
        let (first, last) = (self.rows_for(self.reduced_rows), self.rows_for(self.reduced_rows + count - 1));
        let source = &self.kept[(first.start - self.first_kept) as usize * stride..]
            [..(last.end - first.start) as usize * stride];
        let (columns, rows) = (as_u32(self.columns.len()), last.end - first.start);
        let scale = self.window.height / f64::from(self.target.height);
        let top = (self.window.top + f64::from(self.reduced_rows) * scale - f64::from(first.start)).max(0.0);
        let height = (f64::from(count) * scale).min(f64::from(rows) - top);
        let start = self.gathered.len();
        self.gathered.resize(start + stride * count as usize, S::default());
        let from = Rows { width: columns, height: rows, samples: source };
        let to = RowsMut { width: columns, height: count, samples: &mut self.gathered[start..] };
        let options = self.options.crop(0.0, top, f64::from(columns), height);
        S::resize(&mut self.resizer, self.channels, from, to, &options);
        self.reduced_rows += count;
        self.forget_rows();
    }

    /// Drops kept rows that no output row needs any more, once they are many enough to be worth moving the rest.
    fn forget_rows(&mut self) {
        let needed =
            if self.reduced_rows < self.target.height { self.rows_for(self.reduced_rows).start } else { self.rows.end };
        let stride = self.kept_stride();
        let done = (needed.saturating_sub(self.first_kept) as usize * stride).min(self.kept.len());
        if done * 2 >= self.kept.len() {
            self.kept.drain(..done);
            self.first_kept += as_u32(done / stride);
        }
    }

    /// The horizontal pass over all gathered rows.
    fn reduce_columns(&mut self) {
        let (columns, stride) = (as_u32(self.columns.len()), self.kept_stride());
        let rows = as_u32(self.gathered.len() / stride);
        if rows == 0 {
            return;
        }
        let left = self.window.left - f64::from(self.columns.start);
        let width = self.window.width.min(f64::from(columns) - left);
        let start = self.out.len();
        self.out.resize(start + self.target.width as usize * rows as usize * self.channels, S::default());
        let from = Rows { width: columns, height: rows, samples: &self.gathered };
        let to = RowsMut { width: self.target.width, height: rows, samples: &mut self.out[start..] };
        let options = self.options.crop(left, 0.0, width, f64::from(rows));
        S::resize(&mut self.resizer, self.channels, from, to, &options);
        self.gathered.clear();
    }
}

impl<S: Sample> PlaneSink for PlaneResampler<S> {
    fn push(&mut self, band: &BandPlane<'_>) -> bool {
        let columns = self.columns.start as usize * self.channels..self.columns.end as usize * self.channels;
        let mut rows = band.rows().peekable();
        while rows.peek().is_some() {
            let first_new = self.kept.len();
            for row in rows.by_ref().take(ROWS_TAKEN) {
                if self.rows.contains(&self.next_row) {
                    S::take(&row[columns.clone()], self.channels, self.alpha, &mut self.kept);
                }
                self.next_row += 1;
            }
            self.premultiply(first_new);
            self.reduce_rows();
        }
        self.next_row < self.rows.end
    }

    fn finish(mut self: Box<Self>) -> Vec<u8> {
        let missing = self.rows.end.saturating_sub(self.next_row.max(self.rows.start)) as usize;
        self.kept.resize(self.kept.len() + missing * self.kept_stride(), S::default());
        self.next_row = self.rows.end;
        self.reduce_rows();
        self.reduce_columns();
        if self.alpha {
            let Size { width, height, .. } = self.target;
            S::unpremultiply(self.channels, RowsMut { width, height, samples: &mut self.out });
        }
        S::give(self.out, self.channels, self.alpha)
    }
}

/// A span of the window moved and cut so that it lies inside a side and covers a part of a pixel at least.
fn keep_inside(start: f64, length: f64, side: u32) -> (f64, f64) {
    let side = f64::from(side);
    let start = start.clamp(0.0, (side - 1e-3).max(0.0));
    (start, length.min(side - start))
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).expect("sides of pictures are 32 bit")
}
