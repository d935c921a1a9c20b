//! All keys. Thumbor's names where Thumbor has them, ours in the same manner.

use super::LoaderKind;
use super::LogFormat;
use super::key::{Key, Section, key};
use super::kind::{
    Address, Bytes, Choice, Factor, FilterName, Flag, HeaderText, HexColor, Hidden, Kind, Limit, List, LogFilter,
    Maybe, MaybeHeader, Network, OptimizerName, Path, Seconds, StorageKind, Time, Whole,
};
use crate::transform::Kernel;

/// Every key that this version honors.
pub(super) const SECTIONS: &[Section] = &[
    Section { title: "Who may ask", keys: SECURITY },
    Section { title: "Where originals come from", keys: SOURCES },
    Section { title: "What pictures look like", keys: PICTURES },
    Section { title: "What a request may cost", keys: LIMITS },
    Section { title: "Results kept", keys: RESULTS },
    Section { title: "Sockets and answers", keys: SERVER },
    Section { title: "Log", keys: LOG },
];

/// The definition of this name, in any case.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    all().find(|key| key.name.eq_ignore_ascii_case(name))
}

/// Every definition.
pub(super) fn all() -> impl Iterator<Item = &'static Key> {
    SECTIONS.iter().flat_map(|section| section.keys)
}

const SECURITY: &[Key] = &[
    key!("SECURITY_KEY", Hidden, key, "Secret that URLs are signed with. Empty: none."),
    key!(
        "SECURITY_KEYS",
        List<Hidden>,
        older_keys,
        "Further secrets whose signatures are good, for the time of a rotation."
    ),
    key!(
        "ALLOW_DEFAULT_KEY",
        Flag,
        allow_default_key,
        "Start even if a secret is MY_SECURE_KEY, which everybody knows from Thumbor's documentation."
    ),
    key!(
        "ALLOW_UNSAFE_URL",
        Flag,
        config.security.allow_unsafe,
        "Serve URLs that begin with /unsafe/, which need no signature. (Thumbor's default is true.)"
    ),
];

const SOURCES: &[Key] = &[
    key!(
        "LOADER",
        Choice<LoaderKind>,
        config.loader.kind,
        "file, http, https (the same with https:// as the default scheme), file_http (files, and what is not there over\n\
         HTTP) or samples (pictures that come with the program). Thumbor's module names are good, too."
    ),
    key!(
        "FILE_LOADER_ROOT_PATH",
        Path,
        config.loader.file_root,
        "Folder with the originals. Nothing outside is served."
    ),
    key!("MAX_SOURCE_BYTES", Bytes<1>, config.loader.max_bytes, "Larger originals are refused. Bytes."),
    key!(
        "ALLOWED_SOURCES",
        List<HeaderText>,
        config.loader.allowed_sources,
        "Host names that originals may come from; an entry with any of \\^$*+?{}[]()| is a regular expression for the\n\
         whole name. Empty: all hosts on the public internet."
    ),
    key!(
        "ALLOW_PRIVATE_SOURCES",
        List<Network>,
        config.loader.allow_private,
        "Networks that originals may come from although they are not public, such as \"10.0.0.0/8\"."
    ),
    key!("HTTP_LOADER_CONNECT_TIMEOUT", Time<1>, config.loader.connect_timeout, "Time for a connection to an origin."),
    key!(
        "HTTP_LOADER_REQUEST_TIMEOUT",
        Time<1>,
        config.loader.request_timeout,
        "Time for an original in all, the wait for a free client included."
    ),
    key!(
        "HTTP_LOADER_FOLLOW_REDIRECTS",
        Flag,
        follow_redirects,
        "Follow redirects. Every hop is judged like the first."
    ),
    key!("HTTP_LOADER_MAX_REDIRECTS", Whole<usize, 0, 20>, config.loader.max_redirects, "Hops followed."),
    key!("HTTP_LOADER_MAX_CLIENTS", Whole<usize, 1, 65536>, config.loader.max_clients, "Originals fetched at a time."),
    key!(
        "HTTP_LOADER_DEFAULT_USER_AGENT",
        HeaderText,
        config.loader.user_agent,
        "What origins are told; {version} is replaced."
    ),
    key!(
        "STORAGE",
        Choice<StorageKind>,
        storage,
        "Where originals are kept: none or file. (file: not in this version.)"
    ),
];

const PICTURES: &[Key] = &[
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
    key!("AVIF_SPEED", Whole<u8, 0, 9>, config.policy.avif_speed, "Speed of AVIF, 0 (slow, small) to 9 (quick)."),
    key!("PROGRESSIVE_JPEG", Flag, config.policy.progressive_jpeg, "Write progressive JPEG."),
    key!("PNG_COMPRESSION_LEVEL", Whole<u8, 0, 9>, config.policy.png_level, "zlib level of PNG, 0 to 9."),
    key!("AUTO_WEBP", Flag, config.policy.auto_webp, "WebP for clients that accept it."),
    key!(
        "AUTO_AVIF",
        Flag,
        config.policy.auto_avif,
        "AVIF for clients that accept it. Where AUTO_WEBP is on, too, who accepts both gets WebP, as from Thumbor."
    ),
    key!("AUTO_PNG_TO_JPG", Flag, config.policy.auto_png_to_jpg, "JPEG for PNG originals without transparency."),
    key!("RESPECT_ORIENTATION", Flag, config.policy.respect_orientation, "Turn pictures as their EXIF block says."),
    key!("PRESERVE_EXIF_INFO", Flag, config.policy.preserve_exif, "Copy EXIF blocks to the answer."),
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
        Factor,
        config.policy.shrink_margin,
        "How many times larger than needed a reduced decode must stay, 1 to 10. More is finer and slower."
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
];

