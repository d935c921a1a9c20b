//! Pixel operations that decide nothing: everything they need to know is told to them.

pub mod color;
