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
    /// A list of points in square brackets, `[(0,0),(255,255)]`; it may be empty.
    Points,
    /// A number of the first kind that makes sense from the second to the third.
    ///
    /// This is for the documentation: numbers beyond match too, and the filter decides what becomes of them.
    Within(&'static Self, i32, i32),
}

impl Kind {
    /// What an argument has to be, to go on after "is not".
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Natural => "a whole number without a sign",
            Self::Integer => "a whole number",
            Self::Decimal => "a decimal number",
            Self::Boolean => "true or false",
            Self::Word => "a word of letters, digits and underscores",
            Self::Text => "a text",
            Self::Points => "a list of points such as [(0,0),(255,255)]",
            Self::Within(kind, ..) => kind.expected(),
        }
    }
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
    def: &'static FilterDef,
    /// As written, and what it means.
    values: Vec<(String, Value)>,
}

#[derive(Debug)]
enum Value {
    Number(i64),
    Decimal(f64),
    Boolean(bool),
    Text(String),
    Points(Vec<(i64, i64)>),
}

/// Why a filter cannot be used as it was called.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ArgsError {
    /// No filter has this name, or the settings leave it out.
    #[error("`{name}` is not a filter of this server")]
    Unknown {
        /// The name as written.
        name: String,
    },
    /// An argument has not the form that it must have.
    #[error("{filter}: {argument} `{value}` is not {expected}")]
    Mismatch {
        /// The filter.
        filter: &'static str,
        /// The parameter.
        argument: &'static str,
        /// The argument as written.
        value: String,
        /// What would do.
        expected: &'static str,
    },
    /// An argument is not there.
    #[error("{filter}: {argument} is missing, {expected}")]
    Missing {
        /// The filter.
        filter: &'static str,
        /// The parameter.
        argument: &'static str,
        /// What would do.
        expected: &'static str,
    },
    /// There are more arguments than parameters.
    #[error("{filter}: `{value}` is too much, it takes {count} arguments")]
    Surplus {
        /// The filter.
        filter: &'static str,
        /// What is too much, as written.
        value: String,
        /// How many it takes.
        count: usize,
    },
    /// An argument of the right form that the filter cannot use.
    #[error("{filter}: {argument} `{value}` is not {expected}")]
    OutOfRange {
        /// The filter.
        filter: &'static str,
        /// The parameter.
        argument: &'static str,
        /// The argument, or the part of it that is wrong, as written.
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

impl ArgsError {
    /// The error that no filter has this name.
    pub(super) fn unknown(name: &str) -> Self {
        Self::Unknown { name: shortened(name) }
    }

    /// Whether the call is no call of a filter at all, which Thumbor passes over in silence.
    pub fn is_mismatch(&self) -> bool {
        match self {
            Self::Unknown { .. } | Self::Mismatch { .. } | Self::Missing { .. } | Self::Surplus { .. } => true,
            Self::OutOfRange { .. } | Self::Color { .. } | Self::TooManyFilters { .. } | Self::TooManyAssets { .. } => {
                false
            }
        }
    }
}

impl Args {
    /// Name of the filter, for errors.
    pub fn filter(&self) -> &'static str {
        self.def.name
    }

    /// Argument `index`, a [`Kind::Natural`] or [`Kind::Integer`].
    pub fn number(&self, index: usize) -> i64 {
        match self.value(index) {
            Value::Number(number) => *number,
            other => unreachable!("argument {index} of {} is {other:?}", self.filter()),
        }
    }

    /// Argument `index`, a [`Kind::Natural`], if it fits 32 bits.
    pub fn natural(&self, index: usize) -> Result<u32, ArgsError> {
        u32::try_from(self.number(index)).map_err(|_| self.refused(index, "a 32-bit number"))
    }

    /// Argument `index`, a [`Kind::Decimal`]; finite.
    pub fn decimal(&self, index: usize) -> f64 {
        match self.value(index) {
            Value::Decimal(number) => *number,
            other => unreachable!("argument {index} of {} is {other:?}", self.filter()),
        }
    }

    /// Argument `index`, a [`Kind::Boolean`].
    pub fn boolean(&self, index: usize) -> bool {
        match self.value(index) {
            Value::Boolean(boolean) => *boolean,
            other => unreachable!("argument {index} of {} is {other:?}", self.filter()),
        }
    }

    /// Argument `index`, a [`Kind::Word`] or [`Kind::Text`].
    pub fn text(&self, index: usize) -> &str {
        match self.value(index) {
            Value::Text(text) => text,
            other => unreachable!("argument {index} of {} is {other:?}", self.filter()),
        }
    }

    /// Argument `index`, a [`Kind::Points`].
    pub fn points(&self, index: usize) -> &[(i64, i64)] {
        match self.value(index) {
            Value::Points(points) => points,
            other => unreachable!("argument {index} of {} is {other:?}", self.filter()),
        }
    }

    /// The error that argument `index` is not of the form `expected`, so that the call counts for nothing.
    pub fn mismatch(&self, index: usize, expected: &'static str) -> ArgsError {
        let (argument, value) = (self.def.params[index].name, shortened(&self.values[index].0));
        ArgsError::Mismatch { filter: self.filter(), argument, value, expected }
    }

    /// The error that argument `index` cannot be used.
    pub fn refused(&self, index: usize, expected: &'static str) -> ArgsError {
        let (argument, value) = (self.def.params[index].name, shortened(&self.values[index].0));
        ArgsError::OutOfRange { filter: self.filter(), argument, value, expected }
    }

    /// The error that an argument, or the part `value` of one, cannot be used.
    pub fn out_of_range(&self, value: &str, expected: &'static str) -> ArgsError {
        let index = self.values.iter().position(|(written, _)| written.contains(value));
        let param = self.def.params.get(index.unwrap_or(self.values.len()));
        let argument = param.map_or("argument", |param| param.name);
        ArgsError::OutOfRange { filter: self.filter(), argument, value: shortened(value), expected }
    }

    fn value(&self, index: usize) -> &Value {
        &self.values[index].1
    }
}

