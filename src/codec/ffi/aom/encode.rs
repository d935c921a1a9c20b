//! Planes into AV1.

use super::Context;
use crate::codec::{CodecError, Format};
use libaom_sys as sys;
use std::ffi::{c_int, c_uint};
use std::mem::MaybeUninit;
use std::ptr;

/// Planes of a still of full range in BT.601 colors.
pub(in crate::codec) struct Picture<'a> {
    /// Width and height of the luma plane.
    pub(in crate::codec) size: (u32, u32),
    /// Luma without padding.
    pub(in crate::codec) luma: &'a [u8],
    /// Chroma, half as large in both directions, rounded up; `None` of a gray picture.
    pub(in crate::codec) chroma: Option<[&'a [u8]; 2]>,
}

/// How to encode.
pub(in crate::codec) struct Settings {
    /// 0 (worst) to 100.
    pub(in crate::codec) quality: u8,
    /// 0 (slow, small) to 9 (quick).
    pub(in crate::codec) speed: u8,
    /// Tune for what eyes see instead of the numbers: for pictures, not for alpha.
    pub(in crate::codec) visual: bool,
}

/// AV1 bytes of one still frame.
///
/// # Errors
/// [`CodecError::Encode`] if libaom cannot.
///
/// # Panics
/// If the planes are not of the size told.
pub(in crate::codec) fn encode(picture: &Picture, settings: &Settings) -> Result<Vec<u8>, CodecError> {
    let mut context = context(picture, settings)?;
    let image = image(picture)?;
    let mut bytes = Vec::new();
    for frame in [&raw const image, ptr::null()] {
        // SAFETY: the context is alive; the image and the planes it points to outlive the call, which only reads.
        let status = unsafe { sys::aom_codec_encode(&raw mut context.0, frame, 0, 1, 0) };
        if status != sys::AOM_CODEC_OK {
            return Err(refused(context.words(status)));
        }
        // What a call has made has to be taken before the next one.
        take_packets(&mut context, &mut bytes);
    }
    if bytes.is_empty() { Err(refused("encoder gave nothing")) } else { Ok(bytes) }
}

fn context(picture: &Picture, settings: &Settings) -> Result<Context, CodecError> {
    let mut config = MaybeUninit::<sys::aom_codec_enc_cfg_t>::zeroed();
    // SAFETY: `config` is a place to write to.
    let status = unsafe {
        sys::aom_codec_enc_config_default(sys::aom_codec_av1_cx(), config.as_mut_ptr(), sys::AOM_USAGE_ALL_INTRA)
    };
    if status != sys::AOM_CODEC_OK {
        return Err(refused("encoder has no still mode"));
    }
    // SAFETY: libaom has filled it.
    let mut config = unsafe { config.assume_init() };
    (config.g_w, config.g_h) = picture.size;
    config.g_threads = 1;
    config.g_limit = 1;
    config.g_lag_in_frames = 0;
    config.monochrome = c_uint::from(picture.chroma.is_none());
    config.rc_end_usage = sys::AOM_Q;
    (config.rc_min_quantizer, config.rc_max_quantizer) = (0, 63);

    let mut context = MaybeUninit::<sys::aom_codec_ctx_t>::zeroed();
    let version = c_int::try_from(sys::AOM_ENCODER_ABI_VERSION).expect("a small number");
    // SAFETY: `context` is a place to write to; libaom makes a copy of `config`.
    let status = unsafe {
        let codec = sys::aom_codec_av1_cx();
        sys::aom_codec_enc_init_ver(context.as_mut_ptr(), codec, &raw const config, 0, version)
    };
    if status != sys::AOM_CODEC_OK {
        return Err(refused(format!("encoder cannot be made for {:?}", picture.size)));
    }
    // SAFETY: libaom has initialized it.
    let mut context = Context(unsafe { context.assume_init() });
    let tuning = if settings.visual { sys::AOM_TUNE_SSIM } else { sys::AOM_TUNE_PSNR };
    for (control, value) in [
        (sys::AOME_SET_CPUUSED, u32::from(settings.speed.min(9))),
        (sys::AOME_SET_CQ_LEVEL, quantizer(settings.quality)),
        (sys::AOME_SET_TUNING, tuning),
        (sys::AV1E_SET_COLOR_RANGE, sys::AOM_CR_FULL_RANGE),
        (sys::AV1E_SET_COLOR_PRIMARIES, sys::AOM_CICP_CP_BT_709),
        (sys::AV1E_SET_TRANSFER_CHARACTERISTICS, sys::AOM_CICP_TC_SRGB),
        (sys::AV1E_SET_MATRIX_COEFFICIENTS, sys::AOM_CICP_MC_BT_601),
    ] {
        let (control, value) = (c_int::try_from(control), c_int::try_from(value));
        let (control, value) = (control.expect("a small number"), value.expect("a small number"));
        // SAFETY: the context is alive, and each of these controls takes one int.
        let status = unsafe { sys::aom_codec_control(&raw mut context.0, control, value) };
        if status != sys::AOM_CODEC_OK {
            return Err(refused(context.words(status)));
        }
    }
    Ok(context)
}

