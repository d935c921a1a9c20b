//! What a request may cost.

use super::{Key, key};
use crate::config::kind::{Bytes, Limit, Time, Whole};

pub(super) const KEYS: &[Key] = &[
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
    key!("WORKERS", Whole<usize, 0, 1024>, config.admission.workers, "Pictures rendered at a time. 0: one for each core that the machine or the control group lets the process use."),
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
        "Bytes of originals in memory: those that arrive, those that wait to be rendered or are; beyond, 503."
    ),
    key!(
        "MAX_RENDER_BYTES",
        Bytes<1>,
        config.admission.max_render_bytes,
        "Memory that pictures may take together while they are rendered, foreseen from their headers. Further ones wait\n\
         as for a worker; one that needs more is rendered alone."
    ),
];
