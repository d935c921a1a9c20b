//! One tree of plain settings; each section goes to the part of the program that it configures.

mod admission;
mod cache;
mod key;
mod keys;
mod kind;
mod load;
mod loader;
mod log;
mod problem;
mod security;
mod server;
mod template;
mod thumbor;
mod video;
mod written;

pub use admission::AdmissionConfig;
pub use cache::CacheConfig;
pub use load::{Flags, Loaded, Mode, Sources};
pub use loader::{LoaderConfig, LoaderKind};
pub use log::{LogConfig, LogFormat};
pub use problem::{Problem, Problems};
pub use security::{Secret, SecurityConfig};
pub use server::ServerConfig;
pub use template::default_toml;
pub use video::VideoConfig;

use crate::plan::Limits;
use crate::recipe::Policy;
use std::time::Duration;

/// All settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
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
    /// What requests mean.
    pub policy: Policy,
    /// What a request may cost.
    pub limits: Limits,
    /// Videos made of GIFs.
    pub video: VideoConfig,
    /// What is logged.
    pub log: LogConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            server: ServerConfig::default(),
            security: SecurityConfig::default(),
            loader: LoaderConfig::default(),
            cache: CacheConfig::default(),
            assets: CacheConfig { max_bytes: 32 << 20, ttl: Duration::from_mins(10) },
            admission: AdmissionConfig::default(),
            policy: Policy::default(),
            limits: Limits::default(),
            video: VideoConfig::default(),
            log: LogConfig::default(),
        }
    }
}
