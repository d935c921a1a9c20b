//! How many characters a part of a pattern matches.

/// Least and most; `None` is without bound.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Width {
    least: u32,
    most: Option<u32>,
}

impl Width {
    pub(super) const ZERO: Self = Self { least: 0, most: Some(0) };
    pub(super) const ONE: Self = Self { least: 1, most: Some(1) };

    /// The number, if there is only one.
    pub(super) fn fixed(self) -> Option<u32> {
        self.most.filter(|most| *most == self.least)
    }

    /// One after the other.
    pub(super) fn then(self, next: Self) -> Self {
        let most = self.most.zip(next.most).map(|(a, b)| a.saturating_add(b));
        Self { least: self.least.saturating_add(next.least), most }
    }

    /// One of both.
    pub(super) fn or(self, other: Self) -> Self {
        let most = self.most.zip(other.most).map(|(a, b)| a.max(b));
        Self { least: self.least.min(other.least), most }
    }

    /// So many times.
    pub(super) fn times(self, least: u32, most: Option<u32>) -> Self {
        let most = match (self.most, most) {
            (Some(0), _) => Some(0),
            (Some(width), Some(most)) => Some(width.saturating_mul(most)),
            _ => None,
        };
        Self { least: self.least.saturating_mul(least), most }
    }
}
