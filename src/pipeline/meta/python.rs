//! JSON with the spaces that Python puts into it.

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// The value as Python's `json.dumps` writes it.
pub(super) fn json(value: &impl Serialize) -> Vec<u8> {
    let mut text = Vec::with_capacity(1024);
    value.serialize(&mut Serializer::with_formatter(&mut text, Spaced)).expect("plain values always serialize");
    text
}

/// A space after each comma and colon.
struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_colons_are_followed_by_spaces() {
        let text = json(&serde_json::json!({"a": [1, 2.0, {}], "b": {"c": "d,e:f"}}));
        assert_eq!(String::from_utf8(text).unwrap(), r#"{"a": [1, 2.0, {}], "b": {"c": "d,e:f"}}"#);
    }
}
