//! `[[rewrite]]` and `[presets]`: paths that are changed before they are read, and transformations with a name.

use super::key::{Key, key};
use super::kind::Text;
use super::table::Row;
use std::collections::BTreeMap;

/// How paths are changed before they are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RewriteConfig {
    /// `[[rewrite]]`, in order.
    pub rules: Vec<RewriteRule>,
    /// `[presets]`: options and filters as they stand in a URL, by name.
    pub presets: BTreeMap<String, String>,
}

/// One rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RewriteRule {
    /// Regular expression that is looked for in the path.
    pub pattern: String,
    /// What it is replaced by.
    pub replacement: String,
}

impl Row for RewriteRule {
    const FIELDS: &'static [Key<Self>] = &[
        key!("pattern", Text, pattern, "Regular expression that is looked for in the path."),
        key!("replacement", Text, replacement, "What it is replaced by."),
    ];
    const REQUIRED: &'static [&'static str] = &["pattern", "replacement"];
}
