//! All keys. Thumbor's names where Thumbor has them, ours in the same manner. One file a section.

mod access;
mod answers;
mod detection;
mod lambda;
mod limits;
mod log;
mod originals;
mod pictures;
mod results;
mod rewrite;
mod sih;
mod storages;
mod telemetry;
mod ui;
mod uploads;

use super::key::{self, key};
use super::kind::Text;
use super::rewrite::RewriteRule;
use super::sources::SourceConfig;
use super::table::{Table, pairs, rows};
use super::written::Written;
use super::{near, thumbor};

pub(super) type Key = key::Key<Written>;
type Section = key::Section<Written>;

/// Every table that a file may hold.
pub(super) const TABLES: &[Table] = &[
    rows!(
        "sources",
        SourceConfig,
        config.loader.sources,
        "Where pictures come from, by the beginning of their names or the host of their addresses. The first source\n\
         that fits is asked; where none fits, LOADER is. What a source does not say is as above.",
        "[[sources]]\nprefix = \"avatars/\"\nloader = \"file\"\nroot = \"/srv/avatars\"\nstrip_prefix = true\n"
    ),
    rows!(
        "rewrite",
        RewriteRule,
        config.rewrite.rules,
        "Paths that are changed before they are read.",
        "[[rewrite]]\npattern = '^/thumb/(.+)$'\nreplacement = '/fit-in/100x100/\\1'\n"
    ),
    pairs!(
        "presets",
        Text,
        config.rewrite.presets,
        "Transformations with a name: what stands in a URL before the picture.",
        "[presets]\nthumb = \"300x200/smart/filters:quality(70)\"\n"
    ),
];

/// Every key that this version honors.
pub(super) const SECTIONS: &[Section] = &[
    Section { title: "Who may ask", keys: access::KEYS },
    Section { title: "Rewritten paths and presets", keys: rewrite::KEYS },
    Section { title: "Where originals come from", keys: originals::KEYS },
    Section { title: "What pictures look like", keys: pictures::KEYS },
    Section { title: "What crops keep", keys: detection::KEYS },
    Section { title: "What a request may cost", keys: limits::KEYS },
    Section { title: "What is kept in memory", keys: results::KEYS },
    Section { title: "What is kept outside of memory", keys: storages::KEYS },
    Section { title: "Sockets and answers", keys: answers::KEYS },
    Section { title: "Sharing between sites, and records of use", keys: sih::KEYS },
    Section { title: "Uploads and bodies", keys: uploads::KEYS },
    Section { title: "The page to try URLs on", keys: ui::KEYS },
    Section { title: "As a function of AWS Lambda", keys: lambda::KEYS },
    Section { title: "Log", keys: log::KEYS },
    Section { title: "What operators see besides the log", keys: telemetry::KEYS },
];

/// The definition of this name, in any case.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    all().find(|key| key.name.eq_ignore_ascii_case(name))
}

/// Every definition.
pub(super) fn all() -> impl Iterator<Item = &'static Key> {
    SECTIONS.iter().flat_map(|section| section.keys)
}

/// What a name in a file or in the environment stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// One value.
    Key(&'static Key),
    /// Several things.
    Table(&'static Table),
}

impl Place {
    /// The name as it is defined.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Key(key) => key.name,
            Self::Table(table) => table.name,
        }
    }
}

/// The key or table of this name, in any case.
pub(super) fn place(name: &str) -> Option<Place> {
    let table = || TABLES.iter().find(|table| table.name.eq_ignore_ascii_case(name));
    find(name).map(Place::Key).or_else(|| table().map(Place::Table))
}

/// The key or table that somebody may have meant; keys that have no effect here count, too.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let keys = all().map(|key| key.name).chain(thumbor::ignored_names());
    let tables = TABLES.iter().map(|table| table.name);
    near::nearest(&name.to_ascii_uppercase(), keys).or_else(|| near::nearest(&name.to_ascii_lowercase(), tables))
}
