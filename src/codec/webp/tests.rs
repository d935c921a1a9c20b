//! Round trips through drawn pictures, read back by us and by a reader that shares no code with libwebp.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "drawn samples and small counts"
)]

use super::DEF;
use crate::cancel::{CancelToken, Cancelled};
use crate::codec::{CodecError, DecodeOptions, EncodeOptions, SourceInfo};
use crate::geometry::{Canvas, Orientation, Size};
use crate::raster::{Frame, Image, Loops, PixelBuffer, PixelFormat, Subsampling};
use image::AnimationDecoder;
use image::codecs::webp::WebPDecoder;
use std::io::Cursor;

const LOSSLESS: EncodeOptions<'_> = EncodeOptions {
    quality: 100,
    progressive: false,
    chroma: Subsampling::HALF,
    indexed: false,
    png_level: 6,
    webp_method: 2,
    avif_speed: 8,
    icc: None,
    exif: None,
    iptc: None,
};
const LOSSY: EncodeOptions<'_> = EncodeOptions { quality: 90, ..LOSSLESS };

/// Smooth colors that differ everywhere; alpha runs from clear on the left to opaque on the right.
fn drawn(format: PixelFormat, width: u32, height: u32) -> PixelBuffer<Canvas> {
    let ramp = |at: u32, of: u32| (at * 255 / (of - 1).max(1)) as u8;
    let mut data = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (right, down) = (ramp(x, width), ramp(y, height));
            match format {
                PixelFormat::Gray => data.push(down),
                PixelFormat::GrayAlpha => data.extend([down, right]),
                PixelFormat::Rgb => data.extend([right, down, 255 - right]),
                PixelFormat::Rgba => data.extend([down, 255 - down, 80, right]),
                other => panic!("{other:?} is not drawn"),
            }
        }
    }
    PixelBuffer::from_vec(format, Size::new(width, height), data)
}

/// 4:2:0 planes of an RGB picture, by the equations of JFIF.
fn planes_of(rgb: &PixelBuffer<Canvas>) -> PixelBuffer<Canvas> {
    let mut planar = PixelBuffer::new(PixelFormat::YCbCr(Subsampling::HALF), rgb.size());
    let (width, height) = (rgb.size().width as usize, rgb.size().height as usize);
    let pixel = |x: usize, y: usize| {
        let row = rgb.first().row(y.min(height - 1));
        let at = x.min(width - 1) * 3;
        [row[at], row[at + 1], row[at + 2]].map(f64::from)
    };
    let [luma, cb, cr] = planar.planes_mut() else { panic!("three planes") };
    for (y, row) in luma.rows_mut().enumerate() {
        for (x, sample) in row.iter_mut().enumerate() {
            let [r, g, b] = pixel(x, y);
            *sample = (0.299 * r + 0.587 * g + 0.114 * b).round() as u8;
        }
    }
    for (plane, weights) in [(cb, [-0.168_736, -0.331_264, 0.5]), (cr, [0.5, -0.418_688, -0.081_312])] {
        for (y, row) in plane.rows_mut().enumerate() {
            for (x, sample) in row.iter_mut().enumerate() {
                let square = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| pixel(2 * x + dx, 2 * y + dy));
                let chroma = |[r, g, b]: [f64; 3]| weights[0] * r + weights[1] * g + weights[2] * b;
                *sample = (128.0 + square.map(chroma).iter().sum::<f64>() / 4.0).round() as u8;
            }
        }
    }
    planar
}

fn encoded(image: &Image, options: &EncodeOptions<'_>) -> Vec<u8> {
    (DEF.encode)(image, options, &CancelToken::never()).expect("it can be encoded")
}

fn still(pixels: PixelBuffer<Canvas>, options: &EncodeOptions<'_>) -> Vec<u8> {
    encoded(&Image::still(pixels), options)
}

