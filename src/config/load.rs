//! From built-in values, a file, the environment and flags to one [`Config`].

use super::kind::Given;
use super::written::Written;
use super::{Config, LoaderKind, Problem, Problems, keys, thumbor};
use config::{FileFormat, Source, Value, ValueKind};
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Where files are looked for when none is named.
const SEARCHED: &[&str] = &["tintype.toml", "/etc/tintype/tintype.toml"];

/// Keys of which any in the environment means that somebody has configured this server.
const MARKS_OF_PRODUCTION: &[&str] =
    &["SECURITY_KEY", "SECURITY_KEYS", "LOADER", "FILE_LOADER_ROOT_PATH", "ALLOW_UNSAFE_URL"];

/// Keys that the environment may give only with the prefix.
const PREFIXED_ONLY: &[&str] = &["HOST"];

/// Where demonstrations find pictures, if it exists.
const SAMPLES: &str = "config/samples";

/// Where settings are read from.
#[derive(Default)]
pub struct Sources {
    /// The file named by a flag, which must exist.
    pub file: Option<PathBuf>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// Values given as flags.
    pub flags: Flags,
}

/// Settings that flags can give.
#[derive(Clone, Copy, Debug, Default)]
pub struct Flags {
    /// `--host`.
    pub host: Option<IpAddr>,
    /// `--port`.
    pub port: Option<u16>,
}

/// What the server is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// Nobody has configured anything: sample pictures for this machine only.
    Demo,
    /// Somebody has.
    Production,
}

/// The settings in force.
#[derive(Debug)]
pub struct Loaded {
    /// All of them.
    pub config: Config,
    /// Whether they are somebody's.
    pub mode: Mode,
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// What the operator should know, one line each, for the log.
    pub notices: Vec<String>,
}

impl Sources {
    /// This process's environment and these flags.
    pub fn of_process(file: Option<PathBuf>, flags: Flags) -> Self {
        let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
        let environment = std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
        Self { file, environment, flags }
    }

    /// Reads everything: the file over what is built in, the environment over the file, flags over the environment.
    ///
    /// # Errors
    /// All [`Problems`] together.
    pub fn load(&self) -> Result<Loaded, Problems> {
        let mut written = Written::default();
        let file = self.file.clone().or_else(|| SEARCHED.iter().map(PathBuf::from).find(|path| path.is_file()));
        let mode = if file.is_none() && !self.is_configured() { Mode::Demo } else { Mode::Production };
        if mode == Mode::Demo {
            demonstrate(&mut written);
        }
        let (mut problems, mut notices) = file.as_deref().map(|path| read_file(&mut written, path)).unwrap_or_default();
        let (more_problems, more_notices) = apply_environment(&mut written, &self.environment);
        problems.extend(more_problems);
        notices.extend(more_notices);
        let server = &mut written.config.server;
        server.host = self.flags.host.unwrap_or(server.host);
        server.port = self.flags.port.unwrap_or(server.port);
        // What an unreadable file would have said is not known to be missing.
        if !problems.iter().any(|problem| matches!(problem, Problem::File { .. })) {
            problems.extend(written.problems());
        }
        notices.extend(written.notices());
        if !problems.is_empty() {
            return Err(Problems(problems));
        }
        Ok(Loaded { config: written.join(), mode, file, notices })
    }

    fn is_configured(&self) -> bool {
        MARKS_OF_PRODUCTION.iter().any(|name| in_environment(&self.environment, name).is_some())
    }
}

/// Shows no environment, which holds secrets.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").field("file", &self.file).field("flags", &self.flags).finish_non_exhaustive()
    }
}

/// What a server without any settings is: harmless and able to show something.
fn demonstrate(written: &mut Written) {
    let config = &mut written.config;
    config.server.host = IpAddr::from([127, 0, 0, 1]);
    config.security.allow_unsafe = true;
    if Path::new(SAMPLES).is_dir() {
        config.loader.file_root = SAMPLES.into();
    } else {
        config.loader.kind = LoaderKind::Samples;
    }
}

fn read_file(written: &mut Written, path: &Path) -> (Vec<Problem>, Vec<String>) {
    let origin = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => apply_file(written, &text, &origin),
        Err(error) => (vec![Problem::File { origin, reason: format!("cannot be read: {error}") }], Vec::new()),
    }
}

