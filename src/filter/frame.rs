//! `frame`: a nine-patch around the picture.
//!
//! A nine-patch is a picture with a border of one pixel that does not show. Opaque black pixels in it are guides: at the
//! top and on the left they mark the columns and rows that may stretch, at the bottom and on the right the place that
//! the framed picture has. (Android's format.)
//!
//! Thumbor 7 misreads the layout of nine-patches: it takes every sample for a pixel that has nothing but alpha, and so
//! draws nothing and finds guides where there are none. Pages that show what comes of it get the same, unless the
//! settings ask for the frame.

use super::{Args, ArgsError, FilterDef, Kind, Param};
use crate::geometry::{Canvas, Size, trunc_to_u32};
use crate::raster::{PixelBuffer, PixelFormat};
use crate::recipe::{Effect, Recipe, Scene};
use crate::transform::over;

/// The filter.
pub(super) const DEF: FilterDef = FilterDef {
    name: "frame",
    about: "puts a nine-patch frame around the picture, on white, where THUMBOR_COMPAT_FRAME is off; otherwise only some \
            white, as Thumbor does",
    example: "frame(frame.9.png)",
    params: &[Param { name: "image", kind: Kind::Text, default: None, about: "name or address of the nine-patch" }],
    compile,
};

/// Pixel operations that one interpolated pixel takes.
const WORK: u64 = 12;

fn compile(args: &Args, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let asset = recipe.asset(args.text(0), true);
    recipe.effects.push(Box::new(Frame { asset }));
    Ok(())
}

#[derive(Debug)]
struct Frame {
    asset: usize,
}

impl Effect for Frame {
    /// The picture and the space that the nine-patch wants around it.
    fn output_size(&self, input: Size<Canvas>, scene: &Scene) -> Size<Canvas> {
        let Some(patch) = scene.pixels(self.asset) else { return input };
        let [left, top, right, bottom] = padding(patch, scene.misread_frames);
        let side = |picture: u32, before: u32, after: u32| picture.saturating_add(before).saturating_add(after);
        Size::new(side(input.width, left, right), side(input.height, top, bottom))
    }

    fn wants(&self, current: PixelFormat) -> PixelFormat {
        if current.has_alpha() { PixelFormat::Rgba } else { PixelFormat::Rgb }
    }

    /// White lies below everything.
    fn gives(&self, _wanted: PixelFormat) -> PixelFormat {
        PixelFormat::Rgb
    }

    fn work(&self, input: Size<Canvas>, scene: &Scene) -> u64 {
        self.output_size(input, scene).area_px().saturating_mul(WORK)
    }

    fn apply(&self, frame: PixelBuffer<Canvas>, scene: &Scene) -> PixelBuffer<Canvas> {
        let mut canvas = PixelBuffer::new(PixelFormat::Rgb, self.output_size(frame.size(), scene));
        let Some(patch) = scene.pixels(self.asset) else { return canvas };
        canvas.first_mut().data.fill(255);
        let [left, top, ..] = padding(patch, scene.misread_frames);
        mount(&mut canvas, &frame, (left as usize, top as usize));
        if scene.misread_frames {
            return canvas;
        }
        let [columns, rows] = [Edge::Top, Edge::Left].map(|edge| cells(guides(patch, edge, is_guide)));
        let (columns, rows) = (placed(&columns, canvas.size().width), placed(&rows, canvas.size().height));
        for row in &rows {
            for column in &columns {
                if scene.cancel.check().is_err() {
                    return canvas;
                }
                draw(&mut canvas, patch, column, row);
            }
        }
        canvas
    }
}

/// Puts the picture at a place where it fits.
fn mount(canvas: &mut PixelBuffer<Canvas>, picture: &PixelBuffer<Canvas>, (left, top): (usize, usize)) {
    let opaque = picture.format() == PixelFormat::Rgb;
    let width = picture.size().width as usize * 3;
    for (from, to) in picture.first().rows().zip(canvas.first_mut().rows_mut().skip(top)) {
        let to = &mut to[left * 3..][..width];
        if opaque { to.copy_from_slice(from) } else { over(to, PixelFormat::Rgb, from) }
    }
}

