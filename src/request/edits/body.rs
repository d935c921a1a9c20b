//! The object that stands in place of a path.

use super::{Edits, EditsError};
use crate::request::{Part, encoding};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use std::fmt;

/// Base64 with or without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// How `{"` begins in Base64: a path like this is such an object, or was meant to be one.
const BEGINNING: &str = "/eyJ";

/// A request as it was written.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
pub struct Body {
    /// The bucket that the picture is in.
    pub bucket: Option<String>,
    /// The picture's name there.
    pub key: Option<String>,
    /// What is to be done.
    #[serde(default, deserialize_with = "in_order")]
    pub edits: Edits,
    /// The format of the answer, if no edit says one.
    #[serde(rename = "outputFormat")]
    pub output_format: Option<String>,
    /// Headers that the answer is to have.
    #[serde(default, deserialize_with = "in_order")]
    pub headers: Edits,
}

/// Whether a raw path is such an object, not whether it is a good one.
pub fn is_body(path: &str) -> bool {
    path.strip_prefix(BEGINNING).is_some_and(|rest| {
        rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=' | b'%'))
    })
}

impl Body {
    /// Reads a raw path for which [`is_body`] holds. Base64 of URLs, missing padding and percent-escapes are good, too.
    ///
    /// # Errors
    /// [`EditsError::NotJson`].
    pub fn read(path: &str) -> Result<Self, EditsError> {
        let not_json = |reason: String| EditsError::NotJson { reason };
        let text = path.strip_prefix('/').unwrap_or(path);
        let text = encoding::decode(text, Part::Image).map_err(|error| not_json(error.to_string()))?;
        let standard = text.replace('-', "+").replace('_', "/");
        let bytes = BASE64.decode(standard).map_err(|error| not_json(error.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|error| not_json(error.to_string()))
    }
}

/// An object as names and values in the order in which they stand; of a name that is there twice the last one counts.
fn in_order<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Edits, D::Error> {
    struct Pairs;
    impl<'de> Visitor<'de> for Pairs {
        type Value = Edits;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_unit<E>(self) -> Result<Edits, E> {
            Ok(Edits::new())
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Edits, A::Error> {
            let mut pairs = Edits::new();
            while let Some((name, value)) = map.next_entry::<String, Value>()? {
                pairs.retain(|(before, _)| *before != name);
                pairs.push((name, value));
            }
            Ok(pairs)
        }
    }
    struct AnyPairs(Edits);
    impl<'de> Deserialize<'de> for AnyPairs {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Pairs).map(Self)
        }
    }
    AnyPairs::deserialize(deserializer).map(|pairs| pairs.0)
}