/// Frames of one color that wanders, shown for these times.
fn animation(delays_ms: &[u32], loops: Loops) -> Image {
    let frames = delays_ms.iter().enumerate().map(|(index, &delay_ms)| {
        let mut pixels = drawn(PixelFormat::Rgba, 24, 16);
        pixels.first_mut().data[4 * index..][..40].fill(255);
        Frame { pixels, delay_ms }
    });
    Image { frames: frames.collect(), loops }
}

struct Decoding {
    info: SourceInfo,
    size: (u32, u32),
    frames: Vec<(u32, Vec<u8>)>,
}

fn decoded(file: &[u8], shrink: u32) -> Result<Decoding, CodecError> {
    assert!((DEF.sniff)(file), "sniffed");
    let info = (DEF.probe)(file)?;
    let mut decoder = (DEF.open)(file, &info, DecodeOptions { shrink, rgb: false })?;
    assert_eq!(decoder.format(), info.pixels);
    let size = decoder.size();
    let row_bytes = size.width as usize * decoder.format().channels();
    let mut frames = Vec::new();
    while let Some(delay_ms) = decoder.next_frame()? {
        let mut pixels = Vec::new();
        while let Some(band) = decoder.next_band()? {
            for row in band.planes()[0].rows() {
                pixels.extend_from_slice(&row[..row_bytes]);
            }
        }
        assert_eq!(pixels.len(), row_bytes * size.height as usize, "all rows were handed out");
        frames.push((delay_ms, pixels));
    }
    Ok(Decoding { info, size: (size.width, size.height), frames })
}

fn max_diff(a: &[u8], b: &[u8]) -> u8 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

fn mean_diff(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.len() as f64
}

fn independent(file: &[u8]) -> image::DynamicImage {
    image::load_from_memory_with_format(file, image::ImageFormat::WebP).expect("others can read it")
}

#[test]
fn lossless_comes_back_as_it_was() {
    for format in [PixelFormat::Rgb, PixelFormat::Rgba] {
        let pixels = drawn(format, 37, 23);
        let file = still(pixels.clone(), &LOSSLESS);
        let ours = decoded(&file, 1).expect("readable");
        assert_eq!((ours.size, ours.info.frames, ours.info.pixels), ((37, 23), 1, format));
        let theirs = independent(&file);
        let theirs =
            if format == PixelFormat::Rgb { theirs.into_rgb8().into_raw() } else { theirs.into_rgba8().into_raw() };
        assert_eq!(ours.frames[0].1, theirs);
        // Colors below full transparency are not kept.
        let visible = |pixels: &[u8]| {
            pixels
                .chunks(4)
                .filter(|pixel| format == PixelFormat::Rgb || pixel[3] > 0)
                .flatten()
                .copied()
                .collect::<Vec<_>>()
        };
        assert_eq!(visible(&theirs), visible(&pixels.first().data), "{format:?}");
    }
}

#[test]
fn lossy_comes_back_nearly_as_it_was() {
    let pixels = drawn(PixelFormat::Rgb, 61, 47);
    let file = still(pixels.clone(), &LOSSY);
    let ours = decoded(&file, 1).expect("readable");
    assert_eq!((ours.size, ours.info.pixels), ((61, 47), PixelFormat::Rgb));
    assert!(mean_diff(&ours.frames[0].1, &pixels.first().data) < 3.0);
    assert!(mean_diff(&independent(&file).into_rgb8().into_raw(), &pixels.first().data) < 3.0);
}

#[test]
fn lossy_keeps_alpha_exactly() {
    let pixels = drawn(PixelFormat::Rgba, 61, 47);
    let file = still(pixels.clone(), &LOSSY);
    let alpha = |pixels: &[u8]| pixels.chunks_exact(4).map(|pixel| pixel[3]).collect::<Vec<_>>();
    let ours = decoded(&file, 1).expect("readable");
    assert_eq!(ours.info.pixels, PixelFormat::Rgba);
    assert_eq!(alpha(&ours.frames[0].1), alpha(&pixels.first().data));
    assert_eq!(alpha(&independent(&file).into_rgba8().into_raw()), alpha(&pixels.first().data));
}

