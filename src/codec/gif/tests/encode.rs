//! Animations written and read again, by us and by an independent reader.

use super::*;
use crate::cancel::CancelToken;
use crate::codec::EncodeOptions;
use crate::codec::gif::encode::encode;
use crate::geometry::Canvas;
use crate::raster::{Frame, Image, PixelBuffer, Subsampling};

const ENCODE: EncodeOptions<'static> = EncodeOptions {
    quality: 80,
    progressive: false,
    chroma: Subsampling::HALF,
    indexed: false,
    png_level: 6,
    webp_method: 4,
    avif_speed: 8,
    icc: None,
    exif: None,
    iptc: None,
};

/// An animation of 24x16 pixels that `color` draws by frame, x and y.
fn animation(format: PixelFormat, frames: usize, color: impl Fn(usize, usize, usize) -> [u8; 4]) -> Image {
    let frame = |number| {
        let draw = |place: usize| {
            let [r, g, b, a] = color(number, place % 24, place / 24);
            match format {
                PixelFormat::Gray => vec![r],
                PixelFormat::GrayAlpha => vec![r, a],
                PixelFormat::Rgb => vec![r, g, b],
                _ => vec![r, g, b, a],
            }
        };
        let bytes = (0..24 * 16).flat_map(draw).collect();
        Frame { pixels: PixelBuffer::<Canvas>::from_vec(format, Size::new(24, 16), bytes), delay_ms: 40 }
    };
    Image { frames: (0..frames).map(frame).collect(), loops: Loops::Forever }
}

fn write(image: &Image) -> Vec<u8> {
    encode(image, &ENCODE, &CancelToken::never()).unwrap()
}

/// Writes the picture and compares what is read with it; alpha is halved at 128.
fn check_round_trip(image: &Image) -> Vec<u8> {
    let file = write(image);
    let frames = decode(&file).unwrap();
    let mut expected: Vec<Vec<[u8; 4]>> =
        image.frames.iter().map(|frame| crate::codec::palette::rgba(&frame.pixels).unwrap()).collect();
    for pixel in expected.iter_mut().flatten() {
        *pixel = if pixel[3] < 128 { [0; 4] } else { [pixel[0], pixel[1], pixel[2], 255] };
    }
    expected.dedup(); // what looks the same is shown for longer
    assert_eq!(frames.len(), expected.len());
    for (number, (frame, read)) in expected.iter().zip(&frames).enumerate() {
        assert!(read.0 == frame.as_flattened(), "frame {number} of {:?}", image.first().format());
    }
    assert!(reference(&file) == frames);
    file
}

#[test]
fn few_colors_survive_in_every_layout() {
    for format in [PixelFormat::Gray, PixelFormat::GrayAlpha, PixelFormat::Rgb, PixelFormat::Rgba] {
        for frames in [1, 4] {
            check_round_trip(&animation(format, frames, |number, x, y| {
                let alpha = if x == number * 3 { 127 } else { 128 + y as u8 };
                [(x * 10) as u8, (y / 8 * 16) as u8, number as u8, alpha]
            }));
        }
    }
}

#[test]
fn holes_that_come_go_and_move_survive() {
    // A ball that moves, one that grows and shrinks, one that blinks.
    let ball = |x: usize, y: usize, center: usize, radius: usize| {
        x.abs_diff(center).pow(2) + y.abs_diff(8).pow(2) < radius.pow(2)
    };
    let check = |shown: &dyn Fn(usize, usize, usize) -> bool| {
        check_round_trip(&animation(PixelFormat::Rgba, 7, |number, x, y| {
            if shown(number, x, y) { [200, (x * 9) as u8, 30, 255] } else { [9, 9, 9, 0] }
        }));
    };
    check(&|number, x, y| ball(x, y, 4 + number * 2, 4));
    check(&|number, x, y| ball(x, y, 12, 2 + (number % 4) * 2));
    check(&|number, x, y| number % 3 != 1 && ball(x, y, 12, 6));
    check(&|_, _, _| false);
}

#[test]
fn a_first_frame_with_a_clear_border_names_its_transparent_color() {
    let half = animation(PixelFormat::Rgba, 1, |_, x, _| if x < 12 { [0; 4] } else { [255, 0, 0, 255] });
    let file = check_round_trip(&half);
    let mut reader = gif::DecodeOptions::new().read_info(&file[..]).unwrap();
    let first = reader.next_frame_info().unwrap().unwrap();
    assert_eq!((first.left, first.top, first.width, first.height), (0, 0, 24, 16));
    assert!(first.transparent.is_some());
}

