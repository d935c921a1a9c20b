//! Where entries lie: the keys that Thumbor's file storages and `tc_aws` use, and the tags of sources.

use percent_encoding::percent_decode_str;
use sha1::{Digest as _, Sha1};
use std::fmt::Write as _;

/// Below this all that is kept to find the results of one source again.
const BY_SOURCE: &str = ".by-source";
/// Before the digits of a tag.
const TAG_PREFIX: &str = "src-";
/// Digits of a tag: enough to tell a billion sources apart, short enough for every CDN.
const TAG_DIGITS: usize = 16;

/// How keys are made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Layout {
    /// Thumbor's file storages: hashes, two or three folders deep.
    Hashed,
    /// `tc_aws`: names as they are, below a root.
    Named {
        /// Goes before every key; may be empty.
        root: String,
        /// Put a hash of the key before it.
        randomized: bool,
    },
}

/// What stands beside an original.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Note {
    /// What detectors have found in it.
    Detectors,
}

impl Note {
    /// What follows the original's key, or what is left of it without its extension.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Detectors => ".detectors.txt",
        }
    }
}

impl Layout {
    /// The key of an original; `id` is quoted as Thumbor has it.
    pub fn original(&self, id: &str) -> String {
        match self {
            Self::Hashed => {
                let digest = sha1_hex(id);
                format!("{}/{}", &digest[..2], &digest[2..])
            }
            Self::Named { root, randomized } => named_key(root, *randomized, id, None),
        }
    }

    /// The key of something that stands beside an original.
    pub fn note(&self, id: &str, note: Note) -> String {
        self.note_beside(&self.original(id), note)
    }

    /// The same for the key of an original.
    pub fn note_beside(&self, original: &str, note: Note) -> String {
        let stem = match self {
            Self::Hashed => original,
            Self::Named { .. } => without_extension(original),
        };
        format!("{stem}{}", note.suffix())
    }

    /// Whether a key is that of something beside an original.
    pub fn is_note(key: &str) -> bool {
        key.ends_with(Note::Detectors.suffix())
    }

    /// The id of the original under a key, if the key tells.
    pub fn id_of_original(&self, key: &str) -> Option<String> {
        match self {
            Self::Hashed => None,
            Self::Named { randomized, .. } => {
                let named = if *randomized { key.split_once('/')?.1 } else { key };
                named.strip_prefix(&self.root()).map(str::to_owned)
            }
        }
    }

    /// The key of a result. `path` is the request's path, percent-encoded, with its leading slash and its first segment;
    /// `variant` tells results for different clients apart.
    pub fn result(&self, path: &str, variant: Variant<'_>) -> String {
        match self {
            Self::Hashed => {
                let digest = sha1_hex(&percent_decode_str(path).decode_utf8_lossy());
                format!("{}/{}/{}/{}", variant.namespace, &digest[..2], &digest[2..4], &digest[4..])
            }
            Self::Named { root, randomized } => named_key(root, *randomized, path, variant.suffix),
        }
    }

    /// The key under which it is kept that `result` is the key of a result of the source `id`.
    pub fn by_source(&self, id: &str, result: &str) -> String {
        // In files the name alone tells where it leads, which spares the janitor from reading it.
        let name = if *self == Self::Hashed { result.replace('/', ".") } else { sha1_hex(result) };
        format!("{}{name}", self.all_by_source(Some(id)))
    }

    /// What the keys begin with that lead to the results of a source, or of all sources.
    pub fn all_by_source(&self, id: Option<&str>) -> String {
        let root = self.root();
        match id {
            Some(id) => format!("{root}{BY_SOURCE}/{}/", sha1_hex(id)),
            None => format!("{root}{BY_SOURCE}/"),
        }
    }

    /// The same for those sources that have this tag; `None` if nothing can have it.
    pub fn by_tag(&self, tag: &str) -> Option<String> {
        Some(format!("{}{BY_SOURCE}/{}", self.root(), tag_digits(tag)?))
    }

    /// What the keys of all originals begin with whose id begins with `prefix`, as far as keys tell.
    pub fn originals(&self, prefix: &str) -> String {
        match self {
            Self::Hashed | Self::Named { randomized: true, .. } => String::new(),
            Self::Named { .. } => format!("{}{}", self.root(), prefix.trim_start_matches('/')),
        }
    }

    /// What the keys of all originals begin with that have this tag, as far as keys tell.
    pub fn originals_with(&self, tag: &str) -> Option<String> {
        let digits = tag_digits(tag)?;
        Some(match self {
            Self::Hashed => format!("{}/{}", &digits[..2], &digits[2..]),
            Self::Named { randomized: true, .. } => String::new(),
            Self::Named { .. } => self.root(),
        })
    }

    fn root(&self) -> String {
        match self {
            Self::Hashed => String::new(),
            Self::Named { root, .. } if root.is_empty() => String::new(),
            Self::Named { root, .. } => format!("{root}/"),
        }
    }
}

/// A readable key; with a hash of itself before it if it is to be randomized.
fn named_key(root: &str, randomized: bool, path: &str, suffix: Option<&str>) -> String {
    let mut parts: Vec<&str> =
        [root, path.trim_start_matches('/')].into_iter().filter(|part| !part.is_empty()).collect();
    parts.extend(suffix);
    let digest = randomized.then(|| sha1_hex(&parts.join(".")));
    let key = digest.as_deref().into_iter().chain(parts).collect::<Vec<_>>().join("/");
    // The library of object stores knows no empty segments.
    key.split('/').filter(|segment| !segment.is_empty()).collect::<Vec<_>>().join("/")
}

