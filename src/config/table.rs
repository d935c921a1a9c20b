//! Tables: settings of which there are several, each described by a row of typed fields, or by a name and a value.
//!
//! A row is a struct with a [`Row`] beside it, whose fields are keys like all others. A table is one line in
//! [`super::keys::TABLES`]: [`rows!`] for `[[sources]]`, [`pairs!`] for `[presets]`.

use super::Problem;
use super::file::{Entry, Item};
use super::key::Key;
use super::kind::{Given, Kind, quoted};
use super::near::nearest;
use super::written::Written;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// A thing that a file may describe several of, one `[[table]]` each.
pub(super) trait Row: Clone + Default + 'static {
    /// Its fields in the order of the documentation. What is not given is as in [`Default`].
    const FIELDS: &'static [Key<Self>];
    /// Names of the fields that have to be given.
    const REQUIRED: &'static [&'static str];

    /// What is wrong with fields that are each as expected but make no sense together.
    fn judge(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Definition of a table.
#[derive(Debug)]
pub(super) struct Table {
    /// Name in files.
    pub(super) name: &'static str,
    /// Meaning, in one or more lines.
    pub(super) doc: &'static str,
    /// A table that is good.
    pub(super) example: &'static str,
    /// Takes what a file says; gives what is wrong with it. The last argument is the file.
    pub(super) set: fn(&Table, &mut Written, Item, &str) -> Vec<Problem>,
    /// What is in force, as TOML; empty if that is nothing.
    pub(super) show: fn(&Table, &Written) -> String,
    /// The fields of a row; none for pairs of names and values.
    pub(super) fields: fn() -> Vec<Field>,
}

/// A field of a row, as the documentation tells it.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) doc: &'static str,
    pub(super) expected: String,
    /// As TOML; `None` where it has to be given.
    pub(super) default: Option<String>,
}

/// A table of rows: its name, the type of its rows, the list in [`Written`] that they go to, meaning, example.
macro_rules! rows {
    ($name:literal, $row:ty, $($field:ident).+, $doc:expr, $example:expr) => {
        $crate::config::table::Table {
            name: $name,
            doc: $doc,
            example: $example,
            set: |table, written, item, file| {
                $crate::config::table::read_rows::<$row>(table.name, item, file, &mut written.$($field).+)
            },
            show: |table, written| $crate::config::table::show_rows::<$row>(table.name, &written.$($field).+),
            fields: $crate::config::table::fields::<$row>,
        }
    };
}

/// A table of names and values of one kind: its name, the kind, the map in [`Written`], meaning, example.
macro_rules! pairs {
    ($name:literal, $kind:ty, $($field:ident).+, $doc:expr, $example:expr) => {
        $crate::config::table::Table {
            name: $name,
            doc: $doc,
            example: $example,
            set: |table, written, item, file| {
                $crate::config::table::read_pairs::<$kind>(table.name, item, file, &mut written.$($field).+)
            },
            show: |table, written| $crate::config::table::show_pairs::<$kind>(table.name, &written.$($field).+),
            fields: Vec::new,
        }
    };
}

pub(super) use {pairs, rows};

/// Reads `[[name]]` into `list`, which it replaces.
pub(super) fn read_rows<R: Row>(name: &str, item: Item, file: &str, list: &mut Vec<R>) -> Vec<Problem> {
    let rows = match item {
        Item::Tables(rows) => rows,
        Item::Value(Given::Many(items)) if items.is_empty() => Vec::new(),
        other => return vec![no_table(other, file, format!("[[{name}]]"), "tables, one for each")],
    };
    let mut problems = Vec::new();
    list.clear();
    for (number, (line, entries)) in (1..).zip(rows) {
        let row_name = format!("[[{name}]] #{number}");
        let origin = format!("{file}:{line}");
        let mut row = R::default();
        for field in R::REQUIRED {
            if !entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(field)) {
                let key = R::FIELDS.iter().find(|key| key.name == *field).expect("required fields are fields");
                let key = (format!("{row_name} {field}"), (key.expected)());
                problems.push(Problem::Missing { key: key.0, origin: origin.clone(), expected: key.1 });
            }
        }
        let before = problems.len();
        for entry in entries {
            problems.extend(read_field(&mut row, &row_name, entry, file));
        }
        if problems.len() == before
            && let Err(reason) = row.judge()
        {
            problems.push(Problem::Row { row: row_name, origin, reason });
        }
        list.push(row);
    }
    problems
}

