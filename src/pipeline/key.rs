//! What two requests must share to get the same answer.

use crate::codec::{self, Format};
use crate::loader::Forwarded;
use crate::originals::Stamp;
use crate::recipe::OutputSpec;
use crate::request::{self, ImageId, ImageRequest};

/// The request in its one spelling, without signature, the formats its client is offered, and what its origin is told
/// of the client.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct CacheKey {
    request: String,
    offered: Vec<Format>,
    pub(super) forwarded: Forwarded,
}

impl CacheKey {
    /// The key of a request with this output whose origin sees these headers.
    pub fn of(request: &ImageRequest, output: &OutputSpec, forwarded: Forwarded) -> Self {
        Self { request: request.cache_key(), offered: output.offered.clone(), forwarded }
    }

    /// The source of the request; `None` never happens, since a key is the spelling of a request.
    pub fn image(&self) -> Option<ImageId> {
        request::parse(&format!("/unsafe/{}", self.request)).ok().map(|request| request.image)
    }

    /// Hands over all that tells this key from others, in pieces.
    pub(super) fn write(&self, mut piece: impl FnMut(&[u8])) {
        piece(self.request.as_bytes());
        for format in &self.offered {
            piece(b"\0"); // stands in no request
            piece(codec::of(*format).mime.as_bytes());
        }
        piece(b"\0");
    }

    /// Bytes that the key takes in memory.
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.request.capacity() + self.offered.capacity() + self.forwarded.size_bytes()
    }
}

/// What a flight is to bring. Whoever asks after a purge does not wait for what was begun before.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Errand {
    pub(super) key: CacheKey,
    /// The source.
    pub(super) image: String,
    /// How it stood with the source when somebody asked.
    pub(super) stamp: Stamp,
}
