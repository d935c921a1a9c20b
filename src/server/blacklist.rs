//! Pictures that are not shown: a list that grows by `PUT /blacklist?<picture>`, kept where originals are.

use super::error::Refusal;
use super::image::Images;
use super::token::Tokens;
use crate::config::{BlacklistMode, Config};
use crate::error::Error;
use crate::pipeline::Pipeline;
use crate::request::ImageId;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, RwLock};

/// The name of the list among the originals, as in Thumbor.
const NAME: &str = "blacklist.txt";
/// How long a list that another server may have changed is believed.
const BELIEVED: Duration = Duration::from_secs(5);

/// The list, shared by who asks it and who changes it.
#[derive(Debug)]
pub(super) struct Blacklist {
    pipeline: Arc<Pipeline>,
    mode: BlacklistMode,
    max_bytes: u64,
    read: RwLock<Option<(Instant, Arc<List>)>>,
    /// Changes come one after the other.
    turn: Mutex<()>,
}

/// The list as it was read.
#[derive(Debug, Default)]
struct List {
    text: String,
    names: HashSet<String>,
}

impl List {
    fn new(text: String) -> Self {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        // Names may have been written in plain text or quoted.
        let names = lines.flat_map(|line| [line.to_owned(), ImageId::of(line).to_string()]).collect();
        Self { text, names }
    }

    fn forbids(&self, image: &ImageId, mode: BlacklistMode) -> bool {
        match mode {
            BlacklistMode::Exact => self.names.contains(image.as_str()),
            BlacklistMode::Substring => self.text.contains(image.as_str()),
        }
    }
}

impl Blacklist {
    pub(super) fn new(pipeline: Arc<Pipeline>, config: &Config) -> Self {
        let (mode, max_bytes) = (config.uploads.blacklist_mode, config.uploads.blacklist_max_bytes);
        Self { pipeline, mode, max_bytes, read: RwLock::default(), turn: Mutex::default() }
    }

    /// Goes on unless the picture is on the list.
    pub(super) async fn check(&self, image: &ImageId) -> Result<(), Error> {
        if self.list().await.forbids(image, self.mode) { Err(Error::Blacklisted) } else { Ok(()) }
    }

    /// The list, not much older than where it is kept.
    async fn list(&self) -> Arc<List> {
        if let Some((read_at, list)) = &*self.read.read().await
            && read_at.elapsed() < BELIEVED
        {
            return Arc::clone(list);
        }
        self.read_anew(&mut *self.read.write().await).await
    }

    async fn read_anew(&self, place: &mut Option<(Instant, Arc<List>)>) -> Arc<List> {
        let stored = self.pipeline.originals().stored(NAME).await.unwrap_or_default();
        let list = Arc::new(List::new(String::from_utf8_lossy(&stored).into_owned()));
        *place = Some((Instant::now(), Arc::clone(&list)));
        list
    }

    /// Adds a line, unless it is there.
    async fn add(&self, line: &str, asked: &Parts, images: &Images) -> Result<(), Refusal> {
        let _turn = self.turn.lock().await;
        let list = self.read_anew(&mut *self.read.write().await).await;
        if list.text.lines().any(|known| known == line) {
            return Ok(());
        }
        let text = format!("{}{line}\n", list.text);
        if text.len() as u64 > self.max_bytes {
            return Err(Refusal::body_too_large(self.max_bytes));
        }
        let kept = self.pipeline.originals().put(NAME, Bytes::from(text.clone())).await;
        kept.map_err(|error| images.refusal(&Error::from(error), asked))?;
        *self.read.write().await = Some((Instant::now(), Arc::new(List::new(text))));
        Ok(())
    }
}

/// What the handler needs.
#[derive(Debug)]
pub(super) struct Censor {
    images: Arc<Images>,
    blacklist: Arc<Blacklist>,
    tokens: Tokens,
}

impl Censor {
    pub(super) fn new(images: Arc<Images>, blacklist: Arc<Blacklist>, config: &Config) -> Self {
        Self { images, blacklist, tokens: Tokens::new(&config.security.tokens) }
    }

    async fn answer(&self, asked: &Parts) -> Result<Response, Refusal> {
        self.tokens.check(&asked.headers)?;
        if asked.method == Method::PUT {
            let line = asked.uri.query().filter(|line| !line.is_empty());
            let line = line.ok_or_else(|| Refusal::bad_request("the query names no picture"))?;
            self.blacklist.add(line, asked, &self.images).await?;
            return Ok(().into_response());
        }
        let headers = [(CONTENT_TYPE, "text/plain; charset=utf-8"), (CACHE_CONTROL, "no-store")];
        Ok((headers, self.blacklist.list().await.text.clone()).into_response())
    }
}

/// Gives the list, or adds to it.
pub(super) async fn answer(State(censor): State<Arc<Censor>>, request: Request) -> Response {
    let (asked, _no_body) = request.into_parts();
    censor.answer(&asked).await.into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_forbidden_by_its_name_or_as_in_thumbor_by_any_text_with_it() {
        let list = List::new("bad.jpg\nhttp://h/a b.jpg\nhttp%3A//h/c.jpg\r\n\n".into());
        let check = |image: &str, exact: bool, substring: bool| {
            let image = ImageId::of(image);
            let found = [BlacklistMode::Exact, BlacklistMode::Substring].map(|mode| list.forbids(&image, mode));
            assert_eq!(found, [exact, substring], "{image}");
        };
        check("bad.jpg", true, true);
        check("ad.jpg", false, true);
        check("a/bad.jpg", false, false);
        check("http://h/a b.jpg", true, false); // written in plain text, which Thumbor does not find
        check("http://h/c.jpg", true, true);
        check("", false, true);
        assert!(!List::default().forbids(&ImageId::of("a.jpg"), BlacklistMode::Exact));
    }
}
