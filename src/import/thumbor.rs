//! `thumbor.conf`.

use super::python::{Script, Setting, Value};
use super::settle::{Entry, Sheet, is_secret};
use super::{Imported, Weight};
use crate::config::{self, Known};
use std::collections::BTreeMap;

/// A file of Python settings.
#[derive(Clone, Debug)]
pub struct ConfFile {
    /// What it is called in remarks.
    pub name: String,
    /// Where it lies, for `__file__`.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// Variables that say where things are on a machine, and need no mention.
const COMMON_VARIABLES: &[&str] = &["HOME", "TMPDIR"];

/// Settings whose defaults differ from ours so that pages would notice: name, Thumbor's default, and the reason to
/// tell.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("LOADER", "thumbor.loaders.http_loader", "without it Tintype reads files"),
    ("STORAGE", "thumbor.storages.file_storage", "without it Tintype keeps no originals on disk"),
];

/// The settings of these files, of which later ones go over earlier ones, in this environment.
pub fn from_thumbor(files: &[ConfFile], environment: &BTreeMap<String, String>) -> Imported {
    let mut script = Script::default();
    for file in files {
        script.read(&file.text, &file.path, environment);
    }
    let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
    let all = names.join(", ");
    let mut sheet = Sheet::new(&format!("Written by `tintype import` from {all}."));
    let mut told = script.remarks.iter().peekable();
    let mut tell_before = |sheet: &mut Sheet, end: (usize, usize)| {
        while let Some(remark) = told.next_if(|remark| (remark.file, remark.line) < end) {
            let lines = if remark.last > remark.line { format!("-{}", remark.last) } else { String::new() };
            let place = format!("{}:{}{lines}", names[remark.file], remark.line);
            let weight = if remark.is_loss { Weight::Lost } else { Weight::Note };
            sheet.remark(&place, weight, remark.text.as_str());
        }
    };
    for setting in &script.settings {
        tell_before(&mut sheet, (setting.file, setting.line));
        let only_helps =
            matches!(config::lookup(&setting.name), Known::Unknown { .. }) && script.is_used(&setting.name);
        if only_helps {
            continue;
        }
        let place = format!("{}:{}", names[setting.file], setting.line);
        put(&mut sheet, setting.clone(), &place);
    }
    tell_before(&mut sheet, (files.len(), 0));
    add_defaults(&mut sheet, &all, environment);
    sheet.finish(&all)
}

fn put(sheet: &mut Sheet, setting: Setting, place: &str) {
    let Setting { name, mut value, comments, derived, asked, .. } = setting;
    let variables: Vec<_> =
        asked.iter().filter(|variable| !COMMON_VARIABLES.contains(&variable.name.as_str())).collect();
    if is_secret(&name)
        && let Some(variable) = variables.iter().find(|variable| variable.is_set || value == Value::None)
    {
        sheet.secret_elsewhere = true;
        let from = &variable.name;
        let what = if *from == name {
            format!(
                "{name} comes from the environment variable of this name, which Tintype reads, too; nothing is written"
            )
        } else {
            format!("{name} comes from the environment variable {from}; nothing is written: set {name} to the same")
        };
        sheet.comment(&format!("{name} = ... # {place}: in the environment, from {from}"));
        sheet.remark(place, Weight::Note, what);
        return;
    }
    for variable in &variables {
        let state = if variable.is_set { "as it is set here" } else { "not set here, hence its default" };
        let text = format!("{name} depends on the environment variable {}: {state}", variable.name);
        sheet.remark(place, Weight::Note, text);
    }
    if name == "ALLOWED_SOURCES" {
        value = hosts(sheet, value, place);
    }
    sheet.put(Entry { name: &name, value, place, comments, aside: derived.unwrap_or_default() });
}

/// Thumbor compares texts with host names, and regular expressions with whole URLs from their start; we compare both
/// with host names.
fn hosts(sheet: &mut Sheet, value: Value, place: &str) -> Value {
    let Value::List(items) = value else { return value };
    let mut kept = Vec::new();
    let allows_all = items.is_empty();
    for item in items {
        match item {
            Value::Pattern(pattern) => match host_of(&pattern) {
                Some(host) => kept.push(Value::Text(host)),
                None => sheet.remark(
                    place,
                    Weight::Lost,
                    format!(
                        "ALLOWED_SOURCES: `{pattern}` is left out: it speaks of more than a host, and hosts are all that \
                         Tintype compares; give an expression for the host alone"
                    ),
                ),
            },
            other => kept.push(other),
        }
    }
    if kept.is_empty() && !allows_all {
        // A list that has become empty would allow every host.
        kept.push(Value::Text("nothing.invalid".into()));
    }
    Value::List(kept)
}

