//! Values of the part of Python that settings are written in.

use super::Unclear;
use std::fmt;

/// Longest text that an expression may give, in bytes.
const MAX_TEXT_BYTES: usize = 256 << 10;
/// Longest list that an expression may give.
const MAX_ITEMS: usize = 100_000;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// A whole number; larger ones than this are not understood.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A text, or bytes that are one.
    Text(String),
    /// A list, tuple or set.
    List(Vec<Value>),
    /// A dictionary, in its order.
    Dict(Vec<(Value, Value)>),
    /// A compiled regular expression.
    Pattern(String),
}

impl Value {
    /// Whether Python takes it for true.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Self::None => false,
            Self::Bool(value) => *value,
            Self::Int(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Dict(pairs) => !pairs.is_empty(),
            Self::Pattern(_) => true,
        }
    }

    /// The text, if it is one.
    pub(super) fn text(&self) -> Result<&str, Unclear> {
        match self {
            Self::Text(text) => Ok(text),
            other => Err(Unclear::new(format!("a text is needed where {} stands", other.kind()))),
        }
    }

    /// As a whole number: also of truth values.
    pub(super) fn int(&self) -> Option<i64> {
        match self {
            Self::Int(value) => Some(*value),
            Self::Bool(value) => Some(i64::from(*value)),
            _ => None,
        }
    }

    /// As a number with a fraction: of all numbers.
    pub(super) fn float(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "as Python does it")]
        match self {
            Self::Float(value) => Some(*value),
            other => other.int().map(|value| value as f64),
        }
    }

    /// Refuses what has grown too large to be a setting.
    pub(super) fn bounded(self) -> Result<Self, Unclear> {
        let fits = match &self {
            Self::Text(text) | Self::Pattern(text) => text.len() <= MAX_TEXT_BYTES,
            Self::List(items) => items.len() <= MAX_ITEMS,
            Self::Dict(pairs) => pairs.len() <= MAX_ITEMS,
            _ => true,
        };
        if fits { Ok(self) } else { Err(Unclear::new("its value is too large")) }
    }

    /// What kind of value it is, for messages.
    pub(in crate::import) fn kind(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Bool(_) => "True or False",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Dict(_) => "a dictionary",
            Self::Pattern(_) => "a regular expression",
        }
    }
}

/// As `str()` gives it, lists and dictionaries excepted, which settings never turn into text.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Bool(true) => f.write_str("True"),
            Self::Bool(false) => f.write_str("False"),
            Self::Int(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(text) | Self::Pattern(text) => f.write_str(text),
            Self::List(_) | Self::Dict(_) => f.write_str(self.kind()),
        }
    }
}
