//! The settings in force, with where each comes from.

use super::keys::{SECTIONS, TABLES};
use super::layers::Values;
use std::fmt::Write as _;

/// All settings as TOML that says the same, but for secrets; what nobody has given says nothing about its origin.
pub(super) fn effective(values: &Values) -> String {
    let origin = |name: &str| values.origins.get(name).map_or(String::new(), |origin| format!(" # {origin}"));
    let mut toml = String::new();
    for section in SECTIONS {
        let _ = writeln!(toml, "# ---- {} ----", section.title);
        for key in section.keys {
            let _ = writeln!(toml, "{} = {}{}", key.name, (key.show)(&values.written), origin(key.name));
        }
        toml.push('\n');
    }
    for table in TABLES {
        let rows = (table.show)(table, &values.written);
        if !rows.is_empty() {
            let _ = writeln!(toml, "# {}:{}{rows}", table.name, origin(table.name).replace(" #", ""));
        }
    }
    toml
}
