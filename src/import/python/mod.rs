//! A reader of the part of Python that `thumbor.conf` files are written in. Runs nothing: it follows assignments of
//! literals, arithmetic, texts put together, earlier names, and the few functions that settings are made with, and says
//! of every other line that it does not follow it.

mod calls;
mod eval;
mod expr;
mod lexer;
mod operators;
mod paths;
mod script;
mod value;

pub(super) use script::Script;
pub(super) use value::Value;

/// Why a statement is not followed, in words that go after its line number.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unclear(String);

impl Unclear {
    fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// An environment variable that a value depends on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct EnvUse {
    /// Its name.
    pub(super) name: String,
    /// Whether it is set where the file is read.
    pub(super) is_set: bool,
}

/// What a name stands for.
#[derive(Debug)]
enum Bound {
    /// A value, and the environment variables that it depends on.
    Known { value: Value, asked: Vec<EnvUse> },
    /// Something that the statement in this line gives, which is not followed.
    Unknown { line: usize },
}

/// A setting: a name in capitals and the value that it has at the end.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Setting {
    /// The name.
    pub(super) name: String,
    /// The value.
    pub(super) value: Value,
    /// Index of the file.
    pub(super) file: usize,
    /// First line of the statement.
    pub(super) line: usize,
    /// Comments directly above, and the one behind.
    pub(super) comments: Vec<String>,
    /// The statement, where its value is not simply written there.
    pub(super) derived: Option<String>,
    /// Environment variables that the value depends on.
    pub(super) asked: Vec<EnvUse>,
}

/// Something to tell about lines.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Remark {
    /// Index of the file.
    pub(super) file: usize,
    /// First line.
    pub(super) line: usize,
    /// Last line.
    pub(super) last: usize,
    /// Whether something is missing because of it.
    pub(super) is_loss: bool,
    /// What, in words.
    pub(super) text: String,
}

#[cfg(test)]
mod tests;
