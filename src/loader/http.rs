//! Originals over HTTP and HTTPS.
//!
//! Does not cache, keep cookies or trust the origin: every hop of a redirect is judged like the first, and the body is
//! counted while it comes.

mod answer;
mod client;
mod url;

pub(super) use self::url::source_url;

use self::client::Failure;
use super::forwarded::forget_credentials;
use super::slots::Slots;
use super::{Conditions, Forwarding, Guard, LoadError, Loaded, Loader, Refusal, SetupError};
use crate::config::{LoaderConfig, LoaderKind};
use crate::trace;
use async_trait::async_trait;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Client, Response, StatusCode, Url};
use std::fmt;
use std::time::Duration;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// Rest before a lost connection is tried again; each further rest is twice as long.
const FIRST_REST: Duration = Duration::from_millis(100);

/// Fetches originals from the hosts that its [`Guard`] admits.
#[derive(Debug)]
pub struct HttpLoader {
    client: Client,
    guard: Guard,
    slots: Slots,
    forwarding: Forwarding,
    /// Origins are told which trace a fetch belongs to.
    traced: bool,
    scheme: &'static str,
    /// Other schemes than `https` are refused.
    strict: bool,
    /// The proxy resolves names, so they have to be judged before it is asked.
    proxied: bool,
    max_bytes: u64,
    max_redirects: usize,
    max_retries: usize,
    timeout: Duration,
}

impl HttpLoader {
    /// A loader with its own pool of connections.
    ///
    /// # Errors
    /// [`SetupError`] for hosts, headers, certificates or a proxy that cannot be.
    pub fn new(config: &LoaderConfig) -> Result<Self, SetupError> {
        let guard = Guard::new(&config.allowed_sources, &config.allow_private)?;
        Ok(Self {
            client: client::build(config, &guard)?,
            guard,
            slots: Slots::new(config.max_clients, config.max_clients_per_host),
            forwarding: Forwarding::new(&config.http),
            traced: config.http.forward_trace,
            scheme: if matches!(config.kind, LoaderKind::Https | LoaderKind::StrictHttps) { "https" } else { "http" },
            strict: config.kind == LoaderKind::StrictHttps,
            proxied: config.http.proxy_host.is_some(),
            max_bytes: config.max_bytes,
            max_redirects: config.max_redirects,
            max_retries: config.http.max_retries,
            timeout: config.request_timeout,
        })
    }

    /// Judges what a URL shows.
    fn check(&self, url: &Url) -> Result<(), LoadError> {
        let secure = if self.strict && url.scheme() == "http" { Err(Refusal::Insecure) } else { Ok(()) };
        secure.and_then(|()| self.guard.check(url)).map_err(|reason| refused(url, reason))
    }

    /// Follows redirects until there is an answer.
    async fn fetch(&self, mut url: Url, asked: &Conditions) -> Result<Loaded, LoadError> {
        let mut headers = answer::conditional(&asked.known);
        let conditional = !headers.is_empty();
        for (name, value) in asked.forwarded.iter().filter(|(name, _)| self.forwarding.wants(name)) {
            headers.append(name, value.clone());
        }
        if let Some(context) = trace::current().filter(|_| self.traced) {
            let context = HeaderValue::try_from(context.to_string()).expect("made of digits and dashes");
            headers.insert(TRACEPARENT, context);
        }
        for _ in 0..=self.max_redirects {
            self.check(&url)?;
            // Taken for each hop: an origin that sends on to a dead one does not keep the slot of the living.
            let _slot = self.slots.take(url.authority()).await;
            let response = self.send(&url, &headers).await?;
            if !is_redirect(response.status()) {
                return answer::read(&url, response, conditional, self.max_bytes, &asked.budget).await;
            }
            let next = next_hop(&url, &response)?;
            if next.origin() != url.origin() {
                forget_credentials(&mut headers);
            }
            url = next;
        }
        Err(LoadError::TooManyRedirects { limit: self.max_redirects })
    }

    /// Asks, again if the connection is lost before there is an answer: a GET may be repeated.
    async fn send(&self, url: &Url, headers: &HeaderMap) -> Result<Response, LoadError> {
        if self.proxied {
            self.guard.check_resolved(url).await.map_err(|reason| refused(url, reason))?;
        }
        let (mut retries, mut rest) = (0, FIRST_REST);
        loop {
            match self.client.get(url.clone()).headers(headers.clone()).send().await {
                Ok(response) => return Ok(response),
                Err(error) if retries < self.max_retries && client::is_lost_connection(&error) => {
                    tokio::time::sleep(rest).await;
                    (retries, rest) = (retries + 1, rest * 2);
                }
                Err(error) => return Err(failed(url, error)),
            }
        }
    }
}

#[async_trait]
impl Loader for HttpLoader {
    /// The time given includes the wait for a free slot.
    async fn load(&self, id: &str, asked: &Conditions) -> Result<Loaded, LoadError> {
        let url = source_url(id, self.scheme).ok_or_else(|| LoadError::InvalidId { id: id.to_owned() })?;
        // Judged before the wait, so that a refusal is quick.
        self.check(&url)?;
        tokio::time::timeout(self.timeout, self.fetch(url, asked)).await.map_err(|_| LoadError::Timeout)?
    }
}

impl fmt::Display for HttpLoader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} from {}", if self.strict { "HTTPS" } else { "HTTP" }, self.guard)
    }
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
    match Failure::of(error) {
        Failure::Refused(reason) => refused(url, reason),
        Failure::Timeout => LoadError::Timeout,
        Failure::Unreachable(source) => LoadError::Unreachable { host: host(url), source },
        Failure::Broken(source) => LoadError::Broken { host: host(url), source },
    }
}

#[cfg(test)]
mod tests;
