//! Originals over HTTP and HTTPS.
//!
//! Does not cache, keep cookies, use a proxy or trust the origin: every hop of a redirect is judged like the first,
//! and the body is counted while it comes.

use super::freshness::CachingHeaders;
use super::{
    Conditions, Guard, LoadError, Loaded, Loader, OriginFacts, Original, Refusal, SetupError, Validators, unquote,
};
use crate::config::{LoaderConfig, LoaderKind};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reqwest::header::{
    ACCEPT, AGE, CACHE_CONTROL, DATE, ETAG, EXPIRES, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    LAST_MODIFIED, LOCATION,
};
use reqwest::{Client, ClientBuilder, Response, StatusCode, Url};
use std::error::Error;
use std::fmt;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Largest buffer made on the word of `Content-Length` alone.
const TRUSTED_LENGTH_BYTES: u64 = 8 << 20;

/// Characters that a URL may hold as they are, besides letters and digits (Thumbor's list, and the brackets of IPv6).
const URL_TEXT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'_')
    .remove(b'.')
    .remove(b'-')
    .remove(b'~')
    .remove(b'@')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'!')
    .remove(b'+')
    .remove(b'=')
    .remove(b':')
    .remove(b';')
    .remove(b',')
    .remove(b'?')
    .remove(b'/')
    .remove(b'\'')
    .remove(b'[')
    .remove(b']');

/// Fetches originals from the hosts that its [`Guard`] admits.
#[derive(Debug)]
pub struct HttpLoader {
    client: Client,
    guard: Guard,
    slots: Semaphore,
    scheme: &'static str,
    max_bytes: u64,
    max_redirects: usize,
    timeout: Duration,
}

impl HttpLoader {
    /// A loader with its own pool of connections.
    ///
    /// # Errors
    /// [`SetupError`] for hosts or headers that cannot be.
    pub fn new(config: &LoaderConfig) -> Result<Self, SetupError> {
        let guard = Guard::new(&config.allowed_sources, &config.allow_private)?;
        let accept = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("image/*;q=0.9,*/*;q=0.1"))]);
        let builder = || {
            Client::builder()
                .default_headers(accept.clone())
                .user_agent(&config.user_agent)
                .connect_timeout(config.connect_timeout)
                .redirect(reqwest::redirect::Policy::none())
                .referer(false)
                .no_proxy()
                .pool_max_idle_per_host(config.max_clients)
                .dns_resolver(guard.clone())
        };
        let client = builder().build().or_else(|error| without_certificates(builder(), error));
        Ok(Self {
            client: client.map_err(|source| SetupError::Client { source })?,
            guard,
            slots: Semaphore::new(config.max_clients.clamp(1, Semaphore::MAX_PERMITS)),
            scheme: if config.kind == LoaderKind::Https { "https" } else { "http" },
            max_bytes: config.max_bytes,
            max_redirects: config.max_redirects,
            timeout: config.request_timeout,
        })
    }

    /// Follows redirects until there is an answer.
    async fn fetch(&self, mut url: Url, asked: &Conditions) -> Result<Loaded, LoadError> {
        let conditions = conditional(&asked.known);
        for _ in 0..=self.max_redirects {
            self.guard.check(&url).map_err(|reason| refused(&url, reason))?;
            let response = self
                .client
                .get(url.clone())
                .headers(conditions.clone())
                .send()
                .await
                .map_err(|error| failed(&url, error))?;
            if !is_redirect(response.status()) {
                return self.answer(&url, response, !conditions.is_empty()).await;
            }
            url = next_hop(&url, &response)?;
        }
        Err(LoadError::TooManyRedirects { limit: self.max_redirects })
    }

    async fn answer(&self, url: &Url, response: Response, conditional: bool) -> Result<Loaded, LoadError> {
        let facts = facts(response.headers());
        match response.status() {
            StatusCode::NOT_MODIFIED if conditional => return Ok(Loaded::Unchanged(facts)),
            StatusCode::NOT_FOUND | StatusCode::GONE => return Err(LoadError::NotFound),
            status if !status.is_success() => return Err(LoadError::Upstream { status: status.as_u16() }),
            _ => {}
        }
        let body = self.body(url, response).await?;
        Ok(Loaded::Original(Original { body, facts }))
    }

    async fn body(&self, url: &Url, mut response: Response) -> Result<Bytes, LoadError> {
        let declared = response.content_length().unwrap_or(0);
        let fits = |len: u64| if len > self.max_bytes { Err(self.too_large()) } else { Ok(()) };
        fits(declared)?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(url, error))? {
            fits((body.len() + chunk.len()) as u64)?;
            if body.is_empty() {
                if chunk.len() as u64 == declared {
                    return Ok(chunk);
                }
                body.reserve(usize::try_from(declared.min(TRUSTED_LENGTH_BYTES)).unwrap_or(0));
            }
            body.extend_from_slice(&chunk);
        }
        if body.is_empty() { Err(LoadError::Empty) } else { Ok(body.freeze()) }
    }

    fn too_large(&self) -> LoadError {
        LoadError::TooLarge { limit_bytes: self.max_bytes }
    }
}

