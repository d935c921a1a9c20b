//! Which file is made: format, quality, profile.

use crate::codec::{self, Format, SourceInfo};
use crate::geometry::{Canvas, Size};
use crate::raster::{PixelFormat, Subsampling};
use crate::recipe::{Chroma, Policy, Recipe, Video};
use crate::transform::color::{ColorSpace, icc_color_space, icc_is_of_device};

/// Smaller pictures are written in one scan though progressive was asked for: there the heads of more scans cost more
/// bytes than they save (measured: 1 % more at 100x100, even at 200x150), twice the time, and show nothing sooner.
const WORTH_SCANS_PX: u64 = 30_000;

/// The file that is made.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputPlan {
    /// Its format.
    pub format: Format,
    /// Why it is this one.
    pub reason: FormatReason,
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
    /// What of the source's EXIF block is embedded.
    pub exif: KeptExif,
    /// How coarse color is where the encoder takes planes as they are, and where it makes planes itself.
    pub planar: Option<Subsampling>,
    /// Several frames are wanted, if the format holds them.
    pub animated: bool,
    /// What is made of the file, which is a GIF then; nothing is transparent in it.
    pub video: Option<Video>,
}

/// Why a file has its format.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FormatReason {
    /// The URL names it.
    Asked,
    /// The client takes it, and the settings choose it for those who do.
    Accepted,
    /// It is the source's.
    Own,
    /// The source's is only read here, and this one stands in for it.
    StandsIn,
    /// The picture may be a JPEG, and nothing in it has turned out to be transparent.
    Opaque,
}

/// What of an EXIF block is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeptExif {
    /// All of it.
    All,
    /// Artist, copyright and time of change.
    Copyright,
    /// Nothing.
    Nothing,
}

impl OutputPlan {
    /// Chooses format, quality and colors for a picture that will have `size` in the end.
    pub fn choose(recipe: &Recipe, policy: &Policy, info: &SourceInfo, size: Size<Canvas>) -> Self {
        let spec = &recipe.output;
        let animated = is_animated(recipe, policy, info);
        let fits = |format: Format| size.width.max(size.height) <= codec::of(format).abilities.max_side;
        // JPEG is for what turns out to be opaque; until then the next format is planned.
        let opaque = !info.pixels.has_alpha();
        let offered = if animated { &[][..] } else { &spec.offered };
        let mut offered = offered.iter().copied().filter(|format| fits(*format));
        let mut chosen = offered.next();
        let perhaps_jpeg = chosen == Some(Format::Jpeg) && !opaque;
        if perhaps_jpeg {
            chosen = offered.next();
        }
        let own = codec::of(info.format).answered_as;
        let format = spec.format.or(chosen).unwrap_or(own);
        // Where nobody has said what is preferred, the rule for PNGs comes before PNG itself.
        let before_png = chosen == Some(Format::Png) && policy.auto_preference.is_empty();
        let png_rule = spec.png_to_jpg.unwrap_or(policy.auto_png_to_jpg)
            && info.format == Format::Png
            && (chosen.is_none() || before_png)
            && fits(Format::Jpeg);
        let profile = info.icc.as_deref().and_then(icc_color_space);
        let drops = spec.strip_icc || policy.convert_to_srgb || !codec::of(format).abilities.icc;
        // Thumbor converts nothing that is stripped. What a camera or a screen means by its numbers should show all the
        // same; a profile of no device is taken off as told.
        let of_device = info.icc.as_deref().is_some_and(icc_is_of_device);
        let converts = drops && (of_device || !spec.strip_icc || policy.convert_to_srgb);
        let reason = match (spec.format, chosen) {
            (Some(_), _) => FormatReason::Asked,
            (None, Some(_)) => FormatReason::Accepted,
            (None, None) if own == info.format => FormatReason::Own,
            (None, None) => FormatReason::StandsIn,
        };
        Self {
            format,
            reason,
            jpeg_if_opaque: spec.format.is_none() && (png_rule || perhaps_jpeg),
            negotiated: Self::is_negotiable(recipe, policy, info),
            quality: quality(recipe, policy, format),
            progressive: policy.progressive_jpeg && size.area_px() >= WORTH_SCANS_PX,
            indexed: policy.preserve_indexed && info.indexed,
            to_srgb: converts && profile == Some(space_of(info.pixels)) && profile != Some(ColorSpace::Cmyk),
            keep_icc: !drops,
            exif: match (spec.strip_exif, policy.preserve_exif, policy.preserve_exif_copyright) {
                (false, true, _) => KeptExif::All,
                (false, false, true) => KeptExif::Copyright,
                _ => KeptExif::Nothing,
            },
            planar: planar(policy, info, format),
            animated,
            video: spec.video.filter(|_| policy.videos && format == Format::Gif),
        }
    }

    /// Whether a client that accepts other formats could get another one.
    pub fn is_negotiable(recipe: &Recipe, policy: &Policy, info: &SourceInfo) -> bool {
        let spec = &recipe.output;
        let stays_gif = info.format == Format::Gif && is_animated(recipe, policy, info);
        policy.negotiates() && spec.format.is_none() && !stays_gif
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
    pub fn as_jpeg(&self, recipe: &Recipe, policy: &Policy, info: &SourceInfo) -> Self {
        Self {
            format: Format::Jpeg,
            reason: FormatReason::Opaque,
            quality: quality(recipe, policy, Format::Jpeg),
            planar: planar(policy, info, Format::Jpeg),
            ..self.clone()
        }
    }
}

fn planar(policy: &Policy, info: &SourceInfo, format: Format) -> Option<Subsampling> {
    let usual = codec::of(format).abilities.planar;
    match (format, policy.jpeg_chroma, info.pixels) {
        (Format::Jpeg, Chroma::Fixed(chroma), _) | (Format::Jpeg, Chroma::Keep, PixelFormat::YCbCr(chroma)) => {
            Some(chroma)
        }
        _ => usual,
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
