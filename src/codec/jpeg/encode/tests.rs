use super::super::DEF;
use super::super::fixtures::{FULL, PLAIN, SUBSAMPLINGS, file, max_diff, read, waves};
use super::*;
use crate::cancel::Cancelled;
use crate::geometry::{Canvas, Size};
use crate::raster::Subsampling;

const PROGRESSIVE: EncodeOptions = EncodeOptions { progressive: true, ..PLAIN };

fn encode_as(picture: PixelBuffer<Canvas>, options: &EncodeOptions) -> Result<Vec<u8>, CodecError> {
    encode(&Image::still(picture), options, &CancelToken::never())
}

/// The bodies of the segments with this marker that stand before the first scan.
fn segments_of(data: &[u8], wanted: u8) -> Vec<&[u8]> {
    let mut markers = super::super::decoder::markers::Markers::new(data).unwrap();
    let mut found = Vec::new();
    while let Ok((marker, body)) = markers.next_segment()
        && marker != super::super::decoder::markers::START_OF_SCAN
    {
        found.extend((marker == wanted).then_some(body));
    }
    found
}

#[test]
fn another_decoder_sees_what_was_drawn() {
    for (width, height) in [(1, 1), (7, 5), (16, 16), (17, 33), (131, 97)] {
        for options in [PLAIN, PROGRESSIVE] {
            let gray = waves(PixelFormat::Gray, width, height);
            let theirs = image::load_from_memory(&file(gray.clone(), &options)).unwrap();
            assert_eq!(theirs.color(), image::ColorType::L8);
            assert!(max_diff(theirs.as_bytes(), &gray.first().data) <= 6, "gray {width}x{height}");

            let rgb = waves(PixelFormat::Rgb, width, height);
            let theirs = image::load_from_memory(&file(rgb.clone(), &options)).unwrap().into_rgb8();
            let diff = max_diff(theirs.as_raw(), &rgb.first().data);
            assert!(diff <= 24, "rgb {width}x{height}: {diff}"); // slanted color edges lose to 4:2:0
        }
    }
}

#[test]
fn another_decoder_sees_the_planes() {
    for chroma in [Subsampling::NONE, Subsampling { x: 2, y: 1 }, Subsampling::HALF] {
        for (width, height) in [(1, 1), (17, 33), (131, 97)] {
            let planes = waves(PixelFormat::YCbCr(chroma), width, height);
            let data = file(planes, &PLAIN);
            let theirs = image::load_from_memory(&data).unwrap().into_rgb8();
            let ours = read(&data, crate::codec::DecodeOptions { shrink: 1, rgb: true }).unwrap();
            assert!(max_diff(theirs.as_raw(), &ours.first().data) <= 5, "{chroma:?} {width}x{height}");
        }
    }
}

#[test]
fn edges_are_continued_so_that_no_foreign_color_bleeds_in() {
    for chroma in SUBSAMPLINGS {
        let mut picture = PixelBuffer::new(PixelFormat::YCbCr(chroma), Size::new(33, 17));
        for (plane, value) in picture.planes_mut().iter_mut().zip([200, 90, 170]) {
            plane.data.fill(value);
        }
        let decoded = read(&file(picture, &EncodeOptions { quality: 30, ..PLAIN }), FULL).unwrap();
        for plane in decoded.planes() {
            assert!(plane.data.iter().all(|sample| *sample == plane.data[0]), "{chroma:?}");
        }
    }
}

#[test]
fn quality_is_the_scale_of_libjpeg() {
    let tables = |quality| {
        let data = file(waves(PixelFormat::Rgb, 16, 16), &EncodeOptions { quality, ..PLAIN });
        segments_of(&data, 0xDB).concat()
    };
    // Annex K of the standard, in zigzag order, each table after its number.
    assert_eq!(tables(50)[..9], [0, 16, 11, 12, 14, 12, 10, 16, 14]);
    assert_eq!(tables(50)[65..74], [1, 17, 18, 18, 24, 21, 24, 47, 26]);
    assert_eq!(tables(75)[..5], [0, 8, 6, 6, 7]);
    assert!(tables(100)[1..65].iter().all(|&step| step == 1));
    assert_eq!(tables(0), tables(1));
    assert_eq!(tables(200), tables(100));
}

