//! Resampling a window of a picture, band by band as its rows come.
//!
//! The kernels are `fast_image_resize`'s. Each plane keeps only the source rows that the next output rows need:
//! first rows are reduced (vertical pass), then, some output rows at a time, columns. A frame of the source's
//! size never exists here.

use crate::geometry::{Canvas, Decoded, Size, Window, ceil_to_u32, trunc_to_u32};
use crate::raster::{Band, BandPlane, PixelBuffer, PixelFormat};
use crate::recipe::Kernel;
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, MulDiv, PixelType, ResizeAlg, ResizeOptions, Resizer};

/// Output rows that the vertical pass makes at once, so that the rows it reads stay in the cache.
const ROWS_AT_ONCE: u32 = 16;
/// Bytes of vertically reduced rows that are gathered before the horizontal pass, which computes its weights anew
/// for every call.
const GATHERED_BYTES: usize = 4 << 20;

/// Makes a picture of `size` out of a window of the rows pushed into it.
#[derive(Debug)]
pub struct Resampler {
    planes: Vec<PlaneResampler>,
    size: Size<Canvas>,
    format: PixelFormat,
}

impl Resampler {
    /// A resampler from `window` of a source of `source` pixels in `layout` to `size` pixels.
    ///
    /// The result has the layout `layout` with the chroma subsampling of `result`. Pixels outside the window, rounded
    /// outwards to whole pixels, do not show in the result. Alpha is premultiplied while pixels are mixed.
    pub fn new(
        (source, layout): (Size<Decoded>, PixelFormat),
        window: Window,
        (size, result): (Size<Canvas>, PixelFormat),
        kernel: Kernel,
    ) -> Self {
        let out = PixelBuffer::<Canvas>::new(result, size);
        let planes = out
            .planes()
            .iter()
            .enumerate()
            .map(|(index, plane)| {
                let (x, y) = layout.divisors(index);
                let (out_x, out_y) = result.divisors(index);
                let shape = Size::new(source.width.div_ceil(x), source.height.div_ceil(y));
                let target = Size::new(size.width.div_ceil(out_x), size.height.div_ceil(out_y));
                // The last chroma sample of an odd side reaches beyond the picture; so does what it is made of.
                let reach = |target: u32, out: u32, whole: u32| f64::from(target * out) / f64::from(whole);
                let (reach_x, reach_y) =
                    (reach(target.width, out_x, size.width), reach(target.height, out_y, size.height));
                let window = Window { width: window.width * reach_x, height: window.height * reach_y, ..window }
                    .scaled(1.0 / f64::from(x), 1.0 / f64::from(y));
                debug_assert_eq!(plane.stride, target.width as usize * layout.channels());
                PlaneResampler::new(shape, layout, window, target, kernel)
            })
            .collect();
        Self { planes, size, format: result }
    }

    /// Takes the next rows. `false` once no further rows are needed.
    pub fn push(&mut self, band: &Band<'_>) -> bool {
        let mut hungry = false;
        for (plane, rows) in self.planes.iter_mut().zip(band.planes()) {
            hungry |= plane.push(*rows);
        }
        hungry
    }

    /// The picture. Rows that never came count as zeros.
    pub fn finish(self) -> PixelBuffer<Canvas> {
        let mut out = PixelBuffer::new(self.format, self.size);
        for (plane, target) in self.planes.into_iter().zip(out.planes_mut()) {
            target.data = plane.finish();
        }
        out
    }
}

/// Resamples a whole picture to another size.
pub fn resize(picture: &PixelBuffer<Canvas>, size: Size<Canvas>, kernel: Kernel) -> PixelBuffer<Canvas> {
    let source = Size::new(picture.size().width, picture.size().height);
    let format = picture.format();
    let mut resampler = Resampler::new((source, format), Window::whole(source), (size, format), kernel);
    resampler.push(&picture.as_band());
    resampler.finish()
}

/// One plane on its way.
#[derive(Debug)]
struct PlaneResampler {
    window: Window,
    target: Size<Canvas>,
    pixel: PixelType,
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
    kept: Vec<u8>,
    first_kept: u32,
    /// Rows after the vertical pass, waiting for the horizontal one.
    gathered: Vec<u8>,
    /// Output rows after the vertical pass.
    reduced_rows: u32,
    out: Vec<u8>,
    resizer: Resizer,
}