/// A side of the border.
#[derive(Clone, Copy)]
enum Edge {
    Left,
    Top,
    Right,
    Bottom,
}

/// Whether a pixel of a nine-patch, counted row by row, is a guide.
fn is_guide(samples: &[u8], pixel: usize) -> bool {
    samples.as_chunks::<4>().0[pixel] == [0, 0, 0, 255]
}

/// The same where each sample is taken for a pixel.
fn is_misread_guide(samples: &[u8], pixel: usize) -> bool {
    samples[pixel] == 255
}

/// Whether the pixels of a border are guides, without the corners.
fn guides(patch: &PixelBuffer<Canvas>, edge: Edge, is_guide: fn(&[u8], usize) -> bool) -> Vec<bool> {
    let (width, height) = (patch.size().width as usize, patch.size().height as usize);
    let is_guide = |x: usize, y: usize| is_guide(&patch.first().data, y * width + x);
    match edge {
        Edge::Left => (1..height - 1).map(|y| is_guide(0, y)).collect(),
        Edge::Right => (1..height - 1).map(|y| is_guide(width - 1, y)).collect(),
        Edge::Top => (1..width - 1).map(|x| is_guide(x, 0)).collect(),
        Edge::Bottom => (1..width - 1).map(|x| is_guide(x, height - 1)).collect(),
    }
}

/// Space around the framed picture, left, top, right and bottom; none on an axis without guides.
fn padding(patch: &PixelBuffer<Canvas>, misread: bool) -> [u32; 4] {
    if patch.size().width < 3 || patch.size().height < 3 {
        return [0; 4];
    }
    let space = |edge| {
        let guides = guides(patch, edge, if misread { is_misread_guide } else { is_guide });
        let before = guides.iter().position(|guide| *guide).unwrap_or(0);
        let after = guides.iter().rev().position(|guide| *guide).unwrap_or(0);
        [before, after].map(|pixels| u32::try_from(pixels).expect("no more pixels than a side has"))
    };
    let ([left, right], [top, bottom]) = (space(Edge::Bottom), space(Edge::Right));
    [left, top, right, bottom]
}

/// Neighboring rows or columns of a nine-patch that all stretch, or all do not.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Cell {
    start: usize,
    length: usize,
    stretches: bool,
}

fn cells(guides: Vec<bool>) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for (position, stretches) in guides.into_iter().enumerate() {
        match cells.last_mut() {
            Some(cell) if cell.stretches == stretches => cell.length += 1,
            _ => cells.push(Cell { start: position + 1, length: 1, stretches }),
        }
    }
    cells
}

/// A cell and where it comes to lie on the canvas.
struct Placed {
    start: usize,
    /// For each row or column of the canvas the one of the patch that shows, and how much of the next one.
    samples: Vec<(usize, f32)>,
}

/// Those cells that fit on a side of the canvas. Cells that stretch share what the others leave.
fn placed(cells: &[Cell], side: u32) -> Vec<Placed> {
    let side = side as usize;
    let sum = |stretches: bool| cells.iter().filter(|cell| cell.stretches == stretches).map(|cell| cell.length).sum();
    let (stretching, fixed): (usize, usize) = (sum(true), sum(false));
    let share = |length: usize| {
        let [length, stretching, left_over] = [length, stretching, side.saturating_sub(fixed)].map(real);
        trunc_to_u32(length / stretching * left_over + 0.5) as usize
    };
    let mut start = 0;
    let mut placed = Vec::new();
    for cell in cells {
        let length = if cell.stretches { share(cell.length) } else { cell.length };
        if start + length <= side {
            placed.push(Placed { start, samples: samples(cell, length) });
        }
        start += length;
    }
    placed
}

