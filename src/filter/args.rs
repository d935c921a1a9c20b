//! Arguments of filters: their kinds, and reading them by Thumbor's rules.

use super::FilterDef;

/// What an argument may look like.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Digits.
    Natural,
    /// Digits with an optional minus.
    Integer,
    /// Digits with an optional fraction, or a fraction alone, and an optional minus.
    Decimal,
    /// `True`, `true`, `1`, `False`, `false` or `0`.
    Boolean,
    /// Letters, digits and underscores.
    Word,
    /// Anything but a comma, or anything between single quotes.
    Text,
}

/// One argument of a filter.
#[derive(Debug)]
pub struct Param {
    /// What it is called in the documentation.
    pub name: &'static str,
    /// What it may look like.
    pub kind: Kind,
    /// What it is when left out; `None` means that it must be given.
    pub default: Option<&'static str>,
    /// What it does, in a line.
    pub about: &'static str,
}

/// The arguments of one call, in the order of the filter's parameters.
#[derive(Debug)]
pub struct Args {
    filter: &'static str,
    values: Vec<Value>,
}

#[derive(Debug)]
enum Value {
    Number(i64),
    Decimal(f64),
    Boolean(bool),
    Text(String),
}

/// Arguments that match their kinds and still make no sense.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ArgsError {
    /// A number outside what the filter can use.
    #[error("{filter}: `{value}` is not {expected}")]
    OutOfRange {
        /// The filter.
        filter: &'static str,
        /// The argument as written.
        value: String,
        /// What would do.
        expected: &'static str,
    },
    /// Not a color.
    #[error("{filter}: `{value}` is not a color name or 3, 4, 6 or 8 hex digits")]
    Color {
        /// The filter.
        filter: &'static str,
        /// The argument as written.
        value: String,
    },
    /// Too many filters in one request.
    #[error("{count} filters exceed the limit of {limit}")]
    TooManyFilters {
        /// How many there are.
        count: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// Too many further pictures in one request.
    #[error("{count} pictures besides the source exceed the limit of {limit}")]
    TooManyAssets {
        /// How many there are.
        count: usize,
        /// How many are allowed.
        limit: usize,
    },
}

impl Args {
    /// Name of the filter, for errors.
    pub fn filter(&self) -> &'static str {
        self.filter
    }

    /// Argument `index`, a [`Kind::Natural`] or [`Kind::Integer`].
    pub fn number(&self, index: usize) -> i64 {
        match self.values.get(index) {
            Some(Value::Number(number)) => *number,
            other => unreachable!("argument {index} of {} is {other:?}", self.filter),
        }
    }

    /// Argument `index`, a [`Kind::Natural`], if it fits 32 bits.
    pub fn natural(&self, index: usize) -> Result<u32, ArgsError> {
        let number = self.number(index);
        u32::try_from(number).map_err(|_| self.out_of_range(&number.to_string(), "a 32-bit number"))
    }

    /// Argument `index`, a [`Kind::Decimal`]; finite.
    pub fn decimal(&self, index: usize) -> f64 {
        match self.values.get(index) {
            Some(Value::Decimal(number)) => *number,
            other => unreachable!("argument {index} of {} is {other:?}", self.filter),
        }
    }

    /// Argument `index`, a [`Kind::Boolean`].
    pub fn boolean(&self, index: usize) -> bool {
        match self.values.get(index) {
            Some(Value::Boolean(boolean)) => *boolean,
            other => unreachable!("argument {index} of {} is {other:?}", self.filter),
        }
    }

    /// Argument `index`, a [`Kind::Word`] or [`Kind::Text`].
    pub fn text(&self, index: usize) -> &str {
        match self.values.get(index) {
            Some(Value::Text(text)) => text,
            other => unreachable!("argument {index} of {} is {other:?}", self.filter),
        }
    }

    /// An error about an argument.
    pub fn out_of_range(&self, value: &str, expected: &'static str) -> ArgsError {
        ArgsError::OutOfRange { filter: self.filter, value: shortened(value), expected }
    }
}

