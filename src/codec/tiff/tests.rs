use super::*;
use crate::codec::conformance::gradients;
use crate::raster::Image;
use std::io::Cursor;
use tiff::encoder::{TiffEncoder, colortype};

/// A file of the picture, in strips of a few rows.
pub(in crate::codec) fn file(picture: &Image) -> Vec<u8> {
    let (size, data) = (picture.first().size(), &picture.first().first().data);
    let mut file = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file).unwrap();
    let mut image = encoder.new_image::<colortype::RGB8>(size.width, size.height).unwrap();
    image.rows_per_strip(5).unwrap();
    image.write_data(data).unwrap();
    file.into_inner()
}

/// Samples of the first frame, and how many bands they came in; the rows that did not come are left out.
fn decoded(file: &[u8]) -> Result<(Vec<u8>, usize), CodecError> {
    let info = probe(file)?;
    let mut decoder = open(file, &info, DecodeOptions { shrink: 1, rgb: false })?;
    assert_eq!((decoder.next_frame()?, decoder.size()), (Some(0), info.size.into_space()));
    let (mut samples, mut bands) = (Vec::new(), 0);
    while let Some(band) = decoder.next_band()? {
        band.planes()[0].rows().for_each(|row| samples.extend_from_slice(row));
        bands += 1;
    }
    Ok((samples, bands))
}

/// A little-endian file of one strip of `pixels`, with further tags.
fn written(size: (u16, u16), tags: &[(u16, &[u16])], pixels: &[u8]) -> Vec<u8> {
    let pixels_at = 8_u16;
    let lists_at = pixels_at + u16::try_from(pixels.len() + pixels.len() % 2).unwrap();
    let length = u16::try_from(pixels.len()).unwrap();
    let (width, height) = ([size.0], [size.1]);
    let mut all: Vec<(u16, &[u16])> = vec![(256, &width), (257, &height), (259, &[1]), (278, &height)];
    let (start, bytes) = ([pixels_at], [length]);
    all.extend([(273, &start[..]), (279, &bytes[..])]);
    all.extend(tags);
    all.sort_unstable();
    let mut lists = Vec::new();
    let mut entries = Vec::new();
    for (tag, values) in &all {
        entries.extend(tag.to_le_bytes());
        entries.extend([3, 0]);
        entries.extend(u32::try_from(values.len()).unwrap().to_le_bytes());
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        if bytes.len() <= 4 {
            entries.extend(&bytes);
            entries.resize(entries.len() + 4 - bytes.len(), 0);
        } else {
            entries.extend((u32::from(lists_at) + u32::try_from(lists.len()).unwrap()).to_le_bytes());
            lists.extend(bytes);
        }
    }
    let directory_at = u32::from(lists_at) + u32::try_from(lists.len()).unwrap();
    let mut file = [b"II*\0".to_vec(), directory_at.to_le_bytes().to_vec(), pixels.to_vec()].concat();
    file.resize(lists_at.into(), 0);
    file.extend(lists);
    file.extend(u16::try_from(all.len()).unwrap().to_le_bytes());
    file.extend(entries);
    file.extend([0; 4]);
    file
}

const BITS: u16 = 258;
const MEANING: u16 = 262;
const CHANNELS: u16 = 277;
const EXTRA: u16 = 338;

#[test]
fn strips_come_one_by_one() {
    let picture = gradients(20, 13);
    let (samples, bands) = decoded(&file(&picture)).unwrap();
    assert_eq!((samples, bands), (picture.first().first().data.clone(), 3));
}

#[test]
fn every_kind_of_sample_is_understood() {
    let check = |what, size, tags: &[(u16, &[u16])], pixels: &[u8], expected: &[u8]| {
        let file = written(size, tags, pixels);
        assert_eq!(decoded(&file).unwrap_or_else(|error| panic!("{what}: {error}")).0, expected, "{what}");
    };
    check(
        "1 bit",
        (5, 2),
        &[(BITS, &[1]), (MEANING, &[1])],
        &[0b1010_0111, 0b0100_0111],
        &[255, 0, 255, 0, 0, 0, 255, 0, 0, 0],
    );
    check("1 bit, 0 is white", (3, 1), &[(BITS, &[1]), (MEANING, &[0])], &[0b1010_0000], &[0, 255, 0]);
    check("4 bit", (3, 1), &[(BITS, &[4]), (MEANING, &[1])], &[0x0f, 0x80], &[0, 255, 136]);
    check("16 bit", (2, 1), &[(BITS, &[16]), (MEANING, &[1])], &[0, 0, 0xff, 0x7f], &[0, 127]);
    let rgba = [(BITS, &[8, 8, 8, 8][..]), (MEANING, &[2]), (CHANNELS, &[4]), (EXTRA, &[2])];
    check("alpha", (1, 2), &rgba, &[1, 2, 3, 4, 5, 6, 7, 8], &[1, 2, 3, 4, 5, 6, 7, 8]);
    let cmyk = [(BITS, &[8, 8, 8, 8][..]), (MEANING, &[5]), (CHANNELS, &[4])];
    check("inks", (1, 1), &cmyk, &[255, 0, 9, 1], &[255, 0, 9, 1]);
    let gray = [(BITS, &[8, 8][..]), (MEANING, &[1]), (CHANNELS, &[2]), (EXTRA, &[2])];
    check("gray and alpha", (1, 2), &gray, &[255, 0, 9, 1], &[255, 0, 9, 1]);
}

#[test]
fn what_is_missing_at_the_end_is_left_out_and_what_makes_no_sense_refused() {
    let whole = file(&gradients(20, 13));
    // The list of offsets is the only place where these numbers stand in a row.
    let first = u32::try_from(whole.windows(60).position(|row| row == &gradient_rows()[..60]).unwrap()).unwrap();
    let offsets: Vec<u8> = (0..3).flat_map(|strip| (first + strip * 300).to_le_bytes()).collect();
    let found = whole.windows(12).position(|bytes| bytes == offsets).expect("offsets of three strips");
    let mut cut = whole.clone();
    cut[found + 4..found + 12].fill(0x7f);
    assert_eq!(decoded(&cut).unwrap(), (gradient_rows()[..300].to_vec(), 1));
    for (what, tags) in [
        ("no such depth", vec![(BITS, &[24][..]), (MEANING, &[1])]),
        ("palette", vec![(BITS, &[8]), (MEANING, &[3])]),
        ("planes", vec![(BITS, &[8, 8, 8]), (MEANING, &[2]), (CHANNELS, &[3]), (284, &[2])]),
        ("raw YCbCr", vec![(BITS, &[8, 8, 8]), (MEANING, &[6]), (CHANNELS, &[3])]),
    ] {
        assert!(probe(&written((2, 2), &tags, &[0; 12])).is_err(), "{what}");
    }
    let empty = written((0, 2), &[(BITS, &[8]), (MEANING, &[1])], &[0; 4]);
    assert!(probe(&empty).is_err());
    let long = written((60_000, 60_000), &[(BITS, &[8]), (MEANING, &[1])], &[0; 4]);
    assert_eq!(probe(&long).unwrap().size, Size::new(60_000, 60_000));
    assert!(decoded(&long).is_err(), "a strip of 3.6 GB is not made room for");
}

fn gradient_rows() -> Vec<u8> {
    gradients(20, 13).first().first().data.clone()
}
