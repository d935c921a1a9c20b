//! What is asked of a loader besides an id, and what it gives.

use super::{Budget, Forwarded, LoadError};
use bytes::Bytes;
use std::time::{Duration, SystemTime};

/// What is asked besides the id. The default asks for the original whatever it is, in nobody's name.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// What is known of a copy that is still here. A source that has the same answers [`Loaded::Unchanged`].
    pub known: Validators,
    /// Headers of the client that the origin is to see. Originals asked for with different ones may be different.
    pub forwarded: Forwarded,
    /// The memory in which the original may arrive.
    pub budget: Budget,
}

/// What tells one state of an original from another. Without either part nothing is known.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Validators {
    /// The entity tag as the source wrote it, quotes and `W/` included.
    pub etag: Option<String>,
    /// When the original was changed. From HTTP in whole seconds.
    pub last_modified: Option<SystemTime>,
}

/// What the source says about keeping an original.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct OriginFacts {
    /// What to ask with when the copy is no longer fresh.
    pub validators: Validators,
    /// How long a copy may be used without asking, from now on; zero = never. `None` = the source does not say.
    pub fresh_for: Option<Duration>,
    /// A copy that is no longer fresh must not be used, not even if the source fails.
    pub must_revalidate: bool,
    /// No copy may be kept that serves other requests: the source says `no-store` or `private`.
    pub no_store: bool,
    /// This is an older copy, and the source could not be asked about it yet. Only those who keep copies say so.
    pub stale: bool,
}

/// An original as it came.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Original {
    /// The encoded picture, or whatever else the source holds under that id.
    pub body: Bytes,
    /// What the source says about it.
    pub facts: OriginFacts,
}

/// What a loader gives.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Loaded {
    /// The original.
    Original(Original),
    /// The original is still what [`Conditions::known`] says. Facts that the source did not repeat are missing.
    Unchanged(OriginFacts),
}

impl Validators {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }

    /// Whether somebody who knows `known` has the state that these validators stand for. As in HTTP the entity tag
    /// decides, weakly compared, and the time only where no tag is known.
    pub fn are_known(&self, known: &Self) -> bool {
        let bare = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
        match (&known.etag, known.last_modified) {
            (Some(tag), _) => self.etag.as_deref().is_some_and(|current| bare(current) == bare(tag)),
            (None, Some(time)) => self.last_modified.is_some_and(|current| current <= time),
            (None, None) => false,
        }
    }
}

impl Loaded {
    /// The original, for those who asked without knowing anything.
    ///
    /// # Errors
    /// [`LoadError::Upstream`] for a source that nevertheless says that nothing has changed.
    pub fn whole(self) -> Result<Original, LoadError> {
        match self {
            Self::Original(original) => Ok(original),
            Self::Unchanged(_) => Err(LoadError::Upstream { status: 304 }),
        }
    }
}

/// Bytes of a source that says nothing about them.
impl From<Bytes> for Original {
    fn from(body: Bytes) -> Self {
        Self { body, facts: OriginFacts::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_decides_and_a_time_only_without_one() {
        let second = |at: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(at);
        let state = |etag: Option<&str>, at: Option<u64>| Validators {
            etag: etag.map(str::to_owned),
            last_modified: at.map(second),
        };
        let current = state(Some("\"a\""), Some(10));
        for (known, same) in [
            (state(Some("\"a\""), None), true),
            (state(Some("W/\"a\""), None), true),
            (state(Some("\"b\""), None), false),
            (state(Some("\"b\""), Some(10)), false),
            (state(Some("\"a\""), Some(9)), true),
            (state(None, Some(10)), true),
            (state(None, Some(11)), true),
            (state(None, Some(9)), false),
            (state(None, None), false),
        ] {
            assert_eq!(current.are_known(&known), same, "{known:?}");
        }
        assert!(!Validators::default().are_known(&current) && Validators::default().is_empty());
    }

    #[test]
    fn who_knew_nothing_is_not_told_that_nothing_changed() {
        let unchanged = Loaded::Unchanged(OriginFacts::default()).whole();
        assert!(matches!(unchanged, Err(LoadError::Upstream { status: 304 })), "{unchanged:?}");
    }
}
