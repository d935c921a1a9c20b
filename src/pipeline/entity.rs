//! Entity tags that are known before the work: names made from everything that a picture is made from.
//!
//! Two servers with the same version and settings give the same answer the same name, so that it does not matter which
//! of them a client asks again, nor whether the answer was kept.

use super::inputs::Inputs;
use super::key::CacheKey;
use crate::config::Config;
use crate::error::Error;
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

/// Digits of a fingerprint.
const FINGERPRINT_CHARS: usize = 16;

/// Tells settings apart under which pictures look different. An upgrade of the server that changes none of them, and
/// adds none, leaves it as it was.
pub(super) fn fingerprint(config: &Config) -> String {
    let mut digits = hex(&Sha1::digest(looks(config)));
    digits.truncate(FINGERPRINT_CHARS);
    digits
}

/// What the settings have to say in how pictures look.
fn looks(config: &Config) -> String {
    let Config { policy, limits, detection, .. } = config;
    format!("{policy:?} {} {:?}", limits.max_frames, detection.detectors)
}

impl Entities {
    pub(super) fn new(config: &Config) -> Self {
        let settings = format!("{} {}", env!("CARGO_PKG_VERSION"), looks(config));
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
    format!("\"{}\"", hex(hash)).into()
}

fn hex(hash: &[u8]) -> String {
    hash.iter().fold(String::with_capacity(2 * hash.len()), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes any text");
        hex
    })
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
        let plain = Config::default();
        let changes: [fn(&mut Config); 4] = [
            |config| config.policy.quality = 81,
            |config| config.policy.preserve_exif = true,
            |config| config.limits.max_frames = 7,
            |config| config.detection.detectors.clear(),
        ];
        for change in changes {
            let mut other = plain.clone();
            change(&mut other);
            assert_ne!(Entities::new(&plain).settings, Entities::new(&other).settings, "{other:?}");
            assert_ne!(fingerprint(&plain), fingerprint(&other), "{other:?}");
        }
        let mut same = plain.clone();
        (same.cache.max_bytes, same.limits.max_source_px, same.server.max_age_s) = (1, 2, 3);
        assert_eq!(Entities::new(&plain).settings, Entities::new(&same).settings);
        assert_eq!((fingerprint(&plain), fingerprint(&plain).len()), (fingerprint(&same), 16));
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
