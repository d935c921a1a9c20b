//! The whole service, made of settings, and made anew of others while it runs.

mod follow;

pub use follow::follow;

use crate::bucket::BucketError;
use crate::config::{Config, Loaded, Problems};
use crate::loader::{self, SetupError};
use crate::metrics::Statsd;
use crate::pipeline::Pipeline;
use crate::server::{self, Live};
use crate::storage::Stores;
use arc_swap::ArcSwap;
use std::sync::Arc;
use tracing::info;

/// Everything that answers requests, with the settings that it is made of.
#[derive(Debug)]
pub struct Service {
    loaded: Loaded,
    pipeline: Arc<ArcSwap<Pipeline>>,
    live: Live,
    operators: Live,
}

/// Why nothing can be made of settings that are each as expected.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no way to originals.
    #[error(transparent)]
    Loader(#[from] SetupError),
    /// There is no way to a storage.
    #[error(transparent)]
    Storage(#[from] BucketError),
    /// Rules or presets make no sense.
    #[error(transparent)]
    Rules(#[from] Problems),
}

impl Service {
    /// The service of these settings.
    ///
    /// # Errors
    /// [`ServiceError`].
    pub fn start(loaded: Loaded) -> Result<Self, ServiceError> {
        let config = &loaded.config;
        Statsd::start(&config.telemetry.statsd);
        let originals = loader::from_config(&config.loader)?;
        info!("originals: {originals}");
        let pipeline = Arc::new(Pipeline::storing(config, originals, Stores::open(config)?));
        let live = Live::from(server::router(Arc::clone(&pipeline), config)?);
        let operators = live.beside(server::operators(&pipeline, config));
        Ok(Self { loaded, pipeline: Arc::new(ArcSwap::new(pipeline)), live, operators })
    }

    /// What answers, with these settings and those that are taken later.
    pub fn live(&self) -> Live {
        self.live.clone()
    }

    /// What answers those who run the server, on a port of their own.
    pub fn operators(&self) -> Live {
        self.operators.clone()
    }

    /// What makes pictures, with these settings and those that are taken later.
    pub fn pipeline(&self) -> Arc<ArcSwap<Pipeline>> {
        Arc::clone(&self.pipeline)
    }

    /// The settings in force.
    pub fn config(&self) -> &Config {
        &self.loaded.config
    }

    /// Goes on with other settings. Requests under way end as they began. Gives the keys whose new values count at the
    /// next start only.
    ///
    /// What is kept in memory stays if only keys, rewriting or answers differ; otherwise it was made by other rules.
    ///
    /// # Errors
    /// [`ServiceError`]. The former settings stay in force then.
    pub fn take(&mut self, loaded: Loaded) -> Result<Vec<&'static str>, ServiceError> {
        let config = &loaded.config;
        let mut pipeline = self.pipeline.load_full();
        if !makes_the_same(config, &self.loaded.config) {
            let originals = loader::from_config(&config.loader)?;
            info!("originals: {originals}");
            pipeline = Arc::new(pipeline.successor(config, originals, Stores::open(config)?));
        }
        self.live.exchange(server::router(Arc::clone(&pipeline), config)?);
        self.operators.exchange(server::operators(&pipeline, config));
        self.pipeline.store(pipeline);
        let kept = loaded.only_at_start(&self.loaded);
        self.loaded = loaded;
        Ok(kept)
    }
}

/// Whether the same request is answered with the same picture, come by in the same way.
fn makes_the_same(a: &Config, b: &Config) -> bool {
    let b = Config {
        profile: a.profile,
        server: a.server.clone(),
        security: a.security.clone(),
        rewrite: a.rewrite.clone(),
        cors: a.cors.clone(),
        usage: a.usage.clone(),
        log: a.log.clone(),
        telemetry: a.telemetry.clone(),
        ..b.clone()
    };
    *a == b
}
