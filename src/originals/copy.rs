//! A copy of an original, and what it is still good for.

use crate::loader::{Loaded, OriginFacts, Original, Validators};
use crate::storage::{Entry, Meta, PINNED};
use bytes::Bytes;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The original that an entry is a copy of.
pub(super) const IMAGE: &str = "image";
const FETCHED: &str = "fetched";
const FRESH_FOR: &str = "fresh-for";
const ETAG: &str = "etag";
const LAST_MODIFIED: &str = "last-modified";
const MUST_REVALIDATE: &str = "must-revalidate";

/// An original as it was at some time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Copy {
    pub(super) body: Bytes,
    pub(super) facts: OriginFacts,
    fetched_at: SystemTime,
    /// There is no source to ask: somebody has uploaded it.
    pub(super) pinned: bool,
}

/// For how long copies are good.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// Without asking, where the source does not say; `None` = for ever.
    pub(super) fresh: Option<Duration>,
    /// After that, while the source is asked.
    pub(super) while_revalidating: Duration,
    /// After that, where the source fails.
    pub(super) if_error: Duration,
}

/// What a copy is good for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Standing {
    /// It can be used.
    Fresh,
    /// It can be used while the source is asked.
    Stale,
    /// It can be used if the source fails.
    Spare,
    /// It tells what to ask with, and saves bytes if nothing has changed.
    Past,
}

impl Copy {
    pub(super) fn fetched(original: Original, at: SystemTime) -> Self {
        Self { body: original.body, facts: original.facts, fetched_at: at, pinned: false }
    }

    pub(super) fn uploaded(body: Bytes) -> Self {
        Self { body, facts: OriginFacts::default(), fetched_at: SystemTime::now(), pinned: true }
    }

    /// The same copy after its source said that nothing has changed.
    pub(super) fn renewed(&self, facts: OriginFacts, at: SystemTime) -> Self {
        let validators = if facts.validators.is_empty() { self.facts.validators.clone() } else { facts.validators };
        // What a source does not repeat still holds.
        let fresh_for = facts.fresh_for.or(self.facts.fresh_for);
        Self { facts: OriginFacts { validators, fresh_for, ..facts }, fetched_at: at, ..self.clone() }
    }

    /// The same copy for somebody who has to know that the source was not asked.
    pub(super) fn as_stale(&self) -> Self {
        Self { facts: OriginFacts { stale: true, ..self.facts.clone() }, ..self.clone() }
    }

    pub(super) fn standing(&self, now: SystemTime, times: &Times) -> Standing {
        let Some(fresh) = self.facts.fresh_for.or(times.fresh).filter(|_| !self.pinned) else { return Standing::Fresh };
        let age = now.duration_since(self.fetched_at).unwrap_or_default();
        let Some(over) = age.checked_sub(fresh).filter(|over| !over.is_zero() || fresh.is_zero()) else {
            return Standing::Fresh;
        };
        if self.facts.must_revalidate {
            Standing::Past
        } else if over <= times.while_revalidating && !fresh.is_zero() {
            Standing::Stale
        } else if over <= times.if_error {
            Standing::Spare
        } else {
            Standing::Past
        }
    }

    /// What somebody is told who knows an original of these validators.
    pub(super) fn answer(&self, known: &Validators) -> Loaded {
        if self.facts.validators.are_known(known) {
            return Loaded::Unchanged(self.facts.clone());
        }
        Loaded::Original(Original { body: self.body.clone(), facts: self.facts.clone() })
    }

