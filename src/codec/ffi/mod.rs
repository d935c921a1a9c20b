//! The only room where `unsafe` is allowed: one thin safe wrapper for each C library.

pub(super) mod webp;
