use super::*;
use crate::cancel::CancelToken;
use crate::codec::conformance::gradients;
use crate::codec::{DecodeOptions, EncodeOptions};
use crate::geometry::{Canvas, Size};
use crate::raster::{Image, PixelBuffer};
use write::boxed;

const QUICK: EncodeOptions<'_> = EncodeOptions {
    quality: 95,
    progressive: false,
    chroma: Subsampling::HALF,
    indexed: false,
    png_level: 6,
    webp_method: 0,
    avif_speed: 9,
    icc: None,
    exif: None,
    iptc: None,
};

fn file(image: &Image, options: &EncodeOptions) -> Vec<u8> {
    (DEF.encode)(image, options, &CancelToken::never()).expect("it can be encoded")
}

fn decoded(file: &[u8], rgb: bool) -> Result<(PixelFormat, Vec<Vec<u8>>), CodecError> {
    let info = probe(file)?;
    let mut decoder = (DEF.open)(file, &info, DecodeOptions { shrink: 1, rgb })?;
    decoder.next_frame()?;
    let format = decoder.format();
    let band = decoder.next_band()?.expect("one band");
    let planes = band.planes().iter().map(|plane| plane.rows().flatten().copied().collect()).collect();
    Ok((format, planes))
}

/// Mean difference of two planes.
fn off(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let mean = sum as f64 / a.len() as f64;
    mean
}

/// A soft picture in any interleaved layout.
fn soft(format: PixelFormat, (width, height): (u32, u32)) -> Image {
    let channels = u32::try_from(format.channels()).unwrap();
    let sample = |at: u32| {
        let (x, y, channel) = (at / channels % width, at / channels / width, at % channels);
        u8::try_from(30 + x * 180 / width / (channel + 1) + y * 40 / height).unwrap()
    };
    let data = (0..width * height * channels).map(sample).collect();
    Image::still(PixelBuffer::<Canvas>::from_vec(format, Size::new(width, height), data))
}

/// The AV1 streams of a file: picture and alpha.
fn streams(file: &[u8]) -> (Vec<u8>, Option<Vec<u8>>) {
    let found = container::parse(file).unwrap();
    (found.color.into_owned(), found.alpha.map(std::borrow::Cow::into_owned))
}

/// A file of items of a type and data, the first being the picture, with `properties` for it and references in a row.
fn assembled(items: &[(&[u8; 4], &[u8])], properties: &[Vec<u8>], references: &[Vec<u8>]) -> Vec<u8> {
    let head = boxed(*b"ftyp", &[b"avif\0\0\0\0mif1"]);
    let meta = |start: usize| {
        let (mut places, mut infos, mut at) = (Vec::new(), Vec::new(), start);
        for (id, (kind, data)) in (1_u8..).zip(items) {
            let (offset, length) = (u32::try_from(at).unwrap(), u32::try_from(data.len()).unwrap());
            places.push([&[0, id, 0, 0, 0, 1], &offset.to_be_bytes()[..], &length.to_be_bytes()].concat());
            infos.push(boxed(*b"infe", &[&[2, 0, 0, 0, 0, id, 0, 0], *kind, b"\0"]));
            at += data.len();
        }
        let count = [0, u8::try_from(items.len()).unwrap()];
        let indexes: Vec<u8> = (1..=u8::try_from(properties.len()).unwrap()).collect();
        let associations =
            [&[0, 0, 0, 0, 0, 0, 0, 1, 0, 1, u8::try_from(indexes.len()).unwrap()], &indexes[..]].concat();
        boxed(
            *b"meta",
            &[
                &[0; 4],
                &boxed(*b"pitm", &[&[0, 0, 0, 0, 0, 1]]),
                &boxed(*b"iloc", &[&[0, 0, 0, 0, 0x44, 0], &count, &places.concat()]),
                &boxed(*b"iinf", &[&[0; 4], &count, &infos.concat()]),
                &boxed(*b"iref", &[&[0; 4], &references.concat()]),
                &boxed(*b"iprp", &[&boxed(*b"ipco", &[&properties.concat()]), &boxed(*b"ipma", &[&associations])]),
            ],
        )
    };
    let start = head.len() + meta(0).len() + 8;
    let data: Vec<&[u8]> = items.iter().map(|(_, data)| *data).collect();
    [head, meta(start), boxed(*b"mdat", &data)].concat()
}

