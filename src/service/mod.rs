//! The whole service, made of settings, and made anew of others while it runs.

mod follow;

pub use follow::follow;

use crate::config::{Config, Loaded};
use crate::loader::{self, SetupError};
use crate::pipeline::Pipeline;
use crate::server::{self, Live};
use std::sync::Arc;
use tracing::info;

/// Everything that answers requests, with the settings that it is made of.
#[derive(Debug)]
pub struct Service {
    loaded: Loaded,
    pipeline: Arc<Pipeline>,
    live: Live,
}

impl Service {
    /// The service of these settings.
    ///
    /// # Errors
    /// When originals cannot be come by as the settings say.
    pub fn start(loaded: Loaded) -> Result<Self, SetupError> {
        let originals = loader::from_config(&loaded.config.loader)?;
        info!("originals: {originals}");
        let pipeline = Arc::new(Pipeline::new(&loaded.config, originals));
        let live = Live::from(server::router(Arc::clone(&pipeline), &loaded.config));
        Ok(Self { loaded, pipeline, live })
    }

    /// What answers, with these settings and those that are taken later.
    pub fn live(&self) -> Live {
        self.live.clone()
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
    /// When originals cannot be come by as the settings say. The former settings stay in force then.
    pub fn take(&mut self, loaded: Loaded) -> Result<Vec<&'static str>, SetupError> {
        let config = &loaded.config;
        if !makes_the_same(config, &self.loaded.config) {
            let originals = loader::from_config(&config.loader)?;
            info!("originals: {originals}");
            self.pipeline = Arc::new(self.pipeline.successor(config, originals));
        }
        self.live.exchange(server::router(Arc::clone(&self.pipeline), config));
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
        log: a.log.clone(),
        ..b.clone()
    };
    *a == b
}
