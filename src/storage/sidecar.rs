//! What stands beside a stored file: the words about it, and what tells a whole file from a damaged one.

use super::Meta;
use serde::{Deserialize, Serialize};

/// Ends the names of sidecars.
pub(super) const SUFFIX: &str = ".meta";

/// The content of a sidecar, as JSON.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Sidecar {
    bytes: u64,
    crc32: u32,
    pub(super) meta: Meta,
}

impl Sidecar {
    /// The sidecar of a file with these bytes.
    pub(super) fn of(body: &[u8], meta: &Meta) -> Self {
        Self { bytes: body.len() as u64, crc32: crc32fast::hash(body), meta: meta.clone() }
    }

    /// Reads a sidecar; `None` for one that is damaged itself.
    pub(super) fn parse(json: &[u8]) -> Option<Self> {
        serde_json::from_slice(json).ok()
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("plain values always serialize")
    }

    /// Whether these are the bytes that it was written for.
    pub(super) fn vouches_for(&self, body: &[u8]) -> bool {
        self.bytes == body.len() as u64 && self.crc32 == crc32fast::hash(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_of_either_is_noticed() {
        let meta = Meta::from([("type".into(), "image/png".into())]);
        let sidecar = Sidecar::of(b"picture", &meta);
        let read = Sidecar::parse(&sidecar.to_json()).unwrap();
        assert_eq!(read.meta, meta);
        for (body, whole) in [("picture", true), ("pictura", false), ("pict", false), ("", false), ("picture!", false)]
        {
            assert_eq!(read.vouches_for(body.as_bytes()), whole, "`{body}`");
        }
        let json = sidecar.to_json();
        for cut in 0..json.len() {
            assert!(Sidecar::parse(&json[..cut]).is_none(), "{cut}");
        }
    }
}
