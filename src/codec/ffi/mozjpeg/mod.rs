//! libjpeg's API as MozJPEG implements it: compression in one go; for tests and benches, decompression by bands.
//!
//! libjpeg ends a failed call by calling `error_exit`, which must not return. Ours unwinds through the C frames
//! (they are compiled with unwind tables) with a private payload, and [`guarded`] turns that into a value.
//! `resume_unwind` starts the unwinding, so that no panic hook runs and nothing is printed.

mod compress;
#[cfg(any(test, feature = "yardstick"))]
#[cfg_attr(not(test), allow(dead_code, reason = "the library itself does not decompress with it"))]
mod decompress;

pub(in crate::codec) use compress::{Compression, Layout, compress};
#[cfg(any(test, feature = "yardstick"))]
#[cfg_attr(not(test), allow(unused_imports, reason = "as above"))]
pub(in crate::codec) use decompress::{Decompressor, Output};

use mozjpeg_sys::{jpeg_common_struct, jpeg_error_mgr, jpeg_std_error};
use std::mem::{MaybeUninit, transmute};
use std::os::raw::{c_char, c_int};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What libjpeg says is wrong, in its own words.
#[derive(Debug)]
pub(in crate::codec) struct LibjpegError(pub(in crate::codec) String);

/// Runs calls into libjpeg and catches its way of failing.
///
/// After a failure the struct may only be destroyed; callers keep to that by dropping it.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, LibjpegError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| match payload.downcast::<LibjpegError>() {
        Ok(error) => *error,
        Err(panic) => resume_unwind(panic),
    })
}

/// An error manager that unwinds on errors and says nothing.
fn error_manager() -> jpeg_error_mgr {
    let mut manager = MaybeUninit::<jpeg_error_mgr>::zeroed();
    // SAFETY: all fields are numbers, raw pointers and optional functions, for which zeros are valid.
    let manager_ref = unsafe { manager.assume_init_mut() };
    // SAFETY: only writes to the struct.
    unsafe { jpeg_std_error(manager_ref) };
    manager_ref.error_exit = Some(error_exit);
    manager_ref.emit_message = Some(ignore_message);
    manager_ref.output_message = Some(ignore_output);
    // SAFETY: as above.
    unsafe { manager.assume_init() }
}

unsafe extern "C-unwind" fn error_exit(cinfo: &mut jpeg_common_struct) {
    // SAFETY: libjpeg calls this with its own struct.
    let text = unsafe { message(cinfo) };
    resume_unwind(Box::new(LibjpegError(text)));
}

unsafe extern "C-unwind" fn ignore_message(_: &mut jpeg_common_struct, _level: c_int) {}

unsafe extern "C-unwind" fn ignore_output(_: &mut jpeg_common_struct) {}

/// libjpeg's text for the last error.
///
/// # Safety
/// `cinfo` is the common part of a struct whose error manager was made by [`error_manager`].
unsafe fn message(cinfo: &mut jpeg_common_struct) -> String {
    type FormatMessage = unsafe extern "C-unwind" fn(*mut jpeg_common_struct, *mut c_char);
    const LONGEST_MESSAGE: usize = 200; // JMSG_LENGTH_MAX of jpeglib.h

    let mut text = [0u8; LONGEST_MESSAGE];
    // SAFETY: the manager outlives the struct that points to it.
    if let Some(format) = unsafe { (*cinfo.err).format_message } {
        // SAFETY: this is the function's C type; the crate declares the buffer as shorter and read-only.
        let format: FormatMessage = unsafe { transmute(format) };
        // SAFETY: the buffer has the length that the function is documented to need at most.
        unsafe { format(cinfo, text.as_mut_ptr().cast()) };
    }
    let length = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
    String::from_utf8_lossy(&text[..length]).into_owned()
}
