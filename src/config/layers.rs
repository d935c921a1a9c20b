//! What files, environment and flags say, layer over layer, and how it becomes one set of values.

use super::file::{self, Item};
use super::key::BadValue;
use super::keys::{self, Place};
use super::kind::Given;
use super::profile::{LOADER_OF_BUCKETS, Profile};
use super::written::Written;
use super::{Problem, environment, thumbor};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Settings as they were given, the weakest first, with all that is wrong with them and all that is worth knowing.
#[derive(Debug, Default)]
pub(super) struct Layers {
    presets: Vec<(&'static str, String, String)>,
    given: Vec<Setting>,
    pub(super) problems: Vec<Problem>,
    pub(super) notices: Vec<String>,
}

#[derive(Debug)]
struct Setting {
    place: Place,
    item: Item,
    origin: String,
}

/// One set of values, and where each comes from that is not built in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Values {
    pub(super) written: Written,
    pub(super) origins: BTreeMap<&'static str, String>,
}

impl Layers {
    /// Has these values stand in the place of built-in ones, below every layer. `origin` is why.
    pub(super) fn preset(&mut self, values: impl IntoIterator<Item = (&'static str, String)>, origin: &str) {
        self.presets.extend(values.into_iter().map(|(name, value)| (name, value, origin.to_owned())));
    }

    /// Puts a TOML file over what is there.
    pub(super) fn file(&mut self, path: &Path) {
        let origin = path.display().to_string();
        if path.is_dir() {
            let reason = "is a directory; name a file in it".into();
            return self.problems.push(Problem::File { origin, reason });
        }
        match std::fs::read_to_string(path) {
            Ok(text) => self.text(&text, &origin),
            Err(error) => {
                self.problems.push(Problem::File { origin, reason: format!("cannot be read: {error}") });
            }
        }
    }

    /// Puts the text of a TOML file over what is there.
    pub(super) fn text(&mut self, toml: &str, origin: &str) {
        let entries = match file::read(toml) {
            Ok(entries) => entries,
            Err(_) if thumbor::is_python(toml) => {
                let origin = origin.to_owned();
                return self.problems.push(Problem::Python { origin });
            }
            Err(faults) => {
                let problem = |fault: file::Fault| Problem::File {
                    origin: format!("{origin}:{}", fault.line),
                    reason: fault.reason,
                };
                return self.problems.extend(faults.into_iter().map(problem));
            }
        };
        let mut seen = BTreeSet::new();
        for entry in entries {
            let line = format!("{origin}:{}", entry.line);
            let Some(place) = self.place(&entry.name, &line) else { continue };
            if seen.insert(place.name()) {
                self.give(place, entry.item, line);
            } else {
                self.problems.push(Problem::Twice { key: place.name().into(), origin: line });
            }
        }
    }

    /// Puts the environment over what is there: a key's own name, or with the prefix, which wins.
    pub(super) fn environment(&mut self, variables: &BTreeMap<String, String>) {
        for variable in environment::read(variables) {
            match variable {
                Ok((name, value)) => {
                    let Some(place) = self.place(name, "environment") else { continue };
                    match place {
                        Place::Key(_) => {
                            let item = Item::Value(Given::One(value.to_owned()));
                            self.give(place, item, "environment".into());
                        }
                        Place::Table(table) => match file::read_json(value) {
                            Ok(item) => self.give(place, item, "environment".into()),
                            Err(reason) => self.problems.push(Problem::Json { key: table.name.to_uppercase(), reason }),
                        },
                    }
                }
                Err(notice) => self.notices.push(notice),
            }
        }
    }

    /// Puts one value over what is there.
    pub(super) fn flag(&mut self, name: &str, value: &str, flag: &str) {
        if let Some(place) = self.place(name, flag) {
            self.give(place, Item::Value(Given::One(value.to_owned())), flag.into());
        }
    }

    fn give(&mut self, place: Place, item: Item, origin: String) {
        self.given.push(Setting { place, item, origin });
    }

    /// What goes by this name; takes note where that is nothing, an old name, or nothing that does anything here.
    fn place(&mut self, name: &str, origin: &str) -> Option<Place> {
        if let Some(place) = keys::place(name) {
            return Some(place);
        }
        if let Some((old, new)) = thumbor::alias(name) {
            self.notices.push(format!("{old} ({origin}): stands for {new}"));
            return self.place(new, origin);
        }
        if let Some((name, reason)) = thumbor::ignored(name) {
            self.notices.push(format!("{name} ({origin}): has no effect: {reason}"));
        } else {
            let hint = keys::nearest(name).map(|near| format!("did you mean {near}?"));
            self.problems.push(Problem::UnknownKey { key: name.into(), origin: origin.into(), hint });
        }
        None
    }

    /// One set of values: what is built in, then the profile, then presets, then every layer.
    ///
    /// Values that are not as expected are left out and become problems.
    pub(super) fn values(&mut self) -> Values {
        let mut values = Values::default();
        let profile = self.profile();
        let has_bucket = profile.bucket_keys().iter().any(|bucket| self.gives(bucket));
        let of_bucket = has_bucket.then_some(LOADER_OF_BUCKETS);
        for (name, value) in profile.defaults().iter().copied().chain(of_bucket) {
            values.preset(name, value.to_owned(), &format!("PROFILE = {}", profile.name()));
        }
        for (name, value, origin) in std::mem::take(&mut self.presets) {
            values.preset(name, value, &origin);
        }
        for Setting { place, item, origin } in std::mem::take(&mut self.given) {
            self.problems.extend(values.take(place, item, origin));
        }
        values
    }

    fn gives(&self, name: &str) -> bool {
        self.given.iter().any(|setting| setting.place.name() == name)
    }

    /// The profile that the strongest layer names.
    fn profile(&self) -> Profile {
        let is_profile = |setting: &&Setting| setting.place.name() == Profile::KEY;
        let mut probe = Written::default();
        if let (Some(setting), Some(key)) = (self.given.iter().rev().find(is_profile), keys::find(Profile::KEY)) {
            // A bad value becomes a problem when it is its turn.
            key.store(&mut probe, &setting.item.clone().value()).ok();
        }
        probe.config.profile
    }
}

impl Values {
    fn preset(&mut self, name: &'static str, value: String, origin: &str) {
        let key = keys::find(name).expect("only keys that exist have other defaults");
        key.store(&mut self.written, &Ok(Given::One(value))).expect("defaults are as expected");
        self.origins.insert(key.name, origin.into());
    }

    fn take(&mut self, place: Place, item: Item, origin: String) -> Vec<Problem> {
        let problems = match place {
            Place::Key(key) => {
                let stored = key.store(&mut self.written, &item.value());
                let problem = |BadValue { value, expected }| Problem::Value {
                    key: key.name.into(),
                    value,
                    origin: origin.clone(),
                    expected,
                };
                stored.map_err(problem).err().into_iter().collect()
            }
            Place::Table(table) => {
                let file = origin.rsplit_once(':').map_or(&*origin, |(file, _line)| file);
                (table.set)(table, &mut self.written, item, file)
            }
        };
        self.origins.insert(place.name(), origin);
        problems
    }
}
