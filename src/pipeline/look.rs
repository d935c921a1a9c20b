//! What has to be looked at beside the picture being made: borders to trim, small copies for detectors, pictures to
//! draw with.

use super::inputs::Input;
use super::job::{Job, JobError};
use super::sight::Seen;
use crate::cancel::CancelToken;
use crate::codec::{self, CodecError, DecodeOptions, Decoder, EncodeOptions, Format};
use crate::geometry::{Canvas, Decoded, Rect, Size, Upright, Window};
use crate::plan::{self, CopyPlan, Findings, Reduced};
use crate::raster::{Image, PixelBuffer, PixelFormat, Subsampling};
use crate::recipe::{Asset, Policy};
use crate::request::Trim;
use crate::transform::{self, Kernel, Light, Resampler, color};
use std::sync::Arc;

/// What only pixels tell before anything is planned; nothing is decoded unless the recipe asks.
pub(super) fn look(job: &Job<'_>, cancel: &CancelToken) -> Result<Findings, JobError> {
    let seen = job.seen.filter(|seen| !seen.failed);
    let Seen { trim, focal, .. } = match (seen, job.recipe.geometry.trim) {
        (Some(seen), _) => Seen::clone(seen),
        (None, None) => Seen::default(),
        (None, Some(trim)) => {
            let trim = find_borders(&job.inputs.source, job.policy, trim, cancel)?;
            Seen { trim, ..Seen::default() }
        }
    };
    let Findings { mut assets, .. } = job.inputs.unseen();
    let whole = job.recipe.assets.iter().zip(&assets).filter(|(spec, _)| spec.whole);
    job.limits.assets(whole.map(|(_, asset)| asset.size))?;
    draw(job, &mut assets, |index| job.recipe.assets[index].whole, cancel)?;
    Ok(Findings { trim, focal, assets })
}

/// Decodes those further pictures that are not there yet, each at the size that was planned for it.
pub(super) fn complete(job: &Job<'_>, assets: &mut [Asset], cancel: &CancelToken) -> Result<(), JobError> {
    draw(job, assets, |_| true, cancel)
}

fn draw(
    job: &Job<'_>,
    assets: &mut [Asset],
    wanted: impl Fn(usize) -> bool,
    cancel: &CancelToken,
) -> Result<(), JobError> {
    for (index, asset) in assets.iter_mut().enumerate().filter(|(index, _)| wanted(*index)) {
        if asset.pixels.is_none() {
            let pixels = asset_pixels(job, &job.inputs.assets[index], asset.size, cancel)
                .map_err(|error| JobError::of_asset(&job.recipe.assets[index].image, error))?;
            asset.pixels = Some(Arc::new(pixels));
        }
    }
    Ok(())
}

/// The first frame of a picture to draw with, in RGBA of `size`. How it lies and its profile do not count, as in
/// Thumbor; only CMYK goes through its profile.
fn asset_pixels(
    job: &Job<'_>,
    file: &Input,
    size: Size<Canvas>,
    cancel: &CancelToken,
) -> Result<PixelBuffer<Canvas>, CodecError> {
    let info = &file.info;
    let reduced = Reduced::of(info, Window::whole(info.size), size, job.policy.shrink_margin);
    let mut decoder = codec::open(&file.body, info, DecodeOptions { shrink: reduced.shrink, rgb: false })?;
    if decoder.next_frame()?.is_none() {
        return Err(CodecError::Broken { format: info.format, reason: "it holds no frame".into() });
    }
    let layout = decoder.format();
    let source = (decoder.size(), layout);
    let target = (size, layout.with_subsampling(Subsampling::NONE));
    let resampler = Resampler::new(source, reduced.window, target, (job.policy.resample, Light::Encoded));
    let picture = resampled(decoder.as_mut(), resampler, cancel)?;
    let picture = match layout {
        PixelFormat::Cmyk => color::rgb_from_cmyk(picture, info.icc.as_deref()),
        _ => picture,
    };
    Ok(color::convert(picture, PixelFormat::Rgba))
}

/// What is left of the first frame inside borders of one color.
pub(super) fn find_borders(
    source: &Input,
    policy: &Policy,
    trim: Trim,
    cancel: &CancelToken,
) -> Result<Option<Rect<Upright>>, JobError> {
    cancel.check()?;
    let Input { body, info } = source;
    let mut decoder = codec::open(body, info, DecodeOptions { shrink: 1, rgb: true })?;
    decoder.next_frame()?;
    let picture = whole_frame(decoder.as_mut(), cancel)?;
    let (_, turn) = plan::upright(info, policy);
    let picture = match picture.format() {
        PixelFormat::Cmyk => color::rgb_from_cmyk(picture, info.icc.as_deref()),
        _ => picture,
    };
    Ok(transform::trim_box(&transform::orient(picture, turn).into_space(), trim))
}

/// A small upright copy of the first frame in opaque RGB, on white where it is transparent.
pub(super) fn copy(
    source: &Input,
    plan: &CopyPlan,
    kernel: Kernel,
    cancel: &CancelToken,
) -> Result<PixelBuffer<Canvas>, JobError> {
    let Input { body, info } = source;
    let mut decoder = codec::open(body, info, plan.decode)?;
    decoder.next_frame()?;
    let layout = decoder.format();
    let target = (plan.size, layout.with_subsampling(Subsampling::NONE));
    let resampler = Resampler::new((decoder.size(), layout), plan.window, target, (kernel, Light::Encoded));
    let picture = resampled(decoder.as_mut(), resampler, cancel)?;
    let picture = match layout {
        PixelFormat::Cmyk => color::rgb_from_cmyk(picture, info.icc.as_deref()),
        _ => picture,
    };
    let picture = color::flatten(color::convert(picture, PixelFormat::Rgb), [255; 3]);
    Ok(transform::orient(picture, plan.orientation))
}

/// The picture as a file for others to look at.
pub(super) fn jpeg(picture: &PixelBuffer<Canvas>, cancel: &CancelToken) -> Result<Vec<u8>, JobError> {
    let encode = codec::of(Format::Jpeg).encode;
    Ok(encode(&Image::still(picture.clone()), &EncodeOptions::default(), cancel)?)
}

/// The frame that `decoder` is at, whole.
fn whole_frame(decoder: &mut dyn Decoder, cancel: &CancelToken) -> Result<PixelBuffer<Canvas>, CodecError> {
    let size: Size<Decoded> = decoder.size();
    let format = decoder.format();
    let target = Size::new(size.width, size.height);
    let copy = Resampler::new((size, format), Window::whole(size), (target, format), (Kernel::Nearest, Light::Encoded));
    resampled(decoder, copy, cancel)
}

fn resampled(
    decoder: &mut dyn Decoder,
    mut resampler: Resampler,
    cancel: &CancelToken,
) -> Result<PixelBuffer<Canvas>, CodecError> {
    while let Some(band) = decoder.next_band()? {
        cancel.check()?;
        if !resampler.push(&band) {
            break;
        }
    }
    Ok(resampler.finish())
}