/// Quality as libavif and with it Pillow turns it into AV1's 63 (worst) to 0.
fn quantizer(quality: u8) -> u32 {
    ((100 - u32::from(quality.min(100))) * 63 + 50) / 100
}

/// An image whose planes are those of `picture`.
fn image(picture: &Picture) -> Result<sys::aom_image_t, CodecError> {
    let (width, height) = picture.size;
    let chroma_size = (width.div_ceil(2), height.div_ceil(2));
    let area = |(width, height): (u32, u32)| width as usize * height as usize;
    assert_eq!(picture.luma.len(), area(picture.size), "luma fits {width}x{height}");
    let [blue, red] = picture.chroma.unwrap_or_default();
    let chroma_area = if picture.chroma.is_some() { area(chroma_size) } else { 0 };
    assert!(blue.len() == chroma_area && red.len() == chroma_area, "chroma fits {width}x{height}");

    let mut image = MaybeUninit::<sys::aom_image_t>::zeroed();
    // SAFETY: `image` is a place to write to; libaom stores the pointer and does not read from it here.
    let wrapped = unsafe {
        let start = picture.luma.as_ptr().cast_mut();
        sys::aom_img_wrap(image.as_mut_ptr(), sys::AOM_IMG_FMT_I420, width, height, 1, start)
    };
    if wrapped.is_null() {
        return Err(refused(format!("{width}x{height} is too large")));
    }
    // SAFETY: libaom has filled it.
    let mut image = unsafe { image.assume_init() };
    let stride = |width: u32| c_int::try_from(width).map_err(|_| refused("too wide"));
    image.range = sys::AOM_CR_FULL_RANGE;
    image.monochrome = c_int::from(picture.chroma.is_none());
    image.planes = [picture.luma, blue, red].map(|plane| plane.as_ptr().cast_mut());
    image.stride = [stride(width)?, stride(chroma_size.0)?, stride(chroma_size.0)?];
    if picture.chroma.is_none() {
        image.planes[1..].fill(ptr::null_mut());
        image.stride[1..].fill(0);
    }
    Ok(image)
}

fn take_packets(context: &mut Context, bytes: &mut Vec<u8>) {
    let mut iterator = ptr::null();
    loop {
        // SAFETY: the context is alive; a packet stays until the next call with this context.
        let packet = unsafe { sys::aom_codec_get_cx_data(&raw mut context.0, &raw mut iterator).as_ref() };
        let Some(packet) = packet else { return };
        if packet.kind == sys::AOM_CODEC_CX_FRAME_PKT {
            // SAFETY: `frame` is the member for this kind, and its buffer has `sz` bytes.
            let frame = unsafe { std::slice::from_raw_parts(packet.data.frame.buf.cast::<u8>(), packet.data.frame.sz) };
            bytes.extend_from_slice(frame);
        }
    }
}

fn refused(reason: impl Into<String>) -> CodecError {
    CodecError::Encode { format: Format::Avif, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_covers_all_quantizers() {
        assert_eq!([0, 1, 50, 80, 99, 100, 255].map(quantizer), [63, 62, 32, 13, 1, 0, 0]);
    }
}