fn samples(cell: &Cell, length: usize) -> Vec<(usize, f32)> {
    if !cell.stretches {
        return (0..length).map(|index| (cell.start + index, 0.0)).collect();
    }
    let ratio = real(cell.length - 1) / real(length);
    let sample = |index: usize| {
        let position = ratio * real(index);
        let whole = trunc_to_u32(position);
        #[expect(clippy::cast_possible_truncation, reason = "a fraction needs no more digits")]
        let fraction = (position - f64::from(whole)) as f32;
        (cell.start + whole as usize, fraction)
    };
    (0..length).map(sample).collect()
}

#[expect(clippy::cast_precision_loss, reason = "sides of pictures are far below 2^52")]
fn real(pixels: usize) -> f64 {
    pixels as f64
}

/// Draws the cell where a column and a row of cells meet.
fn draw(canvas: &mut PixelBuffer<Canvas>, patch: &PixelBuffer<Canvas>, column: &Placed, row: &Placed) {
    let width = patch.size().width as usize;
    let pixels = patch.first().data.as_chunks::<4>().0;
    let mut line = vec![[0; 4]; column.samples.len()];
    for ((y, down), to) in row.samples.iter().zip(canvas.first_mut().rows_mut().skip(row.start)) {
        let (above, below) = (&pixels[y * width..], &pixels[(y + 1) * width..]);
        for ((x, right), pixel) in column.samples.iter().zip(&mut line) {
            *pixel = between([above[*x], above[x + 1], below[*x], below[x + 1]], (*right, *down));
        }
        let to = &mut to[column.start * 3..][..line.len() * 3];
        over(to, PixelFormat::Rgb, line.as_flattened());
    }
}

