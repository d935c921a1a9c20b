//! Who may ask: reads a path, checks by what right it is asked, and puts its preset in.

use crate::config::{Config, Problems, Secret};
use crate::error::Error;
use crate::request::{self, Access, ImageRequest, Keys, Presets, Restrictions, SignatureError};

/// The settings of who may ask for what.
#[derive(Debug)]
pub(super) struct Gate {
    keys: Keys,
    allow_unsafe: bool,
    presets: Presets,
    restrictions: Restrictions,
}

impl Gate {
    /// # Errors
    /// Presets that mean nothing.
    pub(super) fn new(config: &Config) -> Result<Self, Problems> {
        Ok(Self {
            keys: Keys::new(config.security.keys.iter().map(Secret::reveal)),
            allow_unsafe: config.security.allow_unsafe,
            presets: config.rewrite.presets(&config.policy)?,
            restrictions: config.rewrite.restrictions.clone(),
        })
    }

    /// The request of a raw path, which is what is signed, if it may be asked.
    pub(super) fn admit(&self, path: &str) -> Result<ImageRequest, Error> {
        let request = request::parse(path)?;
        match &request.access {
            Access::Unsafe | Access::Vouched if self.allow_unsafe => self.restrictions.check(&request)?,
            Access::Unsafe | Access::Vouched => return Err(Error::UnsafeNotAllowed),
            Access::Signed(_) if self.keys.is_empty() => return Err(SignatureError::Mismatch.into()),
            Access::Signed(_) => self.keys.verify(path)?,
        }
        self.expand(request)
    }

    /// A request that was admitted otherwise, its preset expanded.
    pub(super) fn expand(&self, request: ImageRequest) -> Result<ImageRequest, Error> {
        Ok(self.presets.expand(request)?)
    }

    /// The request of a raw path without a first segment that the operator's own rules have made.
    pub(super) fn admit_vouched(&self, path: &str) -> Result<ImageRequest, Error> {
        // Rules may be written for servers that want this word.
        let path = path.strip_prefix("/unsafe").filter(|rest| rest.starts_with('/')).unwrap_or(path);
        self.expand(request::parse_bare(path, Access::Vouched)?)
    }
}
