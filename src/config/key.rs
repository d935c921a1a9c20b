//! What a key is: one definition from which files and the environment are read and documentation is written.

use super::kind::{Given, Kind};
use super::written::Written;

/// Definition of one key.
#[derive(Debug)]
pub(super) struct Key {
    /// Name in files and the environment.
    pub(super) name: &'static str,
    /// Meaning and unit, in one or more lines.
    pub(super) doc: &'static str,
    /// Whether values must not show in messages.
    pub(super) secret: bool,
    /// What a value must look like.
    pub(super) expected: fn() -> String,
    /// Stores a value; `None` when it is not as expected.
    pub(super) set: fn(&mut Written, &Given) -> Option<()>,
    /// The value in force, as TOML.
    pub(super) show: fn(&Written) -> String,
}

/// Keys that belong together.
#[derive(Debug)]
pub(super) struct Section {
    /// Heading.
    pub(super) title: &'static str,
    /// In the order of the documentation.
    pub(super) keys: &'static [Key],
}

impl Key {
    /// A key whose values are of kind `K`.
    pub(super) const fn new<K: Kind>(
        name: &'static str,
        doc: &'static str,
        set: fn(&mut Written, &Given) -> Option<()>,
        show: fn(&Written) -> String,
    ) -> Self {
        Self { name, doc, secret: K::SECRET, expected: K::expected, set, show }
    }
}

/// Ties a name to a kind and a field of [`Written`].
macro_rules! key {
    ($name:literal, $kind:ty, $($field:ident).+, $doc:expr) => {
        Key::new::<$kind>(
            $name,
            $doc,
            |written, given| {
                written.$($field).+ = <$kind>::parse(given)?;
                Some(())
            },
            |written| <$kind>::show(&written.$($field).+),
        )
    };
}

pub(super) use key;
