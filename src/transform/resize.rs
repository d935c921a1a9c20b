//! Resampling a window of a picture, band by band as its rows come.
//!
//! The kernels are `fast_image_resize`'s. Each plane keeps only the source rows that the next output rows need:
//! first rows are reduced (vertical pass), then, some output rows at a time, columns. A frame of the source's
//! size never exists here.

use super::boxes::{Boxes, side_of_boxes};
use super::plane::{PlaneResampler, PlaneSink};
use super::{Kernel, Light};
use crate::geometry::{Canvas, Decoded, Size, Window};
use crate::raster::{Band, PixelBuffer, PixelFormat};

/// Makes a picture of `size` out of a window of the rows pushed into it.
#[derive(Debug)]
pub struct Resampler {
    planes: Vec<Box<dyn PlaneSink>>,
    size: Size<Canvas>,
    format: PixelFormat,
}

impl Resampler {
    /// A resampler from `window` of a source of `source` pixels in `layout` to `size` pixels.
    ///
    /// The result has the layout `layout` with the chroma subsampling of `result`. Pixels outside the window, rounded
    /// outwards to whole pixels, do not show in the result. Alpha is premultiplied while pixels are mixed.
    /// In [`Light::Linear`] an interleaved layout other than CMYK is mixed as amounts of light.
    pub fn new(
        (source, layout): (Size<Decoded>, PixelFormat),
        window: Window,
        (size, result): (Size<Canvas>, PixelFormat),
        (kernel, light): (Kernel, Light),
    ) -> Self {
        let out = PixelBuffer::<Canvas>::new(result, size);
        let planes = out
            .planes()
            .iter()
            .enumerate()
            .map(|(index, plane)| {
                let (x, y) = layout.divisors(index);
                let (out_x, out_y) = result.divisors(index);
                let shape = Size::<Decoded>::new(source.width.div_ceil(x), source.height.div_ceil(y));
                let target = Size::new(size.width.div_ceil(out_x), size.height.div_ceil(out_y));
                // The last chroma sample of an odd side reaches beyond the picture; so does what it is made of.
                let reach = |target: u32, out: u32, whole: u32| f64::from(target * out) / f64::from(whole);
                let (reach_x, reach_y) =
                    (reach(target.width, out_x, size.width), reach(target.height, out_y, size.height));
                let window = Window { width: window.width * reach_x, height: window.height * reach_y, ..window }
                    .scaled(1.0 / f64::from(x), 1.0 / f64::from(y));
                debug_assert_eq!(plane.stride, target.width as usize * layout.channels());
                let boxes = match light {
                    Light::Encoded if kernel != Kernel::Nearest => (
                        side_of_boxes(window.width / f64::from(target.width)),
                        side_of_boxes(window.height / f64::from(target.height)),
                    ),
                    _ => (1, 1), // the mean of encoded samples is not that of light
                };
                let columns = shape.width;
                let shape = Size::new(shape.width.div_ceil(boxes.0), shape.height.div_ceil(boxes.1));
                let window = window.scaled(1.0 / f64::from(boxes.0), 1.0 / f64::from(boxes.1));
                let plane = match light {
                    Light::Encoded => PlaneResampler::<u8>::boxed(shape, layout, window, target, kernel),
                    Light::Linear => PlaneResampler::<u16>::boxed(shape, layout, window, target, kernel),
                };
                if boxes == (1, 1) {
                    return plane;
                }
                Box::new(Boxes::new(plane, boxes, columns, layout.channels(), layout.has_alpha()))
            })
            .collect();
        Self { planes, size, format: result }
    }

