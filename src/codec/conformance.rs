//! What every format promises, tested for each entry of [`CODECS`].

use super::{CODECS, CodecDef, DecodeOptions, Decoder, EncodeOptions, Format, SourceInfo};
use crate::cancel::CancelToken;
use crate::geometry::{Decoded, Size};
use crate::raster::{Image, PixelBuffer, PixelFormat, Subsampling};

const OPTIONS: EncodeOptions<'_> = EncodeOptions {
    quality: 90,
    progressive: false,
    chroma: Subsampling::HALF,
    indexed: false,
    png_level: 6,
    webp_method: 0,
    avif_speed: 8,
    icc: None,
    exif: None,
    iptc: None,
};

/// Soft gradients, which every format can hold nearly as they are.
pub(super) fn gradients(width: u32, height: u32) -> Image {
    let byte = |value: u32| u8::try_from(value).unwrap();
    let pixel = |x, y| [byte(40 + x * 160 / width), byte(40 + y * 160 / height), 90];
    let rows = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y)));
    Image::still(PixelBuffer::from_vec(PixelFormat::Rgb, Size::new(width, height), rows.collect()))
}

/// A file of this picture: our own, or, of formats that we only read, one that another program would make.
fn file_of(def: &CodecDef, picture: &Image) -> Vec<u8> {
    let as_other = |format| {
        let (size, data) = (picture.first().size(), picture.first().first().data.clone());
        let picture = image::RgbImage::from_raw(size.width, size.height, data).expect("RGB");
        let mut file = std::io::Cursor::new(Vec::new());
        let picture = image::DynamicImage::from(picture);
        let picture = if format == image::ImageFormat::Ico { picture.into_rgba8().into() } else { picture };
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    };
    match def.format {
        Format::Bmp => as_other(image::ImageFormat::Bmp),
        Format::Ico => as_other(image::ImageFormat::Ico),
        Format::Tiff => super::tiff::tests::file(picture),
        Format::Svg => super::svg::tests::file(picture),
        _ => (def.encode)(picture, &OPTIONS, &CancelToken::never()).unwrap(),
    }
}

/// The first frame's planes as the decoder hands them out.
fn planes(decoder: &mut dyn Decoder) -> Vec<Vec<u8>> {
    let mut planes = vec![Vec::new(); decoder.format().planes()];
    decoder.next_frame().unwrap().expect("a frame");
    while let Some(band) = decoder.next_band().unwrap() {
        for (plane, rows) in planes.iter_mut().zip(band.planes()) {
            rows.rows().for_each(|row| plane.extend_from_slice(row));
        }
    }
    planes
}

fn open<'a>(def: &CodecDef, file: &'a [u8], info: &SourceInfo, shrink: u32, rgb: bool) -> Box<dyn Decoder + 'a> {
    (def.open)(file, info, DecodeOptions { shrink, rgb }).unwrap()
}

#[test]
fn what_a_format_writes_it_knows_and_reads_at_every_scale() {
    for def in CODECS {
        for (width, height) in [(1, 1), (3, 2), (33, 17), (64, 48)] {
            let file = file_of(def, &gradients(width, height));
            let sniffed: Vec<_> = CODECS.iter().filter(|other| (other.sniff)(&file)).map(|d| d.format).collect();
            assert_eq!(sniffed, [def.format]);
            let info = (def.probe)(&file).unwrap();
            assert_eq!((info.format, info.size, info.frames), (def.format, Size::new(width, height), 1));
            for shrink in [1].iter().chain(def.abilities.shrinks) {
                let mut decoder = open(def, &file, &info, *shrink, false);
                let size: Size<Decoded> = info.size.div_ceil(*shrink);
                assert_eq!((decoder.size(), decoder.format()), (size, info.pixels), "{:?} / {shrink}", def.format);
                let whole = PixelBuffer::new(info.pixels, size);
                let samples = planes(decoder.as_mut());
                for (index, (found, expected)) in samples.iter().zip(whole.planes()).enumerate() {
                    let rows = expected.data.len() / expected.stride;
                    assert!(found.len() >= expected.data.len(), "{:?} plane {index}", def.format);
                    assert_eq!(found.len() % rows, 0, "{:?} plane {index} has {rows} rows", def.format);
                }
            }
        }
    }
}

#[test]
fn rgb_pixels_come_back_as_they_went() {
    let picture = gradients(64, 48);
    for def in CODECS {
        let file = file_of(def, &picture);
        let info = (def.probe)(&file).unwrap();
        let mut decoder = open(def, &file, &info, 1, true);
        let channels = decoder.format().channels();
        let found = planes(decoder.as_mut()).swap_remove(0);
        // In the mean, since palettes are dithered.
        let expected = &picture.first().first().data;
        let pixels = found.chunks(channels).zip(expected.chunks(3));
        let off: u64 = pixels.flat_map(|(a, b)| a.iter().zip(b)).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        assert!(off <= 5 * expected.len() as u64, "{:?}: {off} over {} samples", def.format, expected.len());
        assert_eq!(found.len() / channels * 3, expected.len(), "{:?}", def.format);
    }
}

#[test]
fn a_file_cut_anywhere_is_a_picture_or_an_error() {
    for def in CODECS {
        let file = file_of(def, &gradients(20, 13));
        for end in 0..file.len() {
            let Ok(info) = (def.probe)(&file[..end]) else { continue };
            let Ok(mut decoder) = (def.open)(&file[..end], &info, DecodeOptions { shrink: 1, rgb: false }) else {
                continue;
            };
            let Ok(Some(_)) = decoder.next_frame() else { continue };
            while let Ok(Some(_)) = decoder.next_band() {}
        }
    }
}

#[test]
fn cancelled_encoding_stops() {
    let cancel = CancelToken::never();
    cancel.cancel();
    for def in CODECS {
        assert!((def.encode)(&gradients(20, 13), &OPTIONS, &cancel).is_err(), "{:?}", def.format);
    }
}

#[test]
fn a_lower_quality_makes_smaller_files_where_it_is_said_to() {
    for def in CODECS.iter().filter(|def| def.answered_as == def.format) {
        let size = |quality| {
            let options = EncodeOptions { quality, ..OPTIONS };
            (def.encode)(&gradients(120, 90), &options, &CancelToken::never()).unwrap().len()
        };
        assert_eq!(size(20) < size(80), def.abilities.lossy, "{:?}", def.format);
    }
}

#[test]
fn every_name_belongs_to_one_format() {
    let mut names: Vec<_> = CODECS.iter().flat_map(|def| def.names).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn a_format_that_is_only_read_says_so_and_what_it_becomes() {
    for def in CODECS {
        let writes = (def.encode)(&gradients(4, 4), &OPTIONS, &CancelToken::never()).is_ok();
        let instead = super::of(def.answered_as);
        assert_eq!(writes, def.answered_as == def.format, "{:?}", def.format);
        assert_eq!(writes, !def.names.is_empty(), "{:?} goes by a name if it can be asked for", def.format);
        assert_eq!(instead.answered_as, instead.format, "{:?}", def.format);
    }
}
