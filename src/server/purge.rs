//! `DELETE /-/purge/`: throws away what was made from a source.

use super::error::Refusal;
use super::token::Tokens;
use crate::config::Config;
use crate::originals::Pick;
use crate::pipeline::{Pipeline, Purged};
use crate::request::ImageId;
use crate::storage::tag_of;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use std::sync::Arc;
use tracing::{error, info};

/// Below this the path goes on with an image as picture URLs have it.
pub(super) const PATH: &str = "/-/purge";

/// What the handler needs.
#[derive(Debug)]
pub(super) struct Purges {
    pipeline: Arc<Pipeline>,
    tokens: Tokens,
}

/// The answer: what was purged, and the tag by which a CDN can purge the same.
#[derive(Serialize)]
struct Done {
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    removed: Purged,
}

impl Purges {
    pub(super) fn new(pipeline: Arc<Pipeline>, config: &Config) -> Self {
        Self { pipeline, tokens: Tokens::new(&config.security.tokens) }
    }

    async fn purge(&self, asked: &Parts) -> Result<Done, Refusal> {
        self.tokens.check(&asked.headers)?;
        let path = asked.uri.path();
        let image = path.strip_prefix(PATH).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
        let pick = picked(image, asked.uri.query().unwrap_or_default())?;
        let tag = match &pick {
            Pick::Image(id) => Some(tag_of(id)),
            Pick::Tag(tag) => Some(tag.clone()),
            Pick::Prefix(_) => None,
        };
        match self.pipeline.purge(&pick).await {
            Ok(removed) => {
                info!(?pick, ?removed, "purged");
                Ok(Done { tag, removed })
            }
            Err(error) => {
                error!(?pick, %error, "a purge failed: what it was to remove may still be there");
                Err(Refusal::storage_failed())
            }
        }
    }
}

/// Purges the image that the path names, or what `?prefix=` or `?tag=` pick.
pub(super) async fn purge(State(purges): State<Arc<Purges>>, request: Request) -> Response {
    let (asked, _no_body) = request.into_parts();
    match purges.purge(&asked).await {
        Ok(done) => {
            let json = serde_json::to_string(&done).expect("plain values always serialize");
            ([(CONTENT_TYPE, "application/json")], json + "\n").into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// What a path and a query pick: exactly one of an image, a prefix and a tag.
fn picked(image: &str, query: &str) -> Result<Pick, Refusal> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned).ok();
    let quoted =
        |text: &str| decoded(text).filter(|text| !text.is_empty()).map(|text| ImageId::of(&text).as_str().to_owned());
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let pick = match (image, value("prefix"), value("tag")) {
        (image, None, None) if query.is_empty() => quoted(image).map(Pick::Image),
        ("", Some(prefix), None) => quoted(prefix).map(Pick::Prefix),
        ("", None, Some(tag)) => decoded(tag).filter(|tag| !tag.is_empty()).map(Pick::Tag),
        _ => None,
    };
    pick.ok_or_else(|| {
        Refusal::bad_request("name one of /-/purge/<image>, /-/purge?prefix=<text> and /-/purge?tag=<tag>")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_of_image_prefix_and_tag_is_picked() {
        let check = |image: &str, query: &str, expected: Option<Pick>| {
            assert_eq!(picked(image, query).ok(), expected, "`{image}` `{query}`");
        };
        let image = |id: &str| Some(Pick::Image(id.into()));
        check("a/b.jpg", "", image("a/b.jpg"));
        check("http://host/a%20b.jpg", "", image("http%3A//host/a%20b.jpg"));
        check("http%3A%2F%2Fhost/a%20b.jpg", "", image("http%3A//host/a%20b.jpg"));
        check("", "prefix=photos/2024/", Some(Pick::Prefix("photos/2024/".into())));
        check("", "prefix=http%3A%2F%2Fhost%2F", Some(Pick::Prefix("http%3A//host/".into())));
        check("", "tag=src-0123456789abcdef", Some(Pick::Tag("src-0123456789abcdef".into())));
        for (image, query) in
            [("", ""), ("", "prefix="), ("", "tag="), ("a", "tag=b"), ("", "prefix=a&tag=b"), ("a", "x=y")]
        {
            check(image, query, None);
        }
        check("%ff", "", None);
    }
}
