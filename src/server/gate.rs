//! Who may ask: reads a path, checks by what right it is asked, and puts its preset in.

use super::rewrite::Vouched;
use crate::config::{Config, Problems, Secret};
use crate::error::Error;
use crate::request::{self, Access, ImageRequest, Keys, Presets, Restrictions, SignatureError};
use axum::http::request::Parts;
use std::borrow::Cow;

/// The settings of who may ask for what.
#[derive(Debug)]
pub(super) struct Gate {
    keys: Keys,
    allow_unsafe: bool,
    /// Paths without `unsafe` and signature are taken as if they had the one.
    may_lack_unsafe: bool,
    presets: Presets,
    restrictions: Restrictions,
}

impl Gate {
    /// # Errors
    /// Presets that mean nothing.
    pub(super) fn new(config: &Config) -> Result<Self, Problems> {
        Ok(Self {
            keys: Keys::new(config.security.keys.iter().map(Secret::reveal), config.security.scheme),
            allow_unsafe: config.security.allow_unsafe,
            may_lack_unsafe: config.security.allow_unsafe && config.profile.may_lack_unsafe(),
            presets: config.rewrite.presets(&config.policy)?,
            restrictions: config.rewrite.restrictions.clone(),
        })
    }

    /// The request of a raw path, which is what is signed, if it may be asked.
    pub(super) fn admit(&self, path: &str) -> Result<ImageRequest, Error> {
        let path = &*self.completed(path);
        let request = request::parse(path)?;
        match &request.access {
            Access::Unsafe | Access::Vouched if self.allow_unsafe => self.restrictions.check(&request)?,
            Access::Unsafe | Access::Vouched => return Err(Error::UnsafeNotAllowed),
            Access::Signed(_) if self.keys.is_empty() => return Err(SignatureError::Mismatch.into()),
            Access::Signed(_) => self.keys.verify(path)?,
        }
        self.expand(request)
    }

    /// The request that somebody asks for.
    pub(super) fn admit_asked(&self, asked: &Parts) -> Result<ImageRequest, Error> {
        let path = asked.uri.path(); // raw: what is signed is what came over the wire
        match asked.extensions.get() {
            Some(Vouched) => self.admit_vouched(path),
            None => self.admit(path),
        }
    }

    /// The path as Thumbor has it. Clients of the image handler left `unsafe` out, and it put that in where it might.
    fn completed<'a>(&self, path: &'a str) -> Cow<'a, str> {
        let complete = || names_access(path) || self.keys.verify(path).is_ok();
        if !self.may_lack_unsafe || complete() { path.into() } else { format!("/unsafe{path}").into() }
    }

    /// A request that says nothing about a right, if everybody may ask it.
    pub(super) fn admit_unsigned(&self, request: ImageRequest) -> Result<ImageRequest, Error> {
        if !self.allow_unsafe {
            return Err(Error::UnsafeNotAllowed);
        }
        self.restrictions.check(&request)?;
        self.expand(request)
    }

    /// Whether a path bears a signature that is good.
    pub(super) fn is_signed(&self, path: &str) -> bool {
        self.keys.verify(path).is_ok()
    }

    /// A raw path without first segment and leading slash, signed: what [`Gate::admit`] takes.
    ///
    /// # Errors
    /// Paths that cannot be read, and [`SignatureError::Mismatch`] where there is no key to sign with.
    pub(super) fn sign(&self, message: &str) -> Result<String, Error> {
        request::parse_bare(&format!("/{message}"), Access::Vouched)?;
        let signature = self.keys.sign(message).ok_or(SignatureError::Mismatch)?;
        Ok(format!("/{signature}/{message}"))
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

/// Whether a path begins with `unsafe`, or with what can be nothing but a signature, right or wrong: no folder is
/// called like that.
pub(super) fn names_access(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    let text = ["=", "%3D", "%3d"].into_iter().find_map(|padding| first.strip_suffix(padding));
    first == "unsafe" || text.is_some_and(|text| text.len() >= 27)
}
