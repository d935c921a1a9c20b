//! `[[sources]]`: where pictures come from, by the beginning of their names or the host that was asked.

use super::key::{Key, key};
use super::kind::{Choice, Flag, Maybe, Path, Text};
use super::loader::LoaderKind;
use super::table::Row;
use std::path::PathBuf;

/// One source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceConfig {
    /// Beginning of the names of its pictures; empty: any.
    pub prefix: String,
    /// Host that clients ask; empty: any.
    pub host: String,
    /// How its pictures are fetched.
    pub loader: LoaderKind,
    /// Folder with the pictures; `None`: as `FILE_LOADER_ROOT_PATH`.
    pub root: Option<PathBuf>,
    /// The prefix is no part of the name that the loader is asked for.
    pub strip_prefix: bool,
}

impl Row for SourceConfig {
    const FIELDS: &'static [Key<Self>] = &[
        key!("prefix", Text, prefix, "Beginning of the names of its pictures. Empty: any."),
        key!("host", Text, host, "Host that clients ask. Empty: any."),
        key!("loader", Choice<LoaderKind>, loader, "How its pictures are fetched, as LOADER."),
        key!("root", Maybe<Path>, root, "Folder with the pictures. none: as FILE_LOADER_ROOT_PATH."),
        key!("strip_prefix", Flag, strip_prefix, "The prefix is no part of the name that the loader is asked for."),
    ];
    const REQUIRED: &'static [&'static str] = &["loader"];

    fn judge(&self) -> Result<(), String> {
        if self.strip_prefix && self.prefix.is_empty() {
            return Err("strip_prefix needs a prefix".into());
        }
        Ok(())
    }
}
