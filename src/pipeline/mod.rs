//! From a request to its rendition.

pub mod job;
mod rendition;

pub use rendition::{Rendition, StageTimes};
