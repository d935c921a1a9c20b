//! The query of a URL: edits, a signature, and until when the URL is good.

use super::{Edits, EditsError, Stamp};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// What a query says. Names that mean nothing are not looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Edits, each once.
    pub edits: Edits,
    /// The signature as it is written.
    pub signature: Option<String>,
    /// Until when the URL is good.
    pub expires: Option<Stamp>,
}

/// Reads a query; of a name that is there twice the last value counts.
///
/// # Errors
/// [`EditsError::Query`] and [`EditsError::NotATime`].
pub fn in_query(query: Option<&str>) -> Result<Query, EditsError> {
    let mut found = Query::default();
    let mut resize = Map::new();
    for (name, value) in pairs(query.unwrap_or_default()) {
        match &*name {
            "signature" => found.signature = Some(value),
            "expires" => found.expires = Some(Stamp::read(&value)?),
            "format" if !value.is_empty() => put(&mut found.edits, "toFormat", value.into()),
            "fit" if !value.is_empty() => drop(resize.insert("fit".into(), value.into())),
            "width" => drop(resize.insert(name, side("width", &value)?)),
            "height" => drop(resize.insert(name, side("height", &value)?)),
            "rotate" if value.is_empty() => put(&mut found.edits, "rotate", Value::Null),
            "rotate" => {
                let expected = "a number of degrees";
                let degrees = value.parse::<i64>();
                let degrees = degrees.map_err(|_| EditsError::Query { name: "rotate", value, expected })?;
                put(&mut found.edits, "rotate", degrees.into());
            }
            "flip" => put(&mut found.edits, "flip", flag("flip", value)?),
            "flop" => put(&mut found.edits, "flop", flag("flop", value)?),
            "grayscale" | "greyscale" => put(&mut found.edits, "grayscale", flag("grayscale", value)?),
            _ => {}
        }
    }
    if !resize.is_empty() {
        found.edits.push(("resize".into(), Value::Object(resize)));
    }
    Ok(found)
}

/// Names and values of a query, decoded, as they come.
pub(super) fn pairs(query: &str) -> impl Iterator<Item = (String, String)> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    query.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    })
}

fn put(edits: &mut Edits, name: &str, value: Value) {
    edits.retain(|(before, _)| before != name);
    edits.push((name.to_owned(), value));
}

/// Nothing and 0 leave a side to the other one.
fn side(name: &'static str, value: &str) -> Result<Value, EditsError> {
    if value.is_empty() || value == "0" {
        return Ok(Value::Null);
    }
    let expected = "a number of pixels";
    let number = value.parse::<u32>();
    number.map(Value::from).map_err(|_| EditsError::Query { name, value: value.to_owned(), expected })
}

fn flag(name: &'static str, value: String) -> Result<Value, EditsError> {
    match value.to_ascii_lowercase().as_str() {
        "" | "0" | "false" => Ok(false.into()),
        "1" | "true" => Ok(true.into()),
        _ => Err(EditsError::Query { name, value, expected: "true or false" }),
    }
}
