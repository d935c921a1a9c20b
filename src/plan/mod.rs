//! What happens to these pixels: all numbers final before the first one is decoded.

mod limits;

pub use limits::{LimitError, Limits};
