//! From built-in values, a file, the environment and flags to one [`Config`].

use super::layers::{Layers, Values};
use super::{Config, Problem, Problems, SecurityConfig, environment, keys, memory, show};
use crate::machine::Machine;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where files are looked for when none is named.
const SEARCHED: &[&str] = &["tintype.toml", "/etc/tintype/tintype.toml"];

/// Keys of which any in the environment or among the flags means that somebody has configured this server.
const MARKS_OF_PRODUCTION: &[&str] = &[
    "SECURITY_KEY",
    "SECURITY_KEYS",
    "SECURITY_KEY_FILE",
    "LOADER",
    "FILE_LOADER_ROOT_PATH",
    "ALLOW_UNSAFE_URL",
    "PROFILE",
];

/// Keys whose values are looked at when the server starts and not again.
pub(super) const ONLY_AT_START: &[&str] = &[
    "HOST",
    "PORT",
    "UNIX_SOCKET",
    "UNIX_SOCKET_MODE",
    "LISTEN_FD",
    "WORKERS",
    "MAX_QUEUE",
    "QUEUE_TIMEOUT",
    "MAX_FETCH_BYTES",
    "MAX_RENDER_BYTES",
    "HEADER_TIMEOUT",
    "MAX_WAIT_SECONDS_BEFORE_SERVER_SHUTDOWN",
    "SHUTDOWN_TIMEOUT",
    "LOG_FORMAT",
    "METRICS_PORT",
    "METRICS_HOST",
    "STATSD_HOST",
    "STATSD_PORT",
    "STATSD_PREFIX",
];

/// Samples that are worth looking at.
const GALLERY: &str = "photo.jpg, portrait.jpg, tall.jpg, wide.jpg, transparent.png, animation.gif, animation.webp";

/// Where demonstrations find pictures, if it exists.
const SAMPLES: &str = "config/samples";

/// Where settings are read from.
#[derive(Clone, Default)]
pub struct Sources {
    /// The file named by a flag, which must exist.
    pub file: Option<PathBuf>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// Values given as flags.
    pub flags: Flags,
    /// What the defaults have to make do with.
    pub machine: Machine,
}

/// Settings given as flags, which win over all others.
#[derive(Clone, Default)]
pub struct Flags(Vec<Flag>);

#[derive(Clone)]
struct Flag {
    key: &'static str,
    value: String,
    name: &'static str,
}

impl Flags {
    /// Gives a key the value of a flag, if the flag has one.
    #[must_use]
    pub fn with(mut self, key: &'static str, name: &'static str, value: Option<impl ToString>) -> Self {
        self.0.extend(value.map(|value| Flag { key, value: value.to_string(), name }));
        self
    }
}

/// Shows which flags are given, not their values.
impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|flag| flag.name)).finish()
    }
}

/// What the server is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// Nobody has configured anything: sample pictures for this machine only.
    Demo,
    /// Somebody has.
    Production,
}

/// The settings in force.
#[derive(Debug)]
pub struct Loaded {
    /// All of them.
    pub config: Config,
    /// Whether they are somebody's.
    pub mode: Mode,
    /// The file that was read.
    pub file: Option<PathBuf>,
    /// What the operator should know, one line each, for the log.
    pub notices: Vec<String>,
    /// What the defaults had to make do with.
    pub machine: Machine,
    /// Whether the memory was too small for the defaults.
    reduced: bool,
    values: Values,
}

impl Loaded {
    /// All settings as TOML, each with where its value comes from. Secrets do not show.
    pub fn show(&self) -> String {
        show::effective(&self.values)
    }

    /// How much is done at a time and kept in memory, in a line for the log.
    pub fn capacity(&self) -> String {
        let Config { admission, cache, .. } = &self.config;
        let mebibytes = |bytes: u64| bytes >> 20;
        let reduced = if self.reduced { "; defaults are reduced to fit into the memory" } else { "" };
        format!(
            "WORKERS {}, MAX_QUEUE {}, MAX_RENDER_BYTES {} MiB, MAX_FETCH_BYTES {} MiB, CACHE_MAX_BYTES {} MiB{reduced}",
            admission.workers,
            admission.max_queue,
            mebibytes(admission.max_render_bytes),
            mebibytes(admission.max_fetch_bytes),
            mebibytes(cache.max_bytes),
        )
    }

    /// What is to be said where the settings may take more memory than there is.
    pub fn shortage(&self) -> Option<String> {
        let (need, (have, _)) = (self.config.most_memory(), self.machine.usable_memory()?);
        (need > have).then(|| {
            let (need, have) = (need >> 20, have >> 20);
            format!("the settings may take {need} MiB of memory, and there are {have}: it would be killed under load")
        })
    }

