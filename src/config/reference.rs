//! `docs/configuration.md`: the definitions that files and the environment are read by, as a page.

use super::keys::{SECTIONS, TABLES};
use super::load::ONLY_AT_START;
use super::profile::Profile;
use super::thumbor;
use super::written::Written;
use std::fmt::Write as _;

/// The page, in Markdown.
pub fn reference() -> String {
    let defaults = Written::default();
    let mut page = String::from(INTRODUCTION);
    for section in SECTIONS {
        let _ = write!(page, "\n## {}\n\n| key | value | default | |\n|---|---|---|---|\n", section.title);
        for key in section.keys {
            let default = cell(&(key.show)(&defaults));
            let _ =
                writeln!(page, "| `{}` | {} | `{default}` | {} |", key.name, cell(&(key.expected)()), cell(key.doc));
        }
    }
    page.push_str(TABLES_INTRODUCTION);
    for table in TABLES {
        let _ = write!(page, "\n### {}\n\n{}\n", table.name, table.doc.replace('\n', " "));
        let fields = (table.fields)();
        if !fields.is_empty() {
            page.push_str("\n| field | value | default | |\n|---|---|---|---|\n");
        }
        for field in fields {
            let default = field.default.map_or_else(|| "required".into(), |default| format!("`{}`", cell(&default)));
            let _ =
                writeln!(page, "| `{}` | {} | {default} | {} |", field.name, cell(&field.expected), cell(field.doc));
        }
        let _ = write!(page, "\n```toml\n{}\n```\n", table.example.trim_end());
    }
    page.push_str("\n## Profiles\n");
    for profile in [Profile::Sih3, Profile::Sih7] {
        let name = profile.name();
        let _ = writeln!(page, "\n`PROFILE = \"{name}\"` has these defaults in the place of the ones above:\n");
        for (name, value) in profile.defaults() {
            let _ = writeln!(page, "- `{name} = {value}`");
        }
        let buckets: Vec<_> = profile.bucket_keys().iter().map(|key| format!("`{key}`")).collect();
        let _ = writeln!(page, "- `LOADER = s3` where {} is given", buckets.join(" or "));
    }
    page.push_str(RELOADING);
    for name in ONLY_AT_START {
        let _ = writeln!(page, "- `{name}`");
    }
    page.push_str(USAGE);
    page.push_str("\n## Other names\n\n| name | stands for |\n|---|---|\n");
    for (name, of) in thumbor::aliases() {
        let _ = writeln!(page, "| `{name}` | `{of}` |");
    }
    page.push_str(
        "\n## Keys without effect\n\nThey are accepted, and the log says once what they are not there for.\n\n\
         | keys | why |\n|---|---|\n",
    );
    for (reason, names) in thumbor::groups() {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(page, "| {} | {} |", names.join(", "), cell(reason));
    }
    page
}

/// A text that may stand in a table.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}

const INTRODUCTION: &str = "\
# Configuration

This page is what `tintype config reference` prints; a test holds it to the program. `tintype config default` prints a
file with every key, `tintype config show` the settings that a server would have here and where each comes from.

Settings are read in this order, each over the one before:

1. what is built in, and what the profile changes of it
2. a TOML file: the one named by `-c`, else `./tintype.toml`, else `/etc/tintype/tintype.toml`
3. the environment: a key's name, or its name with `TINTYPE_` before it, which wins. Tables stand there as JSON. `HOST`,
   `SOURCES` and `REWRITE` need the prefix, since others set variables of these names. Empty variables are unset.
4. flags, as `tintype serve --help` tells them

Names are good in any case in files, and in upper case in the environment. Flags are `true` or `false`, also `yes`, `no`,
`on`, `off`, `1` and `0`. Times are seconds, or a number with `ms`, `s`, `m`, `h` or `d`; sizes are bytes, or a number
with `KiB`, `MB` and their like. Lists are TOML's, or text with commas between, also as Python or JSON write it.

Everything that is wrong is told together, with the key, the value, the file and line, and what was expected; the
program then ends with code 2. A key that does not exist is wrong, too, and so is a variable with `TINTYPE_` before it
that is none. Keys of Thumbor that have no effect here are accepted and named in the log with the reason. Secrets are
never shown.

Without any of `SECURITY_KEY`, `SECURITY_KEYS`, `SECURITY_KEY_FILE`, `LOADER`, `FILE_LOADER_ROOT_PATH`,
`ALLOW_UNSAFE_URL` and `PROFILE`, and without a file, the server is a demonstration: sample pictures, for this machine
only. Told by `--host` to listen to others, it does, and warns of it.
";

const TABLES_INTRODUCTION: &str = "
## Tables

They stand at the end of a file, since a key below a `[table]` is one of that table.
";

const RELOADING: &str = "
## Changes while the server runs

On SIGHUP all settings are read anew; with `RELOAD_ON_CHANGE = true` also when the file of settings or of the key has
changed and then lain still for a second. Requests under way end as they began, connections stay open. Settings that are
wrong are refused as a whole: the log has their problems, and the former stay in force. What is kept in memory stays if
only keys, rules, presets, sharing between sites or answers differ. These keys count at the start only, which the log
says when they change:

";

const USAGE: &str = r#"
## Records of use

The server sends nothing to anyone. Only where `SEND_ANONYMOUS_DATA` is true and `ANONYMOUS_DATA_ENDPOINT` names a
collector of your own, a record of each request is posted there in the background, in the form of the Serverless Image
Handler. No request waits for it; records that cannot be delivered are dropped. A record names neither picture nor client:

```json
{
  "Solution": "SO0023",
  "UUID": "the setting of this name",
  "TimeStamp": "2026-01-31T12:00:00Z",
  "Data": {
    "Version": "0.1.0",
    "Options": {
      "meta": false, "trim": false, "crop": false, "fit_in": true, "smart": false, "flip": false,
      "width": "300", "height": "0", "filters": ["quality"]
    },
    "StatusCode": 200,
    "SizeBytes": 12345,
    "DurationMs": 12
  }
}
```
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_tree_is_what_the_program_prints() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, reference()).unwrap();
        }
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(page == reference(), "run `UPDATE_DOCS=1 cargo test --lib config::`");
    }
}
