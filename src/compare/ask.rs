//! One of the two servers: asking it, and saying in words why it did not answer.

use bytes::{Bytes, BytesMut};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Client, Response, Url};
use std::error::Error;
use std::time::{Duration, Instant};

/// A server that is asked.
#[derive(Clone, Debug)]
pub struct Server {
    base: Url,
    client: Client,
    max_bytes: u64,
}

/// An answer, whole.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Content type without its parameters, in lower case.
    pub(super) mime: String,
    pub(super) location: Option<String>,
    pub(super) body: Bytes,
    /// From the request to the last byte.
    pub(super) time: Duration,
}

/// Why there is no answer, or nobody to ask.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AskError {
    /// The base is no address.
    #[error("`{base}` is no address of a server; it should look like http://127.0.0.1:8888")]
    Base {
        /// As given.
        base: String,
    },
    /// A header is none.
    #[error("`{header}` is no header; it should look like `Name: value`")]
    Header {
        /// As given.
        header: String,
    },
    /// There is no HTTP client.
    #[error("no HTTP client can be made: {0}")]
    Client(String),
    /// No connection.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// What failed.
        reason: String,
    },
    /// No whole answer in time.
    #[error("no answer within {0:?}")]
    Late(Duration),
    /// More bytes than allowed.
    #[error("answer of more than {0} bytes")]
    TooLarge(u64),
    /// The connection broke, or spoke no HTTP.
    #[error("the answer broke off: {0}")]
    Broken(String),
}

/// Bounds of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most bytes.
    pub max_bytes: u64,
    /// Most time.
    pub timeout: Duration,
}

impl Server {
    /// A server by its base URL, which may have a path; `headers` go with every request.
    ///
    /// # Errors
    /// [`AskError`] for what is no base or no header.
    pub fn new(base: &str, headers: &[String], bounds: Bounds) -> Result<Self, AskError> {
        let wrong = || AskError::Base { base: base.to_owned() };
        let text = if base.contains("://") { base.to_owned() } else { format!("http://{base}") };
        let base = Url::parse(&text).map_err(|_| wrong())?;
        let usable = matches!(base.scheme(), "http" | "https") && base.has_host() && base.query().is_none();
        if !usable {
            return Err(wrong());
        }
        let headers = headers.iter().map(|header| parse_header(header)).collect::<Result<HeaderMap, _>>()?;
        let builder = || {
            Client::builder()
                .default_headers(headers.clone())
                .user_agent(concat!("tintype-compare/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .timeout(bounds.timeout)
                .no_proxy()
        };
        // A machine without certificates can still speak plain HTTP.
        let client = builder().build().or_else(|_| builder().tls_certs_only([]).build());
        let client = client.map_err(|error| AskError::Client(innermost(&error)))?;
        Ok(Self { base, client, max_bytes: bounds.max_bytes })
    }

    /// Host and port, for people.
    pub fn host(&self) -> String {
        let port = self.base.port_or_known_default().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}{port}", self.base.host_str().unwrap_or_default())
    }

    /// The base, without a password.
    pub fn base(&self) -> String {
        let mut base = self.base.clone();
        // Without effect on a base that has none.
        let _ = base.set_password(None);
        base.as_str().trim_end_matches('/').to_owned()
    }

    /// Whether anybody answers there, be it with an error.
    ///
    /// # Errors
    /// [`AskError`], in words for the operator.
    pub async fn greet(&self) -> Result<(), AskError> {
        self.ask("/healthcheck").await.map(drop)
    }

    /// Asks for path and query.
    pub(super) async fn ask(&self, path: &str) -> Result<Answer, AskError> {
        let url = format!("{}{path}", self.base.as_str().trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|error| AskError::Broken(format!("{url}: {error}")))?;
        let start = Instant::now();
        let response = self.client.get(url).send().await.map_err(|error| self.failed(&error, start))?;
        let header = |name: HeaderName| Some(response.headers().get(name)?.to_str().ok()?.to_owned());
        let mime = header(CONTENT_TYPE).unwrap_or_default();
        let mime = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let (status, location) = (response.status().as_u16(), header(LOCATION));
        let body = self.body(response, start).await?;
        Ok(Answer { status, mime, location, body, time: start.elapsed() })
    }

    async fn body(&self, mut response: Response, start: Instant) -> Result<Bytes, AskError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(&error, start))? {
            if (body.len() + chunk.len()) as u64 > self.max_bytes {
                return Err(AskError::TooLarge(self.max_bytes));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    fn failed(&self, error: &reqwest::Error, start: Instant) -> AskError {
        if error.is_timeout() {
            return AskError::Late(Duration::from_secs(start.elapsed().as_secs()));
        }
        let mut reason = innermost(error);
        if self.base.scheme() == "https" && reason.contains("InvalidContentType") {
            "it does not speak https; is the base http://?".clone_into(&mut reason);
        }
        if error.is_connect() { AskError::Unreachable { host: self.host(), reason } } else { AskError::Broken(reason) }
    }
}

fn parse_header(header: &str) -> Result<(HeaderName, HeaderValue), AskError> {
    let parsed = header
        .split_once(':')
        .and_then(|(name, value)| Some((name.trim().parse().ok()?, HeaderValue::from_str(value.trim()).ok()?)));
    parsed.ok_or_else(|| AskError::Header { header: header.split(':').next().unwrap_or_default().to_owned() })
}

/// What failed in the end; the outer errors only say that something did.
fn innermost(error: &dyn Error) -> String {
    std::iter::successors(Some(error), |&error| error.source()).last().map(ToString::to_string).unwrap_or_default()
}
