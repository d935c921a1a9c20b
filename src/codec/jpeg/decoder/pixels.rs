//! Bands of interleaved pixels out of bands of planes.

use super::Rows;
use super::frame::{ColorModel, Header};
use super::grid::Grid;
use super::scale::Scale;
use super::upsample::Upsampling;

/// Upsamples and converts as rows come.
#[derive(Debug)]
pub(super) struct Pixels {
    colors: ColorModel,
    width: usize,
    height: usize,
    components: Vec<Component>,
    /// The next row to be made.
    next: usize,
    /// Those that were made last.
    made: Vec<u8>,
    /// One row of each component at full width.
    rows: Vec<Vec<u8>>,
    sums: Vec<u16>,
}

/// Rows of a component that are still needed.
#[derive(Debug)]
struct Component {
    upsampling: Upsampling,
    width: usize,
    /// Without padding.
    data: Vec<u8>,
    /// Number of the first of these rows in the whole component.
    first: usize,
}

impl Pixels {
    /// For pixels of a picture at `scale`, from the first row that `grid` wants.
    pub(super) fn new(header: &Header, grid: &Grid, scale: Scale) -> Self {
        let largest = header.factors();
        let largest = (largest.0 as usize, largest.1 as usize);
        let component = |(stored, shape): (&super::Component, &super::grid::Shape)| Component {
            upsampling: Upsampling::of(
                shape,
                (stored.x_factor.into(), stored.y_factor.into()),
                largest,
                scale.samples(),
            ),
            width: shape.width,
            data: Vec::new(),
            first: 0,
        };
        let components: Vec<_> = header.components.iter().zip(&grid.components).map(component).collect();
        let width = header.width.div_ceil(scale.divisor()) as usize;
        let mcu_rows = if components.len() == 1 { 1 } else { largest.1 } * scale.samples();
        Self {
            colors: header.colors,
            width,
            height: header.height.div_ceil(scale.divisor()) as usize,
            rows: vec![vec![0; width]; components.len()],
            components,
            next: grid.wanted_y.start * mcu_rows,
            made: Vec::new(),
            sums: Vec::new(),
        }
    }

    /// Takes in the next band of planes and gives the rows of pixels that can be made: those that need rows of the
    /// next band are left for later, unless this is the `last` one.
    pub(super) fn convert(&mut self, band: &[Rows], last: bool) -> Rows<'_> {
        for (component, rows) in self.components.iter_mut().zip(band) {
            component.take(rows, self.next);
        }
        let end = self.components.iter().map(|component| component.rows_ready(last)).min().unwrap_or(0);
        let (first, end) = (self.next, end.min(self.height).max(self.next));
        let stride = self.width * self.colors.channels();
        self.made.resize((end - first) * stride, 0);
        for (y, pixels) in (first..end).zip(self.made.chunks_exact_mut(stride.max(1))) {
            for (component, row) in self.components.iter().zip(&mut self.rows) {
                component.fill(y, &mut self.sums, row);
            }
            let rows: [&[u8]; 4] = std::array::from_fn(|index| self.rows.get(index).map_or(&[][..], |row| row));
            self.colors.write_row(&rows[..self.rows.len()], pixels);
        }
        self.next = end;
        Rows { data: &self.made, stride, first }
    }
}

impl Component {
    /// Forgets what rows from `next` on do not need, and appends.
    fn take(&mut self, rows: &Rows, next: usize) {
        let keep = self.upsampling.source_row(next).saturating_sub(1);
        let drop = keep.saturating_sub(self.first).min(self.data.len() / self.width);
        self.data.drain(..drop * self.width);
        self.first += drop;
        if self.data.is_empty() {
            self.first = rows.first;
        }
        for row in rows.data.chunks_exact(rows.stride) {
            self.data.extend_from_slice(&row[..self.width]);
        }
    }

    /// Number of the first row of the picture that cannot be made yet.
    fn rows_ready(&self, last: bool) -> usize {
        let end = self.first + self.data.len() / self.width;
        if last {
            return usize::MAX;
        }
        match self.upsampling {
            Upsampling::None | Upsampling::Across => end,
            // The last one lies nearer to the row after.
            Upsampling::Down | Upsampling::Both => (end * 2).saturating_sub(1),
            Upsampling::Repeat { y: (own, all), .. } => end * all / own,
        }
    }

    /// Row `y` of the picture.
    fn fill(&self, y: usize, sums: &mut Vec<u16>, target: &mut [u8]) {
        let near = self.upsampling.source_row(y);
        let below = y % 2 == 1;
        let far = if below { near + 1 } else { near.saturating_sub(1) };
        let last = self.first + self.data.len() / self.width - 1;
        let row = |row: usize| &self.data[(row.clamp(self.first, last) - self.first) * self.width..][..self.width];
        self.upsampling.fill(row(near), row(far), below, sums, target);
    }
}
