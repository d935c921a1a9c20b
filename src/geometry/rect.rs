//! Whole-pixel rectangles.

use super::Size;
use std::marker::PhantomData;

/// Left, top, right and bottom in whole pixels of space `S`; right and bottom are exclusive.
#[derive(Eq, Hash, PartialEq)]
pub struct Rect<S> {
    /// First column.
    pub left: u32,
    /// First row.
    pub top: u32,
    /// One past the last column.
    pub right: u32,
    /// One past the last row.
    pub bottom: u32,
    space: PhantomData<S>,
}

impl<S> Rect<S> {
    /// The rectangle between two corners. It may be empty or inverted: see [`Rect::clamped`].
    pub const fn new(left: u32, top: u32, right: u32, bottom: u32) -> Self {
        Self { left, top, right, bottom, space: PhantomData }
    }

    /// The whole of `size`.
    pub const fn whole(size: Size<S>) -> Self {
        Self::new(0, 0, size.width, size.height)
    }

    /// Width and height; zero where inverted.
    pub fn size(self) -> Size<S> {
        Size::new(self.right.saturating_sub(self.left), self.bottom.saturating_sub(self.top))
    }

    /// Every edge moved into `size`; `None` when nothing is left.
    pub fn clamped(self, size: Size<S>) -> Option<Self> {
        let rect = Self::new(
            self.left.min(size.width),
            self.top.min(size.height),
            self.right.min(size.width),
            self.bottom.min(size.height),
        );
        (rect.left < rect.right && rect.top < rect.bottom).then_some(rect)
    }
}

impl<S> Clone for Rect<S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S> Copy for Rect<S> {}
impl<S> std::fmt::Debug for Rect<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{},{}-{},{}", self.left, self.top, self.right, self.bottom)
    }
}