fn ispe(width: u32, height: u32) -> Vec<u8> {
    boxed(*b"ispe", &[&[0; 4], &width.to_be_bytes(), &height.to_be_bytes()])
}

/// A configuration of 8 bit 4:2:0.
fn av1c() -> Vec<u8> {
    boxed(*b"av1C", &[&[0x81, 0, 0x0c, 0]])
}

#[test]
fn every_layout_comes_back() {
    for size in [(1, 1), (2, 3), (17, 9), (64, 40)] {
        for format in [PixelFormat::Gray, PixelFormat::GrayAlpha, PixelFormat::Rgba] {
            let image = soft(format, size);
            let (found, planes) = decoded(&file(&image, &QUICK), false).unwrap();
            assert_eq!(found, format);
            // Chroma of tiny pictures is that of several colors.
            let most = if format == PixelFormat::Rgba && size.0 < 10 { 16.0 } else { 3.0 };
            let mean = off(&planes[0], &image.first().first().data);
            assert!(mean < most, "{format:?} {size:?}: {mean}");
        }
        let (format, planes) = decoded(&file(&soft(PixelFormat::Rgb, size), &QUICK), true).unwrap();
        assert_eq!((format, planes[0].len()), (PixelFormat::Rgb, (size.0 * size.1 * 3) as usize));
    }
}

#[test]
fn planes_pass_as_planes() {
    let size = (33, 18);
    let mut picture = PixelBuffer::<Canvas>::new(PixelFormat::YCbCr(Subsampling::HALF), Size::new(size.0, size.1));
    for (plane, level) in picture.planes_mut().iter_mut().zip([255, 60, 250]) {
        plane.data.fill(level);
    }
    let planes = picture.planes().to_vec();
    let (format, found) = decoded(&file(&Image::still(picture), &QUICK), false).unwrap();
    assert_eq!(format, PixelFormat::YCbCr(Subsampling::HALF));
    for (found, plane) in found.iter().zip(planes) {
        assert!(off(found, &plane.data) < 1.5, "full range comes back");
    }
}

#[test]
fn quality_and_speed_reach_the_encoder() {
    let bytes = |quality, avif_speed| file(&gradients(200, 150), &EncodeOptions { quality, avif_speed, ..QUICK }).len();
    assert!(bytes(10, 9) < bytes(60, 9) && bytes(60, 9) < bytes(100, 9));
    let slow = file(&gradients(64, 64), &EncodeOptions { avif_speed: 6, ..QUICK });
    assert_ne!(slow, file(&gradients(64, 64), &QUICK));
}

#[test]
fn profiles_and_exif_are_carried() {
    let icc = [7; 300];
    let exif = b"MM\0*\0\0\0\x08\0\0";
    let options = EncodeOptions { icc: Some(&icc), exif: Some(exif), ..QUICK };
    for format in [PixelFormat::Rgb, PixelFormat::Rgba] {
        let info = probe(&file(&soft(format, (20, 10)), &options)).unwrap();
        assert_eq!((info.icc.as_deref(), info.exif.as_deref()), (Some(&icc[..]), Some(&exif[..])), "{format:?}");
        assert_eq!(info.orientation, Orientation::UPRIGHT);
    }
}

#[test]
fn turns_and_mirrors_are_an_orientation() {
    let (color, _) = streams(&file(&gradients(16, 12), &QUICK));
    let irot = |turns: u8| boxed(*b"irot", &[&[turns]]);
    let imir = |axis: u8| boxed(*b"imir", &[&[axis]]);
    for (turning, expected) in [
        (vec![], 1),
        (vec![irot(1)], 8),
        (vec![irot(2)], 3),
        (vec![irot(3)], 6),
        (vec![imir(0)], 4),
        (vec![imir(1)], 2),
        (vec![irot(1), imir(0)], 5),
        (vec![irot(1), imir(1)], 7),
        (vec![irot(2), imir(0)], 2),
        (vec![irot(2), imir(1)], 4),
        (vec![irot(3), imir(0)], 7),
        (vec![irot(3), imir(1)], 5),
    ] {
        let properties = [vec![ispe(16, 12), av1c()], turning].concat();
        let info = probe(&assembled(&[(b"av01", &color)], &properties, &[])).unwrap();
        assert_eq!(info.orientation, Orientation::from_exif(expected), "{expected}");
    }
}