/// Reads the text between the parentheses; `None` when it does not match, so that the call is skipped.
///
/// # Errors
/// A number of more than 64 bits.
pub(super) fn parse(def: &'static FilterDef, text: &str) -> Result<Option<Args>, ArgsError> {
    let mut args = Args { filter: def.name, values: Vec::with_capacity(def.params.len()) };
    let mut rest = (!text.trim().is_empty()).then_some(text);
    for param in def.params {
        let written = match (rest, param.default) {
            (Some(text), _) => {
                let (argument, after) = split(text, param.kind);
                rest = after;
                argument
            }
            (None, Some(default)) => default,
            (None, None) => return Ok(None),
        };
        match read(&args, param.kind, written)? {
            Some(value) => args.values.push(value),
            None => return Ok(None),
        }
    }
    Ok(rest.is_none().then_some(args))
}

/// The first argument, and what follows its comma.
fn split(text: &str, kind: Kind) -> (&str, Option<&str>) {
    let trimmed = text.trim_start();
    if kind == Kind::Text
        && let Some(quoted) = trimmed.strip_prefix('\'')
        && let Some((inside, after)) = quoted.split_once('\'')
        && let after = after.trim_start()
        && (after.is_empty() || after.starts_with(','))
    {
        return (inside, after.strip_prefix(','));
    }
    match text.split_once(',') {
        Some((argument, after)) => (argument.trim(), Some(after)),
        None => (text.trim(), None),
    }
}

fn read(args: &Args, kind: Kind, text: &str) -> Result<Option<Value>, ArgsError> {
    Ok(match kind {
        Kind::Natural => number(args, text, text)?,
        Kind::Integer => number(args, text, text.strip_prefix('-').unwrap_or(text))?,
        Kind::Decimal => decimal(args, text)?,
        Kind::Boolean => match text {
            "True" | "true" | "1" => Some(Value::Boolean(true)),
            "False" | "false" | "0" => Some(Value::Boolean(false)),
            _ => None,
        },
        Kind::Word => {
            let matches = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            matches.then(|| Value::Text(text.to_owned()))
        }
        Kind::Text => (!text.is_empty()).then(|| Value::Text(text.to_owned())),
    })
}

fn decimal(args: &Args, text: &str) -> Result<Option<Value>, ArgsError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if fraction.is_empty() || !are_digits(whole) || !are_digits(fraction) || (whole.is_empty() && !digits.contains('.'))
    {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Some(Value::Decimal(number))),
        _ => Err(args.out_of_range(text, "a number of this size")),
    }
}

fn number(args: &Args, text: &str, digits: &str) -> Result<Option<Value>, ArgsError> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let number = text.parse().map_err(|_| args.out_of_range(text, "a 64-bit number"))?;
    Ok(Some(Value::Number(number)))
}

/// Arguments come from anybody and errors are shown: a long one is cut.
fn shortened(text: &str) -> String {
    if text.chars().count() <= 40 { text.to_owned() } else { text.chars().take(40).chain(['…']).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEF: FilterDef = FilterDef {
        name: "test",
        about: "",
        example: "",
        params: &[
            Param { name: "natural", kind: Kind::Natural, default: None, about: "" },
            Param { name: "integer", kind: Kind::Integer, default: Some("-1"), about: "" },
            Param { name: "boolean", kind: Kind::Boolean, default: Some("false"), about: "" },
            Param { name: "text", kind: Kind::Text, default: Some("none"), about: "" },
        ],
        compile: |_, _| Ok(()),
    };

    fn check(text: &str, expected: Option<(i64, i64, bool, &str)>) {
        let args = parse(&DEF, text).unwrap();
        let found = args.as_ref().map(|a| (a.number(0), a.number(1), a.boolean(2), a.text(3)));
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn arguments_match_as_a_whole_or_not_at_all() {
        check("7", Some((7, -1, false, "none")));
        check(" 7 , -3 , True , a b ", Some((7, -3, true, "a b")));
        check("007,5,1,'x, (y)'", Some((7, 5, true, "x, (y)")));
        check("7,5,0,it's", Some((7, 5, false, "it's")));
        check("7,5,0,'it", Some((7, 5, false, "'it")));
        for wrong in ["", " ", "-7", "7.5", "7,", "7,x", "7,5,TRUE", "7,5,1,", "7,5,1,a,b", "x", "٣"] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_number_that_no_machine_holds_is_an_error_that_shows_its_beginning() {
        let error = parse(&DEF, &"9".repeat(100)).unwrap_err();
        assert_eq!(error.to_string(), format!("test: `{}…` is not a 64-bit number", "9".repeat(40)));
    }
}
