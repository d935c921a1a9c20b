//! libwebp behind safe functions: whole files and pictures in, bytes out, every object freed by `Drop`.
//!
//! Wraps what the format module needs and decides nothing: sizes, quality and loops are told to it.

mod decode;
mod encode;

pub(in crate::codec) use decode::{Animation, decode};
pub(in crate::codec) use encode::{AnimationEncoder, Picture, Settings, encode};

use crate::codec::{CodecError, Format};
use crate::geometry::Size;
use libwebp_sys as sys;
use std::ffi::c_int;

/// Largest width and height of a still; the numbers of all functions here stay far below `c_int::MAX` through it.
pub(in crate::codec) const MAX_SIDE: u32 = sys::WEBP_MAX_DIMENSION;

/// Rows of straight RGB (3 bytes a pixel) or RGBA (4) without padding.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::codec) enum Layout {
    Rgb,
    Rgba,
}

impl Layout {
    fn bytes_a_row(self, width: u32) -> usize {
        width as usize * if self == Self::Rgb { 3 } else { 4 }
    }
}

/// Width and height for libwebp, if it can have such a picture at all.
fn sides<S>(size: Size<S>) -> Option<(c_int, c_int)> {
    let checked = |side| c_int::try_from(side).ok().filter(|_| (1..=MAX_SIDE).contains(&side));
    Some((checked(size.width)?, checked(size.height)?))
}

fn broken(reason: impl Into<String>) -> CodecError {
    CodecError::Broken { format: Format::WebP, reason: reason.into() }
}

fn refused(reason: impl Into<String>) -> CodecError {
    CodecError::Encode { format: Format::WebP, reason: reason.into() }
}