/// Which clients a result is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Variant<'a> {
    /// The folder of Thumbor's layout.
    pub namespace: &'a str,
    /// What `tc_aws` appends to the key.
    pub suffix: Option<&'a str>,
}

/// The tag of a source: what `Cache-Tag` carries, by which everything made from the source can be purged here and in a
/// CDN. `id` is quoted as Thumbor has it.
pub fn tag_of(id: &str) -> String {
    format!("{TAG_PREFIX}{}", &sha1_hex(id)[..TAG_DIGITS])
}

/// Whether a key could be one of the hashed layout: an original's or a result's.
pub(super) fn is_hashed(key: &str) -> bool {
    let is_hex = |part: &str, len: usize| part.len() == len && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    match key.split('/').collect::<Vec<_>>()[..] {
        [two, rest] => is_hex(two, 2) && is_hex(rest, 38),
        [namespace, two, four, rest] => {
            !namespace.starts_with('.') && is_hex(two, 2) && is_hex(four, 2) && is_hex(rest, 36)
        }
        _ => false,
    }
}

/// The key of the result to which a key made by [`Layout::by_source`] leads in the hashed layout.
pub(super) fn target_of_lead(key: &str) -> Option<String> {
    let mut parts = key.split('/');
    let (by_source, name) = (parts.next()?, parts.nth(1)?);
    (by_source == BY_SOURCE && parts.next().is_none()).then(|| name.replace('.', "/"))
}

fn tag_digits(tag: &str) -> Option<String> {
    let digits = tag.strip_prefix(TAG_PREFIX)?.to_ascii_lowercase();
    let is_tag = digits.len() == TAG_DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_tag.then_some(digits)
}

fn without_extension(key: &str) -> &str {
    let name_at = key.rfind('/').map_or(0, |slash| slash + 1);
    match key.rfind('.') {
        Some(dot) if dot > name_at => &key[..dot],
        _ => key,
    }
}

fn sha1_hex(text: &str) -> String {
    Sha1::digest(text).iter().fold(String::with_capacity(40), |mut hex, byte| {
        write!(hex, "{byte:02x}").expect("a string takes any text");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "http%3A//example.com/pic.jpg";
    const EVERYBODY: Variant<'static> = Variant { namespace: "default", suffix: None };

    fn named(root: &str, randomized: bool) -> Layout {
        Layout::Named { root: root.into(), randomized }
    }

    #[test]
    fn originals_lie_where_thumbor_has_them() {
        let hashed = "70/67c05f7e62a4c2d63f37b01fd628c98d5587dc";
        assert_eq!(Layout::Hashed.original(ID), hashed);
        assert_eq!(Layout::Hashed.note(ID, Note::Detectors), format!("{hashed}.detectors.txt"));
    }

    #[test]
    fn originals_lie_where_tc_aws_has_them() {
        for (root, id, key) in [
            ("", "a/b.jpg", "a/b.jpg"),
            ("", "/a/b.jpg", "a/b.jpg"),
            ("root", "a/b.jpg", "root/a/b.jpg"),
            ("root", "a//b.jpg", "root/a/b.jpg"),
            ("root/deep", ID, "root/deep/http%3A/example.com/pic.jpg"),
        ] {
            assert_eq!(named(root, false).original(id), key);
        }
        assert_eq!(named("r", false).note("a.b/c.jpg", Note::Detectors), "r/a.b/c.detectors.txt");
        assert_eq!(named("r", false).note("a.b/c", Note::Detectors), "r/a.b/c.detectors.txt");
        let digest = sha1_hex("r.a/b.jpg");
        assert_eq!(named("r", true).original("a/b.jpg"), format!("{digest}/r/a/b.jpg"));
    }

    #[test]
    fn results_lie_where_thumbor_and_tc_aws_have_them() {
        let path = "/unsafe/300x200/smart/pic.jpg";
        let digest = sha1_hex(path);
        let expected = format!("default/{}/{}/{}", &digest[..2], &digest[2..4], &digest[4..]);
        assert_eq!(Layout::Hashed.result(path, EVERYBODY), expected);
        let webp = Variant { namespace: "auto_webp", suffix: Some("webp") };
        assert!(Layout::Hashed.result(path, webp).starts_with("auto_webp/"));
        assert_eq!(named("", false).result(path, EVERYBODY), "unsafe/300x200/smart/pic.jpg");
        assert_eq!(named("r", false).result(path, webp), "r/unsafe/300x200/smart/pic.jpg/webp");
    }

    #[test]
    fn tags_lead_to_what_belongs_to_them() {
        let tag = tag_of(ID);
        assert_eq!(tag, "src-7067c05f7e62a4c2");
        let layout = Layout::Hashed;
        assert!(layout.original(ID).starts_with(&layout.originals_with(&tag).unwrap()));
        assert!(layout.by_source(ID, "key").starts_with(&layout.by_tag(&tag).unwrap()));
        assert!(layout.by_source(ID, "key").starts_with(&layout.all_by_source(Some(ID))));
        for nonsense in ["", "src-", "src-7067", "7067c05f7e62a4c2", "src-7067c05f7e62a4cg", "src-../../../../../.."] {
            assert_eq!((layout.by_tag(nonsense), layout.originals_with(nonsense)), (None, None), "{nonsense}");
        }
    }
}
