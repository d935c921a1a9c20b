//! Pictures into files.

use super::{Layout, refused, sides};
use crate::cancel::CancelToken;
use crate::codec::CodecError;
use crate::geometry::Size;
use libwebp_sys as sys;
use std::ffi::{CStr, c_int, c_void};
use std::ptr::{self, NonNull};

/// How to encode.
pub(in crate::codec) struct Settings(sys::WebPConfig);

impl Settings {
    /// Lossy at `quality` 0..=100, or lossless with it as the effort; `method` 0..=6, everything clamped.
    pub(in crate::codec) fn new(quality: u8, method: u8, lossless: bool) -> Result<Self, CodecError> {
        let mut config = sys::WebPConfig::new().map_err(|()| refused("encoder version mismatch"))?;
        config.quality = f32::from(quality.min(100));
        config.method = c_int::from(method.min(6));
        config.lossless = c_int::from(lossless);
        config.thread_level = 0;
        Ok(Self(config))
    }
}

/// A picture on its way into a file.
pub(in crate::codec) struct Picture {
    raw: sys::WebPPicture,
    // libwebp points into them.
    planes: [Vec<u8>; 3],
}

impl Picture {
    fn empty<S>(size: Size<S>, planes: [Vec<u8>; 3]) -> Result<Self, CodecError> {
        let mut raw = sys::WebPPicture::new().map_err(|()| refused("encoder version mismatch"))?;
        (raw.width, raw.height) = sides(size).ok_or_else(|| refused(format!("`{size}` is too large")))?;
        Ok(Self { raw, planes })
    }

    /// From interleaved pixels; `exact_color` keeps them as they are instead of turning them into YUV at once.
    ///
    /// # Errors
    /// [`CodecError::Encode`] if a side is 0 or larger than [`super::MAX_SIDE`].
    pub(in crate::codec) fn interleaved<S>(
        pixels: &[u8],
        layout: Layout,
        size: Size<S>,
        exact_color: bool,
    ) -> Result<Self, CodecError> {
        let mut picture = Self::empty(size, Default::default())?;
        picture.raw.use_argb = c_int::from(exact_color);
        let stride = layout.bytes_a_row(size.width);
        assert_eq!(pixels.len(), stride * size.height as usize, "pixels fit {size} {layout:?}");
        let stride = c_int::try_from(stride).expect("a side is at most MAX_SIDE");
        // SAFETY: the pixels are height rows of stride bytes, as asserted, and are copied during the call.
        let imported = unsafe {
            match layout {
                Layout::Rgb => sys::WebPPictureImportRGB(&raw mut picture.raw, pixels.as_ptr(), stride),
                Layout::Rgba => sys::WebPPictureImportRGBA(&raw mut picture.raw, pixels.as_ptr(), stride),
            }
        };
        if imported == 0 { Err(refused("out of memory")) } else { Ok(picture) }
    }

    /// From planes Y, U, V of limited range, chroma half as large in both directions, rounded up.
    ///
    /// # Errors
    /// [`CodecError::Encode`] if a side is 0 or larger than [`super::MAX_SIDE`].
    pub(in crate::codec) fn planar<S>(planes: [Vec<u8>; 3], size: Size<S>) -> Result<Self, CodecError> {
        let mut picture = Self::empty(size, planes)?;
        let raw = &mut picture.raw;
        let [y, u, v] = &mut picture.planes;
        let (chroma_width, chroma_height) = (size.width.div_ceil(2), size.height.div_ceil(2));
        let chroma_bytes = chroma_width as usize * chroma_height as usize;
        assert_eq!(y.len(), size.width as usize * size.height as usize, "luma fits {size}");
        assert!(u.len() == chroma_bytes && v.len() == chroma_bytes, "chroma fits {size}");
        raw.use_argb = 0;
        raw.colorspace = sys::WebPEncCSP::WEBP_YUV420;
        (raw.y, raw.u, raw.v) = (y.as_mut_ptr(), u.as_mut_ptr(), v.as_mut_ptr());
        raw.y_stride = raw.width;
        raw.uv_stride = c_int::try_from(chroma_width).expect("a side is at most MAX_SIDE");
        Ok(picture)
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: initialized by libwebp; frees what libwebp has allocated and leaves our own planes alone.
        unsafe { sys::WebPPictureFree(&raw mut self.raw) }
    }
}

/// A still file of `picture`.
///
/// # Errors
/// [`CodecError::Cancelled`] soon after the token says so, [`CodecError::Encode`] if libwebp cannot.
pub(in crate::codec) fn encode(
    mut picture: Picture,
    settings: &Settings,
    cancel: &CancelToken,
) -> Result<Vec<u8>, CodecError> {
    let mut file = Vec::new();
    picture.raw.writer = Some(append);
    picture.raw.custom_ptr = (&raw mut file).cast();
    picture.raw.progress_hook = Some(go_on);
    picture.raw.user_data = ptr::from_ref(cancel).cast_mut().cast();
    // SAFETY: the picture is whole; `file` and `cancel`, which the two callbacks get, outlive the call.
    let encoded = unsafe { sys::WebPEncode(&raw const settings.0, &raw mut picture.raw) };
    if encoded != 0 {
        return Ok(file);
    }
    if picture.raw.error_code == sys::WebPEncodingError::VP8_ENC_ERROR_USER_ABORT {
        cancel.check()?;
    }
    Err(refused(format!("{:?}", picture.raw.error_code)))
}

