//! Entity tags that are known before the work: names made from everything that a picture is made from.
//!
//! Two servers with the same version and settings give the same answer the same name, so that it does not matter which
//! of them a client asks again, nor whether the answer was kept.

use super::inputs::Inputs;
use super::key::CacheKey;
use crate::error::Error;
use crate::plan::Limits;
use crate::recipe::Policy;
use bytes::Bytes;
use sha1::{Digest as _, Sha1};
use std::fmt::Write as _;
use std::sync::Arc;

/// Tags of a client that are looked at. Nobody holds so many versions of one picture.
const MAX_HELD: usize = 16;
/// SHA-1 in hex, in quotes.
const TAG_BYTES: usize = 42;
/// Files up to this size are hashed without leaving the thread.
const HASHED_AT_ONCE_BYTES: usize = 256 << 10;

/// Names renditions under the settings of one server.
#[derive(Clone, Debug)]
pub(super) struct Entities {
    /// What version and settings have to say in how pictures look.
    settings: [u8; 20],
}

impl Entities {
    pub(super) fn new(policy: &Policy, limits: &Limits) -> Self {
        let settings = format!("{} {policy:?} {limits:?}", env!("CARGO_PKG_VERSION"));
        Self { settings: Sha1::digest(settings).into() }
    }

    /// The tag of what the request `key` makes of these files. Hashes them.
    pub(super) fn tag(&self, key: &CacheKey, inputs: &Inputs) -> Bytes {
        let mut sum = Sha1::new();
        sum.update(self.settings);
        key.write(|text| sum.update(text));
        sum.update(Sha1::digest(&inputs.source.body));
        for asset in &inputs.assets {
            sum.update(Sha1::digest(&asset.body));
        }
        quoted(&sum.finalize())
    }

    /// The same, on a thread that may be kept busy where there is much to hash.
    pub(super) async fn tag_aside(&self, key: &CacheKey, inputs: &Arc<Inputs>) -> Result<Bytes, Error> {
        if inputs.size_bytes() <= HASHED_AT_ONCE_BYTES {
            return Ok(self.tag(key, inputs));
        }
        let (this, key, inputs) = (self.clone(), key.clone(), Arc::clone(inputs));
        let hashing = tokio::task::spawn_blocking(move || this.tag(&key, &inputs));
        hashing.await.map_err(|_| Error::Bug("hashing panicked"))
    }
}

/// The tag of a file that is named after its bytes.
pub fn tag_of_file(file: &[u8]) -> Bytes {
    quoted(&Sha1::digest(file))
}

fn quoted(hash: &[u8]) -> Bytes {
    let mut tag = String::with_capacity(TAG_BYTES);
    tag.push('"');
    for byte in hash {
        write!(tag, "{byte:02x}").expect("a string takes any text");
    }
    tag.push('"');
    tag.into()
}

/// Entity tags that a client says it holds, as far as they can be ours.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Held(Vec<Bytes>);

impl Held {
    /// Of these tags, strong and in quotes, those that could be ours.
    pub fn of<'a>(tags: impl Iterator<Item = &'a [u8]>) -> Self {
        let ours = tags.filter(|tag| tag.len() == TAG_BYTES).map(Bytes::copy_from_slice);
        let mut ours: Vec<_> = ours.take(MAX_HELD).collect();
        ours.sort();
        ours.dedup();
        Self(ours)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains(&self, tag: &Bytes) -> bool {
        self.0.contains(tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_quoted_hex() {
        assert_eq!(tag_of_file(b"abc"), "\"a9993e364706816aba3e25717850c26c9cd0d89d\"");
    }

    #[test]
    fn settings_that_change_pictures_change_names() {
        let of = |policy: &Policy, limits: &Limits| Entities::new(policy, limits).settings;
        let (policy, limits) = (Policy::default(), Limits::default());
        assert_eq!(of(&policy, &limits), of(&policy.clone(), &limits));
        assert_ne!(of(&policy, &limits), of(&Policy { quality: 81, ..policy.clone() }, &limits));
        assert_ne!(of(&policy, &limits), of(&policy, &Limits { max_frames: 7, ..limits }));
    }

    #[test]
    fn only_tags_that_can_be_ours_are_remembered() {
        let ours = tag_of_file(b"abc");
        let held = Held::of([b"\"1\"", &ours[..], &ours[..], b"*"].into_iter());
        assert_eq!(held, Held(vec![ours.clone()]));
        assert!(held.contains(&ours) && !Held::default().contains(&ours));
        assert_eq!(Held::of(std::iter::repeat_n(&ours[..], 99)).0.len(), 1);
    }
}
