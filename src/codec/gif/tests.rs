//! Files drawn frame by frame, read by us and by an independent reader.

#![expect(clippy::cast_possible_truncation, reason = "drawn samples are small or noise")]

mod encode;

use super::*;
use crate::geometry::Size;
use crate::raster::{Loops, PixelFormat};
use ::gif::{DisposalMethod, Encoder, Repeat};
use image::AnimationDecoder;

const NO_OPTIONS: DecodeOptions = DecodeOptions { shrink: 1, rgb: false };

const RED: [u8; 3] = [255, 0, 0];
const GREEN: [u8; 3] = [0, 255, 0];
const BLUE: [u8; 3] = [0, 0, 255];
const WHITE: [u8; 3] = [255, 255, 255];

/// A frame at a place whose indices go 0, 1, 2, 3, 0 ... along the rows.
fn stored(place: [u16; 4], dispose: DisposalMethod, transparent: Option<u8>) -> ::gif::Frame<'static> {
    let [left, top, width, height] = place;
    let buffer = (0..width * height).map(|i| (i % 4) as u8).collect::<Vec<_>>().into();
    ::gif::Frame { left, top, width, height, dispose, transparent, buffer, ..::gif::Frame::default() }
}

/// A file of 10x8 with a palette of four colors.
fn file(repeat: Option<Repeat>, frames: &[::gif::Frame<'static>]) -> Vec<u8> {
    let mut encoder = Encoder::new(vec![], 10, 8, &[RED, GREEN, BLUE, WHITE].concat()).unwrap();
    if let Some(repeat) = repeat {
        encoder.set_repeat(repeat).unwrap();
    }
    for frame in frames {
        encoder.write_frame(frame).unwrap();
    }
    encoder.into_inner().unwrap()
}

/// Frames as RGBA bytes with their delays.
type Frames = Vec<(Vec<u8>, u32)>;

fn decode(file: &[u8]) -> Result<Frames, CodecError> {
    let info = probe(file)?;
    assert!(info.frames > 0);
    let mut decoder = open(file, &info, NO_OPTIONS)?;
    assert_eq!((decoder.size(), decoder.format()), (info.size.into_space(), info.pixels));
    let mut frames = vec![];
    while let Some(delay_ms) = decoder.next_frame()? {
        let mut pixels = vec![];
        while let Some(band) = decoder.next_band()? {
            band.planes()[0].rows().for_each(|row| pixels.extend(row));
        }
        assert_eq!(pixels.len() as u64, info.size.area_px() * info.pixels.channels() as u64);
        if info.pixels == PixelFormat::Rgb {
            pixels = pixels.as_chunks().0.iter().flat_map(|&[r, g, b]: &[u8; 3]| [r, g, b, 255]).collect();
        }
        frames.push((pixels, delay_ms));
    }
    assert!(frames.len() <= info.frames as usize);
    Ok(frames)
}

/// What the `image` crate reads.
fn reference(file: &[u8]) -> Frames {
    let decoder = image::codecs::gif::GifDecoder::new(std::io::Cursor::new(file)).unwrap();
    let frame = |frame: image::Frame| (frame.delay().numer_denom_ms().0, frame.into_buffer().into_raw());
    decoder
        .into_frames()
        .map(|f| frame(f.unwrap()))
        .map(|(delay, pixels)| (without_hidden_colors(pixels), delay))
        .collect()
}

fn without_hidden_colors(mut pixels: Vec<u8>) -> Vec<u8> {
    pixels.as_chunks_mut::<4>().0.iter_mut().filter(|pixel| pixel[3] == 0).for_each(|pixel| *pixel = [0; 4]);
    pixels
}

fn pixel(frames: &Frames, frame: usize, x: usize, y: usize) -> [u8; 4] {
    let start = (y * 10 + x) * 4;
    frames[frame].0[start..start + 4].try_into().unwrap()
}

#[test]
fn frames_are_composited_as_their_disposal_says() {
    use DisposalMethod::{Any, Background, Keep, Previous};
    for first in [Any, Keep, Background, Previous] {
        for second in [Any, Keep, Background, Previous] {
            for transparent in [None, Some(2)] {
                let frames = [
                    stored([0, 0, 10, 8], first, transparent),
                    stored([2, 1, 5, 4], second, Some(1)),
                    stored([4, 3, 6, 5], Keep, Some(0)),
                    stored([0, 0, 3, 3], second, Some(3)),
                    stored([9, 7, 1, 1], Keep, None),
                ];
                let file = file(None, &frames);
                assert_eq!(probe(&file).unwrap().frames, 5);
                assert!(decode(&file).unwrap() == reference(&file), "{first:?} {second:?} {transparent:?}");
            }
        }
    }
}

#[test]
fn disposal_of_a_small_frame_is_what_one_expects() {
    let under = stored([0, 0, 10, 8], DisposalMethod::Keep, None);
    let check = |dispose, expected: [u8; 4]| {
        let small = ::gif::Frame { buffer: vec![3; 6].into(), ..stored([4, 4, 3, 2], dispose, None) };
        let frames = decode(&file(None, &[under.clone(), small, stored([0, 0, 1, 1], dispose, None)])).unwrap();
        assert_eq!(pixel(&frames, 1, 4, 4), [255; 4]);
        assert_eq!(pixel(&frames, 2, 4, 4), expected, "{dispose:?}");
        assert_eq!(pixel(&frames, 2, 3, 4), pixel(&frames, 0, 3, 4), "{dispose:?}");
    };
    check(DisposalMethod::Keep, [255; 4]);
    check(DisposalMethod::Background, [0; 4]);
    check(DisposalMethod::Previous, [255, 0, 0, 255]); // index 4 * 10 + 4 in the frame under it
}

#[test]
fn stills_without_holes_are_rgb_and_all_others_rgba() {
    let whole = stored([0, 0, 10, 8], DisposalMethod::Keep, None);
    let check = |frames: &[::gif::Frame<'static>], expected| {
        let file = file(None, frames);
        let info = probe(&file).unwrap();
        assert_eq!((info.pixels, info.indexed, info.size), (expected, true, Size::new(10, 8)));
        assert!(decode(&file).unwrap() == reference(&file));
    };
    check(std::slice::from_ref(&whole), PixelFormat::Rgb);
    check(&[whole.clone(), whole], PixelFormat::Rgba);
    check(&[stored([0, 0, 10, 8], DisposalMethod::Keep, Some(9))], PixelFormat::Rgba);
    check(&[stored([0, 1, 10, 7], DisposalMethod::Keep, None)], PixelFormat::Rgba);
}

#[test]
fn local_palettes_and_interlacing_are_obeyed() {
    let palette = Some([WHITE, BLUE, RED, GREEN].concat());
    let local = ::gif::Frame { palette, interlaced: true, ..stored([1, 0, 9, 7], DisposalMethod::Keep, None) };
    let file = file(None, &[stored([0, 0, 10, 8], DisposalMethod::Keep, None), local]);
    let frames = decode(&file).unwrap();
    assert!(frames == reference(&file));
    assert_eq!(pixel(&frames, 1, 1, 0), [255; 4]);
}

#[test]
fn loops_and_delays_are_read() {
    let frame = |delay| ::gif::Frame { delay, ..stored([0, 0, 10, 8], DisposalMethod::Keep, None) };
    let frames = [frame(0), frame(7), frame(65_535)];
    for (repeat, expected) in
        [(None, Loops::Times(1)), (Some(Repeat::Infinite), Loops::Forever), (Some(Repeat::Finite(3)), Loops::Times(3))]
    {
        let file = file(repeat, &frames);
        assert_eq!(probe(&file).unwrap().loops, expected);
        let delays: Vec<_> = decode(&file).unwrap().iter().map(|frame| frame.1).collect();
        assert_eq!(delays, [0, 70, 655_350]);
    }
}

#[test]
fn the_first_frame_widens_the_screen_and_later_ones_are_clipped() {
    let mut large = file(
        None,
        &[stored([3, 2, 10, 8], DisposalMethod::Background, None), stored([8, 6, 30, 30], DisposalMethod::Keep, None)],
    );
    assert_eq!(probe(&large).unwrap().size, Size::new(13, 10));
    assert_eq!(decode(&large).unwrap().len(), 2);
    large[6..10].fill(0);
    assert_eq!(probe(&large).unwrap().size, Size::new(13, 10));
    let outside = file(
        None,
        &[stored([0, 0, 1, 1], DisposalMethod::Keep, None), stored([50, 50, 3, 3], DisposalMethod::Keep, None)],
    );
    assert_eq!(decode(&outside).unwrap().len(), 2);
}

#[test]
fn a_cut_file_shows_its_first_frame_as_far_as_it_goes_and_no_broken_later_one() {
    let noise = |i: u32| (i.wrapping_mul(2_654_435_761) >> 13) as u8 % 4;
    let frame = ::gif::Frame {
        buffer: (0..80).map(noise).collect::<Vec<_>>().into(),
        ..stored([0, 0, 10, 8], DisposalMethod::Keep, None)
    };
    let two = file(None, &[frame.clone(), frame.clone()]);
    let one = file(None, &[frame]);
    let whole = decode(&one).unwrap();

    let cut = &one[..one.len() - 8];
    let frames = decode(cut).unwrap();
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].0[..80], whole[0].0[..80], "the first two rows");
    assert_eq!(pixel(&frames, 0, 9, 7), [255, 0, 0, 255], "index 0 where nothing is known");

    let cut = &two[..two.len() - 8];
    assert_eq!((probe(cut).unwrap().frames, decode(cut).unwrap().len()), (1, 1));
}

