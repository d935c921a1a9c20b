//! Makes files: not interlaced, one picture.

use crate::cancel::CancelToken;
use crate::codec::palette::{self, Indexed};
use crate::codec::{CodecError, EncodeOptions, Format};
use crate::geometry::Canvas;
use crate::raster::{Image, PixelBuffer, PixelFormat};
use png::{BitDepth, ColorType, Compression, DeflateCompression, EncodingError, Filter, Info};
use std::borrow::Cow;

/// Only the first frame is written.
pub(super) fn encode(image: &Image, options: &EncodeOptions, cancel: &CancelToken) -> Result<Vec<u8>, CodecError> {
    cancel.check()?;
    let picture = image.first();
    let (width, height) = (picture.size().width, picture.size().height);
    let most = super::DEF.abilities.max_side;
    if width > most || height > most {
        return Err(cannot(format!("{} is more than {most} pixels", picture.size())));
    }
    let mut info = Info::with_size(width, height);
    info.icc_profile = options.icc.map(Cow::Borrowed);
    info.exif_metadata = options.exif.map(Cow::Borrowed);
    let indexed = if options.indexed { indexed(picture) } else { None };
    cancel.check()?;
    match indexed {
        Some(indexed) => write_indexed(info, &indexed, options.png_level),
        None => write_samples(info, picture, options.png_level),
    }
    .map_err(|error| match error {
        Failure::Format(format) => cannot(format!("pixels are {format:?}")),
        Failure::Encoder(error) => cannot(error.to_string()),
    })
}

fn cannot(reason: String) -> CodecError {
    CodecError::Encode { format: Format::Png, reason }
}

/// Why no file came out.
enum Failure {
    Format(PixelFormat),
    Encoder(EncodingError),
}

impl From<EncodingError> for Failure {
    fn from(error: EncodingError) -> Self {
        Self::Encoder(error)
    }
}

/// The picture with a palette if it has few colors or no transparency; `None` where that gains nothing.
fn indexed(picture: &PixelBuffer<Canvas>) -> Option<Indexed> {
    let pixels = palette::rgba(picture)?;
    if let Some(exact) = palette::exact(&pixels, 256) {
        let grays_as_small = picture.format() == PixelFormat::Gray && exact.palette.len() > 16;
        return (!grays_as_small).then_some(exact);
    }
    let opaque = pixels.iter().all(|pixel| pixel[3] == 255);
    opaque.then(|| palette::quantized(&pixels, picture.size().width, picture.size().height, 256))
}

fn write_samples(mut info: Info<'_>, picture: &PixelBuffer<Canvas>, level: u8) -> Result<Vec<u8>, Failure> {
    info.color_type = match picture.format() {
        PixelFormat::Gray => ColorType::Grayscale,
        PixelFormat::GrayAlpha => ColorType::GrayscaleAlpha,
        PixelFormat::Rgb => ColorType::Rgb,
        PixelFormat::Rgba => ColorType::Rgba,
        format => return Err(Failure::Format(format)),
    };
    let samples = &picture.first().data;
    let mut file = Vec::with_capacity(samples.len() / 2 + 1024);
    let mut encoder = png::Encoder::with_info(&mut file, info)?;
    // The crate's `Balanced` is zlib's level 6, some 25 times slower than `Fast` and a tenth smaller.
    encoder.set_compression(match level {
        0 => Compression::NoCompression,
        1..=6 => Compression::Fast,
        7..=8 => Compression::Balanced,
        _ => Compression::High,
    });
    let mut writer = encoder.write_header()?;
    writer.write_image_data(samples)?;
    writer.finish()?;
    Ok(file)
}