#[test]
fn boxes_overrule_the_stream_in_colors() {
    let picture = soft(PixelFormat::Rgb, (16, 12));
    let (color, _) = streams(&file(&picture, &QUICK));
    let with = |points: &[u8]| {
        let properties = [ispe(16, 12), av1c(), boxed(*b"colr", &[b"nclx", points])];
        decoded(&assembled(&[(b"av01", &color)], &properties, &[]), false).map(|(_, planes)| planes)
    };
    let plain = with(&[0, 1, 0, 13, 0, 6, 0x80]).unwrap();
    let limited = with(&[0, 1, 0, 13, 0, 6, 0]).unwrap();
    let mut widened = plain.clone();
    widened.iter_mut().enumerate().for_each(|(index, plane)| colors::widen(plane, index > 0));
    assert_eq!(limited, widened);
    assert_ne!(with(&[0, 1, 0, 13, 0, 1, 0x80]).unwrap(), plain, "BT.709");
    assert!(matches!(with(&[0, 1, 0, 13, 0, 14, 0x80]), Err(CodecError::Unsupported { .. })));
}

#[test]
fn wide_primaries_become_a_profile() {
    let (color, _) = streams(&file(&gradients(16, 12), &QUICK));
    let icc = |primaries, transfer| {
        let points = boxed(*b"colr", &[b"nclx", &[0, primaries, 0, transfer, 0, 6, 0x80]]);
        probe(&assembled(&[(b"av01", &color)], &[ispe(16, 12), av1c(), points], &[])).unwrap().icc
    };
    let as_srgb = |icc: &[u8], pixel: [u8; 3]| {
        let picture = PixelBuffer::<Canvas>::from_vec(PixelFormat::Rgb, Size::new(1, 1), pixel.to_vec());
        crate::transform::color::to_srgb(picture, icc).expect("a usable profile").into_first()
    };
    let near = |found: &[u8], expected: &[u8]| found.iter().zip(expected).all(|(a, b)| a.abs_diff(*b) <= 1);
    let known = ColorProfile::new_display_p3().encode().unwrap();
    let made = icc(12, 13).expect("a profile");
    for pixel in [[200, 100, 50], [128, 128, 128], [30, 90, 60], [255, 255, 255]] {
        let (found, expected) = (as_srgb(&made, pixel), as_srgb(&known, pixel));
        assert!(near(&found, &expected), "{pixel:?} is {found:?} for {expected:?}");
    }
    let wider = as_srgb(&icc(9, 1).expect("a profile"), [150, 100, 100]);
    assert!(wider[0] > 160 && wider[1] < 100, "{wider:?}");
    for (primaries, transfer) in [(1, 13), (2, 2), (9, 16), (9, 18), (12, 16)] {
        assert_eq!(icc(primaries, transfer), None, "primaries {primaries}, transfer {transfer}");
    }
}

#[test]
fn premultiplied_colors_are_divided() {
    let mut image = soft(PixelFormat::Rgba, (16, 12));
    for pixel in image.frames[0].pixels.first_mut().data.chunks_exact_mut(4) {
        pixel.copy_from_slice(&[50, 60, 70, 128]);
    }
    let (color, alpha) = streams(&file(&image, &QUICK));
    let alpha = alpha.expect("alpha");
    let auxiliary = boxed(*b"auxC", &[b"\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"]);
    // The property list is the picture's; here the alpha item has the same.
    let properties = [ispe(16, 12), av1c(), auxiliary];
    let auxl = boxed(*b"auxl", &[&[0, 2, 0, 1, 0, 1]]);
    let prem = boxed(*b"prem", &[&[0, 1, 0, 1, 0, 2]]);
    let pixel = |references: &[Vec<u8>]| {
        let mut file = assembled(&[(b"av01", &color), (b"av01", &alpha)], &properties, references);
        // Two entries instead of one: the second is a copy of the first with another number.
        let at = file.windows(4).position(|kind| kind == b"ipma").unwrap();
        let entry = [&[0, 2], &file[at + 14..at + 18]].concat();
        file[at + 11] = 2;
        file.splice(at + 18..at + 18, entry);
        grow(&mut file, 6);
        let (_, planes) = decoded(&file, false).unwrap();
        planes[0][400..404].to_vec()
    };
    let near = |found: &[u8], expected: [u8; 4]| found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) < 5);
    let straight = pixel(std::slice::from_ref(&auxl));
    assert!(near(&straight, [50, 60, 70, 128]), "{straight:?}");
    let divided = pixel(&[auxl, prem]);
    assert!(near(&divided, [100, 120, 140, 128]), "{divided:?}");
}

