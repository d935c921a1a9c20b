//! What is asked with what is known, and what an answer comes to.

use super::super::budget::Arrival;
use super::super::freshness::CachingHeaders;
use super::super::{Budget, LoadError, Loaded, OriginFacts, Original, Validators};
use super::failed;
use bytes::Bytes;
use reqwest::header::{
    AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
};
use reqwest::{Response, StatusCode, Url};

/// Headers that ask for the original only if it is not known.
pub(super) fn conditional(known: &Validators) -> HeaderMap {
    let etag = known.etag.as_deref().and_then(|etag| HeaderValue::from_str(etag).ok());
    let since = known.last_modified.and_then(|time| HeaderValue::from_str(&httpdate::fmt_http_date(time)).ok());
    let headers = [(IF_NONE_MATCH, etag), (IF_MODIFIED_SINCE, since)];
    headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Reads the answer of `url` to a question that was `conditional` or not.
pub(super) async fn read(
    url: &Url,
    response: Response,
    conditional: bool,
    max_bytes: u64,
    budget: &Budget,
) -> Result<Loaded, LoadError> {
    let facts = facts(response.headers());
    match response.status() {
        StatusCode::NOT_MODIFIED if conditional => return Ok(Loaded::Unchanged(facts)),
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(LoadError::NotFound),
        status if !status.is_success() => return Err(LoadError::Upstream { status: status.as_u16() }),
        _ => {}
    }
    let body = body(url, response, max_bytes, budget).await?;
    Ok(Loaded::Original(Original { body, facts }))
}

async fn body(url: &Url, mut response: Response, max_bytes: u64, budget: &Budget) -> Result<Bytes, LoadError> {
    let mut arrival = Arrival::new(budget, max_bytes, response.content_length().unwrap_or(0))?;
    while let Some(piece) = response.chunk().await.map_err(|error| failed(url, error))? {
        arrival.add(piece)?;
    }
    arrival.finish()
}

/// What the headers of an answer say about keeping it.
fn facts(headers: &HeaderMap) -> OriginFacts {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let cache_control = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let cache_control = cache_control.collect::<Vec<_>>().join(",");
    let caching =
        CachingHeaders { cache_control: &cache_control, expires: text(EXPIRES), date: text(DATE), age: text(AGE) };
    caching.facts(Validators {
        etag: text(ETAG).map(str::to_owned),
        last_modified: text(LAST_MODIFIED).and_then(|date| httpdate::parse_http_date(date).ok()),
    })
}