impl PlaneResampler {
    fn new(shape: Size<Decoded>, layout: PixelFormat, window: Window, target: Size<Canvas>, kernel: Kernel) -> Self {
        let (left, width) = keep_inside(window.left, window.width, shape.width);
        let (top, height) = keep_inside(window.top, window.height, shape.height);
        let channels = layout.channels();
        let (algorithm, support) = algorithm(kernel);
        Self {
            window: Window::new(left, top, width, height),
            target,
            pixel: pixel_type(channels),
            channels,
            alpha: layout.has_alpha(),
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
        }
    }

    /// Bytes of a kept row.
    fn kept_stride(&self) -> usize {
        self.columns.len() * self.channels
    }

    fn push(&mut self, band: BandPlane<'_>) -> bool {
        let columns = self.columns.start as usize * self.channels..self.columns.end as usize * self.channels;
        let first_new = self.kept.len();
        for row in band.rows() {
            if self.rows.contains(&self.next_row) {
                self.kept.extend_from_slice(&row[columns.clone()]);
            }
            self.next_row += 1;
        }
        self.premultiply(first_new);
        self.reduce_rows();
        self.next_row < self.rows.end
    }

    fn finish(mut self) -> Vec<u8> {
        let missing = self.rows.end.saturating_sub(self.next_row.max(self.rows.start)) as usize;
        self.kept.resize(self.kept.len() + missing * self.kept_stride(), 0);
        self.next_row = self.rows.end;
        self.reduce_rows();
        self.reduce_columns();
        if self.alpha {
            let Size { width, height, .. } = self.target;
            let mut image = view_mut(width, height, &mut self.out, self.pixel);
            MulDiv::new().divide_alpha_inplace(&mut image).expect("the layout has alpha");
        }
        self.out
    }

    /// Multiplies color by alpha in the kept rows from byte `first_new` on.
    fn premultiply(&mut self, first_new: usize) {
        if self.alpha && self.kept.len() > first_new {
            let (width, stride) = (self.columns.len(), self.kept_stride());
            let new = &mut self.kept[first_new..];
            let mut image = view_mut(as_u32(width), as_u32(new.len() / stride), new, self.pixel);
            MulDiv::new().multiply_alpha_inplace(&mut image).expect("the layout has alpha");
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
            let count = left.min(ROWS_AT_ONCE);
            if count == 0 || !(complete || self.rows_for(self.reduced_rows + count - 1).end <= self.next_row) {
                break;
            }
            self.reduce_some_rows(count);
            if self.gathered.len() >= GATHERED_BYTES {
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
        self.gathered.resize(start + stride * count as usize, 0);
        let mut target = view_mut(columns, count, &mut self.gathered[start..], self.pixel);
        let options = self.options.crop(0.0, top, f64::from(columns), height);
        self.resizer
            .resize(&view(columns, rows, source, self.pixel), &mut target, &options)
            .expect("the crop lies inside");
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
        self.out.resize(start + (self.target.width * rows) as usize * self.channels, 0);
        let mut target = view_mut(self.target.width, rows, &mut self.out[start..], self.pixel);
        let options = self.options.crop(left, 0.0, width, f64::from(rows));
        self.resizer
            .resize(&view(columns, rows, &self.gathered, self.pixel), &mut target, &options)
            .expect("the crop lies inside");
        self.gathered.clear();
    }
}

/// A span of the window moved and cut so that it lies inside a side and covers a part of a pixel at least.
fn keep_inside(start: f64, length: f64, side: u32) -> (f64, f64) {
    let side = f64::from(side);
    let start = start.clamp(0.0, (side - 1e-3).max(0.0));
    (start, length.min(side - start))
}

fn algorithm(kernel: Kernel) -> (ResizeAlg, f64) {
    match kernel {
        Kernel::Nearest => (ResizeAlg::Nearest, 1.0),
        Kernel::Bilinear => (ResizeAlg::Convolution(FilterType::Bilinear), 1.0),
        Kernel::Hamming => (ResizeAlg::Convolution(FilterType::Hamming), 1.0),
        Kernel::Bicubic => (ResizeAlg::Convolution(FilterType::CatmullRom), 2.0),
        Kernel::Lanczos => (ResizeAlg::Convolution(FilterType::Lanczos3), 3.0),
    }
}

fn pixel_type(channels: usize) -> PixelType {
    match channels {
        1 => PixelType::U8,
        2 => PixelType::U8x2,
        3 => PixelType::U8x3,
        _ => PixelType::U8x4,
    }
}

fn view(width: u32, height: u32, data: &[u8], pixel: PixelType) -> ImageRef<'_> {
    ImageRef::new(width, height, data, pixel).expect("bytes have no alignment and the length fits")
}

fn view_mut(width: u32, height: u32, data: &mut [u8], pixel: PixelType) -> Image<'_> {
    Image::from_slice_u8(width, height, data, pixel).expect("bytes have no alignment and the length fits")
}