#[test]
fn the_kind_of_file_is_the_one_asked_for() {
    let picture = waves(PixelFormat::YCbCr(Subsampling::HALF), 200, 150);
    let baseline = file(picture.clone(), &PLAIN);
    let progressive = file(picture, &PROGRESSIVE);
    let frames = |data: &[u8]| (segments_of(data, 0xC0).len(), segments_of(data, 0xC2).len());
    assert_eq!((frames(&baseline), frames(&progressive)), ((1, 0), (0, 1)));
    for data in [baseline, progressive] {
        assert!(segments_of(&data, 0xE0)[0].starts_with(b"JFIF\0"));
    }
}

#[test]
fn metadata_comes_back() {
    let icc: Vec<u8> = (0..70_000u32).map(|i| i.to_le_bytes()[i as usize % 2]).collect();
    let exif = b"II*\0\x08\0\0\0\0\0\0\0\0\0";
    let options = EncodeOptions { icc: Some(&icc), exif: Some(exif), ..PLAIN };
    let data = encode_as(waves(PixelFormat::Gray, 9, 9), &options).unwrap();
    let info = (DEF.probe)(&data).unwrap();
    assert_eq!(segments_of(&data, 0xE2).len(), 2);
    assert_eq!(info.icc, Some(icc));
    assert_eq!(info.exif.as_deref(), Some(&exif[..]));
}

#[test]
fn an_exif_block_larger_than_a_segment_is_left_out() {
    let block = vec![7; LONGEST_SEGMENT - EXIF_MARK.len() + 1];
    for (cut, kept) in [(0, false), (1, true)] {
        let options = EncodeOptions { exif: Some(&block[cut..]), ..PLAIN };
        let data = encode_as(waves(PixelFormat::Gray, 9, 9), &options).unwrap();
        assert_eq!((DEF.probe)(&data).unwrap().exif.is_some(), kept);
    }
}

#[test]
fn what_cannot_be_written_is_refused_with_its_reason() {
    let refusal = |format, width, height, options: &EncodeOptions| {
        let picture = PixelBuffer::new(format, Size::new(width, height));
        encode_as(picture, options).unwrap_err().to_string()
    };
    let profile = vec![0; 17 << 20];
    let rows = [
        (refusal(PixelFormat::Rgba, 2, 2, &PLAIN), "cannot be written as Jpeg: `Rgba` pixels"),
        (refusal(PixelFormat::Cmyk, 2, 2, &PLAIN), "cannot be written as Jpeg: `Cmyk` pixels"),
        (
            refusal(PixelFormat::YCbCr(Subsampling { x: 4, y: 4 }), 2, 2, &PLAIN),
            "cannot be written as Jpeg: `YCbCr(Subsampling { x: 4, y: 4 })` pixels",
        ),
        (
            refusal(PixelFormat::Gray, 65501, 1, &PLAIN),
            "cannot be written as Jpeg: `65501x1` is larger than 65500 on a side",
        ),
        (
            refusal(PixelFormat::Gray, 2, 2, &EncodeOptions { icc: Some(&profile), ..PLAIN }),
            "cannot be written as Jpeg: an ICC profile of more than 16 MB",
        ),
    ];
    for (text, expected) in rows {
        assert_eq!(text, expected);
    }
}

#[test]
fn the_longest_side_can_be_written() {
    let data = encode_as(PixelBuffer::new(PixelFormat::Gray, Size::new(MAX_SIDE, 1)), &PLAIN).unwrap();
    assert_eq!((DEF.probe)(&data).unwrap().size, Size::new(MAX_SIDE, 1));
}

#[test]
fn a_large_picture_grows_its_file() {
    let mut noise = 1u32;
    let mut picture = PixelBuffer::new(PixelFormat::Gray, Size::new(300, 300));
    for sample in &mut picture.first_mut().data {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *sample = noise.to_be_bytes()[0];
    }
    let before = picture.first().data.clone();
    let data = file(picture, &EncodeOptions { quality: 100, ..PLAIN });
    assert!(data.len() > 64 << 10, "{}", data.len());
    assert!(max_diff(&read(&data, FULL).unwrap().first().data, &before) <= 2);
}

#[test]
fn nobody_waiting_means_no_file() {
    let token = CancelToken::never();
    token.cancel();
    let result = encode(&Image::still(waves(PixelFormat::Gray, 9, 9)), &PLAIN, &token);
    assert!(matches!(result, Err(CodecError::Cancelled(Cancelled::Abandoned))));
}
