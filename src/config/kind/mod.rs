//! Kinds of values: how each is written in a file or the environment, and what is expected of it.
//!
//! A kind knows no key. Everything is read from text, so that files, environment and flags agree.

mod choice;
mod name;
mod number;
mod telemetry;
mod text;

pub(super) use choice::{AutoFormat, Choice, LogFilter, Words};
pub(super) use name::{FilterName, OptimizerName};
pub(super) use number::{Bytes, FileMode, Limit, Margin, Seconds, Share, Time, UploadedIds, Whole, ZeroOr};
pub(super) use telemetry::{Dsn, HeaderPairs};
pub(super) use text::{
    Address, AllowedSize, Buckets, CacheTag, FunctionName, HeaderName, HeaderText, HexColor, Hidden, HttpUrl, List,
    MaybeHeader, Network, Path, Pattern, Text, UrlPath,
};

use std::fmt::Write as _;
use std::marker::PhantomData;

/// A value as it was given: one scalar, or a list of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Given {
    /// A scalar as text. From the environment it may still stand for a list.
    One(String),
    /// A list.
    Many(Vec<String>),
}

impl Given {
    fn one(&self) -> Option<&str> {
        match self {
            Self::One(text) => Some(text.trim()),
            Self::Many(_) => None,
        }
    }
}

/// How a setting is read and written.
pub(super) trait Kind {
    /// What is stored.
    type Out;
    /// Whether values must not show in messages.
    const SECRET: bool = false;
    /// What a value must look like, for messages.
    fn expected() -> String;
    /// The value, or `None` when it is not as expected.
    fn parse(given: &Given) -> Option<Self::Out>;
    /// The value as TOML.
    fn show(out: &Self::Out) -> String;
}

/// A text as a TOML string: in double quotes, or in single ones where that saves escapes.
pub(super) fn quoted(text: &str) -> String {
    if text.contains('\\') && !text.contains(|c: char| c == '\'' || c.is_control()) {
        return format!("'{text}'");
    }
    let mut toml = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => toml.extend(['\\', c]),
            '\n' => toml.push_str("\\n"),
            '\t' => toml.push_str("\\t"),
            c if c.is_control() => drop(write!(toml, "\\u{:04X}", u32::from(c))),
            c => toml.push(c),
        }
    }
    toml + "\""
}

/// Whether a text stands for "not set".
fn is_none(text: &str) -> bool {
    ["", "none", "null", "nil"].contains(&text.to_ascii_lowercase().as_str())
}

/// yes or no.
pub(super) struct Flag;

impl Kind for Flag {
    type Out = bool;

    fn expected() -> String {
        "true or false".into()
    }

    fn parse(given: &Given) -> Option<bool> {
        match given.one()?.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        }
    }

    fn show(out: &bool) -> String {
        out.to_string()
    }
}

/// What may be left out: `none`.
pub(super) struct Maybe<K>(PhantomData<K>);

impl<K: Kind> Kind for Maybe<K> {
    type Out = Option<K::Out>;
    const SECRET: bool = K::SECRET;

    fn expected() -> String {
        format!("{} or none", K::expected())
    }

    fn parse(given: &Given) -> Option<Self::Out> {
        if given.one().is_some_and(is_none) { Some(None) } else { K::parse(given).map(Some) }
    }

    fn show(out: &Self::Out) -> String {
        out.as_ref().map_or_else(|| quoted("none"), K::show)
    }
}

#[cfg(test)]
mod tests;
