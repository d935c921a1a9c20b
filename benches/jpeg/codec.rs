//! The yardstick: the wrapper that the library's tests use as their oracle.

#[expect(unsafe_code, reason = "calls into a C library")]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "only decompression is measured here")]
#[path = "../../src/codec/ffi/mozjpeg/mod.rs"]
mod mozjpeg;

use mozjpeg::{Decompressor, Output};
use std::hint::black_box;

/// Reads a file to its end and keeps nothing.
pub(crate) fn libjpeg(data: &[u8], shrink: u32) {
    let mut bands = Decompressor::start(data.into(), Output::Planes, shrink).expect("the file can be read");
    while bands.next_band().expect("the file can be read") {
        black_box(bands.planes());
    }
}