const LIMITS: &[Key] = &[
    key!(
        "MAX_WIDTH",
        Limit<u32>,
        config.policy.max_width,
        "Originals and requests are reduced to this width. Pixels; 0: no limit."
    ),
    key!("MAX_HEIGHT", Limit<u32>, config.policy.max_height, "The same for height. Pixels; 0: no limit."),
    key!("MAX_PIXELS", Limit<u64>, config.limits.max_source_px, "Originals with more pixels are refused. 0: no limit."),
    key!("MAX_FRAMES", Whole<u32, 1, 1_000_000>, config.limits.max_frames, "Frames of an animation; further ones are left out."),
    key!(
        "MAX_ANIMATION_PIXELS",
        Whole<u64, 1>,
        config.limits.max_animation_px,
        "Pixels of all frames of an animation together."
    ),
    key!("MAX_CANVAS_PIXELS", Whole<u64, 1>, config.limits.max_canvas_px, "Pixels of an answer."),
    key!("MAX_VIDEO_BYTES", Bytes<1>, config.video.max_bytes, "A video that would be larger stays a GIF. Bytes."),
    key!("MAX_FILTERS", Whole<usize, 0, 10_000>, config.policy.max_filters, "Filters in one URL."),
    key!(
        "MAX_FILTER_WORK",
        Whole<u64, 1>,
        config.limits.max_filter_work,
        "Pixel operations of all filters of a request, about a nanosecond each."
    ),
    key!(
        "MAX_ASSETS",
        Whole<usize, 0, 1000>,
        config.policy.max_assets,
        "Pictures in one URL besides its source: watermarks and frames."
    ),
    key!("WORKERS", Whole<usize, 0, 1024>, config.admission.workers, "Pictures rendered at a time. 0: one for each core."),
    key!(
        "MAX_QUEUE",
        Whole<usize, 1, 1_000_000>,
        config.admission.max_queue,
        "Requests that may be fetching or waiting; further ones are answered 503 at once."
    ),
    key!("QUEUE_TIMEOUT", Time<1>, config.admission.queue_timeout, "Wait for a worker, then 503."),
    key!("RENDER_TIMEOUT", Time<1>, config.admission.render_timeout, "Time for rendering one picture, then 504."),
    key!(
        "MAX_FETCH_BYTES",
        Bytes<1>,
        config.admission.max_fetch_bytes,
        "Bytes of originals that have come and wait to be rendered; beyond, 503."
    ),
    key!(
        "MAX_RENDER_BYTES",
        Bytes<1>,
        config.admission.max_render_bytes,
        "Memory that pictures may take together while they are rendered, foreseen from their headers. Further ones wait\n\
         as for a worker; one that needs more is rendered alone."
    ),
];

const RESULTS: &[Key] = &[
    key!("CACHE_MAX_BYTES", Bytes, config.cache.max_bytes, "Results kept in memory. Bytes; 0: none."),
    key!(
        "CACHE_TTL",
        Time<1>,
        config.cache.ttl,
        "Results are made anew after this long, so that changed originals show."
    ),
    key!(
        "ASSET_CACHE_BYTES",
        Bytes,
        config.assets.max_bytes,
        "Files of watermarks and frames kept in memory. Bytes; 0: none."
    ),
    key!("ASSET_CACHE_TTL", Time<1>, config.assets.ttl, "Watermarks and frames are fetched anew after this long."),
    key!(
        "RESULT_STORAGE",
        Choice<StorageKind>,
        result_storage,
        "Where results are kept besides memory: none or file. (file: not in this version.)"
    ),
];

const SERVER: &[Key] = &[
    key!(
        "HOST",
        Address,
        config.server.host,
        "Address to listen on. Also --host. In the environment only as TINTYPE_HOST, since shells set HOST themselves."
    ),
    key!("PORT", Whole<u16, 0, 65535>, config.server.port, "Port to listen on; 0: any free one. Also --port."),
    key!("MAX_AGE", Seconds, config.server.max_age_s, "Seconds that clients may keep an answer. 0: not at all."),
    key!(
        "ERROR_MAX_AGE",
        Seconds,
        config.server.error_max_age_s,
        "Seconds that clients may keep the answer that an original is missing or unusable."
    ),
    key!("ENABLE_ETAGS", Flag, config.server.etags, "Send ETag and answer If-None-Match with 304."),
    key!(
        "ACCESS_CONTROL_ALLOW_ORIGIN_HEADER",
        MaybeHeader,
        config.server.allow_origin,
        "Value of that header, such as \"*\"; false: not sent."
    ),
    key!("MAX_URL_BYTES", Whole<usize, 256, 1_048_576>, config.server.max_url_bytes, "Longer URLs are answered 414. Bytes."),
    key!("HEADER_TIMEOUT", Time<1>, config.server.header_timeout, "Time for a client to send its request head."),
    key!("SHUTDOWN_TIMEOUT", Time, config.server.shutdown_timeout, "Time for answers in flight after SIGTERM."),
];

const LOG: &[Key] = &[
    key!(
        "LOG_LEVEL",
        LogFilter,
        config.log.filter,
        "error, warn, info, debug, trace, off, or a filter such as \"info,tintype::loader=debug\"."
    ),
    key!("LOG_FORMAT", Choice<LogFormat>, config.log.format, "text or json (one object per line)."),
];
