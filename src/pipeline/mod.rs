//! From a request to its rendition.

pub mod job;
mod meta;
mod rendition;

pub use rendition::{Rendition, StageTimes};