#[test]
fn only_what_changes_is_written() {
    let still = animation(PixelFormat::Rgb, 1, |_, x, y| [(x * 10) as u8, (y * 10) as u8, 0, 255]);
    assert!(crate::codec::palette::exact(&crate::codec::palette::rgba(still.first()).unwrap(), 256).is_none());
    let spot = animation(PixelFormat::Rgb, 5, |number, x, y| {
        if (x, y) == (5 + number, 7) { [255, 255, 255, 255] } else { [(x / 2 * 20) as u8, (y * 10) as u8, 0, 255] }
    });
    let file = check_round_trip(&spot);
    let gif = Gif::read(&file).unwrap();
    let places: Vec<_> = gif.frames.map(|frame| (frame.left, frame.top, frame.width, frame.height)).collect();
    assert_eq!(places, [(0, 0, 24, 16), (5, 7, 2, 1), (6, 7, 2, 1), (7, 7, 2, 1), (8, 7, 2, 1)]);
}

#[test]
fn frames_that_change_nothing_become_time() {
    let blinking = animation(PixelFormat::Rgb, 7, |number, x, _| [x as u8, u8::from(number / 3 == 1), 0, 255]);
    let delays = |image: &Image| -> Vec<u32> {
        let file = check_round_trip(image);
        decode(&file).unwrap().iter().map(|(_, delay_ms)| *delay_ms).collect()
    };
    assert_eq!(delays(&blinking), [120, 120, 40]);
    let mut long = blinking;
    long.frames.iter_mut().for_each(|frame| frame.delay_ms = 400_000);
    let file = write(&long);
    let total: u32 = decode(&file).unwrap().iter().map(|(_, delay_ms)| *delay_ms).sum();
    assert_eq!(total, 2_800_000, "no frame is longer than a file can tell");
}

#[test]
fn frames_of_256_new_colors_stay_exact() {
    check_round_trip(&animation(PixelFormat::Rgb, 3, |number, x, y| {
        // One pixel stays while its color comes elsewhere, so that with a hole there are 257.
        let value = if (x, y) == (0, 0) { 7 } else { (y * 24 + x + number) % 256 };
        [value as u8, if value == 7 { 0 } else { number as u8 + 1 }, 0, 255]
    }));
}

#[test]
fn many_colors_are_near_and_holes_exact() {
    let image = animation(PixelFormat::Rgba, 2, |number, x, y| {
        [(x * 10) as u8, (y * 15) as u8, (number * 50) as u8, if (x + y) % 5 == 0 { 0 } else { 255 }]
    });
    for (frame, (read, _)) in image.frames.iter().zip(decode(&write(&image)).unwrap()) {
        let written = &frame.pixels.first().data;
        for (written, read) in written.chunks_exact(4).zip(read.chunks_exact(4)) {
            assert_eq!(written[3], read[3]);
            let far = written.iter().zip(read).any(|(a, b)| a.abs_diff(*b) > 60);
            assert!(written[3] == 0 || !far, "{written:?} became {read:?}");
        }
    }
}

#[test]
fn delays_are_rounded_without_drifting() {
    let mut image = animation(PixelFormat::Gray, 7, |number, _, _| [number as u8; 4]);
    image.frames.iter_mut().for_each(|frame| frame.delay_ms = 33);
    let delays: Vec<_> = decode(&write(&image)).unwrap().iter().map(|frame| frame.1).collect();
    assert_eq!(delays, [30, 40, 30, 30, 40, 30, 30]);
}

#[test]
fn loops_come_back() {
    let mut image = animation(PixelFormat::Gray, 2, |number, _, _| [number as u8; 4]);
    for loops in [Loops::Forever, Loops::Times(1), Loops::Times(2), Loops::Times(65_535)] {
        image.loops = loops;
        assert_eq!(probe(&write(&image)).unwrap().loops, loops);
    }
    let still = animation(PixelFormat::Gray, 1, |_, _, _| [9; 4]);
    let file = write(&still);
    assert!(!file.windows(8).any(|bytes| bytes == b"NETSCAPE"), "a still needs no word about loops");
}

#[test]
fn what_does_not_fit_is_an_error() {
    let wide = PixelBuffer::new(PixelFormat::Gray, Size::new(65_536, 1));
    let planes = PixelBuffer::new(PixelFormat::Cmyk, Size::new(4, 4));
    for picture in [wide, planes] {
        let error = encode(&Image::still(picture), &ENCODE, &CancelToken::never()).unwrap_err();
        assert!(matches!(error, CodecError::Encode { format: Format::Gif, .. }), "{error}");
    }
    let token = CancelToken::never();
    token.cancel();
    let image = animation(PixelFormat::Gray, 2, |_, _, _| [9; 4]);
    assert!(matches!(encode(&image, &ENCODE, &token), Err(CodecError::Cancelled(_))));
}