#[test]
fn gray_is_written_as_color() {
    let gray = decoded(&still(drawn(PixelFormat::Gray, 9, 7), &LOSSLESS), 1).expect("readable");
    let expected: Vec<_> = drawn(PixelFormat::Gray, 9, 7).into_first().iter().flat_map(|&gray| [gray; 3]).collect();
    assert_eq!(gray.frames[0].1, expected);
    let pair = decoded(&still(drawn(PixelFormat::GrayAlpha, 9, 7), &LOSSLESS), 1).expect("readable");
    assert_eq!(pair.info.pixels, PixelFormat::Rgba);
    assert_eq!(pair.frames[0].1[4 * 62..], [255, 255, 255, 255]);
}

#[test]
fn planes_give_the_picture_that_rgb_gives() {
    for (width, height) in [(64, 48), (61, 47), (1, 1)] {
        let rgb = drawn(PixelFormat::Rgb, width, height);
        let from_planes = decoded(&still(planes_of(&rgb), &LOSSY), 1).expect("readable");
        let from_rgb = decoded(&still(rgb, &LOSSY), 1).expect("readable");
        let (a, b) = (&from_planes.frames[0].1, &from_rgb.frames[0].1);
        assert!(mean_diff(a, b) < 1.5, "{width}x{height}: {}", mean_diff(a, b));
        assert!(max_diff(a, b) < 12, "{width}x{height}: {}", max_diff(a, b));
    }
}

#[test]
fn planes_can_be_lossless_and_animated() {
    let rgb = drawn(PixelFormat::Rgb, 32, 32);
    let file = still(planes_of(&rgb), &LOSSLESS);
    assert!(mean_diff(&decoded(&file, 1).expect("readable").frames[0].1, &rgb.first().data) < 3.0);
    let frame = Frame { pixels: planes_of(&rgb), delay_ms: 10 };
    let mut other = frame.clone();
    other.pixels.first_mut().data.fill(0);
    let file = encoded(&Image { frames: vec![frame, other], loops: Loops::Forever }, &LOSSY);
    assert_eq!((DEF.probe)(&file).expect("readable").frames, 2);
}

#[test]
fn shrinking_gives_the_size_rounded_up_and_the_same_picture() {
    for format in [PixelFormat::Rgb, PixelFormat::Rgba] {
        let file = still(drawn(format, 101, 67), &LOSSY);
        for &shrink in DEF.abilities.shrinks {
            let small = decoded(&file, shrink).expect("readable");
            assert_eq!(small.size, (101_u32.div_ceil(shrink), 67_u32.div_ceil(shrink)));
            let middle = small.size.0 as usize * (small.size.1 as usize / 2) + small.size.0 as usize / 2;
            let channels = format.channels();
            let drawn = drawn(format, small.size.0, small.size.1);
            let (a, b) = (&small.frames[0].1[middle * channels..][..3], &drawn.first().data[middle * channels..][..3]);
            assert!(max_diff(a, b) < 16, "{format:?} by {shrink}: {a:?} {b:?}");
        }
    }
}

#[test]
fn animations_keep_delays_loops_and_frames() {
    for loops in [Loops::Forever, Loops::Times(1), Loops::Times(7)] {
        let image = animation(&[100, 40, 0, 2000], loops);
        let file = encoded(&image, &LOSSLESS);
        let ours = decoded(&file, 1).expect("readable");
        assert_eq!((ours.info.frames, ours.info.loops), (4, loops));
        assert_eq!(ours.frames.iter().map(|frame| frame.0).collect::<Vec<_>>(), [100, 40, 0, 2000]);

        let theirs = WebPDecoder::new(Cursor::new(&file)).expect("others can open it");
        for (index, theirs) in theirs.into_frames().enumerate() {
            let theirs = theirs.expect("others can read it");
            assert_eq!(max_diff(&ours.frames[index].1, theirs.buffer()), 0, "frame {index}");
            let drawn = &image.frames[index].pixels.first().data;
            let visible = drawn.iter().zip(drawn.chunks(4).flat_map(|pixel| [pixel[3]; 4])).zip(&ours.frames[index].1);
            for ((drawn, alpha), ours) in visible {
                assert!(alpha == 0 || drawn == ours, "frame {index}");
            }
        }
    }
}

