//! Width and height, typed by the space they are measured in.

use std::fmt;
use std::marker::PhantomData;

/// Pixels as the file stores them.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Stored {}
/// Pixels after the EXIF orientation: what a viewer would see.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Upright {}
/// Pixels as the decoder hands them out: stored pixels after shrink-on-load.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Decoded {}
/// Pixels of the picture being made.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Canvas {}

/// Width and height in pixels of space `S`.
#[derive(Eq, Hash, PartialEq)]
pub struct Size<S> {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    space: PhantomData<S>,
}

impl<S> Size<S> {
    /// A size of `width` by `height` pixels.
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height, space: PhantomData }
    }

    /// Number of pixels; cannot overflow.
    pub fn area_px(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// Width and height swapped.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self::new(self.height, self.width)
    }

    /// The same numbers in another space, where the caller knows that the spaces agree.
    pub(crate) fn into_space<T>(self) -> Size<T> {
        Size::new(self.width, self.height)
    }

    /// Both sides divided by `divisor`, rounded up: the size of a reduced decode.
    pub fn div_ceil<T>(self, divisor: u32) -> Size<T> {
        Size::new(self.width.div_ceil(divisor), self.height.div_ceil(divisor))
    }
}

// Derives would ask the space marker for the same traits.
impl<S> Clone for Size<S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S> Copy for Size<S> {}
impl<S> fmt::Debug for Size<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl<S> fmt::Display for Size<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}