fn as_u32(number: usize) -> u32 {
    u32::try_from(number).expect("sides of pictures are 32 bit")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Subsampling;

    /// The slow, obvious twin of Lanczos: every output pixel from its definition, in floating point.
    fn lanczos(picture: &PixelBuffer<Canvas>, window: Window, target: Size<Canvas>, channel: usize) -> Vec<f64> {
        let weights = |start: f64, length: f64, count: u32, side: u32, at: u32| -> Vec<(usize, f64)> {
            let scale = length / f64::from(count);
            let center = start + (f64::from(at) + 0.5) * scale;
            let stretch = scale.max(1.0);
            let inside = trunc_to_u32(start)..ceil_to_u32(start + length).min(side);
            let weight = |i: u32| {
                let x = (f64::from(i) + 0.5 - center) / stretch;
                let sinc =
                    |x: f64| if x == 0.0 { 1.0 } else { (x * std::f64::consts::PI).sin() / (x * std::f64::consts::PI) };
                (i as usize, if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 })
            };
            let weights: Vec<_> = inside.map(weight).collect();
            let sum: f64 = weights.iter().map(|(_, w)| w).sum();
            weights.into_iter().map(|(i, w)| (i, w / sum)).collect()
        };
        let channels = picture.format().channels();
        let mut out = Vec::new();
        for y in 0..target.height {
            let rows = weights(window.top, window.height, target.height, picture.size().height, y);
            for x in 0..target.width {
                let columns = weights(window.left, window.width, target.width, picture.size().width, x);
                let sample =
                    |row: usize, column: usize| f64::from(picture.first().row(row)[column * channels + channel]);
                let reduced =
                    |column| rows.iter().map(|&(row, w)| w * sample(row, column)).sum::<f64>().clamp(0.0, 255.0);
                out.push(columns.iter().map(|&(column, w)| w * reduced(column)).sum::<f64>().clamp(0.0, 255.0));
            }
        }
        out
    }

    fn noise(format: PixelFormat, width: u32, height: u32) -> PixelBuffer<Canvas> {
        let mut picture = PixelBuffer::new(format, Size::new(width, height));
        let mut state = 1_u32;
        for plane in picture.planes_mut() {
            for (i, byte) in plane.data.iter_mut().enumerate() {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                *byte = u8::try_from((i as u64 / 3 + u64::from(state >> 26)) % 200).unwrap() + 20;
            }
        }
        picture
    }

    /// Pushes the picture in bands of `rows` rows.
    fn resample(
        picture: &PixelBuffer<Canvas>,
        window: Window,
        target: (Size<Canvas>, PixelFormat),
        rows: usize,
    ) -> PixelBuffer<Canvas> {
        let size = Size::new(picture.size().width, picture.size().height);
        let mut resampler = Resampler::new((size, picture.format()), window, target, Kernel::Lanczos);
        let mut start = 0;
        loop {
            let planes: Vec<_> = picture
                .planes()
                .iter()
                .enumerate()
                .map(|(index, plane)| {
                    let (_, y) = picture.format().divisors(index);
                    let step = rows.div_ceil(y as usize) * plane.stride;
                    let from = (start * step).min(plane.data.len());
                    BandPlane::new(&plane.data[from..(from + step).min(plane.data.len())], plane.stride)
                })
                .collect();
            if planes[0].rows().len() == 0 || !resampler.push(&Band::new(planes)) {
                return resampler.finish();
            }
            start += 1;
        }
    }

    #[test]
    fn lanczos_is_the_one_of_the_definition_whatever_the_bands() {
        let check = |(width, height), window: Window, (to_width, to_height)| {
            let picture = noise(PixelFormat::Rgb, width, height);
            let target = (Size::new(to_width, to_height), PixelFormat::Rgb);
            let whole = resample(&picture, window, target, height as usize);
            for rows in [1, 7, 16] {
                assert_eq!(resample(&picture, window, target, rows), whole, "bands of {rows} rows, {width}x{height}");
            }
            for channel in 0..3 {
                let exact = lanczos(&picture, window, target.0, channel);
                for (i, exact) in exact.into_iter().enumerate() {
                    let found = f64::from(whole.first().data[i * 3 + channel]);
                    assert!((found - exact).abs() < 1.5, "{width}x{height} {window:?} pixel {i}: {found} for {exact}");
                }
            }
        };
        check((64, 48), Window::new(0.0, 0.0, 64.0, 48.0), (16, 12));
        check((61, 67), Window::new(3.0, 5.0, 40.0, 50.0), (13, 17));
        check((61, 67), Window::new(3.3, 5.7, 40.2, 50.1), (13, 40));
        check((20, 30), Window::new(0.0, 0.0, 20.0, 30.0), (41, 70));
        check((1, 90), Window::new(0.0, 0.0, 1.0, 90.0), (1, 7));
        check((9, 9), Window::new(4.0, 4.0, 1.0, 1.0), (3, 3));
        check((33, 100), Window::new(0.5, 0.0, 32.0, 100.0), (32, 100));
    }

    #[test]
    fn a_window_at_its_own_size_is_copied() {
        let picture = noise(PixelFormat::Rgba, 10, 10);
        let cut = resample(&picture, Window::new(2.0, 3.0, 4.0, 5.0), (Size::new(4, 5), PixelFormat::Rgba), 3);
        for y in 0..5 {
            // premultiplied and back: within a level
            for (a, b) in cut.first().row(y).iter().zip(&picture.first().row(y + 3)[8..24]) {
                assert!(a.abs_diff(*b) <= 1, "{a} {b}");
            }
        }
    }

    #[test]
    fn transparent_pixels_do_not_bleed_their_color() {
        let data = [[255, 0, 0, 255], [0, 255, 0, 0]].concat().repeat(32);
        let picture = PixelBuffer::from_vec(PixelFormat::Rgba, Size::new(64, 1), data);
        let small = resize(&picture, Size::new(4, 1), Kernel::Lanczos);
        for pixel in small.first().data.chunks(4) {
            assert!(pixel[0] >= 254 && pixel[1] <= 1 && pixel[3].abs_diff(128) < 16, "{pixel:?}");
        }
    }

    #[test]
    fn chroma_of_another_resolution_shows_the_same_picture() {
        let mut picture = PixelBuffer::<Canvas>::new(PixelFormat::YCbCr(Subsampling::HALF), Size::new(101, 67));
        // A ramp across, the same in all planes: each sample has the value at its center.
        let value_at = |x: f64| x * 255.0 / 104.0;
        for (plane, samples) in picture.planes_mut().iter_mut().zip([1.0, 2.0, 2.0]) {
            let stride = plane.stride;
            for (i, byte) in plane.data.iter_mut().enumerate() {
                *byte = u8::try_from(trunc_to_u32(value_at(((i % stride) as f64 + 0.5) * samples).round())).unwrap();
            }
        }
        for chroma in [Subsampling::NONE, Subsampling::HALF] {
            let target = (Size::new(51, 33), PixelFormat::YCbCr(chroma));
            let small = resample(&picture, Window::new(10.0, 0.0, 80.0, 67.0), target, 16);
            for (index, plane) in small.planes().iter().enumerate() {
                let factor = f64::from(target.1.divisors(index).0);
                for (x, byte) in plane.row(10).iter().enumerate().skip(2).take(plane.stride - 5) {
                    let expected = value_at(10.0 + (x as f64 + 0.5) * factor * 80.0 / 51.0);
                    assert!((f64::from(*byte) - expected).abs() < 1.5, "plane {index} x {x}: {byte} for {expected}");
                }
            }
        }
    }

    #[test]
    fn rows_that_never_come_are_black() {
        let size = Size::new(8, 8);
        let white = PixelBuffer::<Canvas>::from_vec(PixelFormat::Gray, Size::new(8, 4), vec![255; 32]);
        let mut resampler = Resampler::new(
            (size, PixelFormat::Gray),
            Window::whole(size),
            (Size::new(8, 8), PixelFormat::Gray),
            Kernel::Lanczos,
        );
        resampler.push(&white.as_band());
        let picture = resampler.finish();
        assert_eq!((picture.first().row(3)[0], picture.first().row(4)[0]), (255, 0));
    }
}
