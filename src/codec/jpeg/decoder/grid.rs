//! How pixels, blocks and MCUs lie (T.81, A.1.1 and A.2).

use super::frame::{Component, Header};
use super::scale::Scale;
use super::{Options, Output};
use std::ops::Range;

/// The MCUs of a picture and the blocks of its components.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// MCUs a row.
    pub(super) mcus_x: usize,
    /// Rows of MCUs.
    pub(super) mcus_y: usize,
    /// The columns of MCUs that are wanted.
    pub(super) wanted_x: Range<usize>,
    /// The rows of MCUs that are wanted.
    pub(super) wanted_y: Range<usize>,
    /// In the frame's order.
    pub(super) components: Vec<Shape>,
}

/// One component as it is decoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// How much it is reduced.
    pub(super) scale: Scale,
    /// Blocks an MCU, across.
    pub(super) x_factor: usize,
    /// Blocks an MCU, down.
    pub(super) y_factor: usize,
    /// Blocks a row that have pixels.
    pub(super) blocks_x: usize,
    /// Rows of blocks that have pixels.
    pub(super) blocks_y: usize,
    /// Samples a row after reducing.
    pub(super) width: usize,
    /// Rows of samples after reducing.
    pub(super) height: usize,
}

impl Grid {
    pub(super) fn new(header: &Header, options: &Options) -> Self {
        let (x_factor, y_factor) = header.factors();
        // A single component is never interleaved: an MCU is one block, whatever its factors.
        let alone = header.components.len() == 1;
        let unit = if alone { (1, 1) } else { (x_factor, y_factor) };
        let shape = |component: &Component| {
            let (x, y) = (u32::from(component.x_factor), u32::from(component.y_factor));
            let scale = component_scale(options, (x_factor, y_factor), (x, y));
            let samples = 8 / scale.divisor();
            let (width, height) = (header.width * x, header.height * y);
            Shape {
                scale,
                x_factor: if alone { 1 } else { x as usize },
                y_factor: if alone { 1 } else { y as usize },
                blocks_x: width.div_ceil(8 * x_factor) as usize,
                blocks_y: height.div_ceil(8 * y_factor) as usize,
                width: (width * samples).div_ceil(8 * x_factor) as usize,
                height: (height * samples).div_ceil(8 * y_factor) as usize,
            }
        };
        let mcus_x = header.width.div_ceil(8 * unit.0) as usize;
        let mcus_y = header.height.div_ceil(8 * unit.1) as usize;
        let samples = options.scale.samples();
        let wanted = |range: &Range<u32>, mcu: u32, count: usize| {
            let mcu = mcu as usize * samples;
            let start = (range.start as usize / mcu).min(count - 1);
            start..(range.end as usize).div_ceil(mcu).clamp(start + 1, count)
        };
        let (wanted_x, wanted_y) = match &options.region {
            Some(region) => (wanted(&region.columns, unit.0, mcus_x), wanted(&region.rows, unit.1, mcus_y)),
            None => (0..mcus_x, 0..mcus_y),
        };
        let components = header.components.iter().map(shape).collect();
        Self { mcus_x, mcus_y, wanted_x, wanted_y, components }
    }

    /// Blocks that are stored in a row of a component, those beyond the picture's edge included.
    pub(super) fn stored_x(&self, shape: &Shape) -> usize {
        self.mcus_x * shape.x_factor
    }

    /// Rows of blocks that are stored of a component.
    pub(super) fn stored_y(&self, shape: &Shape) -> usize {
        self.mcus_y * shape.y_factor
    }
}

/// How much a component is reduced.
///
/// Planes are all reduced alike. For pixels, components of fewer samples are reduced less as far as that goes on both
/// axes, as libjpeg does: what would be interpolated afterwards is there.
fn component_scale(options: &Options, largest: (u32, u32), own: (u32, u32)) -> Scale {
    let wanted = options.scale.samples() as u32;
    let mut samples = wanted;
    if options.output == Output::Pixels {
        let fits = |samples: u32| {
            (largest.0 * wanted).is_multiple_of(own.0 * samples) && (largest.1 * wanted).is_multiple_of(own.1 * samples)
        };
        while samples < 8 && fits(samples * 2) {
            samples *= 2;
        }
    }
    Scale::of(8 / samples).unwrap_or(options.scale)
}
