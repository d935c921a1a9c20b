//! What others may ask of the definitions of keys.

use super::keys::{self, Place};
use super::layers::Layers;
use super::{Problem, thumbor};

/// What a name is in files and in the environment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Known {
    /// A setting.
    Key {
        /// As it is defined.
        name: &'static str,
        /// Values must not show.
        secret: bool,
    },
    /// A table.
    Table {
        /// As it is defined.
        name: &'static str,
    },
    /// Another name, often an older one.
    Alias {
        /// The name that it stands for.
        of: &'static str,
    },
    /// A key of Thumbor that has no effect here.
    Ignored {
        /// Why.
        reason: &'static str,
    },
    /// Nothing.
    Unknown {
        /// What may have been meant.
        hint: Option<&'static str>,
    },
}

/// What a name, in any case, stands for.
pub fn lookup(name: &str) -> Known {
    if let Some(place) = keys::place(name) {
        return match place {
            Place::Key(key) => Known::Key { name: key.name, secret: key.secret },
            Place::Table(table) => Known::Table { name: table.name },
        };
    }
    if let Some((_, of)) = thumbor::alias(name) {
        return Known::Alias { of };
    }
    match thumbor::ignored(name) {
        Some((_, reason)) => Known::Ignored { reason },
        None => Known::Unknown { hint: keys::nearest(name) },
    }
}

/// What is to be said about a text of settings.
#[derive(Debug)]
pub struct Checked {
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What the operator should know.
    pub notices: Vec<String>,
}

/// Judges a TOML text as if it were the only settings of a server. `origin` stands for it in messages.
pub fn check_toml(text: &str, origin: &str) -> Checked {
    let mut layers = Layers::default();
    layers.text(text, origin);
    let values = layers.values();
    let Layers { mut problems, mut notices, .. } = layers;
    problems.extend(values.written.problems());
    notices.extend(values.written.notices());
    Checked { problems, notices }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up_in_any_case() {
        assert_eq!(lookup("quality"), Known::Key { name: "QUALITY", secret: false });
        assert_eq!(lookup("SECURITY_KEY"), Known::Key { name: "SECURITY_KEY", secret: true });
        assert_eq!(lookup("Presets"), Known::Table { name: "presets" });
        assert_eq!(lookup("MAX_SIZE"), Known::Alias { of: "UPLOAD_MAX_SIZE" });
        assert!(matches!(lookup("gc_interval"), Known::Ignored { .. }));
        assert_eq!(lookup("QUALTY"), Known::Unknown { hint: Some("QUALITY") });
        assert_eq!(lookup("XYZZY"), Known::Unknown { hint: None });
    }

    #[test]
    fn a_text_is_judged_alone() {
        let checked = check_toml("QUALITY = 101\nGC_INTERVAL = 3", "a.toml");
        assert_eq!(checked.problems.len(), 2, "{:?}", checked.problems); // and no way in
        assert_eq!(checked.notices.len(), 1, "{:?}", checked.notices);
        assert!(check_toml("ALLOW_UNSAFE_URL = true", "a.toml").problems.is_empty());
        // Whether rules are in force, only all settings together tell.
        let checked = check_toml("ALLOW_UNSAFE_URL = true\nREWRITE_PATTERNS = \"[('a', 'b')]\"", "a.toml");
        assert!(checked.problems.is_empty() && checked.notices.is_empty(), "{checked:?}");
    }
}