/// Takes the next bytes of the file.
///
/// # Safety
/// As called by `WebPEncode` for a picture whose `custom_ptr` is a `Vec<u8>`.
unsafe extern "C" fn append(data: *const u8, bytes: usize, picture: *const sys::WebPPicture) -> c_int {
    if bytes > 0 {
        // SAFETY: libwebp passes `bytes` readable bytes and the picture given to it, whose `custom_ptr` is the vector
        // that `encode` borrows to nobody else.
        unsafe {
            let file = (*picture).custom_ptr.cast::<Vec<u8>>();
            (*file).extend_from_slice(std::slice::from_raw_parts(data, bytes));
        }
    }
    1
}

/// Whether to go on encoding.
///
/// # Safety
/// As called by `WebPEncode` for a picture whose `user_data` is a [`CancelToken`].
unsafe extern "C" fn go_on(_percent: c_int, picture: *const sys::WebPPicture) -> c_int {
    // SAFETY: the picture is the one given to libwebp, and `encode` keeps the token alive.
    let cancel = unsafe { &*(*picture).user_data.cast_const().cast::<CancelToken>() };
    c_int::from(cancel.check().is_ok())
}

/// An animation being made, frame by frame.
pub(in crate::codec) struct AnimationEncoder(NonNull<sys::WebPAnimEncoder>);

impl AnimationEncoder {
    /// An empty animation that plays `loops` times, 0 for ever.
    ///
    /// # Errors
    /// [`CodecError::Encode`] if the size is out of range.
    pub(in crate::codec) fn new<S>(size: Size<S>, loops: u16) -> Result<Self, CodecError> {
        let (width, height) = sides(size).ok_or_else(|| refused(format!("`{size}` is too large")))?;
        let mut options = sys::WebPAnimEncoderOptions {
            anim_params: sys::WebPMuxAnimParams { bgcolor: 0, loop_count: 0 },
            minimize_size: 0,
            kmin: 0,
            kmax: 0,
            allow_mixed: 0,
            verbose: 0,
            padding: [0; 4],
        };
        let version = c_int::try_from(sys::WEBP_MUX_ABI_VERSION).expect("a small number");
        // SAFETY: `options` is a place to write to.
        if unsafe { sys::WebPAnimEncoderOptionsInitInternal(&raw mut options, version) } == 0 {
            return Err(refused("encoder version mismatch"));
        }
        options.anim_params.loop_count = c_int::from(loops);
        options.anim_params.bgcolor = 0;
        // SAFETY: `options` is initialized and read during the call.
        let raw = unsafe { sys::WebPAnimEncoderNewInternal(width, height, &raw const options, version) };
        NonNull::new(raw).map(Self).ok_or_else(|| refused("out of memory"))
    }

    /// Adds a frame that appears `at_ms` milliseconds after the start.
    ///
    /// # Errors
    /// [`CodecError::Encode`] if the frame is of another size or its time is not a possible one.
    pub(in crate::codec) fn add(
        &mut self,
        mut frame: Picture,
        at_ms: i32,
        settings: &Settings,
    ) -> Result<(), CodecError> {
        // SAFETY: encoder, frame and settings are alive; libwebp does not keep the frame.
        let added =
            unsafe { sys::WebPAnimEncoderAdd(self.0.as_ptr(), &raw mut frame.raw, at_ms, &raw const settings.0) };
        self.succeeded(added)
    }

    /// The file of all frames, the last of which ends `end_ms` milliseconds after the start.
    ///
    /// # Errors
    /// [`CodecError::Encode`] if there was no frame or the time is not a possible one.
    pub(in crate::codec) fn finish(self, end_ms: i32) -> Result<Vec<u8>, CodecError> {
        // SAFETY: the encoder is alive; a null frame marks the end and needs no settings.
        let added = unsafe { sys::WebPAnimEncoderAdd(self.0.as_ptr(), ptr::null_mut(), end_ms, ptr::null()) };
        self.succeeded(added)?;
        let mut data = sys::WebPData::default();
        // SAFETY: the encoder is alive and `data` is a place to write to.
        let assembled = unsafe { sys::WebPAnimEncoderAssemble(self.0.as_ptr(), &raw mut data) };
        self.succeeded(assembled)?;
        // SAFETY: libwebp has put a file there, which is ours until it is freed.
        let file = unsafe { std::slice::from_raw_parts(data.bytes, data.size) }.to_vec();
        // SAFETY: the bytes are libwebp's, freed once and not used afterwards.
        unsafe { sys::WebPFree(data.bytes.cast_mut().cast::<c_void>()) }
        Ok(file)
    }

    fn succeeded(&self, status: c_int) -> Result<(), CodecError> {
        if status != 0 {
            return Ok(());
        }
        // SAFETY: the encoder is alive and owns the text, which ends with a zero byte.
        let text = unsafe {
            let words = sys::WebPAnimEncoderGetError(self.0.as_ptr());
            if words.is_null() { c"unknown" } else { CStr::from_ptr(words) }
        };
        Err(refused(text.to_string_lossy()))
    }
}

impl Drop for AnimationEncoder {
    fn drop(&mut self) {
        // SAFETY: made by libwebp and deleted once.
        unsafe { sys::WebPAnimEncoderDelete(self.0.as_ptr()) }
    }
}
