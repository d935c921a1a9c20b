//! One tree of plain settings; each section goes to the part of the program that it configures.

mod admission;
mod cache;
mod cors;
mod environment;
mod file;
mod inspect;
mod key;
mod keys;
mod kind;
mod layers;
mod load;
mod loader;
mod log;
mod near;
mod problem;
mod profile;
mod rewrite;
mod security;
mod server;
mod show;
mod sources;
mod table;
mod template;
mod thumbor;
mod usage;
mod written;

pub use admission::AdmissionConfig;
pub use cache::CacheConfig;
pub use cors::CorsConfig;
pub use inspect::{Checked, Known, check_toml, lookup};
pub use load::{Flags, Loaded, Mode, Sources};
pub use loader::{LoaderConfig, LoaderKind};
pub use log::{LogConfig, LogFormat};
pub use problem::{Problem, Problems};
pub use profile::Profile;
pub use rewrite::{RewriteConfig, RewriteRule};
pub use security::{Secret, SecurityConfig};
pub use server::ServerConfig;
pub use sources::SourceConfig;
pub use template::default_toml;
pub use usage::UsageConfig;

use crate::plan::Limits;
use crate::recipe::Policy;
use std::time::Duration;

/// All settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Whose habits are followed.
    pub profile: Profile,
    /// Sockets and answers.
    pub server: ServerConfig,
    /// Who may ask for what.
    pub security: SecurityConfig,
    /// Where originals come from.
    pub loader: LoaderConfig,
    /// Results kept in memory.
    pub cache: CacheConfig,
    /// Pictures to draw with, kept in memory as files: `ASSET_CACHE_BYTES` and `ASSET_CACHE_TTL`.
    pub assets: CacheConfig,
    /// Lines and slots.
    pub admission: AdmissionConfig,
    /// Paths that are changed before they are read, and named transformations.
    pub rewrite: RewriteConfig,
    /// Which sites may use answers.
    pub cors: CorsConfig,
    /// Records of use.
    pub usage: UsageConfig,
    /// What requests mean.
    pub policy: Policy,
    /// What a request may cost.
    pub limits: Limits,
    /// What is logged.
    pub log: LogConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            server: ServerConfig::default(),
            security: SecurityConfig::default(),
            loader: LoaderConfig::default(),
            cache: CacheConfig::default(),
            assets: CacheConfig { max_bytes: 32 << 20, ttl: Duration::from_mins(10) },
            admission: AdmissionConfig::default(),
            rewrite: RewriteConfig::default(),
            cors: CorsConfig::default(),
            usage: UsageConfig::default(),
            policy: Policy::default(),
            limits: Limits::default(),
            log: LogConfig::default(),
        }
    }
}
