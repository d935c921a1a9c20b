//! What a key is: one definition from which files and the environment are read and documentation is written.

use super::kind::{Given, Kind};

/// Definition of one key of a record `R`: of all settings, or of one row of a table.
#[derive(Debug)]
pub(super) struct Key<R> {
    /// Name in files and, for settings, in the environment.
    pub(super) name: &'static str,
    /// Meaning and unit, in one or more lines.
    pub(super) doc: &'static str,
    /// Whether values must not show in messages.
    pub(super) secret: bool,
    /// What a value must look like.
    pub(super) expected: fn() -> String,
    /// Stores a value; `None` when it is not as expected.
    pub(super) set: fn(&mut R, &Given) -> Option<()>,
    /// The value in force, as TOML.
    pub(super) show: fn(&R) -> String,
}

/// Keys that belong together.
#[derive(Debug)]
pub(super) struct Section<R: 'static> {
    /// Heading.
    pub(super) title: &'static str,
    /// In the order of the documentation.
    pub(super) keys: &'static [Key<R>],
}

impl<R> Key<R> {
    /// A key whose values are of kind `K`.
    pub(super) const fn new<K: Kind>(
        name: &'static str,
        doc: &'static str,
        set: fn(&mut R, &Given) -> Option<()>,
        show: fn(&R) -> String,
    ) -> Self {
        Self { name, doc, secret: K::SECRET, expected: K::expected, set, show }
    }

    /// Stores a value, or says what is wrong with it. `Err` is the text of a value that no key could take.
    pub(super) fn store(&self, record: &mut R, given: &Result<Given, String>) -> Result<(), BadValue> {
        match given {
            Ok(given) if (self.set)(record, given).is_some() => Ok(()),
            Ok(Given::One(text)) | Err(text) => Err(self.bad(text)),
            Ok(Given::Many(items)) => Err(self.bad(&format!("[{}]", items.join(", ")))),
        }
    }

    fn bad(&self, value: &str) -> BadValue {
        BadValue { value: if self.secret { "***".into() } else { value.into() }, expected: (self.expected)() }
    }
}

/// A value that its key does not take.
#[derive(Debug)]
pub(super) struct BadValue {
    /// The value, or `***`.
    pub(super) value: String,
    /// What would be good.
    pub(super) expected: String,
}

/// Ties a name to a kind and a field of the record that the list of keys is for.
macro_rules! key {
    ($name:literal, $kind:ty, $($field:ident).+, $doc:expr) => {
        $crate::config::key::Key::new::<$kind>(
            $name,
            $doc,
            |record, given| {
                record.$($field).+ = <$kind as $crate::config::kind::Kind>::parse(given)?;
                Some(())
            },
            |record| <$kind as $crate::config::kind::Kind>::show(&record.$($field).+),
        )
    };
}

pub(super) use key;