#[test]
fn an_animation_is_shrunk_too() {
    let file = encoded(&animation(&[10, 10], Loops::Forever), &LOSSLESS);
    let small = decoded(&file, 4).expect("readable");
    assert_eq!((small.size, small.frames.len()), ((6, 4), 2));
}

#[test]
fn frames_may_be_left_unread() {
    let file = encoded(&animation(&[10, 20, 30], Loops::Forever), &LOSSLESS);
    let info = (DEF.probe)(&file).expect("readable");
    let mut decoder = (DEF.open)(&file, &info, DecodeOptions { shrink: 1, rgb: false }).expect("readable");
    let mut delays = Vec::new();
    while let Some(delay_ms) = decoder.next_frame().expect("readable") {
        delays.push(delay_ms);
    }
    assert_eq!(delays, [10, 20, 30]);
    assert!(decoder.next_band().expect("readable").is_none());
}

#[test]
fn metadata_come_back_from_every_kind_of_file() {
    // Little-endian TIFF whose one entry is orientation 6.
    let exif = *b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let icc = b"not looked into";
    let with = |options| EncodeOptions { icc: Some(icc), exif: Some(&exif), ..options };
    let kinds = [
        encoded(&Image::still(drawn(PixelFormat::Rgb, 9, 7)), &with(LOSSY)),
        encoded(&Image::still(drawn(PixelFormat::Rgba, 9, 7)), &with(LOSSY)),
        encoded(&Image::still(drawn(PixelFormat::Rgba, 9, 7)), &with(LOSSLESS)),
        encoded(&animation(&[10, 20], Loops::Times(3)), &with(LOSSLESS)),
    ];
    for (index, file) in kinds.iter().enumerate() {
        let ours = decoded(file, 1).expect("readable").info;
        assert_eq!(ours.icc.as_deref(), Some(&icc[..]), "kind {index}");
        assert_eq!(ours.exif.as_deref(), Some(&exif[..]), "kind {index}");
        assert_eq!(ours.orientation, Orientation::from_exif(6), "kind {index}");
        assert_eq!(ours.frames, if index == 3 { 2 } else { 1 });
        let mut theirs = WebPDecoder::new(Cursor::new(file)).expect("others can open it");
        let profile = image::ImageDecoder::icc_profile(&mut theirs).expect("others can read it");
        assert_eq!(profile.as_deref(), Some(&icc[..]), "kind {index}");
    }
}

#[test]
fn every_truncation_gives_the_rows_there_are_or_an_error() {
    let animated = encoded(&animation(&[10, 20, 30], Loops::Forever), &LOSSLESS);
    let lossy = still(drawn(PixelFormat::Rgba, 48, 48), &LOSSY);
    let lossless = still(drawn(PixelFormat::Rgb, 48, 48), &LOSSLESS);
    for file in [animated, lossy, lossless] {
        for end in 12..file.len() {
            let Ok(ours) = decoded(&file[..end], 1) else { continue };
            assert!(!ours.frames.is_empty(), "cut at {end}");
            assert_eq!(ours.frames.len(), ours.info.frames as usize, "cut at {end}");
        }
    }
}

