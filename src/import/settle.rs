//! One setting after the other becomes a line of the new file, or a remark on why not.

use super::python::Value;
use super::{Imported, Remark, Weight, toml};
use crate::config::{self, Known, Problem};
use std::fmt::Write as _;

/// Parts of names whose values are nobody's business.
const SECRET_NAMES: &[&str] = &["KEY", "PASSWORD", "SECRET", "TOKEN", "DSN"];

/// A setting as it was read.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// Its name there.
    pub(super) name: &'a str,
    /// Its value.
    pub(super) value: Value,
    /// File and line, or the name of the variable.
    pub(super) place: &'a str,
    /// What is written above it.
    pub(super) comments: Vec<String>,
    /// What is written behind it, after the place. Not for secrets.
    pub(super) aside: String,
}

/// The new file while it is written.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    body: String,
    remarks: Vec<Remark>,
    /// What was noticed of settings by themselves, and before which remark. Others may set it right.
    notices: Vec<(usize, String, String)>,
    written: Vec<String>,
    holds_secrets: bool,
    /// A secret comes from the environment, so that its absence here is no fault.
    pub(super) secret_elsewhere: bool,
}

/// Whether a value of this name should not be shown.
pub(super) fn is_secret(name: &str) -> bool {
    match config::lookup(name) {
        Known::Key { secret, .. } => secret,
        _ => SECRET_NAMES.iter().any(|part| name.contains(part)),
    }
}

/// Whether a key takes texts as they come, so that "none" may be one of them.
fn takes_any_text(name: &str) -> bool {
    let checked = config::check_toml(&format!("{name} = \"any text\"\n"), "");
    !checked.problems.iter().any(|problem| matches!(problem, Problem::Value { .. }))
}

impl Sheet {
    /// A sheet that begins with a comment.
    pub(super) fn new(head: &str) -> Self {
        Self { body: toml::comment(head), ..Self::default() }
    }

    /// Tells something.
    pub(super) fn remark(&mut self, place: &str, weight: Weight, text: impl Into<String>) {
        self.remarks.push(Remark { place: place.to_owned(), weight, text: text.into() });
    }

    /// Whether a key has a value here.
    pub(super) fn has(&self, name: &str) -> bool {
        self.written.iter().any(|written| written == name)
    }

    /// A comment that stands for itself.
    pub(super) fn comment(&mut self, text: &str) {
        self.body.push('\n');
        self.body += &toml::comment(text);
    }

    /// Writes a setting, or tells why not.
    pub(super) fn put(&mut self, mut entry: Entry<'_>) {
        let secret = is_secret(entry.name);
        if secret {
            entry.aside.clear();
        }
        match config::lookup(entry.name) {
            Known::Key { name, .. } | Known::Table { name } => self.put_key(name, &entry, secret),
            Known::Alias { of } => {
                self.remark(entry.place, Weight::Note, format!("{} is called {of} now", entry.name));
                self.put_key(of, &entry, secret);
            }
            Known::Ignored { reason } => {
                self.leave_out(&entry, secret, reason);
                self.remark(entry.place, Weight::Ignored, format!("{}: {reason}", entry.name));
            }
            Known::Unknown { .. } => {
                let text = format!("{}: neither Thumbor nor Tintype has this setting", entry.name);
                self.remark(entry.place, Weight::Ignored, text);
            }
        }
    }

    fn put_key(&mut self, name: &str, entry: &Entry<'_>, secret: bool) {
        let is_none = entry.value == Value::None;
        let Some(value) = toml::value(&entry.value).or_else(|| is_none.then(|| toml::string("none"))) else {
            self.lose(entry, secret, &format!("{name} cannot be {}", entry.value.kind()));
            return;
        };
        let checked = config::check_toml(&format!("{name} = {value}\n"), entry.place);
        let alone = |problem: &Problem| !matches!(problem, Problem::PublicKey | Problem::NoWayIn);
        match checked.problems.into_iter().find(alone) {
            // What Thumbor has no value for, and we always do, keeps ours.
            Some(_) if is_none => self.leave_out(entry, secret, "the default applies"),
            None if is_none && takes_any_text(name) => self.leave_out(entry, secret, "the default applies"),
            // Its own place is the one in the line written here, which says nothing.
            Some(Problem::Value { key, value, expected, .. }) => {
                self.lose(entry, secret, &format!("{key} = `{value}`: expected {expected}"));
            }
            Some(problem) => self.lose(entry, secret, &problem.to_string()),
            None => {
                self.write(name, &value, entry);
                self.notices
                    .extend(checked.notices.into_iter().map(|notice| (self.remarks.len(), entry.place.into(), notice)));
                if secret && !matches!(&entry.value, Value::Text(text) if text.is_empty()) {
                    self.holds_secrets = true;
                    let text = format!(
                        "{name} is a secret, and is written as it is; to keep it out of the file, remove the line and set \
                         the environment variable {name}"
                    );
                    self.remark(entry.place, Weight::Note, text);
                }
            }
        }
    }

    fn write(&mut self, name: &str, value: &str, entry: &Entry<'_>) {
        self.body.push('\n');
        for comment in &entry.comments {
            self.body += &toml::comment(comment);
        }
        let aside = if entry.aside.is_empty() { String::new() } else { format!(": {}", entry.aside) };
        let _ = write!(self.body, "{name} = {value} {}", toml::comment(&format!("{}{aside}", entry.place)));
        self.written.push(name.to_owned());
    }

    fn lose(&mut self, entry: &Entry<'_>, secret: bool, why: &str) {
        self.leave_out(entry, secret, "not usable here");
        self.remark(entry.place, Weight::Lost, why);
    }

    /// The setting as a comment.
    fn leave_out(&mut self, entry: &Entry<'_>, secret: bool, why: &str) {
        let value = if secret { None } else { toml::value(&entry.value) };
        let value = value.filter(|value| !value.contains('\n')).unwrap_or_else(|| "...".into());
        self.body.push('\n');
        for comment in &entry.comments {
            self.body += &toml::comment(comment);
        }
        self.body += &toml::comment(&format!("{} = {value} # {}: {why}", entry.name, entry.place));
    }

    /// The file, judged as a whole.
    pub(super) fn finish(mut self, name: &str) -> Imported {
        let checked = config::check_toml(&self.body, name);
        for (at, place, text) in std::mem::take(&mut self.notices).into_iter().rev() {
            if checked.notices.contains(&text) {
                self.remarks.insert(at, Remark { place, weight: Weight::Ignored, text });
            }
        }
        for problem in checked.problems {
            if problem == Problem::NoWayIn && self.secret_elsewhere {
                continue;
            }
            self.remark(name, Weight::Lost, problem.to_string());
        }
        Imported { toml: self.body, remarks: self.remarks, holds_secrets: self.holds_secrets }
    }
}
