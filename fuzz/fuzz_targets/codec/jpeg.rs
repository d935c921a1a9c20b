//! The JPEG room, of which only the decoder is under test.

#[allow(dead_code, reason = "the program uses more of it")]
#[path = "../../../src/codec/jpeg/decoder/mod.rs"]
pub mod decoder;
