//! The file with every key, its meaning and its default.

use super::keys::{SECTIONS, TABLES};
use super::table::{Field, Table};
use super::written::Written;
use std::fmt::Write as _;

/// Every key with its documentation and built-in value, as TOML. `config/default.toml` is this text.
pub fn default_toml() -> String {
    let defaults = Written::default();
    let mut toml = String::from(
        "# Every setting with its default. Written by `tintype config default`; a test holds it to the program.\n\
         # A file names only what differs. Environment variables of the same name, also with TINTYPE_ before it, win\n\
         # over files, and flags over both. Names are good in any case.\n",
    );
    for section in SECTIONS {
        let _ = write!(toml, "\n# ---- {} ----\n", section.title);
        for key in section.keys {
            let doc = key.doc.replace('\n', "\n# ");
            let _ = write!(toml, "\n# {doc}\n{} = {}\n", key.name, (key.show)(&defaults));
        }
    }
    toml.push_str(
        "\n# ---- Tables ----\n\
         #\n\
         # They stand at the end of a file: a key below a [table] is one of that table. None is there by default.\n",
    );
    for table in TABLES {
        toml.push_str(&commented(table));
    }
    toml
}

/// What a table is for, its fields and an example, all in comments.
fn commented(table: &Table) -> String {
    let field = |field: Field| {
        let default = field.default.map_or_else(|| "required".into(), |default| format!("default {default}"));
        format!("  {}: {}\n    {}; {default}", field.name, field.doc, field.expected)
    };
    let fields: Vec<_> = (table.fields)().into_iter().map(field).collect();
    let parts = [table.doc, &fields.join("\n"), table.example.trim_end()];
    let parts = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
    let lines = parts.lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n");
    std::iter::once("\n".to_owned()).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::layers::Layers;
    use crate::config::{Config, Problem};

    /// What a text says over what is built in, and what is to be said about it.
    fn read(toml: &str) -> (Written, Vec<Problem>, Vec<String>) {
        let mut layers = Layers::default();
        layers.text(toml, "text.toml");
        let values = layers.values();
        (values.written, layers.problems, layers.notices)
    }

    #[test]
    fn the_file_in_the_tree_is_the_built_in_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/config/default.toml");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, default_toml()).unwrap();
        }
        let file = std::fs::read_to_string(path).unwrap();
        assert!(file == default_toml(), "run `UPDATE_DOCS=1 cargo test --lib config::template`");
    }

    #[test]
    fn the_examples_of_tables_are_good_and_can_be_read_as_they_are_shown() {
        for table in TABLES {
            let (written, problems, notices) = read(table.example);
            assert_eq!((problems, notices), (vec![], vec![]), "{}", table.name);
            let shown = (table.show)(table, &written);
            assert!(shown.contains(&format!("[{}]", table.name)), "{shown}");
            assert_eq!(read(&shown), (written, vec![], vec![]), "{shown}");
        }
    }

    #[test]
    fn the_defaults_written_and_read_are_the_defaults() {
        assert_eq!(read(&default_toml()), (Written::default(), vec![], vec![]));
        assert_eq!(Written::default().join(), Config::default());
    }
}