fn write_indexed(mut info: Info<'_>, indexed: &Indexed, level: u8) -> Result<Vec<u8>, Failure> {
    let Indexed { palette, indices } = see_through_first(indexed);
    let see_through = palette.iter().take_while(|color| color[3] < 255).count();
    info.color_type = ColorType::Indexed;
    info.bit_depth = match palette.len() {
        0..=2 => BitDepth::One,
        3..=4 => BitDepth::Two,
        5..=16 => BitDepth::Four,
        _ => BitDepth::Eight,
    };
    info.palette = Some(palette.iter().flat_map(|color| &color[..3]).copied().collect());
    info.trns = (see_through > 0).then(|| palette[..see_through].iter().map(|color| color[3]).collect());
    let rows = pack(&indices, info.width as usize, info.bit_depth as usize);
    let mut file = Vec::with_capacity(rows.len() / 2 + 2048);
    let mut encoder = png::Encoder::with_info(&mut file, info)?;
    // Neighboring indices say nothing about each other, so filters do harm; and without filters `Fast`, made for
    // rows of mostly zeros, does harm too.
    encoder.set_filter(Filter::NoFilter);
    encoder.set_deflate_compression(match level {
        0 => DeflateCompression::NoCompression,
        level => DeflateCompression::Level(level.min(9)),
    });
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&rows)?;
    writer.finish()?;
    Ok(file)
}

/// The same picture with all colors that are not opaque in front, so that a short tRNS chunk tells their alpha.
fn see_through_first(indexed: &Indexed) -> Indexed {
    let mut order: Vec<usize> = (0..indexed.palette.len()).collect();
    order.sort_by_key(|&index| indexed.palette[index][3] == 255);
    let mut place_of = [0; 256];
    for (place, index) in (0..=u8::MAX).zip(&order) {
        place_of[*index] = place;
    }
    let palette = order.iter().map(|&index| indexed.palette[index]).collect();
    let indices = indexed.indices.iter().map(|&index| place_of[usize::from(index)]).collect();
    Indexed { palette, indices }
}

