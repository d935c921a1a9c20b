//! How many bytes of originals may be in memory at a time, those that are still arriving included.

use super::LoadError;
use bytes::{Bytes, BytesMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Largest buffer made on the word of a source alone.
const TRUSTED_LENGTH_BYTES: u64 = 8 << 20;

/// Memory for originals. Clones are the same memory; the default has no end.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Counter>);

#[derive(Debug)]
struct Counter {
    held_bytes: AtomicU64,
    limit_bytes: u64,
}

/// A part of the memory, given back when dropped.
#[derive(Debug)]
pub struct Share {
    bytes: u64,
    budget: Budget,
}

impl Budget {
    /// Memory of so many bytes.
    pub fn new(limit_bytes: u64) -> Self {
        Self(Arc::new(Counter { held_bytes: AtomicU64::new(0), limit_bytes }))
    }

    /// Bytes taken at the moment.
    pub fn held_bytes(&self) -> u64 {
        self.0.held_bytes.load(Ordering::Relaxed)
    }

    /// Bytes that there are.
    pub fn limit_bytes(&self) -> u64 {
        self.0.limit_bytes
    }

    /// Whether nothing can be taken.
    pub fn is_full(&self) -> bool {
        let held = self.held_bytes();
        held > 0 && held >= self.0.limit_bytes
    }

    /// A share of nothing yet.
    pub fn share(&self) -> Share {
        Share { bytes: 0, budget: self.clone() }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(u64::MAX)
    }
}

impl Share {
    /// Takes so many bytes more, if there is room for them. There always is for who holds all that is held, since
    /// originals have a limit of their own.
    #[must_use]
    pub fn grow(&mut self, bytes: u64) -> bool {
        let fits = |held: u64| {
            let sum = held.saturating_add(bytes);
            (held == self.bytes || sum <= self.budget.0.limit_bytes).then_some(sum)
        };
        let grown = self.budget.0.held_bytes.try_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok();
        if grown {
            self.bytes += bytes;
        }
        grown
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.0.held_bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// The body of an original that arrives in pieces.
#[derive(Debug)]
pub(super) struct Arrival {
    share: Share,
    max_bytes: u64,
    announced: u64,
    /// The first piece, as long as it is the only one: mostly it is all there is.
    first: Bytes,
    body: BytesMut,
}

impl Arrival {
    /// A body of as many bytes as its source has announced (0 where it has not), and of `max_bytes` at most.
    pub(super) fn new(budget: &Budget, max_bytes: u64, announced: u64) -> Result<Self, LoadError> {
        let this = Self { share: budget.share(), max_bytes, announced, first: Bytes::new(), body: BytesMut::new() };
        this.fits(announced)?;
        Ok(this)
    }

    /// The next piece.
    pub(super) fn add(&mut self, piece: Bytes) -> Result<(), LoadError> {
        self.fits((self.first.len() + self.body.len() + piece.len()) as u64)?;
        if !self.share.grow(piece.len() as u64) {
            return Err(LoadError::NoRoom);
        }
        if self.first.is_empty() && self.body.is_empty() {
            self.first = piece;
            return Ok(());
        }
        if self.body.is_empty() {
            self.body.reserve(usize::try_from(self.announced.min(TRUSTED_LENGTH_BYTES)).unwrap_or(0));
            self.body.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.body.extend_from_slice(&piece);
        Ok(())
    }

    /// All pieces.
    pub(super) fn finish(self) -> Result<Bytes, LoadError> {
        match (self.first.is_empty(), self.body.is_empty()) {
            (false, _) => Ok(self.first),
            (true, false) => Ok(self.body.freeze()),
            (true, true) => Err(LoadError::Empty),
        }
    }

    fn fits(&self, len: u64) -> Result<(), LoadError> {
        if len > self.max_bytes { Err(LoadError::TooLarge { limit_bytes: self.max_bytes }) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_fit_together_or_are_alone() {
        let budget = Budget::new(100);
        let (mut one, mut other) = (budget.share(), budget.share());
        assert!(one.grow(60) && other.grow(40) && budget.is_full());
        assert!(!one.grow(1) && !other.grow(1));
        drop(other);
        assert!(one.grow(1000), "nobody else holds anything");
        let mut late = budget.share();
        assert!(!late.grow(1));
        drop(one);
        assert!(late.grow(1000) && budget.held_bytes() == 1000);
        drop(late);
        assert_eq!((budget.held_bytes(), budget.is_full()), (0, false));
    }

    #[test]
    fn a_body_is_what_came_in_pieces() {
        let arrive = |announced: u64, pieces: &[&'static str]| {
            let mut arrival = Arrival::new(&Budget::default(), 10, announced)?;
            pieces.iter().try_for_each(|piece| arrival.add(Bytes::from_static(piece.as_bytes())))?;
            arrival.finish()
        };
        for announced in [0, 3, 6, 10] {
            for pieces in [&["abcdef"][..], &["abc", "def"], &["", "ab", "", "cde", "f"]] {
                assert_eq!(arrive(announced, pieces).unwrap(), "abcdef", "{announced} {pieces:?}");
            }
        }
        assert!(matches!(arrive(0, &[]), Err(LoadError::Empty)));
        assert!(matches!(arrive(0, &["", ""]), Err(LoadError::Empty)));
        for (announced, pieces) in [(11, &[][..]), (0, &["abcdef", "ghijk"]), (3, &["abcdefghijk"])] {
            assert!(matches!(arrive(announced, pieces), Err(LoadError::TooLarge { limit_bytes: 10 })), "{pieces:?}");
        }
    }

    #[test]
    fn what_arrives_counts_before_it_is_whole() {
        let budget = Budget::new(10);
        let mut one = Arrival::new(&budget, 100, 0).unwrap();
        let mut other = Arrival::new(&budget, 100, 0).unwrap();
        one.add("abcdef".into()).unwrap();
        other.add("abcd".into()).unwrap();
        assert!(matches!(other.add("e".into()), Err(LoadError::NoRoom)));
        assert_eq!(budget.held_bytes(), 10);
        drop(other);
        one.add("ghijklmnop".into()).unwrap();
        assert_eq!(one.finish().unwrap().len(), 16);
        assert_eq!(budget.held_bytes(), 0);
    }
}
