//! Pixels out of files.

use super::{Layout, broken, sides};
use crate::codec::CodecError;
use crate::geometry::Size;
use libwebp_sys as sys;
use std::borrow::Cow;
use std::ffi::c_int;
use std::ptr::{self, NonNull};

/// Decodes a still of whatever size into `size` pixels, rescaled by libwebp if that is not its own size.
///
/// Of a file that ends early the rows as far as they go; the rest is zero.
///
/// # Errors
/// [`CodecError::Broken`] if the data make no sense or end before the first row.
pub(in crate::codec) fn decode<S>(
    file: &[u8],
    layout: Layout,
    size: Size<S>,
    rescale: bool,
) -> Result<Vec<u8>, CodecError> {
    let (width, height) = sides(size).ok_or_else(|| broken("size out of range"))?;
    let stride = layout.bytes_a_row(size.width);
    let mut pixels = vec![0; stride * size.height as usize];

    let mut config = sys::WebPDecoderConfig::new().map_err(|()| broken("decoder version mismatch"))?;
    config.options.use_scaling = c_int::from(rescale);
    config.options.scaled_width = width;
    config.options.scaled_height = height;
    config.output.colorspace =
        if layout == Layout::Rgb { sys::WEBP_CSP_MODE::MODE_RGB } else { sys::WEBP_CSP_MODE::MODE_RGBA };
    config.output.is_external_memory = 1;
    config.output.u.RGBA = sys::WebPRGBABuffer {
        rgba: pixels.as_mut_ptr(),
        stride: c_int::try_from(stride).expect("a side is at most MAX_SIDE"),
        size: pixels.len(),
    };

    // SAFETY: no data are passed, and `config`, which libwebp keeps a pointer to, is neither moved nor touched while
    // `decoder` lives. libwebp checks the size of the output buffer before writing into it.
    let decoder = unsafe { sys::WebPIDecode(ptr::null(), 0, &raw mut config) };
    let decoder = IncrementalDecoder(NonNull::new(decoder).ok_or_else(|| broken("out of memory"))?);
    // SAFETY: the decoder is alive and `file` outlives it.
    let status = unsafe { sys::WebPIUpdate(decoder.0.as_ptr(), file.as_ptr(), file.len()) };
    let complete = match status {
        sys::VP8StatusCode::VP8_STATUS_OK => true,
        sys::VP8StatusCode::VP8_STATUS_SUSPENDED => false,
        other => return Err(broken(format!("{other:?}"))),
    };
    let rows = decoder.rows();
    drop(decoder);
    if !complete && rows <= 0 {
        return Err(broken("ends before the first row"));
    }
    if (config.output.width, config.output.height) != (width, height) {
        return Err(broken("frame and header tell different sizes"));
    }
    Ok(pixels)
}

struct IncrementalDecoder(NonNull<sys::WebPIDecoder>);

impl IncrementalDecoder {
    /// Number of rows that have been written so far.
    fn rows(&self) -> c_int {
        let mut rows = 0;
        // SAFETY: the decoder is alive, `rows` is a place to write to, and null pointers are allowed for the rest.
        let pixels = unsafe {
            sys::WebPIDecGetRGB(self.0.as_ptr(), &raw mut rows, ptr::null_mut(), ptr::null_mut(), ptr::null_mut())
        };
        if pixels.is_null() { 0 } else { rows }
    }
}

impl Drop for IncrementalDecoder {
    fn drop(&mut self) {
        // SAFETY: made by libwebp and deleted once.
        unsafe { sys::WebPIDelete(self.0.as_ptr()) }
    }
}

/// The composited frames of an animation, one after the other.
pub(in crate::codec) struct Animation<'a> {
    raw: NonNull<sys::WebPAnimDecoder>,
    canvas: *const u8,
    canvas_bytes: usize,
    ended_at_ms: c_int,
    // libwebp points into it.
    _file: Cow<'a, [u8]>,
}

impl<'a> Animation<'a> {
    /// An animation from its whole file.
    ///
    /// # Errors
    /// [`CodecError::Broken`] if chunks are missing or its canvas is not of `size`.
    pub(in crate::codec) fn new<S>(file: Cow<'a, [u8]>, size: Size<S>) -> Result<Self, CodecError> {
        let data = sys::WebPData { bytes: file.as_ptr(), size: file.len() };
        // SAFETY: `data` is read during the call, what it points to outlives the decoder: a `Cow` that moves leaves
        // its bytes where they are. Without options libwebp takes one thread and straight RGBA.
        let raw = unsafe { sys::WebPAnimDecoderNew(&raw const data, ptr::null()) };
        let raw = NonNull::new(raw).ok_or_else(|| broken("animation chunks make no sense"))?;
        let mut animation = Self { raw, canvas: ptr::null(), canvas_bytes: 0, ended_at_ms: 0, _file: file };
        let mut info = sys::WebPAnimInfo::default();
        // SAFETY: the decoder is alive and `info` is a place to write to.
        let known = unsafe { sys::WebPAnimDecoderGetInfo(raw.as_ptr(), &raw mut info) };
        if known == 0 || (info.canvas_width, info.canvas_height) != (size.width, size.height) {
            return Err(broken("canvas and header tell different sizes"));
        }
        // libwebp has allocated two such canvases, so that this cannot overflow.
        animation.canvas_bytes = info.canvas_width as usize * info.canvas_height as usize * 4;
        Ok(animation)
    }

    /// Composites the next frame and tells how long it is shown, in milliseconds; `None` after the last.
    ///
    /// # Errors
    /// [`CodecError::Broken`] if the frame makes no sense.
    pub(in crate::codec) fn advance(&mut self) -> Result<Option<u32>, CodecError> {
        self.canvas = ptr::null();
        // SAFETY: the decoder is alive.
        if unsafe { sys::WebPAnimDecoderHasMoreFrames(self.raw.as_ptr()) } == 0 {
            return Ok(None);
        }
        let (mut canvas, mut ends_at_ms) = (ptr::null_mut(), 0);
        // SAFETY: the decoder is alive and both are places to write to.
        let decoded = unsafe { sys::WebPAnimDecoderGetNext(self.raw.as_ptr(), &raw mut canvas, &raw mut ends_at_ms) };
        if decoded == 0 || canvas.is_null() {
            return Err(broken("frame cannot be decoded"));
        }
        let delay_ms = u32::try_from(ends_at_ms.wrapping_sub(self.ended_at_ms)).unwrap_or(0);
        self.ended_at_ms = ends_at_ms;
        self.canvas = canvas;
        Ok(Some(delay_ms))
    }

    /// The canvas as straight RGBA; empty if there is no frame.
    pub(in crate::codec) fn canvas(&self) -> &[u8] {
        if self.canvas.is_null() {
            return &[];
        }
        // SAFETY: libwebp hands out its canvas, which stays as it is until `advance` is called, and that needs the
        // animation mutable.
        unsafe { std::slice::from_raw_parts(self.canvas, self.canvas_bytes) }
    }
}

impl Drop for Animation<'_> {
    fn drop(&mut self) {
        // SAFETY: made by libwebp and deleted once.
        unsafe { sys::WebPAnimDecoderDelete(self.raw.as_ptr()) }
    }
}