/// Rows of indices of `depth` bits, each row filled up to whole bytes.
fn pack(indices: &[u8], width: usize, depth: usize) -> Vec<u8> {
    let byte = |pixels: &[u8]| {
        pixels.iter().enumerate().fold(0, |byte, (place, index)| byte | index << (8 - depth * (place + 1)))
    };
    indices.chunks_exact(width).flat_map(|row| row.chunks(8 / depth).map(byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;

    const OPTIONS: EncodeOptions<'static> = EncodeOptions {
        quality: 80,
        progressive: false,
        chroma: crate::raster::Subsampling::HALF,
        indexed: false,
        png_level: 6,
        webp_method: 4,
        avif_speed: 8,
        icc: None,
        exif: None,
        iptc: None,
    };
    const INDEXED: EncodeOptions<'static> = EncodeOptions { indexed: true, ..OPTIONS };

    /// A picture of 23x11 whose bytes `byte` tells by place.
    fn picture(format: PixelFormat, byte: impl Fn(usize) -> u8) -> Image {
        let bytes = (0..23 * 11 * format.channels()).map(byte).collect();
        Image::still(PixelBuffer::from_vec(format, Size::new(23, 11), bytes))
    }

    #[expect(clippy::cast_possible_truncation, reason = "noise")]
    fn noise(index: usize) -> u8 {
        ((index * 2_654_435_761) >> 13) as u8
    }

    fn file(image: &Image, options: &EncodeOptions) -> Vec<u8> {
        encode(image, options, &CancelToken::never()).unwrap()
    }

    fn rgba_of(image: &Image) -> Vec<u8> {
        palette::rgba(image.first()).unwrap().into_flattened()
    }

    fn read(file: &[u8]) -> Vec<u8> {
        image::load_from_memory_with_format(file, image::ImageFormat::Png).unwrap().into_rgba8().into_raw()
    }

    #[test]
    fn every_layout_and_level_keeps_every_pixel() {
        for (format, color) in [
            (PixelFormat::Gray, ColorType::Grayscale),
            (PixelFormat::GrayAlpha, ColorType::GrayscaleAlpha),
            (PixelFormat::Rgb, ColorType::Rgb),
            (PixelFormat::Rgba, ColorType::Rgba),
        ] {
            let image = picture(format, noise);
            for png_level in 0..=9 {
                let file = file(&image, &EncodeOptions { png_level, ..OPTIONS });
                assert_eq!(read(&file), rgba_of(&image), "{format:?} level {png_level}");
                assert_eq!(file[25], color as u8);
            }
        }
    }

    #[test]
    fn few_colors_take_the_fewest_bits() {
        for (colors, depth) in [(1, 1), (2, 1), (3, 2), (4, 2), (5, 4), (16, 4), (17, 8), (200, 8)] {
            let color = |index: usize| noise(index % 4 + index / 4 % colors * 4);
            let image = picture(PixelFormat::Rgba, color);
            let file = file(&image, &INDEXED);
            assert_eq!(file[24..26], [depth, ColorType::Indexed as u8], "{colors} colors");
            assert_eq!(read(&file), rgba_of(&image), "{colors} colors");
        }
    }

    #[test]
    fn too_many_colors_are_quantized_unless_they_are_see_through() {
        let opaque = picture(PixelFormat::Rgba, |index| if index % 4 == 3 { 255 } else { noise(index) });
        assert!(palette::exact(&palette::rgba(opaque.first()).unwrap(), 256).is_some(), "253 pixels");
        let large = |alpha: u8| {
            let bytes = (0..80 * 80 * 4).map(|index| if index % 4 == 3 { alpha } else { noise(index) }).collect();
            Image::still(PixelBuffer::from_vec(PixelFormat::Rgba, Size::new(80, 80), bytes))
        };
        assert_eq!(file(&large(255), &INDEXED)[24..26], [8, ColorType::Indexed as u8]);
        let see_through = file(&large(90), &INDEXED);
        assert_eq!(see_through[24..26], [8, ColorType::Rgba as u8]);
        assert_eq!(read(&see_through), rgba_of(&large(90)));
    }

    #[test]
    fn grays_take_a_palette_only_if_that_is_smaller() {
        let two = picture(PixelFormat::Gray, |index| if index % 3 == 0 { 255 } else { 0 });
        assert_eq!(file(&two, &INDEXED)[24..26], [1, ColorType::Indexed as u8]);
        assert_eq!(read(&file(&two, &INDEXED)), rgba_of(&two));
        assert_eq!(file(&picture(PixelFormat::Gray, noise), &INDEXED)[24..26], [8, ColorType::Grayscale as u8]);
    }

    #[test]
    fn profile_and_exif_come_back() {
        let image = picture(PixelFormat::Rgb, noise);
        let (icc, exif) = ([5; 700], *b"II*\0\x08\0\0\0\0\0\0\0\0\0");
        for indexed in [false, true] {
            let options = EncodeOptions { icc: Some(&icc), exif: Some(&exif), indexed, ..OPTIONS };
            let info = crate::codec::png::probe(&file(&image, &options)).unwrap();
            assert_eq!((info.icc.as_deref(), info.exif.as_deref()), (Some(&icc[..]), Some(&exif[..])));
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let wide = PixelBuffer::new(PixelFormat::Gray, Size::new(1_000_001, 1));
        let planes = PixelBuffer::new(PixelFormat::YCbCr(crate::raster::Subsampling::HALF), Size::new(4, 4));
        for picture in [wide, planes] {
            let error = encode(&Image::still(picture), &OPTIONS, &CancelToken::never()).unwrap_err();
            assert!(matches!(error, CodecError::Encode { format: Format::Png, .. }), "{error}");
        }
        let token = CancelToken::never();
        token.cancel();
        let image = picture(PixelFormat::Gray, noise);
        assert!(matches!(encode(&image, &OPTIONS, &token), Err(CodecError::Cancelled(_))));
    }
}
