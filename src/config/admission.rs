//! Settings of lines and slots.

use crate::machine::Machine;
use std::time::Duration;

/// Lines and slots.
#[derive(Clone, Debug, PartialEq)]
pub struct AdmissionConfig {
    /// `WORKERS`: pictures rendered at a time.
    pub workers: usize,
    /// `MAX_QUEUE`: requests that may be fetching or waiting; more are refused with 503.
    pub max_queue: usize,
    /// `QUEUE_TIMEOUT`: a request that has waited this long for a slot is refused with 503.
    pub queue_timeout: Duration,
    /// `RENDER_TIMEOUT`: rendering stops after this long with 504.
    pub render_timeout: Duration,
    /// `MAX_FETCH_BYTES`: bytes of originals in memory, from the first that arrives until they are rendered.
    pub max_fetch_bytes: u64,
    /// `MAX_RENDER_BYTES`: memory that pictures being rendered may take together, as foreseen from their headers.
    pub max_render_bytes: u64,
}

impl Default for AdmissionConfig {
    fn default() -> Self {
        Self {
            workers: Machine::default().slots(),
            max_queue: 256,
            queue_timeout: Duration::from_secs(5),
            render_timeout: Duration::from_secs(10),
            max_fetch_bytes: 512 << 20,
            max_render_bytes: 512 << 20,
        }
    }
}
