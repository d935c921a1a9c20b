//! Who may know whom, where `unsafe` may stand, and how long a file may be.

use std::fs;
use std::path::{Path, PathBuf};

/// No file has more lines, tests included.
const MAX_LINES: usize = 400;

/// Each room of the core and the base with the rooms it may use. The rim is ruled by what is not here: nobody below
/// it may use it.
const ROOMS: &[(&str, &[&str])] = &[
    ("geometry", &[]),
    ("cancel", &[]),
    ("raster", &["geometry"]),
    ("request", &["geometry"]),
    ("codec", &["cancel", "geometry", "raster", "transform"]),
    ("transform", &["cancel", "geometry", "raster", "request"]),
    ("detect", &["cancel", "geometry", "raster"]),
    ("placeholder", &["geometry", "raster"]),
    ("recipe", &["cancel", "codec", "geometry", "raster", "request", "transform"]),
    ("filter", &["codec", "detect", "geometry", "raster", "recipe", "request", "transform"]),
    ("plan", &["cancel", "codec", "geometry", "raster", "recipe", "transform"]),
    ("machine", &[]),
    ("config", &["machine", "plan", "filter", "recipe", "codec", "raster", "request", "transform"]),
    ("trace", &[]),
    ("metrics", &["config"]),
    ("bucket", &["config"]),
    ("loader", &["bucket", "config", "metrics", "trace"]),
    ("cache", &["config"]),
    ("rekognition", &["bucket", "config", "detect", "geometry"]),
    ("flight", &["trace"]),
    ("storage", &["bucket", "config", "metrics"]),
    ("originals", &["cache", "config", "flight", "loader", "metrics", "storage"]),
    (
        "pipeline",
        &[
            "cache",
            "cancel",
            "codec",
            "config",
            "detect",
            "error",
            "filter",
            "flight",
            "geometry",
            "loader",
            "metrics",
            "originals",
            "placeholder",
            "plan",
            "raster",
            "recipe",
            "rekognition",
            "request",
            "storage",
            "transform",
        ],
    ),
    ("service", &["bucket", "config", "loader", "metrics", "pipeline", "server", "storage"]),
    ("error", &["cancel", "codec", "filter", "loader", "pipeline", "plan", "request", "storage"]),
    ("import", &["config"]),
    ("lambda", &["bucket", "config", "pipeline", "server"]),
    ("compare", &["cancel", "codec", "filter", "geometry", "plan", "raster", "recipe", "request"]),
    (
        "doctor",
        &["bucket", "cancel", "codec", "config", "geometry", "loader", "machine", "raster", "request", "storage"],
    ),
    (
        "server",
        &[
            "cancel",
            "codec",
            "config",
            "error",
            "filter",
            "geometry",
            "loader",
            "metrics",
            "originals",
            "pipeline",
            "plan",
            "request",
            "storage",
            "trace",
        ],
    ),
];

/// Rooms of values in, values out: no network, no runtime, no log, no environment, no file system.
const PURE: &[&str] = &[
    "geometry",
    "cancel",
    "raster",
    "request",
    "codec",
    "transform",
    "detect",
    "placeholder",
    "recipe",
    "filter",
    "plan",
];
const IMPURE: &[&str] =
    &["axum", "http", "hyper", "tokio", "reqwest", "tracing", "moka", "std::env", "std::fs", "std::net", "std::io"];

/// All sources with their text up to the tests, which may use anything.
fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().to_owned(), text));
            }
        }
    }
    assert!(found.len() > 20, "the sources are not where this test looks");
    found
}

fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text)
}

/// The room a file belongs to: its folder below `src`, or its name.
fn room(path: &Path) -> String {
    let below = path.strip_prefix("src").unwrap();
    below.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

/// Whether a file is a test by its name.
fn is_test(path: &Path) -> bool {
    path.iter().any(|part| part == "tests")
        || matches!(path.file_stem().and_then(|stem| stem.to_str()), Some("tests" | "conformance" | "oracle"))
}

/// Names after `crate::` anywhere in the text, comments excepted; `crate::{a, b}` gives both.
fn rooms_used(text: &str) -> Vec<String> {
    let mut used = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        for after in line.split("crate::").skip(1) {
            let list = after.strip_prefix('{').and_then(|list| list.split_once('}')).map_or(after, |(list, _)| list);
            let names = if list == after { vec![after] } else { list.split(',').collect() };
            let name = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            used.extend(names.into_iter().map(name));
        }
    }
    used
}

#[test]
fn rooms_only_know_who_they_may() {
    for (path, text) in sources() {
        let room = room(&path);
        if matches!(room.as_str(), "lib" | "main" | "cli" | "logging" | "serve") || is_test(&path) {
            continue;
        }
        let allowed = ROOMS.iter().find(|(name, _)| *name == room).map(|(_, allowed)| *allowed);
        let allowed = allowed.unwrap_or_else(|| panic!("room `{room}` has no place in tests/it/tidy.rs"));
        for used in rooms_used(without_tests(&text)) {
            let known = used == room || allowed.contains(&used.as_str());
            assert!(known, "{}: `{room}` must not know `{used}`", path.display());
        }
    }
}

#[test]
fn the_core_knows_nothing_of_the_outside_world() {
    for (path, text) in sources() {
        if !PURE.contains(&room(&path).as_str()) || is_test(&path) {
            continue;
        }
        for line in without_tests(&text).lines().map(str::trim).filter(|line| !line.starts_with("//")) {
            for name in IMPURE {
                let used = is_path(line, &format!("{name}::")) || line.starts_with(&format!("use {name};"));
                // Cursors and errors of `std::io` are values.
                let harmless = *name == "std::io" && !line.contains("std::io::std");
                assert!(!used || harmless, "{}: {line}", path.display());
            }
        }
    }
}

/// Whether `path` stands in `line` where a path begins.
fn is_path(line: &str, path: &str) -> bool {
    line.match_indices(path)
        .any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || matches!(before, '_' | ':')))
}

#[test]
fn unsafe_code_stands_in_one_room() {
    for (path, text) in sources() {
        let unsafe_lines = text.lines().filter(|line| {
            let code = line.split("//").next().unwrap_or(line);
            ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"].iter().any(|word| is_path(code, word))
        });
        assert!(unsafe_lines.count() == 0 || path.starts_with("src/codec/ffi"), "{}", path.display());
    }
}

#[test]
fn files_stay_small() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= MAX_LINES, "{} has {lines} lines", path.display());
    }
}

#[test]
fn the_rules_see_what_they_should() {
    assert_eq!(rooms_used("use crate::codec::Format;\n// crate::server\n    crate::plan::demand()"), ["codec", "plan"]);
    assert_eq!(rooms_used("use crate::{cache::ResultCache, codec};"), ["cache", "codec"]);
    assert!(is_path("let x = tokio::spawn(y);", "tokio::") && !is_path("my_tokio::x", "tokio::"));
    assert_eq!(room(Path::new("src/codec/png/read.rs")), "codec");
    assert_eq!(room(Path::new("src/recipe.rs")), "recipe");
}
