use super::super::DEF;
use super::super::fixtures::{
    FULL, FlatComponent, PLAIN, SUBSAMPLINGS, adobe, file, flat, max_diff, read, read_bands, waves,
};
use super::*;
use crate::codec::EncodeOptions;
use crate::raster::{PixelBuffer, Plane, Subsampling};

const PROGRESSIVE: EncodeOptions = EncodeOptions { progressive: true, ..PLAIN };
const SHRINKS: [u32; 4] = [1, 2, 4, 8];

fn at(shrink: u32) -> DecodeOptions {
    DecodeOptions { shrink, rgb: false }
}

/// Averages of squares of `shrink` samples: the slow twin of a reduced decode.
fn averaged(plane: &Plane, shrink: usize) -> Vec<u8> {
    let rows: Vec<_> = plane.rows().collect();
    let mut averages = Vec::new();
    for band in rows.chunks(shrink) {
        for x in (0..plane.stride).step_by(shrink) {
            let square = band.iter().flat_map(|row| &row[x..(x + shrink).min(row.len())]);
            let (sum, count) = square.fold((0, 0), |(sum, count), &v| (sum + u32::from(v), count + 1));
            averages.push(u8::try_from((sum + count / 2) / count).unwrap());
        }
    }
    averages
}

#[test]
fn reduced_planes_look_like_averages_of_the_full_ones() {
    for chroma in SUBSAMPLINGS {
        for (width, height) in [(128, 96), (131, 97), (65, 130), (33, 31), (5, 3), (1, 1)] {
            for options in [PLAIN, PROGRESSIVE] {
                let data = file(waves(PixelFormat::YCbCr(chroma), width, height), &options);
                let full = read(&data, FULL).unwrap();
                assert_eq!(full.format(), PixelFormat::YCbCr(chroma));
                for shrink in [2, 4, 8] {
                    let reduced = read(&data, at(shrink)).unwrap();
                    assert_eq!(reduced.size(), Size::new(width.div_ceil(shrink), height.div_ceil(shrink)));
                    for (index, (fine, coarse)) in full.planes().iter().zip(reduced.planes()).enumerate() {
                        let diff = max_diff(&averaged(fine, shrink as usize), &coarse.data);
                        assert!(diff <= 6, "{chroma:?} {width}x{height} 1/{shrink} plane {index}: {diff}");
                    }
                }
            }
        }
    }
}

#[test]
fn full_planes_are_the_ones_that_were_encoded() {
    for chroma in SUBSAMPLINGS {
        let picture = waves(PixelFormat::YCbCr(chroma), 131, 97);
        let decoded = read(&file(picture.clone(), &PLAIN), FULL).unwrap();
        for (before, after) in picture.planes().iter().zip(decoded.planes()) {
            assert!(max_diff(&before.data, &after.data) <= 8, "{chroma:?}");
        }
    }
}

#[test]
fn progressive_and_baseline_files_give_the_same_pixels() {
    for format in [PixelFormat::Gray, PixelFormat::YCbCr(Subsampling::HALF), PixelFormat::YCbCr(Subsampling::NONE)] {
        let baseline = file(waves(format, 131, 97), &PLAIN);
        let progressive = file(waves(format, 131, 97), &PROGRESSIVE);
        assert_ne!(baseline, progressive);
        for shrink in SHRINKS {
            assert_eq!(read(&baseline, at(shrink)).unwrap(), read(&progressive, at(shrink)).unwrap(), "1/{shrink}");
        }
        let rgb = DecodeOptions { shrink: 8, rgb: true };
        assert_eq!(read(&baseline, rgb).unwrap(), read(&progressive, rgb).unwrap());
    }
}

#[test]
fn a_band_is_rows_of_blocks_until_there_are_sixteen() {
    let data = file(waves(PixelFormat::YCbCr(Subsampling::HALF), 70, 41), &PLAIN);
    let rows = [(1, vec![16, 16, 9]), (2, vec![16, 5]), (4, vec![11]), (8, vec![6])];
    for (shrink, expected) in rows {
        assert_eq!(read_bands(&data, at(shrink)).unwrap().1, expected, "1/{shrink}");
    }
}

