//! Planes out of AV1.

use super::Context;
use crate::codec::{CodecError, Format};
use libaom_sys as sys;
use std::ffi::{c_int, c_uint};
use std::mem::MaybeUninit;
use std::ptr;

/// A decoded frame. Samples are 8 bit; of deeper ones the upper bits, rounded.
pub(in crate::codec) struct Decoded {
    /// Width and height of the luma plane.
    pub(in crate::codec) size: (u32, u32),
    /// Luma alone, or luma and two planes of chroma, without padding.
    pub(in crate::codec) planes: Vec<Vec<u8>>,
    /// By how much chroma is smaller: divisors of width and height, 1 or 2; (1, 1) if there is none.
    pub(in crate::codec) chroma: (u8, u8),
    /// Samples go from 0 to 255 instead of 16 to 235 (240).
    pub(in crate::codec) full_range: bool,
    /// Matrix coefficients as ITU-T H.273 numbers them.
    pub(in crate::codec) matrix: u16,
}

/// The first frame of a temporal unit.
///
/// The caller has made sure that no sequence header allows larger frames than it can bear.
///
/// # Errors
/// [`CodecError::Broken`] if libaom finds the data wrong or there is no frame.
pub(in crate::codec) fn decode(units: &[u8]) -> Result<Decoded, CodecError> {
    let config = sys::aom_codec_dec_cfg_t { threads: 1, w: 0, h: 0, allow_lowbitdepth: 1 };
    let mut context = MaybeUninit::<sys::aom_codec_ctx_t>::zeroed();
    let version = c_int::try_from(sys::AOM_DECODER_ABI_VERSION).expect("a small number");
    // SAFETY: `context` is a place to write to and `config` is read during the call.
    let status = unsafe {
        let codec = sys::aom_codec_av1_dx();
        sys::aom_codec_dec_init_ver(context.as_mut_ptr(), codec, &raw const config, 0, version)
    };
    if status != sys::AOM_CODEC_OK {
        return Err(broken("decoder cannot be made"));
    }
    // SAFETY: libaom has initialized it.
    let mut context = Context(unsafe { context.assume_init() });
    // SAFETY: the context is alive and `units` is readable during the call.
    let status = unsafe { sys::aom_codec_decode(&raw mut context.0, units.as_ptr(), units.len(), ptr::null_mut()) };
    if status != sys::AOM_CODEC_OK {
        return Err(broken(context.words(status)));
    }
    let mut iterator = ptr::null();
    // SAFETY: the context is alive; the frame stays until the next call with this context.
    let frame = unsafe { sys::aom_codec_get_frame(&raw mut context.0, &raw mut iterator).as_ref() };
    copied(frame.ok_or_else(|| broken("there is no frame"))?)
}

fn copied(image: &sys::aom_image_t) -> Result<Decoded, CodecError> {
    let gray = image.monochrome != 0;
    let (x, y) = if gray { (0, 0) } else { (image.x_chroma_shift, image.y_chroma_shift) };
    let deep = image.fmt & sys::AOM_IMG_FMT_HIGHBITDEPTH != 0;
    if x > 1 || y > 1 || !(8..=12).contains(&image.bit_depth) || (!deep && image.bit_depth != 8) {
        return Err(broken("frame of an unknown kind"));
    }
    let planes = (0..if gray { 1 } else { 3 }).map(|index| {
        let (x, y) = if index == 0 { (0, 0) } else { (x, y) };
        plane(image, index, (image.d_w + x) >> x, (image.d_h + y) >> y, deep)
    });
    Ok(Decoded {
        size: (image.d_w, image.d_h),
        planes: planes.collect::<Option<_>>().ok_or_else(|| broken("frame without planes"))?,
        chroma: (1 << x, 1 << y),
        full_range: image.range == sys::AOM_CR_FULL_RANGE,
        matrix: u16::try_from(image.mc).unwrap_or(u16::MAX),
    })
}

/// The samples of one plane, `None` if there is no such plane.
fn plane(image: &sys::aom_image_t, index: usize, width: c_uint, height: c_uint, deep: bool) -> Option<Vec<u8>> {
    let (start, stride) = (image.planes[index], isize::try_from(image.stride[index]).ok()?);
    if start.is_null() {
        return None;
    }
    let (width, height) = (usize::try_from(width).ok()?, isize::try_from(height).ok()?);
    let mut samples = Vec::with_capacity(width * height.unsigned_abs());
    for y in 0..height {
        // SAFETY: libaom's planes have `height` rows, `stride` bytes apart, of at least `width` samples each, which
        // are of two bytes and aligned if the format says that they are deep.
        unsafe {
            let row = start.offset(y * stride);
            if deep {
                #[expect(clippy::cast_ptr_alignment, reason = "libaom aligns rows of deep samples")]
                let row = std::slice::from_raw_parts(row.cast::<u16>(), width);
                samples.extend(row.iter().map(|sample| eight_bits(*sample, image.bit_depth)));
            } else {
                samples.extend_from_slice(std::slice::from_raw_parts(row, width));
            }
        }
    }
    Some(samples)
}

/// The upper 8 of `depth` bits, rounded.
fn eight_bits(sample: u16, depth: c_uint) -> u8 {
    let dropped = depth - 8;
    let rounded = (u32::from(sample) + ((1 << dropped) >> 1)) >> dropped;
    u8::try_from(rounded).unwrap_or(u8::MAX)
}

fn broken(reason: impl Into<String>) -> CodecError {
    CodecError::Broken { format: Format::Avif, reason: reason.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_samples_are_rounded_to_eight_bits() {
        for (sample, depth, expected) in
            [(0, 10, 0), (1, 10, 0), (2, 10, 1), (512, 10, 128), (1023, 10, 255), (4095, 12, 255), (77, 8, 77)]
        {
            assert_eq!(eight_bits(sample, depth), expected, "{sample} of {depth} bits");
        }
    }
}
