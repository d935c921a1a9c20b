//! Whether what is being fetched or made may still be kept once it is there.
//!
//! Whoever throws away or exchanges what is kept of a source raises a doubt about it first. What was begun before that,
//! or before the doubt is settled, is answered but not kept. Raising waits for those who are just keeping something, so
//! that nothing old comes back behind the one who threw it away.

use super::Pick;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::sync::{RwLock, RwLockReadGuard};

/// Groups that sources fall into. Those of one group are doubted together, which costs a fetch and no more.
const GROUPS: usize = 64;

/// Doubts about sources, by their ids.
#[derive(Debug)]
pub(crate) struct Doubts([Group; GROUPS]);

#[derive(Debug, Default)]
struct Group {
    /// Held for reading while something is kept, for writing while a doubt is raised.
    keeping: RwLock<()>,
    /// Doubts raised so far.
    raised: AtomicU64,
    /// Doubts raised and not settled.
    open: AtomicUsize,
}

/// What was doubted of a source when something was begun.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Stamp(Option<u64>);

/// A doubt; settled when dropped.
#[derive(Debug)]
#[must_use = "a doubt is settled when it is dropped"]
pub(crate) struct Doubt<'a>(Vec<&'a Group>);

/// The right to keep something. No doubt is raised while it is held.
#[derive(Debug)]
pub(crate) struct Sure<'a>(#[expect(dead_code, reason = "it is there to be dropped")] RwLockReadGuard<'a, ()>);

impl Doubts {
    /// How things stand before something is begun that may be kept.
    pub(crate) fn stamp(&self, id: &str) -> Stamp {
        let group = self.group(id);
        let raised = group.raised.load(Ordering::Acquire); // first: a doubt that is raised meanwhile makes it void
        Stamp((group.open.load(Ordering::Acquire) == 0).then_some(raised))
    }

    /// The right to keep what was begun at `stamp`; `None` where there was a doubt since.
    pub(crate) async fn none_since(&self, stamp: Stamp, id: &str) -> Option<Sure<'_>> {
        let group = self.group(id);
        let keeping = group.keeping.read().await;
        (stamp.0 == Some(group.raised.load(Ordering::Acquire))).then_some(Sure(keeping))
    }

    /// Doubts these sources until the doubt is dropped.
    pub(crate) async fn raise(&self, pick: &Pick) -> Doubt<'_> {
        let groups = match pick {
            Pick::Image(id) => std::slice::from_ref(self.group(id)),
            Pick::Prefix(_) | Pick::Tag(_) => &self.0,
        };
        let mut doubt = Doubt(Vec::with_capacity(groups.len()));
        for group in groups {
            let _nobody_keeps = group.keeping.write().await;
            group.open.fetch_add(1, Ordering::AcqRel);
            group.raised.fetch_add(1, Ordering::AcqRel);
            doubt.0.push(group);
        }
        doubt
    }

    fn group(&self, id: &str) -> &Group {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        &self.0[usize::try_from(hasher.finish() % GROUPS as u64).expect("less than there are groups")]
    }
}

impl Default for Doubts {
    fn default() -> Self {
        Self(std::array::from_fn(|_| Group::default()))
    }
}

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        for group in &self.0 {
            group.open.fetch_sub(1, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_begun_before_or_during_a_doubt_is_not_kept() {
        for pick in [Pick::Image("a".into()), Pick::Prefix("a".into()), Pick::Tag("src-x".into())] {
            let doubts = Doubts::default();
            let before = doubts.stamp("a");
            assert!(doubts.none_since(before, "a").await.is_some(), "{pick:?}");
            let (one, other) = (doubts.raise(&pick).await, doubts.raise(&pick).await);
            let during = doubts.stamp("a");
            drop(one);
            let during_the_other = doubts.stamp("a");
            drop(other);
            for stamp in [before, during, during_the_other] {
                assert!(doubts.none_since(stamp, "a").await.is_none(), "{pick:?}");
            }
            assert!(doubts.none_since(doubts.stamp("a"), "a").await.is_some(), "{pick:?}");
        }
    }

    #[tokio::test]
    async fn a_doubt_waits_for_those_who_keep_something() {
        let doubts = Doubts::default();
        let sure = doubts.none_since(doubts.stamp("a"), "a").await.unwrap();
        let pick = Pick::Image("a".into());
        let mut raising = Box::pin(doubts.raise(&pick));
        assert!(futures_util::poll!(&mut raising).is_pending());
        drop(sure);
        assert!(futures_util::poll!(&mut raising).is_ready());
    }

    #[tokio::test]
    async fn other_sources_are_not_doubted() {
        let doubts = Doubts::default();
        let ids: Vec<_> = (0..1000).map(|number| format!("{number}.jpg")).collect();
        let stamps: Vec<_> = ids.iter().map(|id| doubts.stamp(id)).collect();
        let _doubt = doubts.raise(&Pick::Image(ids[0].clone())).await;
        let mut kept = 0;
        for (id, stamp) in ids.iter().zip(stamps) {
            kept += usize::from(doubts.none_since(stamp, id).await.is_some());
        }
        assert!((900..1000).contains(&kept), "{kept}");
    }

    #[tokio::test]
    async fn a_doubt_that_nobody_waits_for_any_more_is_settled() {
        let doubts = Doubts::default();
        let sure = doubts.none_since(doubts.stamp("a"), "a").await.unwrap();
        let pick = Pick::Prefix(String::new());
        let mut raising = Box::pin(doubts.raise(&pick));
        assert!(futures_util::poll!(&mut raising).is_pending()); // some groups are doubted, that of `a` waits
        drop((raising, sure));
        for id in ["a", "b", "c", "d", "e"] {
            assert!(doubts.none_since(doubts.stamp(id), id).await.is_some(), "{id}");
        }
    }
}
