//! Requests in the way of later editions of Serverless Image Handler: `?signature=`, `?expires=`, edits in the query, and
//! objects in place of paths. What they ask for is what Thumbor's URLs could ask for, too.

use super::gate::Gate;
use crate::config::{Config, LoaderKind, Profile, Secret};
use crate::error::Error;
use crate::request::edits::{self, Body, Edits, EditsError, Query, Stamp, Surroundings};
use crate::request::{Accept, Digest, ImageRequest, Keys, Scheme};
use axum::http::header::{CACHE_CONTROL, EXPIRES, VARY};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use std::time::{SystemTime, UNIX_EPOCH};

/// Headers of answers that a request may set. Others are the server's own business, or could harm whoever follows a link.
const SETTABLE: &[&str] = &["cache-control", "expires", "surrogate-control", "cdn-cache-control", "x-robots-tag"];
/// Before the name of a bucket in a path.
const BUCKET: &str = "s3:";

/// How they are read.
#[derive(Debug)]
pub(super) struct Editions {
    /// Keys of signatures in queries, where URLs need one.
    signing: Option<Keys>,
    buckets: Vec<String>,
    bucket_in_name: bool,
    auto_webp: bool,
}

/// A request that may be asked, and headers that its answer is to have.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) request: ImageRequest,
    pub(super) headers: HeaderMap,
}

impl From<ImageRequest> for Admitted {
    fn from(request: ImageRequest) -> Self {
        Self { request, headers: HeaderMap::new() }
    }
}

impl Editions {
    /// What the settings say; `None` where only paths are taken.
    pub(super) fn of(config: &Config) -> Option<Self> {
        let security = &config.security;
        let scheme = Scheme { digest: Digest::Sha256, length: 0 };
        let keys = || Keys::new(security.keys.iter().map(Secret::reveal), scheme);
        (config.profile == Profile::Sih7).then(|| Self {
            signing: security.query_signatures.then(keys),
            buckets: config.loader.s3.allowed.clone(),
            bucket_in_name: config.loader.kind == LoaderKind::S3 && config.loader.s3.bucket.is_none(),
            auto_webp: config.policy.auto_webp,
        })
    }

    /// What is asked for, if it may be. `came` is the URL before any rule changed it: that is what is signed.
    pub(super) fn admit(&self, gate: &Gate, asked: &Parts, came: &Uri, accept: Accept) -> Result<Admitted, Error> {
        let query = edits::in_query(came.query())?;
        let is_signed = self.check_signature(gate, came, &query)?;
        let mut headers = HeaderMap::new();
        let surroundings = Surroundings {
            buckets: &self.buckets,
            bucket_in_name: self.bucket_in_name,
            negotiated: self.auto_webp && accept.contains(Accept::WEBP),
        };
        let path = asked.uri.path();
        let request = if edits::is_body(path) {
            let body = Body::read(path)?;
            headers.extend(body.headers.iter().filter_map(settable));
            if self.auto_webp && body.output_format.is_some() {
                // Who accepts WebP gets that, whatever the request says.
                headers.insert(VARY, HeaderValue::from_static("Accept"));
            }
            let body = Body { edits: merged(body.edits, query.edits), ..body };
            let request = edits::request(&body, &surroundings)?;
            if is_signed { gate.expand(request)? } else { gate.admit_unsigned(request)? }
        } else {
            let by_query = is_signed && query.signature.is_some();
            let mut request = if by_query { gate.admit_vouched(path)? } else { gate.admit_asked(asked)? };
            self.name_bucket(&mut request, &surroundings)?;
            let plain = query.edits.is_empty();
            let request = edits::edited(request, &query.edits, &surroundings)?;
            match &self.signing {
                _ if plain || by_query => request,
                // What signs a path does not sign its query.
                Some(_) => return Err(EditsError::Unsigned.into()),
                None => gate.admit_unsigned(request)?,
            }
        };
        if let Some(until) = query.expires {
            headers.extend(until_then(until)?);
        }
        Ok(Admitted { request, headers })
    }

    /// Whether the URL has a signature that is good; an error where it needs one.
    fn check_signature(&self, gate: &Gate, came: &Uri, query: &Query) -> Result<bool, EditsError> {
        let Some(keys) = &self.signing else { return Ok(false) };
        match &query.signature {
            Some(signature) if keys.signs(&edits::message(came.path(), came.query()), signature) => Ok(true),
            Some(_) => Err(EditsError::Signature),
            None if gate.is_signed(came.path()) => Ok(true),
            None => Err(EditsError::Unsigned),
        }
    }

    /// Pictures of a path are in the first bucket, or in the one that is named before them.
    fn name_bucket(&self, request: &mut ImageRequest, surroundings: &Surroundings<'_>) -> Result<(), EditsError> {
        let name = request.image.decoded().into_owned();
        match name.strip_prefix(BUCKET).and_then(|rest| rest.split_once('/')) {
            Some((bucket, key)) => request.image = edits::picture(Some(bucket), key, surroundings)?,
            None if !self.buckets.is_empty() => request.image = edits::picture(None, &name, surroundings)?,
            None => {}
        }
        Ok(())
    }
}

/// Edits with those of the query in place of those of the same name.
fn merged(mut edits: Edits, of_query: Edits) -> Edits {
    for (name, value) in of_query {
        match edits.iter_mut().find(|(before, _)| *before == name) {
            Some(edit) => edit.1 = value,
            None => edits.push((name, value)),
        }
    }
    edits
}

/// A header that a request sets, if it may.
fn settable((name, value): &(String, serde_json::Value)) -> Option<(HeaderName, HeaderValue)> {
    let name = name.to_ascii_lowercase();
    let known = SETTABLE.contains(&&*name);
    let value = value.as_str().filter(|_| known)?;
    Some((HeaderName::try_from(name).ok()?, HeaderValue::from_str(value).ok()?))
}

/// Headers that let nobody keep an answer for longer than its URL is good.
fn until_then(until: Stamp) -> Result<[(HeaderName, HeaderValue); 2], EditsError> {
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let left_s = until.left_s(now_s).ok_or(EditsError::Expired)?;
    let keep = HeaderValue::from_str(&format!("max-age={left_s},public")).expect("made of visible ASCII");
    let when = httpdate::fmt_http_date(SystemTime::now() + std::time::Duration::from_secs(left_s));
    Ok([(CACHE_CONTROL, keep), (EXPIRES, HeaderValue::from_str(&when).expect("a date is visible ASCII"))])
}