#[test]
fn what_is_no_picture_is_broken() {
    let whole = file(None, &[stored([0, 0, 10, 8], DisposalMethod::Keep, None)]);
    let mut bad_code = whole.clone();
    let place = whole.iter().rposition(|byte| *byte == 0x2c).unwrap() + 10;
    assert_eq!(bad_code[place], 2, "bits of an LZW code");
    bad_code[place] = 200;
    let mut no_pixels = file(None, &[stored([0, 0, 0, 0], DisposalMethod::Keep, None)]);
    no_pixels[6..10].fill(0);
    for file in [&b"GIF8"[..], b"GIF89a", &whole[..13], &whole[..25], &bad_code, &no_pixels] {
        let error = decode(file).unwrap_err();
        assert!(matches!(error, CodecError::Broken { format: Format::Gif, .. }), "{error}");
    }
}

#[test]
fn a_huge_screen_is_refused_before_memory_is_set_aside() {
    let mut file = file(None, &[stored([0, 0, 1, 1], DisposalMethod::Keep, None)]);
    file[6..10].fill(0xff);
    let info = probe(&file).unwrap();
    assert_eq!(info.size, Size::new(65_535, 65_535));
    assert!(matches!(open(&file, &info, NO_OPTIONS).err(), Some(CodecError::Unsupported { .. })));
}

#[test]
fn no_truncation_and_no_bit_flip_panics() {
    let files = [
        file(
            Some(Repeat::Infinite),
            &[
                stored([0, 0, 10, 8], DisposalMethod::Previous, None),
                stored([2, 1, 5, 4], DisposalMethod::Previous, Some(1)),
                stored([1, 1, 3, 3], DisposalMethod::Background, None),
            ],
        ),
        file(None, &[stored([0, 0, 10, 8], DisposalMethod::Keep, Some(2))]),
    ];
    for file in &files {
        for end in 0..file.len() {
            let _ = decode(&file[..end]);
        }
    }
    let mut seed = 1_u64;
    for round in 0..500 {
        let mut file = files[round % 2].clone();
        for _ in 0..3 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let bit = (seed >> 33) as usize % (file.len() * 8);
            file[bit / 8] ^= 1 << (bit % 8);
        }
        // A flip in the size can ask for a huge picture, which here is nobody's job to refuse.
        if probe(&file).is_ok_and(|info| info.size.area_px() < 1 << 20) {
            let _ = decode(&file);
        }
    }
}
