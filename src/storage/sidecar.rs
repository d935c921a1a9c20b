//! What stands beside a stored file: the words about it, and what tells a whole file from a damaged one.

use super::Meta;
use serde::{Deserialize, Serialize};

/// Ends the names of sidecars.
pub(super) const SUFFIX: &str = ".meta";

/// The content of a sidecar, as JSON.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Sidecar {
    #[serde(flatten)]
    file: About,
    /// The file before this one, which is there until this one is: sidecars are exchanged first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<About>,
}

/// What is said about one file.
#[derive(Debug, Deserialize, Serialize)]
struct About {
    bytes: u64,
    crc32: u32,
    meta: Meta,
}

impl Sidecar {
    /// The sidecar of a file with these bytes.
    pub(super) fn of(body: &[u8], meta: &Meta) -> Self {
        let file = About { bytes: body.len() as u64, crc32: crc32fast::hash(body), meta: meta.clone() };
        Self { file, before: None }
    }

    /// The same, which takes the place of another one.
    pub(super) fn in_place_of(self, former: Option<Self>) -> Self {
        Self { before: former.map(|former| former.file), ..self }
    }

    /// Reads a sidecar, which fails for one that is damaged itself.
    pub(super) fn parse(json: &[u8]) -> serde_json::Result<Self> {
        serde_json::from_slice(json)
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain values always serialize")
    }

    /// The words about the file that is there, or will be in a moment.
    pub(super) fn meta(&self) -> &Meta {
        &self.file.meta
    }

    /// The words about a file with these bytes; `None` if it was written for no such file.
    pub(super) fn words_about(self, body: &[u8]) -> Option<Meta> {
        let crc32 = crc32fast::hash(body);
        let is_it = |about: &About| about.bytes == body.len() as u64 && about.crc32 == crc32;
        [Some(self.file), self.before].into_iter().flatten().find(is_it).map(|about| about.meta)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_of_either_is_noticed() {
        let meta = Meta::from([("type".into(), "image/png".into())]);
        let sidecar = Sidecar::of(b"picture", &meta);
        let read = || Sidecar::parse(&sidecar.to_json()).unwrap();
        assert_eq!(read().meta(), &meta);
        for (body, whole) in [("picture", true), ("pictura", false), ("pict", false), ("", false), ("picture!", false)]
        {
            assert_eq!(read().words_about(body.as_bytes()).is_some(), whole, "`{body}`");
        }
        let json = sidecar.to_json();
        for cut in 0..json.len() {
            assert!(Sidecar::parse(&json[..cut]).is_err(), "{cut}");
        }
    }
    #[test]
    fn the_file_before_is_known_until_the_one_after_the_next() {
        let meta = |word: &str| Meta::from([("word".into(), word.into())]);
        let of = |body: &str, former| Sidecar::of(body.as_bytes(), &meta(body)).in_place_of(former);
        let (one, two) = (|| of("one", None), || of("two", Some(of("one", None))));
        for (sidecar, body, word) in [
            (one(), "one", Some("one")),
            (two(), "two", Some("two")),
            (two(), "one", Some("one")),
            (of("three", Some(two())), "two", Some("two")),
            (of("three", Some(two())), "one", None),
        ] {
            let read = Sidecar::parse(&sidecar.to_json()).unwrap();
            assert_eq!(read.words_about(body.as_bytes()), word.map(meta), "{sidecar:?} {body}");
        }
        let of_old = br#"{"bytes":3,"crc32":2053932785,"meta":{}}"#; // as they were without the one before
        assert_eq!(Sidecar::parse(of_old).unwrap().words_about(b"one"), Some(Meta::new()));
    }
}
