//! `thumbor.conf`.

use super::python::{Script, Setting, Value};
use super::settle::{Entry, Sheet, is_secret};
use super::{Imported, Weight};
use crate::config::{self, Known};
use regex::Regex;
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

/// How Thumbor fetches originals unless told otherwise.
const LOADER: &str = "thumbor.loaders.http_loader";

/// Settings whose defaults differ from ours so that pages would notice: name, Thumbor's default, and the reason to
/// tell.
const DEFAULTS: &[(&str, &str, &str)] = &[
    ("LOADER", LOADER, "without it Tintype reads files"),
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
    let loader =
        script.settings.iter().find(|setting| setting.name == "LOADER").map(|setting| setting.value.to_string());
    add_defaults(&mut sheet, &all, loader.as_deref().unwrap_or(LOADER), environment);
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
        value = sources(sheet, value, place);
    }
    sheet.put(Entry { name: &name, value, place, comments, aside: derived.unwrap_or_default() });
}

/// Thumbor compares texts with names of hosts, and compiled expressions with whole addresses from their start. So do we,
/// where an entry says that it is such an expression.
fn sources(sheet: &mut Sheet, value: Value, place: &str) -> Value {
    let Value::List(items) = value else { return value };
    let allows_all = items.is_empty();
    let mut kept = Vec::new();
    for item in items {
        match source(&item) {
            Ok(entry) => kept.push(entry),
            Err((weight, why)) => {
                sheet.remark(place, weight, format!("ALLOWED_SOURCES: `{item}` is left out: {why}"));
            }
        }
    }
    if kept.is_empty() && !allows_all {
        // A list that has become empty would allow every host.
        kept.push(Value::Text("nothing.invalid".into()));
    }
    Value::List(kept)
}

/// An entry of `ALLOWED_SOURCES` as we take it, or why there is none.
fn source(item: &Value) -> Result<Value, (Weight, &'static str)> {
    let understood = |pattern: &str| match Regex::new(pattern) {
        Ok(_) => Ok(()),
        Err(_) => Err((
            Weight::Lost,
            "it is no regular expression of Tintype, which has neither look-around nor back-references",
        )),
    };
    match item {
        Value::Pattern(pattern) => {
            understood(pattern)?;
            Ok(Value::Text(format!("re.compile(r'{pattern}')")))
        }
        Value::Text(text) if text.contains('/') => {
            Err((Weight::Ignored, "Thumbor compares it with names of hosts, in which there is no slash"))
        }
        Value::Text(text) if text.contains(|c| r"\^$*+?{}[]()|".contains(c)) => {
            understood(text)?;
            Ok(item.clone())
        }
        other => Ok(other.clone()),
    }
}

