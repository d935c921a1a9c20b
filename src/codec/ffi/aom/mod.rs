//! libaom behind safe functions: one still frame as planes in, AV1 bytes out, and back.
//!
//! Wraps what the format module needs and decides nothing. Each call makes its own codec, works on the calling thread
//! only, and frees the codec by `Drop`.

mod decode;
mod encode;

pub(in crate::codec) use decode::{Decoded, decode};
pub(in crate::codec) use encode::{Picture, Settings, encode};

use libaom_sys as sys;
use std::ffi::CStr;

/// A codec that libaom has initialized.
struct Context(sys::aom_codec_ctx_t);

impl Context {
    /// What libaom says about `status`, an outcome of the last call.
    fn words(&self, status: sys::aom_codec_err_t) -> String {
        // SAFETY: the context is alive; libaom returns null or text that ends with a zero byte and lives as long as
        // the context, or for ever.
        unsafe {
            let detail = sys::aom_codec_error_detail(&raw const self.0);
            let words = if detail.is_null() { sys::aom_codec_err_to_string(status) } else { detail };
            CStr::from_ptr(words).to_string_lossy().into_owned()
        }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: initialized by libaom and destroyed once.
        unsafe { sys::aom_codec_destroy(&raw mut self.0) };
    }
}