#[test]
fn half_a_file_shows_half_the_picture() {
    let mut pixels = drawn(PixelFormat::Rgb, 200, 200);
    // Texture, so that every row costs bytes.
    for (at, sample) in pixels.first_mut().data.iter_mut().enumerate() {
        *sample = (*sample / 2) + (at * at / 7 % 60) as u8;
    }
    let file = still(pixels.clone(), &LOSSY);
    let half = decoded(&file[..file.len() / 2], 1).expect("readable");
    let row = |pixels: &[u8], y: usize| pixels[y * 600..][..600].to_vec();
    assert!(mean_diff(&row(&half.frames[0].1, 20), &row(&pixels.first().data, 20)) < 25.0);
    assert_eq!(row(&half.frames[0].1, 199), [0; 600]);
}

#[test]
fn a_cut_animation_keeps_its_whole_frames() {
    let file = encoded(&animation(&[10, 20, 30], Loops::Times(2)), &LOSSLESS);
    let cut = decoded(&file[..file.len() - 3], 1).expect("readable");
    assert_eq!(cut.frames.iter().map(|frame| frame.0).collect::<Vec<_>>(), [10, 20]);
    assert_eq!(cut.info.loops, Loops::Times(2));
}

#[test]
fn flipped_bits_do_no_harm() {
    let mut state = 0x1234_5678_9abc_def0_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let animated = encoded(&animation(&[10, 20, 30], Loops::Forever), &LOSSLESS);
    let lossy = still(drawn(PixelFormat::Rgba, 48, 48), &LOSSY);
    let mut readable = 0;
    for round in 0..300 {
        let mut file = if round % 2 == 0 { animated.clone() } else { lossy.clone() };
        for _ in 0..=random(3) {
            let at = 12 + random(file.len() - 12);
            file[at] ^= 1 << random(8);
        }
        // A flipped canvas size may ask for more than a test should allocate.
        let small = (DEF.probe)(&file).is_ok_and(|info| info.size.area_px() < 1 << 20);
        readable += u32::from(small && decoded(&file, 1 << random(4)).is_ok());
    }
    assert!((1..300).contains(&readable), "{readable} of 300 are readable");
}

#[test]
fn what_webp_cannot_hold_is_refused() {
    let check = |image: Image| {
        let result = (DEF.encode)(&image, &LOSSY, &CancelToken::never());
        assert!(matches!(result, Err(CodecError::Encode { .. })), "{result:?}");
    };
    check(Image::still(PixelBuffer::new(PixelFormat::Gray, Size::new(16384, 1))));
    check(Image::still(PixelBuffer::new(PixelFormat::Rgb, Size::new(1, 16384))));
    check(Image::still(PixelBuffer::new(PixelFormat::Cmyk, Size::new(2, 2))));
    check(Image::still(PixelBuffer::new(PixelFormat::YCbCr(Subsampling::NONE), Size::new(2, 2))));
    check(animation(&[u32::MAX; 200], Loops::Forever));
}

#[test]
fn cancelling_ends_stills_and_animations() {
    let token = CancelToken::never();
    token.cancel();
    for image in [Image::still(drawn(PixelFormat::Rgb, 99, 99)), animation(&[10, 20], Loops::Forever)] {
        let result = (DEF.encode)(&image, &LOSSY, &token);
        assert!(matches!(result, Err(CodecError::Cancelled(Cancelled::Abandoned))), "{result:?}");
    }
}

#[test]
fn headers_without_sense_are_broken() {
    let check = |file: &[u8]| {
        let result = (DEF.probe)(file);
        assert!(matches!(result, Err(CodecError::Broken { .. })), "{result:?}");
    };
    check(b"");
    check(b"RIFF\x04\0\0\0WEBP");
    check(b"RIFF\x20\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\0\0\x01\0"); // no width
    check(b"RIFF\x20\0\0\0WEBPVP8 \x0a\0\0\0\x01\0\0\x9d\x01\x2a\x01\0\x01\0"); // not a key frame
    check(b"RIFF\x20\0\0\0WEBPVP8L\x05\0\0\0\x2f\0\0\0\xe0"); // version 7
    check(b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\0\0\0\0\0\0"); // animation of no frame
    check(b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\0\0\0"); // still of 16777216x1
}