/// Bilinear, rounded down.
#[inline]
fn between([above, above_next, below, below_next]: [[u8; 4]; 4], (right, down): (f32, f32)) -> [u8; 4] {
    if above == above_next && above == below && above == below_next {
        return above; // also keeps opaque pixels opaque
    }
    std::array::from_fn(|channel| {
        let mix = |first: u8, second: u8| f32::from(first) * (1.0 - right) + f32::from(second) * right;
        let (above, below) = (mix(above[channel], above_next[channel]), mix(below[channel], below_next[channel]));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of bytes, rounded down")]
        let byte = (above * (1.0 - down) + below * down + 1e-3) as u8; // so that 29.9999 from inexact thirds is 30
        byte
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::tests::recipe;
    use crate::recipe::Asset;
    use std::sync::Arc;

    const BLUE: [u8; 4] = [0, 0, 200, 255];
    const CLEAR: [u8; 4] = [0; 4];
    const GUIDE: [u8; 4] = [0, 0, 0, 255];

    /// 7x7: a blue border of one pixel inside the guides, clear within. Column and row 3 stretch; the place for the
    /// picture begins two pixels from the left and ends one from the right, one from the top and two from the bottom.
    fn patch() -> PixelBuffer<Canvas> {
        let mut picture = PixelBuffer::new(PixelFormat::Rgba, Size::new(7, 7));
        let pixels = picture.first_mut().data.as_chunks_mut::<4>().0;
        for (at, pixel) in pixels.iter_mut().enumerate() {
            let (x, y) = (at % 7, at / 7);
            *pixel = match (x, y) {
                (3, 0) | (0, 3) | (3..=4, 6) | (6, 2..=3) => GUIDE,
                (0 | 6, _) | (_, 0 | 6) => CLEAR,
                (1 | 5, _) | (_, 1 | 5) => BLUE,
                _ => CLEAR,
            };
        }
        picture
    }

    fn scene(patch: PixelBuffer<Canvas>) -> Scene {
        let asset = Asset { size: patch.size(), pixels: Some(Arc::new(patch)) };
        Scene { assets: vec![asset], ..Scene::default() }
    }

    fn framed(picture: PixelBuffer<Canvas>, patch: PixelBuffer<Canvas>) -> PixelBuffer<Canvas> {
        let (recipe, scene) = (recipe("frame(f.png)").unwrap(), scene(patch));
        let effect = &recipe.effects[0];
        let expected = (effect.output_size(picture.size(), &scene), effect.gives(picture.format()));
        let framed = effect.apply(picture, &scene);
        assert_eq!((framed.size(), framed.format()), expected);
        framed
    }

    fn shown(picture: &PixelBuffer<Canvas>) -> Vec<String> {
        let letter = |pixel: &[u8; 3]| match pixel {
            [0, 0, 200] => '#',
            [255, 255, 255] => '.',
            [9, 99, 9] => 'p',
            _ => '?',
        };
        picture.first().rows().map(|row| row.as_chunks::<3>().0.iter().map(letter).collect()).collect()
    }

    fn green(width: u32, height: u32) -> PixelBuffer<Canvas> {
        let data = [9, 99, 9].repeat((width * height) as usize);
        PixelBuffer::from_vec(PixelFormat::Rgb, Size::new(width, height), data)
    }

    #[test]
    fn the_frame_stretches_around_the_picture_and_its_space_is_white() {
        let rows = ["########", "#.ppppp#", "#.ppppp#", "#.ppppp#", "#......#", "########"];
        assert_eq!(shown(&framed(green(5, 3), patch())), rows);
        assert_eq!(shown(&framed(green(1, 1), patch())), ["####", "#.p#", "#..#", "####"]);
    }

    #[test]
    fn cells_that_do_not_fit_are_left_out() {
        let mut patch = patch();
        for pixel in patch
            .first_mut()
            .data
            .as_chunks_mut::<4>()
            .0
            .iter_mut()
            .enumerate()
            .filter(|(at, _)| at / 7 == 6 || at % 7 == 6)
        {
            *pixel.1 = CLEAR; // no space
        }
        assert_eq!(shown(&framed(green(3, 3), patch.clone())), ["##p", "#pp", "ppp"]);
        assert_eq!(shown(&framed(green(1, 9), patch)), ["p"; 9]);
    }

    #[test]
    fn what_stretches_is_interpolated_and_what_does_not_is_copied() {
        let mut patch = PixelBuffer::new(PixelFormat::Rgba, Size::new(6, 3));
        for (x, gray) in [(1, 10), (2, 0), (3, 90), (4, 180)] {
            let data = &mut patch.first_mut().data;
            data[(6 + x) * 4..][..4].copy_from_slice(&[gray, gray, gray, 255]);
            if x > 1 {
                data[x * 4..][..4].copy_from_slice(&GUIDE);
            }
        }
        let reds: Vec<u8> = framed(green(7, 1), patch).into_first().into_iter().step_by(3).collect();
        assert_eq!(reds, [10, 0, 30, 60, 90, 120, 150]);
    }

    #[test]
    fn a_misread_nine_patch_is_not_drawn_and_leaves_some_white() {
        let mut patch = PixelBuffer::new(PixelFormat::Rgba, Size::new(8, 8));
        // Of eight samples for a row: one in what is taken for the last row, one in what is taken for the last column.
        patch.first_mut().data[7 * 8 + 2] = 255;
        patch.first_mut().data[3 * 8 + 7] = 255;
        let scene = Scene { misread_frames: true, ..scene(patch) };
        let effect = recipe("frame(f.png)").unwrap().effects.remove(0);
        assert_eq!(effect.output_size(Size::new(1, 1), &scene), Size::new(6, 6));
        let rows = ["......", "......", ".p....", "......", "......", "......"];
        assert_eq!(shown(&effect.apply(green(1, 1), &scene)), rows);
    }

    #[test]
    fn transparent_pictures_lie_on_white() {
        let half = PixelBuffer::from_vec(PixelFormat::Rgba, Size::new(1, 1), vec![0, 100, 200, 51]);
        let clear = PixelBuffer::new(PixelFormat::Rgba, Size::new(3, 3));
        assert_eq!(framed(half, clear).into_first(), [204, 224, 244]);
    }

    #[test]
    fn a_nine_patch_without_guides_or_inside_is_drawn_as_far_as_it_goes() {
        for (width, height) in [(1, 1), (2, 2), (1, 9), (3, 3)] {
            let clear = PixelBuffer::new(PixelFormat::Rgba, Size::new(width, height));
            assert_eq!(framed(green(4, 4), clear), green(4, 4), "{width}x{height}");
        }
    }
}
