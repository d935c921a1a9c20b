//! The environment of AWS's Serverless Image Handler.

use super::python::Value;
use super::settle::{Entry, Sheet};
use super::{Imported, Weight};
use serde_json::Value as Json;

/// An environment that cannot be read.
#[derive(Debug, Eq, PartialEq, thiserror::Error)]
pub enum EnvironmentError {
    /// It looks like JSON and is none.
    #[error("not JSON: {0}")]
    Json(String),
    /// It is JSON of another form.
    #[error("no environment in this JSON: neither `Environment.Variables` nor an object of texts")]
    Form,
    /// A line is no assignment.
    #[error("line {line}: not NAME=value")]
    Line {
        /// Counted from 1.
        line: usize,
    },
}

/// Beginnings of names that belong to the function, not to the handler.
const RUNTIME: &[&str] =
    &["AWS_", "LAMBDA_", "_", "LD_", "PYTHON", "NODE_", "LANG", "PATH", "TZ", "SHELL", "HOME", "PWD"];

/// Variables that only later editions of the handler have.
const LATER: &[&str] =
    &["SOURCE_BUCKETS", "ENABLE_SIGNATURE", "CORS_ENABLED", "REWRITE_MATCH_PATTERN", "SECRETS_MANAGER"];

/// What the handler's own `thumbor.conf` says of where originals come from.
const HABITS: &[(&str, &str)] = &[("LOADER", "s3"), ("TC_AWS_ENABLE_HTTP_LOADER", "true")];

/// The settings of an environment: lines of `NAME=value`, or JSON as `aws lambda get-function-configuration` gives it.
///
/// # Errors
/// [`EnvironmentError`] for text that is neither.
pub fn from_lambda(text: &str, file: &str) -> Result<Imported, EnvironmentError> {
    let variables = variables(text)?;
    let mut sheet = Sheet::new(&format!("Written by `tintype import sih` from {file}."));
    let habit = |sheet: &mut Sheet, name, value: &str| {
        let (value, place) = (typed(name, value), "a habit of the handler");
        sheet.put(Entry { name, value, place, comments: Vec::new(), aside: String::new() });
    };
    let given = |name: &str| variables.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str());
    let is_later = LATER.iter().any(|name| given(name).is_some());
    habit(&mut sheet, "PROFILE", if is_later { "sih7" } else { "sih3" });
    for (name, value) in &variables {
        put(&mut sheet, name, value);
    }
    let signs = given("ENABLE_SIGNATURE").is_some_and(|value| value.eq_ignore_ascii_case("yes"));
    if is_later && !signs && given("ALLOW_UNSAFE_URL").is_none() {
        habit(&mut sheet, "ALLOW_UNSAFE_URL", "true");
    }
    for (name, value) in HABITS {
        if given(name).is_none() && !(is_later && *name == "TC_AWS_ENABLE_HTTP_LOADER") {
            habit(&mut sheet, name, value);
        }
    }
    sheet.secret_elsewhere = given("SECRETS_MANAGER").is_some();
    Ok(sheet.finish(file))
}

fn put(sheet: &mut Sheet, name: &str, value: &str) {
    if value.is_empty() {
        return;
    }
    if RUNTIME.iter().any(|prefix| name.starts_with(prefix)) {
        let text = "belongs to the function, not to the handler; credentials go into the environment of the server";
        sheet.remark(name, Weight::Note, text);
        return;
    }
    if matches!(name, "SECRETS_MANAGER" | "SECRET_KEY") {
        let text = "signatures of this edition have a key in AWS Secrets Manager; fetch it with `aws secretsmanager \
                    get-secret-value` and set SECURITY_KEY";
        sheet.remark(name, Weight::Note, text);
        return;
    }
    let quoted = value.len() > 1 && value.starts_with(['"', '\'']) && value.ends_with(['"', '\'']);
    if name == "SECURITY_KEY" && quoted {
        let text = "SECURITY_KEY has quotes around it, which are part of the key as the handler sees it; they stay";
        sheet.remark(name, Weight::Note, text);
    }
    let place = name;
    sheet.put(Entry { name, value: typed(name, value), place, comments: Vec::new(), aside: String::new() });
}

/// Numbers and truth values as such, except where any text is a value.
fn typed(name: &str, value: &str) -> Value {
    match value.to_ascii_lowercase().as_str() {
        _ if super::settle::is_secret(name) => Value::Text(value.to_owned()),
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        text => text.parse().map_or_else(|_| Value::Text(value.to_owned()), Value::Int),
    }
}

fn variables(text: &str) -> Result<Vec<(String, String)>, EnvironmentError> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with(['{', '[']) { from_json(text) } else { from_lines(text) }
}

/// `{"Environment": {"Variables": {..}}}`, the same below `Configuration`, the object itself, or a list of names and
/// values, as for containers.
fn from_json(text: &str) -> Result<Vec<(String, String)>, EnvironmentError> {
    let json: Json = serde_json::from_str(text).map_err(|error| EnvironmentError::Json(error.to_string()))?;
    let function = json.get("Configuration").unwrap_or(&json);
    let environment = function.get("Environment").or_else(|| function.get("environment")).unwrap_or(function);
    let variables = environment.get("Variables").unwrap_or(environment);
    let text = |json: &Json| match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(json.to_string()),
        _ => None,
    };
    let pairs: Option<Vec<_>> = match variables {
        Json::Object(pairs) => pairs.iter().map(|(name, value)| Some((name.clone(), text(value)?))).collect(),
        Json::Array(items) => {
            items.iter().map(|item| Some((text(item.get("name")?)?, text(item.get("value")?)?))).collect()
        }
        _ => None,
    };
    pairs.filter(|pairs| !pairs.is_empty()).ok_or(EnvironmentError::Form)
}

/// As in files for `docker run --env-file`, with quotes around values taken away as shells do.
fn from_lines(text: &str) -> Result<Vec<(String, String)>, EnvironmentError> {
    let mut pairs = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = EnvironmentError::Line { line: index + 1 };
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line.split_once('=').ok_or_else(|| EnvironmentError::Line { line: index + 1 })?;
        let name = name.trim();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(wrong);
        }
        let value = value.trim();
        let inner = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
        pairs.push((name.to_owned(), inner.unwrap_or(value).to_owned()));
    }
    Ok(pairs)
}
