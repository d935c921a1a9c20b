//! Which file is made: format, quality, profile.

use crate::codec::{self, Format, SourceInfo};
use crate::geometry::{Canvas, Size};
use crate::raster::PixelFormat;
use crate::recipe::{Policy, Recipe, Video};
use crate::transform::color::{ColorSpace, icc_color_space};

/// Smaller pictures are written in one scan though progressive was asked for: there the heads of more scans cost more
/// bytes than they save (measured: 1 % more at 100x100, even at 200x150), twice the time, and show nothing sooner.
const WORTH_SCANS_PX: u64 = 30_000;

/// The file that is made.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputPlan {
    /// Its format.
    pub format: Format,
    /// Becomes JPEG if no pixel turns out to be transparent.
    pub jpeg_if_opaque: bool,
    /// Whether another client could have got another format.
    pub negotiated: bool,
    /// 0 to 100.
    pub quality: u8,
    /// Progressive, where the format can.
    pub progressive: bool,
    /// A palette of at most 256 colors.
    pub indexed: bool,
    /// Pixels are converted from the source's profile to sRGB.
    pub to_srgb: bool,
    /// The source's profile is embedded.
    pub keep_icc: bool,
    /// The source's EXIF block is embedded.
    pub keep_exif: bool,
    /// Several frames are wanted, if the format holds them.
    pub animated: bool,
    /// What is made of the file, which is a GIF then; nothing is transparent in it.
    pub video: Option<Video>,
}

impl OutputPlan {
    /// Chooses format, quality and colors for a picture that will have `size` in the end.
    pub fn choose(recipe: &Recipe, policy: &Policy, info: &SourceInfo, size: Size<Canvas>) -> Self {
        let spec = &recipe.output;
        let animated = is_animated(recipe, policy, info);
        let offered = spec.offered.iter().copied().find(|format| {
            let max_side = codec::of(*format).abilities.max_side;
            !animated && size.width <= max_side && size.height <= max_side
        });
        let format = spec.format.or(offered).unwrap_or(codec::of(info.format).answered_as);
        let png_to_jpeg = spec.png_to_jpg.unwrap_or(policy.auto_png_to_jpg)
            && spec.format.is_none()
            && offered.is_none()
            && info.format == Format::Png
            && size.width.max(size.height) <= codec::of(Format::Jpeg).abilities.max_side;
        let profile = info.icc.as_deref().and_then(icc_color_space);
        let convert = spec.strip_icc || policy.convert_to_srgb || !codec::of(format).abilities.icc;
        Self {
            format,
            jpeg_if_opaque: png_to_jpeg,
            negotiated: Self::is_negotiable(recipe, policy, info),
            quality: quality(recipe, policy, format),
            progressive: policy.progressive_jpeg && size.area_px() >= WORTH_SCANS_PX,
            indexed: policy.preserve_indexed && info.indexed,
            to_srgb: convert && profile == Some(space_of(info.pixels)) && profile != Some(ColorSpace::Cmyk),
            keep_icc: !convert,
            keep_exif: policy.preserve_exif && !spec.strip_exif,
            animated,
            video: spec.video.filter(|_| policy.videos && format == Format::Gif),
        }
    }

    /// Whether a client that accepts other formats could get another one.
    pub fn is_negotiable(recipe: &Recipe, policy: &Policy, info: &SourceInfo) -> bool {
        let spec = &recipe.output;
        let stays_gif = info.format == Format::Gif && is_animated(recipe, policy, info);
        (policy.auto_webp || policy.auto_avif) && spec.format.is_none() && !stays_gif
    }

    /// Frames of the source that show: all where request, policy and output format have animations.
    pub fn frames(&self, info: &SourceInfo) -> u32 {
        if self.animated && codec::of(self.format).abilities.animation { info.frames } else { 1 }
    }

    /// A profile is kept only if it is one for RGB and describes the pixels that are written.
    ///
    /// Gray pictures lose theirs, as they do in Thumbor, whose answers are RGB that no gray profile fits.
    pub(super) fn finish(&mut self, written: PixelFormat, info: &SourceInfo) {
        let profile = info.icc.as_deref().and_then(icc_color_space);
        let fits = [written, info.pixels].iter().all(|pixels| space_of(*pixels) == ColorSpace::Rgb);
        self.keep_icc &= fits && profile == Some(ColorSpace::Rgb);
    }

    /// The plan for the JPEG that is made because nothing is transparent.
    #[must_use]
    pub fn as_jpeg(&self, recipe: &Recipe, policy: &Policy) -> Self {
        Self { format: Format::Jpeg, quality: quality(recipe, policy, Format::Jpeg), ..self.clone() }
    }
}

fn is_animated(recipe: &Recipe, policy: &Policy, info: &SourceInfo) -> bool {
    info.frames > 1 && policy.animation && !recipe.output.cover
}

fn quality(recipe: &Recipe, policy: &Policy, format: Format) -> u8 {
    let own = match format {
        Format::WebP => policy.webp_quality,
        Format::Avif => policy.avif_quality,
        _ => None,
    };
    recipe.output.quality.or(own).unwrap_or(policy.quality).min(100)
}

fn space_of(pixels: PixelFormat) -> ColorSpace {
    match pixels {
        PixelFormat::Gray | PixelFormat::GrayAlpha => ColorSpace::Gray,
        PixelFormat::Cmyk => ColorSpace::Cmyk,
        PixelFormat::Rgb | PixelFormat::Rgba | PixelFormat::YCbCr(_) => ColorSpace::Rgb,
    }
}