    /// Keys that have other values than in `before` and are looked at only when the server starts.
    pub fn only_at_start(&self, before: &Self) -> Vec<&'static str> {
        let shown = |loaded: &Self, key: &keys::Key| (key.show)(&loaded.values.written);
        let changed = keys::all().filter(|key| shown(self, key) != shown(before, key)).map(|key| key.name);
        changed.filter(|name| ONLY_AT_START.contains(name)).collect()
    }
}

impl Sources {
    /// This process's environment and these flags.
    pub fn of_process(file: Option<PathBuf>, flags: Flags) -> Self {
        let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
        let environment = std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
        Self { file, environment, flags, machine: Machine::here() }
    }

    /// Reads everything: the file over what is built in, the environment over the file, flags over the environment.
    ///
    /// # Errors
    /// All [`Problems`] together.
    pub fn load(&self) -> Result<Loaded, Problems> {
        let (loaded, problems) = self.read();
        if problems.is_empty() { Ok(loaded) } else { Err(Problems(problems)) }
    }

    /// The part that says how URLs are signed. A server could not do without any key; whoever signs may bring one along.
    ///
    /// # Errors
    /// All other [`Problems`] together.
    pub fn security(&self) -> Result<SecurityConfig, Problems> {
        let (loaded, mut problems) = self.read();
        problems.retain(|problem| *problem != Problem::NoWayIn);
        if problems.is_empty() { Ok(loaded.config.security) } else { Err(Problems(problems)) }
    }

    /// What there is, and what is wrong with it.
    fn read(&self) -> (Loaded, Vec<Problem>) {
        let mut layers = Layers::default();
        let file = self.file();
        if let Some(file) = &file {
            layers.file(file);
        }
        layers.environment(&self.environment);
        for Flag { key, value, name } in &self.flags.0 {
            layers.flag(key, value, name);
        }
        let mode = if file.is_none() && !self.is_configured() { Mode::Demo } else { Mode::Production };
        if mode == Mode::Demo {
            layers.preset(demonstration(), "demonstration");
        }
        let smaller = memory::presets(&self.machine);
        let reduced = !smaller.is_empty();
        let memory_mebibytes = self.machine.usable_memory().map_or(0, |(bytes, _)| bytes >> 20);
        layers.preset(smaller, &format!("to fit into {memory_mebibytes} MiB of memory"));
        let mut values = layers.values();
        values.written.slots = self.machine.slots();
        let Layers { mut problems, mut notices, .. } = layers;
        problems.extend(values.written.read_key_file());
        // What an unreadable file would have said is not known to be missing.
        if !problems.iter().any(|problem| matches!(problem, Problem::File { .. } | Problem::Python { .. })) {
            problems.extend(values.written.problems());
        }
        notices.extend(values.written.notices());
        notices.extend(values.written.config.rewrite.notices()); // about keys together, not about any one
        let config = values.written.join();
        (Loaded { config, mode, file, notices, machine: self.machine, reduced, values }, problems)
    }

    /// Files that are read if they exist.
    pub fn files(&self) -> Vec<PathBuf> {
        self.file.clone().map_or_else(|| SEARCHED.iter().map(PathBuf::from).collect(), |file| vec![file])
    }

    /// The file that is read.
    fn file(&self) -> Option<PathBuf> {
        self.file.clone().or_else(|| SEARCHED.iter().map(PathBuf::from).find(|path| path.is_file()))
    }

    fn is_configured(&self) -> bool {
        let given = |name: &&str| {
            environment::value(&self.environment, name).is_some() || self.flags.0.iter().any(|flag| flag.key == *name)
        };
        MARKS_OF_PRODUCTION.iter().any(given)
    }
}

/// Shows no environment, which holds secrets.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources").field("file", &self.file).field("flags", &self.flags).finish_non_exhaustive()
    }
}

/// What a server without any settings is: harmless and able to show something.
fn demonstration() -> [(&'static str, String); 6] {
    let pictures = if Path::new(SAMPLES).is_dir() {
        ("FILE_LOADER_ROOT_PATH", SAMPLES.to_owned())
    } else {
        ("LOADER", "samples".to_owned())
    };
    [
        ("HOST", "127.0.0.1".to_owned()),
        ("ALLOW_UNSAFE_URL", "true".to_owned()),
        ("UI_ENABLED", "true".to_owned()),
        ("RENDER_OPEN", "true".to_owned()),
        ("UI_GALLERY", GALLERY.to_owned()),
        pictures,
    ]
}

#[cfg(test)]
mod tests;
