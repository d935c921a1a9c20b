//! What two requests must share to get the same answer.

use crate::codec::Format;
use crate::loader::Forwarded;
use crate::recipe::OutputSpec;
use crate::request::ImageRequest;

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

    /// Bytes that the key takes in memory.
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.request.capacity() + self.offered.capacity() + self.forwarded.size_bytes()
    }
}
