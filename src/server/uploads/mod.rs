//! `/image`: originals that clients bring, by Thumbor's rules.

mod media;

use self::media::Media;
use super::body::{self, BodyLimits};
use super::error::Refusal;
use super::image::Images;
use super::token::Tokens;
use crate::codec::{self, SourceInfo};
use crate::config::{Config, UploadAccess, UploadConfig};
use crate::error::{Kind, SharedError};
use crate::originals::Pick;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use std::sync::Arc;
use uuid::Uuid;

/// The path that originals are posted to; theirs begin with it and a slash.
pub(super) const PATH: &str = "/image";
/// Characters of an id: 16 random bytes in hex.
pub(super) const ID_CHARS: usize = 32;
/// What a form takes besides its file.
const FORM_BYTES: u64 = 64 << 10;
/// An SVG is a document that may hold scripts.
const NO_SCRIPTS: HeaderValue = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// What the handlers need.
#[derive(Debug)]
pub(super) struct Uploads {
    images: Arc<Images>,
    tokens: Tokens,
    config: UploadConfig,
    /// Most bytes of a file.
    max_bytes: u64,
    limits: BodyLimits,
}

impl Uploads {
    pub(super) fn new(images: Arc<Images>, config: &Config) -> Self {
        let max_bytes = match config.uploads.max_bytes {
            0 => config.loader.max_bytes,
            bytes => bytes.min(config.loader.max_bytes), // others could not be loaded again
        };
        let limits =
            BodyLimits { max_bytes: max_bytes.saturating_add(FORM_BYTES), timeout: config.server.body_timeout };
        let tokens = Tokens::new(&config.security.tokens);
        Self { images, tokens, config: config.uploads.clone(), max_bytes, limits }
    }

