//! Thin safe wrappers around C libraries, one a library: the only room where `unsafe` is allowed.
#![expect(unsafe_code, reason = "calls into C libraries")]

#[cfg(feature = "avif")]
pub(super) mod aom;
pub mod malloc;
pub(super) mod mozjpeg;
pub(super) mod webp;
