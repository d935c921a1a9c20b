//! One tree of plain settings; each section goes to the part of the program that it configures.

mod admission;
mod bucket;
mod cache;
mod cors;
mod detection;
mod environment;
mod fallback;
mod file;
mod inspect;
mod key;
mod keys;
mod kind;
mod lambda;
mod layers;
mod load;
mod loader;
mod log;
mod memory;
mod near;
mod problem;
mod profile;
mod reference;
mod rewrite;
mod security;
mod server;
mod show;
mod sources;
mod storage;
mod table;
mod telemetry;
mod template;
mod thumbor;
mod ui;
mod uploads;
mod usage;
mod video;
mod written;

pub use admission::AdmissionConfig;
pub use bucket::{AzureConfig, BucketConfig, GcsConfig, S3Config};
pub use cache::CacheConfig;
pub use cors::CorsConfig;
pub use detection::{DetectionConfig, DetectorName, RekognitionConfig};
pub use fallback::FallbackConfig;
pub use inspect::{Checked, Known, check_toml, lookup};
pub use lambda::{LambdaConfig, LargeBody};
pub use load::{Flags, Loaded, Mode, Sources};
pub use loader::{HttpConfig, LoaderConfig, LoaderKind, ObjectsConfig, Symlinks};
pub use log::{LogConfig, LogFormat};
pub use memory::defaults_within;
pub use problem::{Problem, Problems};
pub use profile::Profile;
pub use reference::reference;
pub use rewrite::{RewriteConfig, RewriteRule, RewriteSignature};
pub use security::{Secret, SecurityConfig};
pub use server::{Disposition, ErrorFormat, ServerConfig};
pub use sources::SourceConfig;
pub use storage::{
    JanitorConfig, OriginalsConfig, ResultsConfig, ShelfConfig, StorageKind, StoragePlace, StoragesConfig,
};
pub use telemetry::{OtlpConfig, SentryConfig, StatsdConfig, TelemetryConfig};
pub use template::default_toml;
pub use ui::UiConfig;
pub use uploads::{BlacklistMode, UploadAccess, UploadConfig};
pub use usage::UsageConfig;
pub use video::VideoConfig;

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
    /// Originals kept.
    pub originals: OriginalsConfig,
    /// Results kept in memory.
    pub cache: CacheConfig,
    /// Results kept outside of memory.
    pub results: ResultsConfig,
    /// What holds for everything kept outside of memory.
    pub storages: StoragesConfig,
    /// Pictures to draw with, kept in memory as files: `ASSET_CACHE_BYTES` and `ASSET_CACHE_TTL`.
    pub assets: CacheConfig,
    /// What is shown where there is no source.
    pub fallback: FallbackConfig,
    /// Originals that clients bring, and those that are not shown.
    pub uploads: UploadConfig,
    /// Who looks for what a crop should keep.
    pub detection: DetectionConfig,
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
    /// Videos made of GIFs.
    pub video: VideoConfig,
    /// The page on which people try URLs.
    pub ui: UiConfig,
    /// The server as a function of AWS Lambda.
    pub lambda: LambdaConfig,
    /// What is logged.
    pub log: LogConfig,
    /// What operators see besides.
    pub telemetry: TelemetryConfig,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            server: ServerConfig::default(),
            security: SecurityConfig::default(),
            loader: LoaderConfig::default(),
            originals: OriginalsConfig::default(),
            cache: CacheConfig::default(),
            results: ResultsConfig::default(),
            storages: StoragesConfig::default(),
            assets: CacheConfig { max_bytes: 32 << 20, ttl: Duration::from_mins(10) },
            fallback: FallbackConfig { max_age_s: 60, ..FallbackConfig::default() },
            uploads: UploadConfig::default(),
            detection: DetectionConfig::default(),
            admission: AdmissionConfig::default(),
            rewrite: RewriteConfig::default(),
            cors: CorsConfig::default(),
            usage: UsageConfig::default(),
            policy: Policy::default(),
            limits: Limits::default(),
            video: VideoConfig::default(),
            ui: UiConfig::default(),
            lambda: LambdaConfig::default(),
            log: LogConfig::default(),
            telemetry: TelemetryConfig::default(),
        }
    }
}