/// Reads the text between the parentheses.
///
/// # Errors
/// One for which [`ArgsError::is_mismatch`] holds, or that a number has more than 64 bits.
pub(super) fn parse(def: &'static FilterDef, text: &str) -> Result<Args, ArgsError> {
    let mut args = Args { def, values: Vec::with_capacity(def.params.len()) };
    let mut rest = (!text.trim().is_empty()).then_some(text);
    for param in def.params {
        let expected = param.kind.expected();
        let written = match (rest, param.default) {
            (Some(text), _) => {
                let (argument, after) = split(text, param.kind);
                rest = after;
                argument
            }
            (None, Some(default)) => default,
            (None, None) => return Err(ArgsError::Missing { filter: def.name, argument: param.name, expected }),
        };
        let value = read(&args, param.kind, written)?.ok_or_else(|| ArgsError::Mismatch {
            filter: def.name,
            argument: param.name,
            value: shortened(written),
            expected,
        })?;
        args.values.push((written.to_owned(), value));
    }
    match rest {
        None => Ok(args),
        Some(rest) => {
            Err(ArgsError::Surplus { filter: def.name, value: shortened(rest.trim()), count: def.params.len() })
        }
    }
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
    if kind == Kind::Points
        && let Some(end) = trimmed.find(']')
        && let (list, after) = trimmed.split_at(end + 1)
        && let after = after.trim_start()
        && (after.is_empty() || after.starts_with(','))
    {
        return (list, after.strip_prefix(','));
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
        Kind::Points => points(args, text)?,
        Kind::Within(kind, ..) => read(args, *kind, text)?,
    })
}

fn number(args: &Args, text: &str, digits: &str) -> Result<Option<Value>, ArgsError> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(None);
    }
    let number = text.parse().map_err(|_| args.out_of_range(text, "a 64-bit number"))?;
    Ok(Some(Value::Number(number)))
}

fn decimal(args: &Args, text: &str) -> Result<Option<Value>, ArgsError> {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or(("", unsigned));
    if fraction.is_empty() || !digits(whole) || !digits(fraction) {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Some(Value::Decimal(number))),
        _ => Err(args.out_of_range(text, "a number of this size")),
    }
}

/// The points between `[` and `]`, separated by commas that need not be there.
fn points(args: &Args, text: &str) -> Result<Option<Value>, ArgsError> {
    let Some(inside) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) else { return Ok(None) };
    let (mut points, mut rest) = (Vec::new(), inside.trim());
    while !rest.is_empty() {
        let Some((point, after)) = rest.strip_prefix('(').and_then(|text| text.split_once(')')) else {
            return Ok(None);
        };
        let Some((x, y)) = point.split_once(',') else { return Ok(None) };
        let (x, y) = (x.trim(), y.trim());
        let (Some(Value::Number(x)), Some(Value::Number(y))) = (number(args, x, x)?, number(args, y, y)?) else {
            return Ok(None);
        };
        points.push((x, y));
        let after = after.trim_start();
        rest = after.strip_prefix(',').unwrap_or(after).trim_start();
    }
    Ok(Some(Value::Points(points)))
}

/// Arguments come from anybody and errors are shown: a long one is cut.
fn shortened(text: &str) -> String {
    if text.chars().count() <= 40 { text.to_owned() } else { text.chars().take(40).chain(['…']).collect() }
}

#[cfg(test)]
mod tests;