/// Lays the keys of a TOML text over `written`. Gives what is wrong and what is ignored.
pub(super) fn apply_file(written: &mut Written, toml: &str, origin: &str) -> (Vec<Problem>, Vec<String>) {
    let (mut problems, mut notices) = (Vec::new(), Vec::new());
    let mut values: Vec<(String, Value)> = match config::File::from_str(toml, FileFormat::Toml).collect() {
        Ok(values) => values.into_iter().collect(),
        Err(error) => {
            return (vec![Problem::File { origin: origin.into(), reason: error.to_string() }], notices);
        }
    };
    values.sort_by(|(a, _), (b, _)| (a.to_uppercase(), a).cmp(&(b.to_uppercase(), b)));
    for pair in values.windows(2).filter(|pair| pair[0].0.eq_ignore_ascii_case(&pair[1].0)) {
        problems.push(Problem::Twice { key: pair[0].0.to_uppercase(), origin: origin.into() });
    }
    for (name, value) in values {
        let upper = name.to_uppercase();
        if keys::find(&upper).is_some() {
            problems.extend(set(written, &upper, given(value), origin));
        } else if thumbor::IGNORED.contains(&upper.as_str()) {
            notices.push(ignored(&upper, origin));
        } else {
            problems.push(Problem::UnknownKey { hint: nearest(&upper), key: name, origin: origin.into() });
        }
    }
    (problems, notices)
}

/// Lays the environment over `written`: a key's own name, or with the prefix, which wins. Empty variables are unset.
fn apply_environment(written: &mut Written, environment: &BTreeMap<String, String>) -> (Vec<Problem>, Vec<String>) {
    let origin = "environment";
    let found = |name| in_environment(environment, name);
    let problems = keys::all()
        .filter_map(|key| Some((key.name, found(key.name)?)))
        .filter_map(|(name, value)| set(written, name, Ok(Given::One(value.to_owned())), origin))
        .collect();
    let notices = thumbor::IGNORED.iter().filter(|name| found(name).is_some()).map(|name| ignored(name, origin));
    (problems, notices.collect())
}

fn in_environment<'a>(environment: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    let prefixed = environment.get(&format!("TINTYPE_{name}"));
    let plain = environment.get(name).filter(|_| !PREFIXED_ONLY.contains(&name));
    prefixed.or(plain).map(String::as_str).filter(|value| !value.is_empty())
}

/// Stores one value; `Err` is the text of a value that no key could take.
fn set(written: &mut Written, name: &str, given: Result<Given, String>, origin: &str) -> Option<Problem> {
    let key = keys::find(name)?;
    let problem = |value: String| Problem::Value {
        key: key.name.into(),
        value: if key.secret { "***".into() } else { value },
        origin: origin.into(),
        expected: (key.expected)(),
    };
    match given {
        Ok(given) if (key.set)(written, &given).is_some() => None,
        Ok(Given::One(text)) | Err(text) => Some(problem(text)),
        Ok(Given::Many(items)) => Some(problem(format!("[{}]", items.join(", ")))),
    }
}

/// A TOML value as text, or the text of one that is neither scalar nor a list of scalars.
fn given(value: Value) -> Result<Given, String> {
    match value.kind {
        ValueKind::Array(items) if items.iter().all(|item| !is_nested(item)) => {
            Ok(Given::Many(items.iter().map(ToString::to_string).collect()))
        }
        _ if is_nested(&value) => Err("a table".into()),
        _ => Ok(Given::One(value.to_string())),
    }
}

fn is_nested(value: &Value) -> bool {
    matches!(value.kind, ValueKind::Table(_) | ValueKind::Array(_) | ValueKind::Nil)
}

fn ignored(name: &str, origin: &str) -> String {
    format!("{name} ({origin}) is a key of Thumbor that this version does not honor")
}

/// The key that somebody may have meant.
fn nearest(name: &str) -> Option<String> {
    let names = keys::all().map(|key| key.name).chain(thumbor::IGNORED.iter().copied());
    let (distance, nearest) = names.map(|key| (strsim::damerau_levenshtein(name, key), key)).min()?;
    (distance * 3 <= name.len()).then(|| nearest.to_owned())
}

#[cfg(test)]
mod tests;