/// What Thumbor does where nothing is said, and we do not. `loader` is the one in force.
fn add_defaults(sheet: &mut Sheet, all: &str, loader: &str, environment: &BTreeMap<String, String>) {
    let (reads_files, asks_hosts) = (loader.contains("file"), loader.contains("http"));
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
    if let Some(home) = environment.get("HOME").filter(|_| reads_files && !sheet.has("FILE_LOADER_ROOT_PATH")) {
        default(sheet, "FILE_LOADER_ROOT_PATH", Value::Text(home.clone()), "the home of who runs it");
    }
    if asks_hosts && !sheet.has("ALLOW_PRIVATE_SOURCES") {
        let text = "Thumbor fetches originals from private addresses, too (localhost, 10.0.0.0/8 and so on); Tintype only from \
                    networks in ALLOW_PRIVATE_SOURCES. List there what your originals need";
        sheet.remark(all, Weight::Note, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::Guard;

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
        check("['https://a.example/']", "[\"nothing.invalid\"]");
        check("[re.compile('a(?=b)')]", "[\"nothing.invalid\"]");
        check("['a.example', '(?!b).+']", "[\"a.example\"]");
    }

    #[test]
    fn hosts_and_expressions_are_allowed_as_thumbor_allows_them() {
        // The address that is asked for, and whether Thumbor's validation lets it through.
        let check = |list: &str, cases: &[(&str, bool)]| {
            let imported = imported(&format!("ALLOWED_SOURCES = {list}\n"));
            assert!(imported.remarks.iter().all(|remark| remark.weight == Weight::Note), "{:?}", imported.remarks);
            let written = line(&format!("ALLOWED_SOURCES = {list}\n"), "ALLOWED_SOURCES").unwrap();
            let written = format!("allowed = {written}");
            let parsed = ::toml::de::DeTable::parse(&written).unwrap();
            let entries = parsed.get_ref()["allowed"].get_ref().as_array().unwrap();
            let entries: Vec<_> = entries.iter().map(|entry| entry.get_ref().as_str().unwrap().to_owned()).collect();
            let guard = Guard::new(&entries, &[]).unwrap();
            for (address, passes) in cases {
                assert_eq!(guard.check(&address.parse().unwrap()).is_ok(), *passes, "{list} {address}");
            }
        };
        check(
            r"[re.compile(r'^https?://(.+\.)?example\.com/.*$')]",
            &[
                ("http://example.com/a.jpg", true),
                ("https://img.example.com/a.jpg", true),
                ("https://example.org/example.com/a.jpg", false),
            ],
        );
        check(
            r"[re.compile(r'https?://s3\.example\.com\/public\/')]",
            &[
                ("https://s3.example.com/public/a.jpg", true),
                ("https://s3.example.com/private/a.jpg", false),
                ("https://s3.example.org/?https://s3.example.com/public/", false),
            ],
        );
        check(
            r"[re.compile('HTTPS://CDN', re.I)]",
            &[("https://cdn.example/a.jpg", true), ("http://cdn.example/a.jpg", false)],
        );
        check(r"['.+\.a\.example', 'b.example']", &[("http://x.a.example/", true), ("http://a.example/", false)]);
        check(r"['.+\.a\.example', 'b.example']", &[("http://b.example/", true), ("http://bxexample/", false)]);
        check(r#"[re.compile("it's")]"#, &[("http://it.example/", false)]);
    }

    #[test]
    fn the_home_folder_holds_originals_where_files_are_read() {
        let check = |text: &str, root: Option<&str>| {
            let file = ConfFile { name: "t.conf".into(), path: "/t.conf".into(), text: text.into() };
            let home = BTreeMap::from([("HOME".to_owned(), "/home/me".to_owned())]);
            let toml = from_thumbor(&[file], &home).toml;
            let line = toml.lines().find_map(|line| line.strip_prefix("FILE_LOADER_ROOT_PATH = "));
            assert_eq!(line.and_then(|line| line.split(' ').next()), root, "{text}\n{toml}");
        };
        check("LOADER = 'thumbor.loaders.file_loader'\n", Some("\"/home/me\""));
        check("LOADER = 'thumbor.loaders.file_loader_http_fallback'\n", Some("\"/home/me\""));
        check("LOADER = 'thumbor.loaders.file_loader'\nFILE_LOADER_ROOT_PATH = '/srv'\n", Some("\"/srv\""));
        check("LOADER = 'thumbor.loaders.http_loader'\n", None);
        check("LOADER = 'tc_aws.loaders.s3_loader'\n", None);
        check("QUALITY = 80\n", None);
    }

    #[test]
    fn that_private_addresses_are_not_asked_is_said_where_hosts_are_asked() {
        let told = |text: &str| imported(text).remarks.iter().any(|remark| remark.text.contains("private addresses"));
        assert!(told("QUALITY = 80\n") && told("LOADER = 'thumbor.loaders.file_loader_http_fallback'\n"));
        assert!(!told("LOADER = 'thumbor.loaders.file_loader'\n"));
        assert!(!told("ALLOW_PRIVATE_SOURCES = ['10.0.0.0/8']\n"));
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
}