    /// Methods for one original, as `Allow` lists them.
    pub(super) fn allowed(&self) -> &'static str {
        match (self.config.put_allowed, self.config.delete_allowed) {
            (false, false) => "GET, HEAD",
            (true, false) => "GET, HEAD, PUT",
            (false, true) => "GET, HEAD, DELETE",
            (true, true) => "GET, HEAD, PUT, DELETE",
        }
    }

    fn check_access(&self, asked: &Parts) -> Result<(), Refusal> {
        let reads = matches!(asked.method, Method::GET | Method::HEAD);
        match self.config.access {
            UploadAccess::Open => Ok(()),
            UploadAccess::Read if reads => Ok(()),
            UploadAccess::Read | UploadAccess::Token => self.tokens.check(&asked.headers),
        }
    }

    async fn answer(&self, asked: &Parts, body: Body) -> Result<Response, Refusal> {
        self.check_access(asked)?;
        if asked.uri.path() == PATH {
            return self.create(asked, body).await;
        }
        let id = id(asked.uri.path()).ok_or_else(Refusal::no_upload)?;
        match asked.method {
            Method::PUT if self.config.put_allowed => self.replace(id, asked, body).await,
            Method::DELETE if self.config.delete_allowed => self.remove(id, asked).await,
            Method::GET | Method::HEAD => self.show(id, asked).await,
            _ => Err(Refusal::method_not_allowed(self.allowed())),
        }
    }

    async fn create(&self, asked: &Parts, body: Body) -> Result<Response, Refusal> {
        let (media, info) = self.receive(asked, body).await?;
        let id = Uuid::new_v4().simple().to_string();
        self.keep(&id, media.bytes.clone(), asked).await?;
        let extension = codec::of(info.format).names.first().copied().unwrap_or_default();
        let extension = if extension == "jpeg" { "jpg" } else { extension };
        let name = media.quoted_name(&format!("{}.{extension}", self.config.default_name));
        let location = HeaderValue::try_from(format!("{PATH}/{id}/{name}")).expect("quoted names are visible ASCII");
        Ok((StatusCode::CREATED, [(LOCATION, location)]).into_response())
    }

    async fn replace(&self, id: &str, asked: &Parts, body: Body) -> Result<Response, Refusal> {
        let (media, _) = self.receive(asked, body).await?;
        self.keep(id, media.bytes, asked).await?;
        self.forget(id, asked).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    }

    async fn remove(&self, id: &str, asked: &Parts) -> Result<Response, Refusal> {
        let removed = self.images.pipeline().originals().remove(id).await;
        let removed = removed.map_err(|error| self.refusal(error, asked))?;
        self.forget(id, asked).await?;
        if removed { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(Refusal::no_upload()) }
    }

    async fn show(&self, id: &str, asked: &Parts) -> Result<Response, Refusal> {
        let stored = self.images.pipeline().originals().stored(id).await.ok_or_else(Refusal::no_upload)?;
        let info = codec::probe(&stored).map_err(|error| self.refusal(error, asked))?;
        let mut response = self.images.original(&stored, codec::of(info.format).mime, asked);
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, NO_SCRIPTS);
        Ok(response)
    }

    /// The file of a request, if it is one that may be kept.
    async fn receive(&self, asked: &Parts, body: Body) -> Result<(Media, SourceInfo), Refusal> {
        let place = self.images.pipeline().enter().map_err(|error| self.refusal(error, asked))?;
        let body = body::read(body, &asked.headers, self.limits, place.share()).await.map_err(|error| match error {
            body::BodyError::TooLarge { .. } => Refusal::upload_too_large(self.max_bytes),
            other => other.into(),
        })?;
        let media = Media::of(&asked.headers, body);
        let media = media.ok_or_else(|| Refusal::bad_request("the form holds no file called `media`"))?;
        let info = self.images.pipeline().probe(media.bytes.clone()).await;
        let info = info.map_err(|error| self.judge(&error.into(), asked))?;
        if media.bytes.len() as u64 > self.max_bytes {
            return Err(Refusal::upload_too_large(self.max_bytes));
        }
        let UploadConfig { min_width, min_height, .. } = self.config;
        if info.size.width < min_width || info.size.height < min_height {
            return Err(Refusal::upload_too_small(min_width, min_height));
        }
        let proven = self.images.pipeline().prove(place, media.bytes.clone()).await;
        proven.map_err(|error| self.judge(&error, asked))?;
        Ok((media, info))
    }

    /// What is no picture is 415 here, whatever is wrong with it.
    fn judge(&self, error: &SharedError, asked: &Parts) -> Refusal {
        match error.kind() {
            Kind::SourceNotAnImage | Kind::SourceUnusable => Refusal::not_an_image(error.to_string()),
            _ => self.images.refusal(error, asked),
        }
    }

    async fn keep(&self, id: &str, bytes: Bytes, asked: &Parts) -> Result<(), Refusal> {
        let kept = self.images.pipeline().originals().put(id, bytes).await;
        kept.map_err(|error| self.refusal(error, asked))
    }

    /// Takes away what was made of an original that is another one now, or none.
    async fn forget(&self, id: &str, asked: &Parts) -> Result<(), Refusal> {
        let purged = self.images.pipeline().purge(&Pick::Image(id.to_owned())).await;
        purged.map(drop).map_err(|error| self.refusal(error, asked))
    }

    fn refusal(&self, error: impl Into<SharedError>, asked: &Parts) -> Refusal {
        self.images.refusal(&error.into(), asked)
    }
}

/// Answers all of `/image`.
pub(super) async fn answer(State(uploads): State<Arc<Uploads>>, request: Request) -> Response {
    let (asked, body) = request.into_parts();
    uploads.answer(&asked, body).await.into_response()
}

/// The id in a path of one original, whatever name follows it.
fn id(path: &str) -> Option<&str> {
    id_in(path.strip_prefix(PATH)?.strip_prefix('/')?)
}

/// The id that a text begins with.
pub(super) fn id_in(text: &str) -> Option<&str> {
    let (id, rest) = text.split_at_checked(ID_CHARS)?;
    let is_id = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (is_id && (rest.is_empty() || rest.starts_with('/'))).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_32_hex_digits_with_any_name_behind() {
        const ID: &str = "0123456789abcdef0123456789abcdef";
        assert_eq!(id_in(ID), Some(ID));
        assert_eq!(id_in(&format!("{ID}/a/b.jpg")), Some(ID));
        for other in ["", "a.jpg", &ID[1..], &format!("{ID}.jpg"), &ID.to_uppercase(), &ID.replace('0', "/")] {
            assert_eq!(id_in(other), None, "{other}");
        }
        assert_eq!(id(&format!("/image/{ID}/x")), Some(ID));
        assert_eq!(id(&format!("/image{ID}")), None);
    }
}
