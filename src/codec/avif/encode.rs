//! Pictures into AVIF files.

use super::{aom, colors, obu, refused, write};
use crate::cancel::CancelToken;
use crate::codec::{CodecError, EncodeOptions};
use crate::geometry::Canvas;
use crate::raster::{Image, PixelBuffer, PixelFormat, Plane, Subsampling};

/// 8 bit, 4:2:0 or gray; alpha, where there is any, as a picture of its own. Of an animation the first frame.
pub(super) fn encode(image: &Image, options: &EncodeOptions, cancel: &CancelToken) -> Result<Vec<u8>, CodecError> {
    cancel.check()?;
    let pixels = image.first();
    let size = (pixels.size().width, pixels.size().height);
    let planes = Planes::of(pixels)?;
    let stream = |luma: &[u8], chroma: Option<[&[u8]; 2]>, visual| -> Result<_, CodecError> {
        cancel.check()?;
        let settings = aom::Settings { quality: options.quality, speed: options.avif_speed, visual };
        let stream = aom::encode(&aom::Picture { size, luma, chroma }, &settings)?;
        let sequence = obu::check(&stream, size)?;
        Ok((stream, sequence))
    };
    let [luma, rest @ ..] = &planes.color[..] else { return Err(refused("planes are missing")) };
    let chroma = if let [blue, red] = rest { Some([&**blue, &**red]) } else { None };
    let color = stream(luma, chroma, true)?;
    let alpha = planes.alpha.as_deref().map(|alpha| stream(alpha, None, false)).transpose()?;
    let parts = write::Parts {
        size,
        color: (&color.0, color.1),
        alpha: alpha.as_ref().map(|(stream, sequence)| (&**stream, *sequence)),
        gray: chroma.is_none(),
        icc: options.icc,
        exif: options.exif,
    };
    write::file(&parts).ok_or_else(|| refused("the file would be too large"))
}

/// Samples as libaom takes them.
struct Planes<'a> {
    color: Vec<std::borrow::Cow<'a, [u8]>>,
    alpha: Option<Vec<u8>>,
}

impl<'a> Planes<'a> {
    fn of(pixels: &'a PixelBuffer<Canvas>) -> Result<Self, CodecError> {
        let data = &pixels.first().data[..];
        let channels = pixels.format().channels();
        let alpha = || data.iter().skip(channels - 1).step_by(channels).copied().collect();
        Ok(match pixels.format() {
            PixelFormat::Gray => Self { color: vec![data.into()], alpha: None },
            PixelFormat::GrayAlpha => {
                let gray: Vec<u8> = data.iter().step_by(2).copied().collect();
                Self { color: vec![gray.into()], alpha: Some(alpha()) }
            }
            PixelFormat::Rgb => Self { color: halved::<3>(pixels.first()), alpha: None },
            PixelFormat::Rgba => Self { color: halved::<4>(pixels.first()), alpha: Some(alpha()) },
            PixelFormat::YCbCr(Subsampling::HALF) => {
                Self { color: pixels.planes().iter().map(|plane| plane.data[..].into()).collect(), alpha: None }
            }
            other => return Err(refused(format!("pixels are `{other:?}`"))),
        })
    }
}

/// Luma, and chroma averaged over squares of four pixels, fewer on the right and lower edge.
fn halved<const CHANNELS: usize>(plane: &Plane) -> Vec<std::borrow::Cow<'static, [u8]>> {
    let width = plane.stride / CHANNELS;
    let chroma_width = width.div_ceil(2);
    let mut luma = Vec::with_capacity(plane.data.len() / CHANNELS);
    let (mut blue, mut red) = (Vec::new(), Vec::new());
    for rows in plane.data.chunks(2 * plane.stride) {
        let mut sums = vec![(0_u32, 0_u32, 0_u32); chroma_width];
        for row in rows.chunks_exact(plane.stride) {
            for (x, pixel) in row.as_chunks::<CHANNELS>().0.iter().enumerate() {
                let (y, b, r) = colors::bt601_from_rgb([pixel[0], pixel[1], pixel[2]]);
                luma.push(y);
                let sum = &mut sums[x / 2];
                *sum = (sum.0 + u32::from(b), sum.1 + u32::from(r), sum.2 + 1);
            }
        }
        let mean = |sum: u32, count: u32| u8::try_from((sum + count / 2) / count).unwrap_or(u8::MAX);
        blue.extend(sums.iter().map(|&(b, _, count)| mean(b, count)));
        red.extend(sums.iter().map(|&(_, r, count)| mean(r, count)));
    }
    vec![luma.into(), blue.into(), red.into()]
}
