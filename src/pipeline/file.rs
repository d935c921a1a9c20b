//! The last step of a job: pixels into a file, as small as the request wants it.

use super::job::{Job, JobError};
use crate::cancel::CancelToken;
use crate::codec::{self, EncodeOptions, Format};
use crate::geometry::Canvas;
use crate::placeholder;
use crate::plan::{KeptExif, OutputPlan, Plan};
use crate::raster::{Frame, Image, PixelBuffer, PixelFormat, Subsampling};
use crate::recipe::Placeholder;
use crate::transform::color;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// Below this quality no attempt to save bytes is made, as in Thumbor.
const LEAST_QUALITY: u8 = 10;

/// The content type of placeholders.
const TEXT: &str = "text/plain; charset=utf-8";
/// Quality of tiny pictures, which are blurred anyway.
const TINY_QUALITY: u8 = 30;

/// The file, and its content type: of the format planned, or JPEG where that depends on the pixels, or a placeholder.
pub(super) fn write(
    job: &Job<'_>,
    plan: &Plan,
    mut image: Image,
    cancel: &CancelToken,
) -> Result<(Vec<u8>, &'static str), JobError> {
    if let Some(kind) = job.recipe.output.placeholder {
        return Ok((placeholder_text(image.frames.swap_remove(0).pixels, kind, cancel)?.into_bytes(), TEXT));
    }
    let mut output = plan.output.clone();
    if output.jpeg_if_opaque && image.first().is_opaque() {
        output = OutputPlan { indexed: false, ..output.as_jpeg(job.recipe, job.policy, &job.inputs.source.info) };
        let opaque = |frame: Frame| Frame { pixels: color::discard_alpha(frame.pixels), ..frame };
        image.frames = image.frames.into_iter().map(opaque).collect();
    }
    let info = &job.inputs.source.info;
    let exif = info.exif.as_deref().and_then(|exif| match output.exif {
        KeptExif::All if job.policy.respect_orientation => Some(codec::without_orientation(exif)),
        KeptExif::All => Some(exif.to_vec()),
        KeptExif::Copyright => codec::copyright_only(exif),
        KeptExif::Nothing => None,
    });
    let iptc = job.policy.preserve_iptc.then(|| codec::iptc(&job.inputs.source.body, info)).flatten();
    let options = EncodeOptions {
        quality: output.quality,
        progressive: output.progressive,
        chroma: output.planar.unwrap_or(Subsampling::HALF),
        indexed: output.indexed,
        png_level: job.policy.png_level,
        webp_method: job.policy.webp_method,
        avif_speed: job.policy.avif_speed,
        icc: info.icc.as_deref().filter(|_| output.keep_icc),
        exif: exif.as_deref(),
        iptc: iptc.as_deref(),
    };
    let def = codec::of(output.format);
    let encode = |quality| (def.encode)(&image, &EncodeOptions { quality, ..options }, cancel);
    let file = encode(options.quality)?;
    let file = match job.recipe.output.max_bytes {
        Some(limit) if def.abilities.lossy => {
            small_enough(file, limit, options.quality, job.policy.all_or_nothing_bytes, encode)?
        }
        _ => file,
    };
    Ok((file, def.mime))
}

/// What stands for the picture, as text.
fn placeholder_text(picture: PixelBuffer<Canvas>, kind: Placeholder, cancel: &CancelToken) -> Result<String, JobError> {
    let picture = color::convert(picture, PixelFormat::Rgba);
    Ok(match kind {
        Placeholder::BlurHash(across, down) => placeholder::blurhash(&picture, (across, down)),
        Placeholder::ThumbHash => BASE64_STANDARD.encode(placeholder::thumbhash(&picture)),
        Placeholder::Color => {
            placeholder::palette(&picture, 1).first().map_or_else(String::new, |color| placeholder::css_color(*color))
        }
        Placeholder::Lqip => {
            let webp = codec::of(Format::WebP);
            let options = EncodeOptions { quality: TINY_QUALITY, ..EncodeOptions::default() };
            let file = (webp.encode)(&Image::still(picture), &options, cancel)?;
            format!("data:{};base64,{}", webp.mime, BASE64_STANDARD.encode(file))
        }
    })
}

/// The first file of at most `limit_bytes`, each of three quarters of the quality before; otherwise the smallest of
/// them, or the one given, if it is to be all or nothing.
fn small_enough<E>(
    file: Vec<u8>,
    limit_bytes: u64,
    mut quality: u8,
    all_or_nothing: bool,
    encode: impl Fn(u8) -> Result<Vec<u8>, E>,
) -> Result<Vec<u8>, E> {
    let fits = |file: &Vec<u8>| file.len() as u64 <= limit_bytes;
    if fits(&file) {
        return Ok(file);
    }
    let mut smallest = file.clone();
    loop {
        quality -= quality.div_ceil(4); // three quarters, rounded down
        if quality < LEAST_QUALITY {
            return Ok(if all_or_nothing { file } else { smallest });
        }
        let next = encode(quality)?;
        if fits(&next) {
            return Ok(next);
        }
        if next.len() < smallest.len() {
            smallest = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// Files of `bytes[quality]` bytes: the size chosen and the qualities tried.
    fn chosen(limit: u64, quality: u8, all_or_nothing: bool, bytes: impl Fn(u8) -> usize) -> (usize, Vec<u8>) {
        let tried = RefCell::new(Vec::new());
        let encode = |quality| {
            tried.borrow_mut().push(quality);
            Ok::<_, ()>(vec![0; bytes(quality)])
        };
        let file = small_enough(vec![0; bytes(quality)], limit, quality, all_or_nothing, encode).unwrap();
        (file.len(), tried.into_inner())
    }

    #[test]
    fn quality_falls_by_quarters_until_the_file_fits() {
        let linear = |quality: u8| usize::from(quality) * 10;
        assert_eq!(chosen(800, 80, false, linear), (800, vec![]));
        assert_eq!(chosen(799, 80, false, linear), (600, vec![60]));
        assert_eq!(chosen(331, 80, false, linear), (330, vec![60, 45, 33]));
        assert_eq!(chosen(10, 80, false, linear), (130, vec![60, 45, 33, 24, 18, 13]));
        assert_eq!(chosen(10, 80, true, linear), (800, vec![60, 45, 33, 24, 18, 13]));
        assert_eq!(chosen(0, 100, false, linear), (120, vec![75, 56, 42, 31, 23, 17, 12]));
        assert_eq!(chosen(0, 9, false, linear), (90, vec![]));
        assert_eq!(chosen(0, 0, false, linear), (0, vec![]));
    }

    #[test]
    fn the_file_never_grows() {
        assert_eq!(chosen(50, 80, false, |quality| 1000 - usize::from(quality)), (920, vec![60, 45, 33, 24, 18, 13]));
    }
}