#[test]
fn rgb_is_what_another_decoder_makes_of_it() {
    for chroma in [Subsampling::NONE, Subsampling { x: 2, y: 1 }, Subsampling::HALF] {
        let data = file(waves(PixelFormat::YCbCr(chroma), 131, 97), &PLAIN);
        let ours = read(&data, DecodeOptions { shrink: 1, rgb: true }).unwrap();
        let theirs = image::load_from_memory(&data).unwrap().into_rgb8();
        assert_eq!(ours.format(), PixelFormat::Rgb);
        assert!(max_diff(&ours.first().data, theirs.as_raw()) <= 5, "{chroma:?}");
    }
}

#[test]
fn files_of_another_encoder_are_read() {
    let picture = waves(PixelFormat::Rgb, 50, 37);
    let mut data = Vec::new();
    let encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut data, 95);
    image::ImageEncoder::write_image(encoder, &picture.first().data, 50, 37, image::ExtendedColorType::Rgb8).unwrap();
    let decoded = read(&data, DecodeOptions { shrink: 1, rgb: true }).unwrap();
    assert!(max_diff(&decoded.first().data, &picture.first().data) <= 12);
}

#[test]
fn reduced_rgb_has_the_same_size_as_reduced_planes() {
    let data = file(waves(PixelFormat::YCbCr(Subsampling::HALF), 131, 97), &PLAIN);
    let full = read(&data, DecodeOptions { shrink: 1, rgb: true }).unwrap();
    for shrink in [2, 4, 8] {
        let reduced = read(&data, DecodeOptions { shrink, rgb: true }).unwrap();
        assert_eq!(reduced.size(), full.size().div_ceil(shrink));
    }
}

#[test]
fn gray_stays_gray() {
    let picture = waves(PixelFormat::Gray, 45, 31);
    let data = file(picture.clone(), &PLAIN);
    for rgb in [false, true] {
        let decoded = read(&data, DecodeOptions { shrink: 1, rgb }).unwrap();
        assert_eq!(decoded.format(), PixelFormat::Gray);
        assert!(max_diff(&decoded.first().data, &picture.first().data) <= 6);
    }
}

#[test]
fn components_of_all_kinds_get_their_colors() {
    let gray: &[FlatComponent] = &[(1, 0x22, 77)];
    let yuv: &[FlatComponent] = &[(1, 0x22, 90), (2, 0x11, 30), (3, 0x11, 200)];
    let odd: &[FlatComponent] = &[(1, 0x31, 90), (2, 0x11, 128), (3, 0x11, 128)];
    let rgb: &[FlatComponent] = &[(b'R', 0x11, 10), (b'G', 0x11, 128), (b'B', 0x11, 250)];
    let inks: &[FlatComponent] = &[(1, 0x11, 255), (2, 0x11, 155), (3, 0x11, 55), (4, 0x11, 0)];
    let ycck: &[FlatComponent] = &[(1, 0x11, 200), (2, 0x11, 128), (3, 0x11, 128), (4, 0x11, 100)];
    let rows: [(&[u8], &[FlatComponent], &[u8]); 7] = [
        (&[], gray, &[77]),
        (&[], yuv, &[90, 30, 200]),
        (&[], odd, &[90, 90, 90]),
        (&[], rgb, &[10, 128, 250]),
        (&adobe(0), rgb, &[10, 128, 250]),
        (&adobe(0), inks, &[0, 100, 200, 255]),
        (&adobe(2), ycck, &[200, 200, 200, 155]),
    ];
    for (tags, components, expected) in rows {
        for shrink in SHRINKS {
            let decoded = read(&flat(tags, components), at(shrink)).unwrap();
            let samples: Vec<u8> = match decoded.planes() {
                [only] => only.data[..expected.len()].to_vec(),
                planes => planes.iter().map(|plane| plane.data[0]).collect(),
            };
            assert!(max_diff(&samples, expected) <= 1, "{components:?} 1/{shrink}: {samples:?}");
            for plane in decoded.planes() {
                let pixel = decoded.format().channels();
                assert!(plane.data.chunks_exact(pixel).all(|other| other == &plane.data[..pixel]));
            }
        }
    }
}