/// The part for the host of an expression for a whole URL, if the rest lets everything through.
fn host_of(pattern: &str) -> Option<String> {
    let (flags, rest) = match pattern.strip_prefix("(?i)") {
        Some(rest) => ("(?i)", rest),
        None => ("", pattern),
    };
    let rest = rest.strip_prefix('^').unwrap_or(rest);
    let schemes =
        ["https?://", "http://", "https://", "(https?:)?//", "(http|https)://", "(?:http|https)://", ".*://", ".+://"];
    let escaped = rest.replace("\\/", "/").replace("\\:", ":");
    let host = schemes.iter().find_map(|scheme| escaped.strip_prefix(scheme)).unwrap_or(&escaped);
    let host = host.strip_suffix('$').unwrap_or(host);
    // What follows the first slash is the path.
    let (host, path) = host.split_once('/').unwrap_or((host, ""));
    let open = matches!(path, "" | ".*" | ".+" | "(.*)" | ".*$" | "?.*");
    let whole = host.matches('(').count() == host.matches(')').count() && !host.contains(['@', ':']);
    (open && whole && !host.is_empty()).then(|| format!("{flags}{host}"))
}

/// What Thumbor does where nothing is said, and we do not.
fn add_defaults(sheet: &mut Sheet, all: &str, environment: &BTreeMap<String, String>) {
    let default = |sheet: &mut Sheet, name: &str, value: Value, why: &str| {
        let place = "Thumbor's default";
        sheet.put(Entry { name, value, place, comments: Vec::new(), aside: why.to_owned() });
    };
    for (name, value, why) in DEFAULTS {
        if !sheet.has(name) && matches!(config::lookup(name), Known::Key { .. }) {
            default(sheet, name, Value::Text((*value).to_owned()), why);
        }
    }
    if !sheet.has("DETECTORS") {
        default(sheet, "DETECTORS", Value::List(Vec::new()), "without it Tintype's smart crops look for faces");
    }
    if !sheet.has("ALLOW_UNSAFE_URL") {
        default(sheet, "ALLOW_UNSAFE_URL", Value::Bool(true), "URLs without a signature are served");
        let text = "ALLOW_UNSAFE_URL is not set, so that Thumbor serves URLs without a signature; that is written down. Set \
                    it to false if all of your URLs are signed";
        sheet.remark(all, Weight::Note, text);
    }
    if !sheet.has("SECURITY_KEY") && !sheet.secret_elsewhere {
        let text = "SECURITY_KEY is not set, so that Thumbor signs with the key from its documentation; Tintype does not. \
                    Set a key of your own";
        sheet.remark(all, Weight::Note, text);
    }
    if let Some(home) = environment.get("HOME").filter(|_| !sheet.has("FILE_LOADER_ROOT_PATH")) {
        default(sheet, "FILE_LOADER_ROOT_PATH", Value::Text(home.clone()), "the home of who runs it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imported(text: &str) -> Imported {
        let file = ConfFile { name: "t.conf".into(), path: "/t.conf".into(), text: text.into() };
        from_thumbor(&[file], &BTreeMap::new())
    }

    /// The line of a key in the new file, without its comment.
    fn line(text: &str, key: &str) -> Option<String> {
        let toml = imported(text).toml;
        let line = toml.lines().find(|line| line.starts_with(&format!("{key} = ")))?;
        line.split_once(" = ").map(|(_, value)| value.split(" # ").next().unwrap_or(value).to_owned())
    }

    #[test]
    fn a_list_of_hosts_that_loses_its_entries_does_not_become_one_that_allows_all() {
        let check = |list: &str, written: &str| {
            assert_eq!(
                line(&format!("ALLOWED_SOURCES = {list}\n"), "ALLOWED_SOURCES").as_deref(),
                Some(written),
                "{list}"
            );
        };
        check("[]", "[]");
        check("['a.example']", "[\"a.example\"]");
        check("[re.compile('https?://a.example/public/.*')]", "[\"nothing.invalid\"]");
        check("['a.example', re.compile('https?://b.example/public/.*')]", "[\"a.example\"]");
    }

    #[test]
    fn none_is_written_where_it_is_a_value_and_left_out_where_it_would_be_a_text() {
        let check = |key: &str, written: Option<&str>| {
            assert_eq!(line(&format!("{key} = None\n"), key).as_deref(), written, "{key}");
        };
        check("WEBP_QUALITY", Some("\"none\""));
        check("MAX_PIXELS", Some("\"none\""));
        check("HTTP_LOADER_PROXY_PASSWORD", None);
        check("FILE_STORAGE_ROOT_PATH", None);
        check("QUALITY", None);
        assert!(!imported("HTTP_LOADER_PROXY_PASSWORD = None\n").holds_secrets);
    }

    #[test]
    fn expressions_for_urls_become_such_for_hosts_where_nothing_is_lost() {
        let check = |pattern: &str, host: Option<&str>| assert_eq!(host_of(pattern).as_deref(), host, "{pattern}");
        check(r"^https?://(.+\.)?example\.com/.*$", Some(r"(.+\.)?example\.com"));
        check(r"http://img\d\.example\.com", Some(r"img\d\.example\.com"));
        check(r"(?i)https://cdn\.example\.com\/.*", Some(r"(?i)cdn\.example\.com"));
        check(r".+\.example\.com", Some(r".+\.example\.com"));
        check(r"https?://example\.com/public/.*", None);
        check(r"https?://example\.com:8080/.*", None);
        check(r"https?://(example\.com/a|example\.org)/", None);
        check("", None);
    }
}