    /// The copy as words to store beside its bytes.
    pub(super) fn to_meta(&self, id: &str) -> Meta {
        let facts = &self.facts;
        let seconds = |time: Duration| time.as_secs().to_string();
        let words = [
            (IMAGE, Some(id.to_owned())),
            (FETCHED, self.fetched_at.duration_since(UNIX_EPOCH).ok().map(seconds)),
            (FRESH_FOR, facts.fresh_for.map(seconds)),
            (ETAG, facts.validators.etag.clone()),
            (LAST_MODIFIED, facts.validators.last_modified.map(httpdate::fmt_http_date)),
            (MUST_REVALIDATE, facts.must_revalidate.then(String::new)),
            (PINNED, self.pinned.then(String::new)),
        ];
        words.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    /// The copy in a stored entry. What is not said there is as for an entry of Thumbor's, which says nothing: not even
    /// whether it is an upload, which its name has to tell.
    pub(super) fn stored(entry: Entry, is_named_like_upload: bool) -> Self {
        let word = |name| entry.meta.get(name);
        let seconds = |name| word(name).and_then(|text| text.parse().ok()).map(Duration::from_secs);
        let validators = Validators {
            etag: word(ETAG).cloned(),
            last_modified: word(LAST_MODIFIED).and_then(|text| httpdate::parse_http_date(text).ok()),
        };
        Self {
            facts: OriginFacts {
                validators,
                fresh_for: seconds(FRESH_FOR),
                must_revalidate: word(MUST_REVALIDATE).is_some(),
                ..OriginFacts::default()
            },
            fetched_at: seconds(FETCHED).map_or(entry.stored_at, |since| UNIX_EPOCH + since),
            pinned: word(PINNED).is_some() || (is_named_like_upload && word(IMAGE).is_none()),
            body: entry.body,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Standing::{Fresh, Past, Spare, Stale};

    const MINUTE: Duration = Duration::from_mins(1);

    fn copy(facts: OriginFacts) -> Copy {
        let fetched_at = UNIX_EPOCH + Duration::from_secs(1_000_000);
        Copy { body: "bytes".into(), facts, fetched_at, pinned: false }
    }

    #[test]
    fn a_copy_is_fresh_then_stale_then_a_spare_one() {
        let times = Times { fresh: Some(MINUTE), while_revalidating: MINUTE, if_error: 10 * MINUTE };
        let check = |facts: OriginFacts, expected: [Standing; 6]| {
            let copy = copy(facts.clone());
            let at = [0, 60, 61, 120, 121, 661]
                .map(|after| copy.standing(copy.fetched_at + Duration::from_secs(after), &times));
            assert_eq!(at, expected, "{facts:?}");
        };
        let silent = OriginFacts::default();
        check(silent.clone(), [Fresh, Fresh, Stale, Stale, Spare, Past]);
        check(OriginFacts { must_revalidate: true, ..silent.clone() }, [Fresh, Fresh, Past, Past, Past, Past]);
        let says = |seconds| OriginFacts { fresh_for: Some(Duration::from_secs(seconds)), ..OriginFacts::default() };
        check(says(120), [Fresh, Fresh, Fresh, Fresh, Stale, Spare]);
        check(says(0), [Spare, Spare, Spare, Spare, Spare, Past]);
        let pinned = Copy { pinned: true, ..copy(silent) };
        assert_eq!(pinned.standing(SystemTime::now() + 1000 * MINUTE, &times), Fresh);
        let forever = Times { fresh: None, ..times };
        assert_eq!(copy(OriginFacts::default()).standing(SystemTime::now(), &forever), Fresh);
    }

    #[test]
    fn what_is_stored_comes_back() {
        let facts = OriginFacts {
            validators: Validators {
                etag: Some("W/\"x, y\"".into()),
                last_modified: Some(UNIX_EPOCH + Duration::from_secs(77)),
            },
            fresh_for: Some(MINUTE),
            must_revalidate: true,
            ..OriginFacts::default()
        };
        for copy in [copy(facts), copy(OriginFacts::default()), Copy { pinned: true, ..copy(OriginFacts::default()) }] {
            let meta = copy.to_meta("a%20b.jpg");
            assert_eq!(meta[IMAGE], "a%20b.jpg");
            let entry = Entry { body: copy.body.clone(), meta, stored_at: SystemTime::now() };
            assert_eq!(Copy::stored(entry, true), copy);
        }
        let of_thumbor = Entry { body: "b".into(), meta: Meta::new(), stored_at: UNIX_EPOCH + MINUTE };
        let copy = Copy::stored(of_thumbor.clone(), false);
        assert_eq!((copy.fetched_at, copy.pinned), (UNIX_EPOCH + MINUTE, false));
        assert!(Copy::stored(of_thumbor, true).pinned);
    }

    #[test]
    fn what_a_source_does_not_repeat_still_holds() {
        let tag = |tag: &str| Validators { etag: Some(tag.into()), last_modified: None };
        let old = copy(OriginFacts { validators: tag("\"a\""), fresh_for: Some(MINUTE), ..OriginFacts::default() });
        let renewed = old.renewed(OriginFacts::default(), SystemTime::now());
        assert_eq!((&renewed.facts, &renewed.body), (&old.facts, &old.body));
        let facts = OriginFacts { validators: tag("\"b\""), fresh_for: Some(2 * MINUTE), ..OriginFacts::default() };
        assert_eq!(old.renewed(facts.clone(), SystemTime::now()).facts, facts);
    }
}