/// Makes the boxes around `ipma` and the offsets of both items larger by `more` bytes.
fn grow(file: &mut [u8], more: u32) {
    for kind in [b"ipma", b"iprp", b"meta"] {
        let at = file.windows(4).position(|found| found == kind).unwrap() - 4;
        let length = u32::from_be_bytes(*file[at..].first_chunk().unwrap()) + more;
        file[at..at + 4].copy_from_slice(&length.to_be_bytes());
    }
    let at = file.windows(4).position(|found| found == b"iloc").unwrap() + 4 + 8;
    for item in [at, at + 14] {
        let offset = u32::from_be_bytes(*file[item + 6..].first_chunk().unwrap()) + more;
        file[item + 6..item + 10].copy_from_slice(&offset.to_be_bytes());
    }
}

#[test]
fn what_the_boxes_promise_is_checked() {
    let (color, _) = streams(&file(&gradients(16, 12), &QUICK));
    let picture = |properties: &[Vec<u8>]| assembled(&[(b"av01", &color)], properties, &[]);
    assert!(decoded(&picture(&[ispe(16, 12), av1c()]), false).is_ok());
    for (what, file) in [
        ("larger than told", picture(&[ispe(15, 12), av1c()])),
        ("smaller than told", picture(&[ispe(17, 12), av1c()])),
        ("no size", picture(&[av1c()])),
        ("empty", picture(&[ispe(0, 12), av1c()])),
        ("no configuration", picture(&[ispe(16, 12)])),
        ("gray that is none", picture(&[ispe(16, 12), boxed(*b"av1C", &[&[0x81, 0, 0x1c, 0]])])),
        ("finer chroma", picture(&[ispe(16, 12), boxed(*b"av1C", &[&[0x81, 0, 0, 0]])])),
        ("other data", assembled(&[(b"hvc1", &color)], &[ispe(16, 12), av1c()], &[])),
        ("a grid", assembled(&[(b"grid", &color)], &[ispe(16, 12), av1c()], &[])),
        ("noise", assembled(&[(b"av01", &[0xff; 50])], &[ispe(16, 12), av1c()], &[])),
        ("nothing", assembled(&[(b"av01", &[])], &[ispe(16, 12), av1c()], &[])),
    ] {
        assert!(decoded(&file, false).is_err(), "{what}");
    }
    let huge = picture(&[ispe(u32::MAX, u32::MAX), av1c()]);
    assert_eq!(probe(&huge).unwrap().size, Size::new(u32::MAX, u32::MAX));
}

#[test]
fn broken_files_are_errors() {
    let whole = file(&soft(PixelFormat::Rgba, (20, 13)), &QUICK);
    for end in 0..whole.len() {
        assert!(decoded(&whole[..end], false).is_err(), "cut at {end}");
    }
    // Every byte of the boxes wrong in several ways: an error or a picture, never a panic.
    let boxes = whole.windows(4).position(|kind| kind == b"mdat").unwrap();
    let mut broken = whole.clone();
    for at in 0..boxes {
        for wrong in [0, 1, 0x7f, 0x80, 0xff] {
            broken[at] = wrong;
            let _either =
                probe(&broken).map(|info| (DEF.open)(&broken, &info, DecodeOptions { shrink: 1, rgb: false }));
        }
        broken[at] = whole[at];
    }
    for at in (boxes..whole.len()).step_by(3) {
        broken[at] ^= 0x55;
        let _either = decoded(&broken, true);
        broken[at] = whole[at];
    }
}

#[test]
fn only_files_that_say_so_are_avif() {
    let check = |brands: &[u8], expected| assert_eq!((DEF.sniff)(&boxed(*b"ftyp", &[brands])), expected, "{brands:?}");
    check(b"avif\0\0\0\0", true);
    check(b"mif1\0\0\0\0miafavif", true);
    check(b"avis\0\0\0\0", true);
    check(b"heic\0\0\0\0mif1", false);
    check(b"mif1avif", false); // a version number
    assert!(!(DEF.sniff)(b"\0\0\0\x20ftypavif"), "cut short");
}