fn read_field<R: Row>(row: &mut R, row_name: &str, entry: Entry, file: &str) -> Option<Problem> {
    let origin = format!("{file}:{}", entry.line);
    let name = format!("{row_name} {}", entry.name);
    let Some(key) = R::FIELDS.iter().find(|key| key.name.eq_ignore_ascii_case(&entry.name)) else {
        let hint = match super::keys::find(&entry.name) {
            Some(key) => format!("{} belongs above the first [table] of the file", key.name),
            None => match nearest(&entry.name.to_ascii_lowercase(), R::FIELDS.iter().map(|key| key.name)) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("there are {}", R::FIELDS.iter().map(|key| key.name).collect::<Vec<_>>().join(", ")),
            },
        };
        return Some(Problem::UnknownKey { key: name, origin, hint: Some(hint) });
    };
    let bad = key.store(row, &entry.item.value()).err()?;
    Some(Problem::Value { key: name, value: bad.value, origin, expected: bad.expected })
}

/// Reads `[name]` into `map`, which it replaces.
pub(super) fn read_pairs<K: Kind>(
    name: &str,
    item: Item,
    file: &str,
    map: &mut BTreeMap<String, K::Out>,
) -> Vec<Problem> {
    let entries = match item {
        Item::Table(entries) => entries,
        other => return vec![no_table(other, file, format!("[{name}]"), "a table of names and values")],
    };
    map.clear();
    let mut problems = Vec::new();
    for entry in entries {
        let (key, origin) = (format!("[{name}] {}", entry.name), format!("{file}:{}", entry.line));
        if !is_name(&entry.name) {
            let expected = "a name of letters, digits, `_`, `-` and `.`".into();
            problems.push(Problem::Value { key: format!("[{name}]"), value: entry.name, origin, expected });
            continue;
        }
        let given = entry.item.value();
        if let Some(value) = given.as_ref().ok().and_then(K::parse) {
            map.insert(entry.name, value);
        } else {
            let value = match given {
                Ok(Given::One(text)) | Err(text) => text,
                Ok(Given::Many(items)) => format!("[{}]", items.join(", ")),
            };
            problems.push(Problem::Value { key, value, origin, expected: K::expected() });
        }
    }
    problems
}

fn no_table(item: Item, file: &str, key: String, expected: &str) -> Problem {
    let value = match item.value() {
        Ok(Given::One(text)) | Err(text) => text,
        Ok(Given::Many(items)) => format!("[{}]", items.join(", ")),
    };
    Problem::Value { key, value, origin: file.into(), expected: expected.into() }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

/// All rows as TOML, with every field.
pub(super) fn show_rows<R: Row>(name: &str, rows: &[R]) -> String {
    let mut toml = String::new();
    for row in rows {
        let _ = write!(toml, "\n[[{name}]]\n");
        for key in R::FIELDS {
            let _ = writeln!(toml, "{} = {}", key.name, (key.show)(row));
        }
    }
    toml
}

/// All pairs as TOML.
pub(super) fn show_pairs<K: Kind>(name: &str, map: &BTreeMap<String, K::Out>) -> String {
    if map.is_empty() {
        return String::new();
    }
    let mut toml = format!("\n[{name}]\n");
    for (name, value) in map {
        let _ = writeln!(toml, "{} = {}", quoted(name), K::show(value));
    }
    toml
}

/// What the documentation tells of a row.
pub(super) fn fields<R: Row>() -> Vec<Field> {
    let defaults = R::default();
    let field = |key: &Key<R>| Field {
        name: key.name,
        doc: key.doc,
        expected: (key.expected)(),
        default: (!R::REQUIRED.contains(&key.name)).then(|| (key.show)(&defaults)),
    };
    R::FIELDS.iter().map(field).collect()
}
