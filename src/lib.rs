//! Tintype.