    /// Takes the next rows. `false` once no further rows are needed.
    pub fn push(&mut self, band: &Band<'_>) -> bool {
        let mut hungry = false;
        for (plane, rows) in self.planes.iter_mut().zip(band.planes()) {
            hungry |= plane.push(rows);
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
    let mut resampler =
        Resampler::new((source, format), Window::whole(source), (size, format), (kernel, Light::Encoded));
    resampler.push(&picture.as_band());
    resampler.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{ceil_to_u32, trunc_to_u32};
    use crate::raster::{BandPlane, Subsampling};

    fn position(index: usize) -> f64 {
        f64::from(u32::try_from(index).unwrap())
    }

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
        let mut resampler = Resampler::new((size, picture.format()), window, target, (Kernel::Lanczos, Light::Encoded));
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
            let tolerance = if window.width / f64::from(to_width) < 16.0 { 1.5 } else { 4.0 }; // boxes are a little off at hard edges
            for channel in 0..3 {
                let exact = lanczos(&picture, window, target.0, channel);
                for (i, exact) in exact.into_iter().enumerate() {
                    let found = f64::from(whole.first().data[i * 3 + channel]);
                    assert!(
                        (found - exact).abs() < tolerance,
                        "{width}x{height} {window:?} pixel {i}: {found} for {exact}"
                    );
                }
            }
        };
        check((64, 48), Window::new(0.0, 0.0, 64.0, 48.0), (16, 12));
        check((61, 67), Window::new(3.0, 5.0, 40.0, 50.0), (13, 17));
        check((61, 67), Window::new(3.3, 5.7, 40.2, 50.1), (13, 40));
        check((20, 30), Window::new(0.0, 0.0, 20.0, 30.0), (41, 70));
        check((1, 90), Window::new(0.0, 0.0, 1.0, 90.0), (1, 7));
        check((9, 9), Window::new(4.0, 4.0, 1.0, 1.0), (3, 3));
        check((700, 900), Window::new(0.0, 0.0, 700.0, 900.0), (16, 12)); // through boxes
        check((703, 907), Window::new(0.0, 0.0, 703.0, 907.0), (40, 50));
        check((33, 100), Window::new(0.5, 0.0, 32.0, 100.0), (32, 100));
    }

    #[test]
    fn a_window_at_its_own_size_is_copied() {
        let picture = noise(PixelFormat::Rgba, 10, 10);
        let cut = resample(&picture, Window::new(2.0, 3.0, 4.0, 5.0), (Size::new(4, 5), PixelFormat::Rgba), 3);
        for y in 0..5 {
            assert_eq!(cut.first().row(y), &picture.first().row(y + 3)[8..24], "row {y}");
        }
    }

    #[test]
    fn transparent_pixels_do_not_bleed_their_color() {
        let data = [[255, 0, 0, 255], [0, 255, 0, 0]].concat().repeat(32);
        let picture = PixelBuffer::from_vec(PixelFormat::Rgba, Size::new(64, 1), data);
        let [small, tiny] = [6, 2].map(|width| resize(&picture, Size::new(width, 1), Kernel::Lanczos));
        for pixel in small.first().data.chunks(4).chain(tiny.first().data.chunks(4)) {
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
                *byte = u8::try_from(trunc_to_u32(value_at((position(i % stride) + 0.5) * samples).round())).unwrap();
            }
        }
        for chroma in [Subsampling::NONE, Subsampling::HALF] {
            let target = (Size::new(51, 33), PixelFormat::YCbCr(chroma));
            let small = resample(&picture, Window::new(10.0, 0.0, 80.0, 67.0), target, 16);
            for (index, plane) in small.planes().iter().enumerate() {
                let factor = f64::from(target.1.divisors(index).0);
                for (x, byte) in plane.row(10).iter().enumerate().skip(2).take(plane.stride - 5) {
                    let expected = value_at(10.0 + (position(x) + 0.5) * factor * 80.0 / 51.0);
                    assert!((f64::from(*byte) - expected).abs() < 1.5, "plane {index} x {x}: {byte} for {expected}");
                }
            }
        }
    }

    #[test]
    fn in_linear_light_half_white_is_half_the_light() {
        let stripes =
            PixelBuffer::<Canvas>::from_vec(PixelFormat::Rgb, Size::new(64, 1), [[0; 3], [255; 3]].concat().repeat(32));
        let mean = |light| {
            let (source, target) = (Size::new(64, 1), Size::new(1, 1));
            let layouts = ((source, PixelFormat::Rgb), (target, PixelFormat::Rgb));
            let mut resampler = Resampler::new(layouts.0, Window::whole(source), layouts.1, (Kernel::Bilinear, light));
            resampler.push(&stripes.as_band());
            resampler.finish().into_first()
        };
        assert_eq!(mean(Light::Encoded), [128; 3]);
        assert_eq!(mean(Light::Linear), [188; 3]); // sRGB of 0.5
    }

    #[test]
    fn rows_that_never_come_are_black() {
        let size = Size::new(8, 8);
        let white = PixelBuffer::<Canvas>::from_vec(PixelFormat::Gray, Size::new(8, 4), vec![255; 32]);
        let mut resampler = Resampler::new(
            (size, PixelFormat::Gray),
            Window::whole(size),
            (Size::new(8, 8), PixelFormat::Gray),
            (Kernel::Lanczos, Light::Encoded),
        );
        resampler.push(&white.as_band());
        let picture = resampler.finish();
        assert_eq!((picture.first().row(3)[0], picture.first().row(4)[0]), (255, 0));
    }
}