#[async_trait]
impl Loader for HttpLoader {
    /// The time given includes the wait for a free slot.
    async fn load(&self, id: &str, asked: &Conditions) -> Result<Loaded, LoadError> {
        let url = source_url(id, self.scheme).ok_or_else(|| LoadError::InvalidId { id: id.to_owned() })?;
        // Judged before the wait, so that a refusal is quick.
        self.guard.check(&url).map_err(|reason| refused(&url, reason))?;
        let fetch = async {
            let _slot = self.slots.acquire().await.expect("the semaphore is never closed");
            self.fetch(url, asked).await
        };
        tokio::time::timeout(self.timeout, fetch).await.map_err(|_| LoadError::Timeout)?
    }
}

impl fmt::Display for HttpLoader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP from {}", self.guard)
    }
}

/// The URL that an id stands for, built as Thumbor does: one layer of encoding comes off; what then has no escapes is
/// encoded as far as a URL needs, what still has some goes out as it is; `scheme` is added where none stands.
fn source_url(id: &str, scheme: &str) -> Option<Url> {
    let text = String::from_utf8(unquote(id)).ok()?;
    let has_escapes = percent_decode_str(&text).ne(text.bytes());
    let text = if has_escapes { text } else { utf8_percent_encode(&text, URL_TEXT).to_string() };
    let lower = text.get(..8).unwrap_or(&text).to_ascii_lowercase();
    let text = match lower.strip_prefix("http://").or(lower.strip_prefix("https://")) {
        // Parsers of URLs skip further slashes and would take the path for the host.
        Some(host) if host.starts_with(['/', '\\', '?', '#', ':']) => return None,
        Some(_) => text,
        // Some proxies merge double slashes.
        None if lower.starts_with("http:/") || lower.starts_with("https:/") => text,
        None => format!("{scheme}://{}", text.trim_start_matches('/')),
    };
    let mut url = Url::parse(&text).ok()?;
    if !has_escapes && url.path().contains(['[', ']']) {
        let path = url.path().replace('[', "%5B").replace(']', "%5D");
        url.set_path(&path);
    }
    url.set_fragment(None);
    Some(url)
}

/// Headers that ask for the original only if it is not known.
fn conditional(known: &Validators) -> HeaderMap {
    let etag = known.etag.as_deref().and_then(|etag| HeaderValue::from_str(etag).ok());
    let since = known.last_modified.and_then(|time| HeaderValue::from_str(&httpdate::fmt_http_date(time)).ok());
    let headers = [(IF_NONE_MATCH, etag), (IF_MODIFIED_SINCE, since)];
    headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
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

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect points; not yet judged.
fn next_hop(url: &Url, response: &Response) -> Result<Url, LoadError> {
    let nowhere = || LoadError::Upstream { status: response.status().as_u16() };
    let location = response.headers().get(LOCATION).ok_or_else(nowhere)?;
    let location = std::str::from_utf8(location.as_bytes()).map_err(|_| nowhere())?;
    url.join(location).map_err(|_| nowhere())
}

fn refused(url: &Url, reason: Refusal) -> LoadError {
    LoadError::NotAllowed { host: host(url), reason }
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// What a failed exchange means.
fn failed(url: &Url, error: reqwest::Error) -> LoadError {
    if let Some(reason) = refusal_in(&error) {
        return refused(url, reason);
    }
    if error.is_timeout() {
        return LoadError::Timeout;
    }
    // The URL may hold a password; the host is named anyway.
    let (host, unreachable, source) = (host(url), error.is_connect(), Box::new(error.without_url()));
    if unreachable { LoadError::Unreachable { host, source } } else { LoadError::Broken { host, source } }
}

/// The resolver's refusal, which comes wrapped in the client's errors.
fn refusal_in(error: &reqwest::Error) -> Option<Refusal> {
    std::iter::successors(error.source(), |&error| error.source()).find_map(|error| error.downcast_ref().copied())
}

/// The same client for a machine without CA certificates: plain HTTP works, HTTPS finds no origin trustworthy.
fn without_certificates(builder: ClientBuilder, first: reqwest::Error) -> Result<Client, reqwest::Error> {
    let client = builder.tls_certs_only([]).build().map_err(|_| first)?;
    tracing::warn!("this machine has no CA certificates: originals cannot be fetched over https");
    Ok(client)
}

#[cfg(test)]
mod tests;
