//! What pictures look like.

use super::{Key, key};
use crate::config::kind::{
    AutoFormat, Choice, FilterName, Flag, HexColor, List, Margin, Maybe, OptimizerName, Path, Whole,
};
use crate::recipe::Chroma;
use crate::transform::Kernel;

pub(super) const KEYS: &[Key] = &[
    key!("QUALITY", Whole<u8, 0, 100>, config.policy.quality, "Quality of JPEG and WebP, 0 to 100."),
    key!(
        "WEBP_QUALITY",
        Maybe<Whole<u8, 0, 100>>,
        config.policy.webp_quality,
        "Quality of WebP, 0 to 100; 100 is lossless. none: as QUALITY."
    ),
    key!("WEBP_METHOD", Whole<u8, 0, 6>, config.policy.webp_method, "Effort of WebP, 0 (quick) to 6 (small)."),
    key!(
        "AVIF_QUALITY",
        Maybe<Whole<u8, 0, 100>>,
        config.policy.avif_quality,
        "Quality of AVIF, 0 to 100. none: as QUALITY."
    ),
    key!(
        "AVIF_SPEED",
        Maybe<Whole<u8, 0, 10>>,
        avif_speed,
        "Speed of AVIF, 0 (slow, small) to 9 (quick); 10 is 9. none: 8."
    ),
    key!("PROGRESSIVE_JPEG", Flag, config.policy.progressive_jpeg, "Write progressive JPEG."),
    key!(
        "PILLOW_JPEG_SUBSAMPLING",
        Choice<Chroma>,
        config.policy.jpeg_chroma,
        "How coarse color is in JPEG: 4:2:0 (also 2), 4:2:2 (1), 4:4:4 (0), or keep: as in an original that is a JPEG."
    ),
    key!("PNG_COMPRESSION_LEVEL", Maybe<Whole<u8, 0, 9>>, png_level, "zlib level of PNG, 0 to 9. none: 6."),
    key!("AUTO_WEBP", Flag, config.policy.auto_webp, "WebP for clients that accept it."),
    key!(
        "AUTO_AVIF",
        Flag,
        config.policy.auto_avif,
        "AVIF for clients that accept it. Where AUTO_WEBP is on, too, who accepts both gets WebP, as from Thumbor."
    ),
    key!(
        "AUTO_JPG",
        Flag,
        config.policy.auto_jpg,
        "JPEG for clients that accept it and pictures without transparency, after WebP and AVIF."
    ),
    key!("AUTO_PNG", Flag, config.policy.auto_png, "PNG for clients that accept it, after all others."),
    key!("AUTO_HEIF", Flag, auto_heif, "Accepted; HEIC is not written."),
    key!(
        "AUTO_IMAGE_FORMAT_PREFERENCE",
        List<Choice<AutoFormat>>,
        auto_preference,
        "Formats for clients that accept them, best first: webp, avif, jpg, png (and heif, which is not written). Not\n\
         empty: AUTO_WEBP, AUTO_AVIF, AUTO_JPG, AUTO_HEIF and AUTO_PNG do not count."
    ),
    key!("AUTO_PNG_TO_JPG", Flag, config.policy.auto_png_to_jpg, "JPEG for PNG originals without transparency."),
    key!("RESPECT_ORIENTATION", Flag, config.policy.respect_orientation, "Turn pictures as their EXIF block says."),
    key!("PRESERVE_EXIF_INFO", Flag, config.policy.preserve_exif, "Copy EXIF blocks to the answer."),
    key!(
        "PRESERVE_EXIF_COPYRIGHT_INFO",
        Flag,
        config.policy.preserve_exif_copyright,
        "Copy of EXIF blocks only who made the picture, whose it is and when it was changed."
    ),
    key!(
        "PRESERVE_IPTC_INFO",
        Flag,
        config.policy.preserve_iptc,
        "Copy IPTC records (captions, bylines, credits) of JPEGs to answers that are JPEGs."
    ),
    key!(
        "PILLOW_PRESERVE_INDEXED_MODE",
        Flag,
        config.policy.preserve_indexed,
        "Pictures with a palette get one again as PNG."
    ),
    key!(
        "PILLOW_RESAMPLING_FILTER",
        Choice<Kernel>,
        config.policy.resample,
        "Resampling kernel: lanczos, bicubic, hamming, bilinear or nearest."
    ),
    key!(
        "RESAMPLE_LINEAR",
        Flag,
        config.policy.resample_linear,
        "Resample in linear light. Slower; edges stay brighter."
    ),
    key!(
        "JPEG_SHRINK_MARGIN",
        Margin,
        config.policy.shrink_margin,
        "How many times larger than needed a reduced decode of JPEG or WebP must stay: fine is 2, fast is 1, or a number\n\
         from 1 to 10. More is finer and slower."
    ),
    key!("ALLOW_ANIMATED_GIFS", Flag, config.policy.animation, "Animations keep all frames; otherwise only the first."),
    key!(
        "CONVERT_TO_SRGB",
        Flag,
        config.policy.convert_to_srgb,
        "Apply ICC profiles and drop them instead of keeping them."
    ),
    key!(
        "FILTERS",
        List<FilterName>,
        config.policy.filters,
        "Filters that exist, by name or as Thumbor's modules (thumbor.filters.blur). \"all\" stands for all but autojpg\n\
         and red_eye, which have to be named."
    ),
    key!(
        "STRICT_FILTERS",
        Flag,
        config.policy.strict_filters,
        "Answer 400 where a filter does not exist or its arguments do not match, instead of skipping it."
    ),
    key!(
        "OPTIMIZERS",
        List<OptimizerName>,
        optimizers,
        "What finished files go through, by name or as Thumbor's modules (thumbor.optimizers.gifv). gifv makes videos of\n\
         GIFs where a URL says gifv(), and needs FFMPEG_PATH. JPEGs are optimized anyway."
    ),
    key!(
        "FFMPEG_PATH",
        Maybe<Path>,
        ffmpeg,
        "An ffmpeg, 5.1 or newer, with libx264 and libvpx; a bare name is looked for in PATH. It runs beside the server,\n\
         one process and thread for each GIF that becomes a video. none: no videos."
    ),
    key!(
        "ALPHA_BACKGROUND",
        HexColor,
        alpha_background,
        "Color behind transparent pixels where the answer's format has no transparency."
    ),
    key!(
        "THUMBOR_COMPAT_ALPHA",
        Flag,
        compat_alpha,
        "Drop transparency without ALPHA_BACKGROUND, as Thumbor does; mostly that gives black."
    ),
    key!(
        "THUMBOR_COMPAT_MAX_BYTES",
        Flag,
        config.policy.all_or_nothing_bytes,
        "Where max_bytes() cannot be kept to, answer in full quality as Thumbor does, not with the smallest file found."
    ),
    key!(
        "THUMBOR_COMPAT_GIF_FILTERS",
        Flag,
        config.policy.gifs_unfiltered,
        "Skip filters for originals that are GIFs, as Thumbor does; those that act on the request only, such as stretch,\n\
         focal and no_upscale, still count."
    ),
    key!(
        "THUMBOR_COMPAT_FRAME",
        Flag,
        config.policy.misread_frames,
        "Answer frame() as Thumbor 7 does, which misreads nine-patches: nothing is drawn, and the picture gets a few\n\
         white pixels at its sides. false draws the frame."
    ),
];
