//! The HTTP client: connections only to judged addresses, certificates and proxy as the settings say.

use super::super::{Guard, Refusal, SetupError};
use crate::config::{HttpConfig, LoaderConfig};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder, Identity, Proxy};
use std::error::Error;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Thumbor's.
const ACCEPTED: HeaderValue = HeaderValue::from_static("image/*;q=0.9,*/*;q=0.1");

/// A client that sends nobody's headers, follows no redirect by itself and uses no proxy but the one in `config`.
///
/// # Errors
/// [`SetupError`], with the name of the key at fault.
pub(super) fn build(config: &LoaderConfig, guard: &Guard) -> Result<Client, SetupError> {
    let http = &config.http;
    let (certificates, identity, proxy) = (certificates(http)?, identity(http)?, proxy(http)?);
    let builder = || {
        let mut builder = Client::builder()
            .default_headers(HeaderMap::from_iter([(ACCEPT, ACCEPTED)]))
            .user_agent(&config.user_agent)
            .connect_timeout(config.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .pool_max_idle_per_host(config.max_clients)
            .tls_danger_accept_invalid_certs(http.validate_certs == Some(false))
            .dns_resolver(Resolver { guard: guard.clone(), proxy: http.proxy_host.clone() });
        if let Some(identity) = &identity {
            builder = builder.identity(identity.clone());
        }
        if let Some(proxy) = &proxy {
            builder = builder.proxy(proxy.clone());
        }
        builder
    };
    let client = match certificates {
        Some(certificates) => builder().tls_certs_only(certificates).build(),
        None => builder().build().or_else(|error| without_certificates(builder(), error)),
    };
    client.map_err(|source| SetupError::Client { source })
}

/// The certificates of `HTTP_LOADER_CA_CERTS`, which take the place of the machine's.
fn certificates(http: &HttpConfig) -> Result<Option<Vec<Certificate>>, SetupError> {
    const KEY: &str = "HTTP_LOADER_CA_CERTS";
    let Some(path) = &http.ca_certs else { return Ok(None) };
    let unusable = |reason: String| SetupError::Pem { key: KEY, path: path.clone(), reason };
    let certificates = Certificate::from_pem_bundle(&read(KEY, path)?).map_err(|error| unusable(error.to_string()))?;
    if certificates.is_empty() { Err(unusable("there is no certificate in it".into())) } else { Ok(Some(certificates)) }
}

/// The certificate and key that this server shows to origins.
fn identity(http: &HttpConfig) -> Result<Option<Identity>, SetupError> {
    const KEY: &str = "HTTP_LOADER_CLIENT_CERT";
    let Some(certificate) = &http.client_cert else {
        return if http.client_key.is_some() { Err(SetupError::KeyWithoutCertificate) } else { Ok(None) };
    };
    let mut pem = read(KEY, certificate)?;
    // Some keep both in one file.
    if let Some(key) = http.client_key.as_ref().filter(|key| *key != certificate) {
        pem.push(b'\n');
        pem.extend(read("HTTP_LOADER_CLIENT_KEY", key)?);
    }
    let identity = Identity::from_pem(&pem);
    let unusable =
        |error: reqwest::Error| SetupError::Pem { key: KEY, path: certificate.clone(), reason: told(&error) };
    identity.map(Some).map_err(unusable)
}

fn read(key: &'static str, path: &Path) -> Result<Vec<u8>, SetupError> {
    std::fs::read(path).map_err(|source| SetupError::File { key, path: path.to_owned(), source })
}

fn proxy(http: &HttpConfig) -> Result<Option<Proxy>, SetupError> {
    let Some(host) = &http.proxy_host else { return Ok(None) };
    let port = http.proxy_port.ok_or(SetupError::ProxyPort)?;
    let proxy = Proxy::all(format!("http://{host}:{port}"));
    let proxy = proxy.map_err(|error| SetupError::Proxy { host: host.clone(), reason: told(&error) })?;
    let password = http.proxy_password.reveal();
    Ok(Some(match &http.proxy_username {
        Some(username) => proxy.basic_auth(username, password),
        None => proxy,
    }))
}

/// The same client for a machine without CA certificates: plain HTTP works, HTTPS finds no origin trustworthy.
fn without_certificates(builder: ClientBuilder, first: reqwest::Error) -> Result<Client, reqwest::Error> {
    let client = builder.tls_certs_only([]).build().map_err(|_| first)?;
    tracing::warn!("this machine has no CA certificates: originals cannot be fetched over https");
    Ok(client)
}

/// Resolves names under the eyes of the guard, except the proxy's, which the operator has chosen.
struct Resolver {
    guard: Guard,
    proxy: Option<String>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        if self.proxy.as_ref().is_none_or(|proxy| !proxy.eq_ignore_ascii_case(name.as_str())) {
            return self.guard.resolve(name);
        }
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// How an exchange failed.
pub(super) enum Failure {
    Refused(Refusal),
    Timeout,
    Unreachable(Arc<dyn Error + Send + Sync>),
    Broken(Arc<dyn Error + Send + Sync>),
}

impl Failure {
    pub(super) fn of(error: reqwest::Error) -> Self {
        if let Some(reason) = refusal_in(&error) {
            return Self::Refused(reason);
        }
        if error.is_timeout() {
            return Self::Timeout;
        }
        // The URL may hold a password; the host is named anyway.
        let (unreachable, source) = (error.is_connect(), Arc::new(error.without_url()));
        if unreachable { Self::Unreachable(source) } else { Self::Broken(source) }
    }
}

/// Whether the connection could not be made, or ended before there was a whole head of an answer. A timeout is
/// neither: who was late once has had their time.
pub(super) fn is_lost_connection(error: &reqwest::Error) -> bool {
    if error.is_timeout() || refusal_in(error).is_some() {
        return false;
    }
    error.is_connect() || causes(error).any(is_lost)
}

fn is_lost(cause: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    let by_system =
        |error: &io::Error| matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof);
    let unanswered = |error: &hyper::Error| error.is_incomplete_message() || error.is_closed();
    cause.downcast_ref().is_some_and(by_system) || cause.downcast_ref().is_some_and(unanswered)
}

/// The resolver's refusal, which comes wrapped in the client's errors.
fn refusal_in(error: &reqwest::Error) -> Option<Refusal> {
    causes(error).find_map(|cause| cause.downcast_ref().copied())
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// An error with its causes.
fn told(error: &reqwest::Error) -> String {
    causes(error).fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
