//! What two requests must share to get the same answer.

use crate::codec::Format;
use crate::recipe::OutputSpec;
use crate::request::ImageRequest;

/// The request in its one spelling, without signature, and the formats its client is offered.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct CacheKey {
    request: String,
    offered: Vec<Format>,
}

impl CacheKey {
    /// The key of a request with this output.
    pub fn of(request: &ImageRequest, output: &OutputSpec) -> Self {
        Self { request: request.cache_key(), offered: output.offered.clone() }
    }

    /// Bytes that the key takes in memory.
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>() + self.request.capacity() + self.offered.capacity()
    }
}
