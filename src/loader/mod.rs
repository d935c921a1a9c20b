//! Where originals come from: one trait, one file per kind of source.
//!
//! Loaders take the image id as Thumbor has it: everything except `A-Z a-z 0-9 _ . - ~ /` is percent-encoded, so
//! `http://host/a b.jpg` arrives as `http%3A//host/a%20b.jpg`. They give whole bodies and look at no picture.

mod exchange;
mod fallback;
mod file;
mod forwarded;
mod freshness;
mod guard;
mod http;
mod memory;
mod samples;

#[cfg(test)]
mod conformance;

pub use exchange::{Conditions, Loaded, OriginFacts, Original, Validators};
pub use fallback::FallbackLoader;
pub use file::FileLoader;
pub use forwarded::Forwarded;
pub use guard::{Guard, Refusal};
pub use http::HttpLoader;
pub use memory::MemoryLoader;

use crate::config::{LoaderConfig, LoaderKind};
use async_trait::async_trait;
use std::error::Error;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Gives the bytes of originals.
///
/// `Display` names the loader and what it reads from, wrapped loaders included, for the log.
/// Dropping the future of [`Loader::load`] gives up the work.
#[async_trait]
pub trait Loader: Send + Sync + fmt::Debug + fmt::Display {
    /// The original with this id, whole, or [`Loaded::Unchanged`] if it is what `asked` says is known.
    ///
    /// # Errors
    /// [`LoadError`]. An id that leads out of the source's realm is [`LoadError::NotFound`], as if nothing was there.
    async fn load(&self, id: &str, asked: &Conditions) -> Result<Loaded, LoadError>;
}

/// Why there is no original.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The source has nothing under this id.
    #[error("source not found")]
    NotFound,
    /// The id does not name anything that this loader could ask for.
    #[error("`{id}` does not name a source")]
    InvalidId {
        /// The id, as it came.
        id: String,
    },
    /// This server must not ask that host.
    #[error("source host `{host}` is not allowed: {reason}")]
    NotAllowed {
        /// Host name or address, as the URL has it.
        host: String,
        /// Which rule refuses it.
        reason: Refusal,
    },
    /// The original has more bytes than allowed.
    #[error("source exceeds the limit of {limit_bytes} bytes")]
    TooLarge {
        /// Most bytes allowed.
        limit_bytes: u64,
    },
    /// The origin answered with a status that is neither success nor absence.
    #[error("origin answered with status {status}")]
    Upstream {
        /// The status.
        status: u16,
    },
    /// The origin answered with success and nothing else.
    #[error("origin answered with an empty body")]
    Empty,
    /// The origin sends from one address to the next without end.
    #[error("origin redirects more than {limit} times")]
    TooManyRedirects {
        /// Redirects that are followed.
        limit: usize,
    },
    /// The origin has no address or takes no connection.
    #[error("origin `{host}` cannot be reached")]
    Unreachable {
        /// Host name or address, as the URL has it.
        host: String,
        /// What failed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The connection ended, or was no HTTP, before the answer was whole.
    #[error("origin `{host}` broke its answer off")]
    Broken {
        /// Host name or address, as the URL has it.
        host: String,
        /// What failed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The origin did not answer in time.
    #[error("origin did not answer in time")]
    Timeout,
    /// The machine failed to read a file that is there.
    #[error("source cannot be read")]
    Io(#[source] std::io::Error),
}

/// Settings from which no loader can be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The root folder is missing or unreadable.
    #[error("FILE_LOADER_ROOT_PATH: folder `{path}` cannot be opened: {source}")]
    Root {
        /// The folder.
        path: PathBuf,
        /// What failed.
        source: std::io::Error,
    },
    /// An entry looks like a regular expression and is none.
    #[error("ALLOWED_SOURCES: `{entry}` is not a regular expression: {source}")]
    Pattern {
        /// The entry.
        entry: String,
        /// What is wrong with it.
        source: regex::Error,
    },
    /// The HTTP client cannot be set up.
    #[error("HTTP_LOADER_*: no HTTP client can be made: {source}")]
    Client {
        /// What failed.
        source: reqwest::Error,
    },
}

/// The loader that the settings ask for.
///
/// # Errors
/// [`SetupError`], with the name of the key at fault.
pub fn from_config(config: &LoaderConfig) -> Result<Arc<dyn Loader>, SetupError> {
    let file = || FileLoader::open(&config.file_root, config.max_bytes);
    let http = || HttpLoader::new(config);
    Ok(match config.kind {
        LoaderKind::File => Arc::new(file()?),
        LoaderKind::Http | LoaderKind::Https => Arc::new(http()?),
        LoaderKind::FileHttp => Arc::new(FallbackLoader::new(file()?, http()?)),
        LoaderKind::Samples => Arc::new(samples::loader()),
    })
}

/// The id with one layer of percent-encoding removed. A `%` without two hex digits stands for itself.
fn unquote(id: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_choose_the_loader() {
        for (kind, name) in [
            (LoaderKind::File, "files in `.`"),
            (LoaderKind::Http, "HTTP from all public hosts"),
            (LoaderKind::Https, "HTTP from all public hosts"),
            (LoaderKind::FileHttp, "files in `.`, then HTTP from all public hosts"),
            (LoaderKind::Samples, "memory (9 originals)"),
        ] {
            let loader = from_config(&LoaderConfig { kind, ..LoaderConfig::default() }).unwrap();
            assert_eq!(loader.to_string(), name, "{kind:?}");
        }
    }

    #[test]
    fn settings_at_fault_are_named() {
        let check = |config: LoaderConfig, key: &str| {
            let error = from_config(&config).unwrap_err().to_string();
            assert!(error.starts_with(key), "{error}");
        };
        let default = LoaderConfig::default;
        check(LoaderConfig { file_root: "/no/such/folder".into(), ..default() }, "FILE_LOADER_ROOT_PATH: ");
        let patterns = vec!["(".to_owned()];
        check(LoaderConfig { kind: LoaderKind::Http, allowed_sources: patterns, ..default() }, "ALLOWED_SOURCES: ");
        check(LoaderConfig { kind: LoaderKind::Http, user_agent: "a\nb".into(), ..default() }, "HTTP_LOADER_*: ");
    }
}