#[test]
fn a_file_cut_anywhere_gives_what_it_has_or_an_error() {
    for options in [PLAIN, PROGRESSIVE] {
        let data = file(waves(PixelFormat::YCbCr(Subsampling::HALF), 40, 60), &options);
        let whole = read(&data, FULL).unwrap();
        let scan = data.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap() + 14;
        for end in 0..data.len() {
            for options in [FULL, at(8), DecodeOptions { shrink: 2, rgb: true }] {
                let result = read(&data[..end], options);
                assert_eq!(result.is_ok(), end > scan, "cut at {end} of {}: {:?}", data.len(), result.err());
            }
        }
        let top = |picture: &PixelBuffer<Decoded>| picture.first().data[..40 * 16].to_vec();
        assert!(max_diff(&top(&read(&data[..data.len() - 10], FULL).unwrap()), &top(&whole)) <= 64);
    }
}

#[test]
fn a_baseline_file_cut_in_half_keeps_its_top() {
    let data = file(waves(PixelFormat::YCbCr(Subsampling::HALF), 400, 300), &PLAIN);
    let whole = read(&data, FULL).unwrap();
    let half = read(&data[..data.len() / 2], FULL).unwrap();
    let rows = 400 * 100;
    assert_eq!(whole.first().data[..rows], half.first().data[..rows]);
    assert_ne!(whole, half);
}

#[test]
fn flipped_bits_never_panic() {
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    for options in [PLAIN, PROGRESSIVE] {
        let data = file(waves(PixelFormat::YCbCr(Subsampling::HALF), 40, 60), &options);
        let mut decoded = 0;
        for _ in 0..500 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let bit = usize::try_from(random % (data.len() as u64 * 8)).unwrap();
            let mut data = data.clone();
            data[bit / 8] ^= 1 << (bit % 8);
            for options in [FULL, at(8), DecodeOptions { shrink: 4, rgb: true }] {
                // A changed frame header may promise a picture of up to 65500 pixels a side.
                if (DEF.probe)(&data).is_ok_and(|info| info.size.area_px() < 1 << 20) {
                    decoded += usize::from(read(&data, options).is_ok());
                }
            }
        }
        assert!(decoded > 500, "most damage is to the picture, not to the file: {decoded}");
    }
}

#[test]
fn what_is_wrong_becomes_the_reason() {
    let data = file(waves(PixelFormat::Gray, 40, 60), &PLAIN);
    let frame = data.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    let mut no_table = data;
    no_table[frame + 12] = 3;
    let error = read(&no_table, FULL).unwrap_err();
    assert_eq!(error.to_string(), "broken Jpeg file: quantization table 3 was not defined");
}

#[test]
fn a_thousand_scans_are_refused() {
    let data = file(waves(PixelFormat::Gray, 40, 60), &PROGRESSIVE);
    let scans: Vec<_> = (0..data.len()).filter(|&at| data[at..].starts_with(&[0xFF, 0xDA])).collect();
    let (head, scan) = (&data[..scans[0]], &data[scans[0]..scans[1]]);
    let repeated = |times: usize| [head, &scan.repeat(times), &data[scans[1]..]].concat();
    assert!(read(&repeated(90), FULL).is_ok());
    let error = read(&repeated(1000), FULL).unwrap_err();
    assert_eq!(error.to_string(), "broken Jpeg file: more than 100 scans");
}

#[test]
fn an_unread_frame_is_left_behind() {
    let data = file(waves(PixelFormat::Gray, 40, 60), &PLAIN);
    let info = (DEF.probe)(&data).unwrap();
    let mut decoder = (DEF.open)(&data, &info, FULL).unwrap();
    assert_eq!(decoder.next_frame().unwrap(), Some(0));
    assert!(decoder.next_band().unwrap().is_some());
    assert_eq!(decoder.next_frame().unwrap(), None);
}
