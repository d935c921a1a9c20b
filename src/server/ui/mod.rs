//! `/-/ui/`: the page on which people try what URLs do.
//!
//! Plain modules that browsers load as they are: nothing has to be built, and what is served is what is read in
//! `page/`. The page asks nobody but this server, and its policy lets it ask nobody else.

use crate::config::{Config, Profile, UiConfig};
use crate::request::Digest;
use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, REFERRER_POLICY};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use serde::Serialize;
use sha1::{Digest as _, Sha1};

/// Where the page is.
pub(super) const HOME: &str = "/-/ui/";

/// Scripts, styles and answers come from here alone; pictures may also be made by the page itself.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// Name, content type and text of every file.
const FILES: &[(&str, &str, &str)] = &[
    ("", "text/html; charset=utf-8", include_str!("page/index.html")),
    ("page.css", "text/css; charset=utf-8", include_str!("page/page.css")),
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    ("main.js", JAVASCRIPT, include_str!("page/main.js")),
    ("answer.js", JAVASCRIPT, include_str!("page/answer.js")),
    ("edits.js", JAVASCRIPT, include_str!("page/edits.js")),
    ("fits.js", JAVASCRIPT, include_str!("page/fits.js")),
    ("pipeline.js", JAVASCRIPT, include_str!("page/pipeline.js")),
    ("page.js", JAVASCRIPT, include_str!("page/page.js")),
    ("filters.js", JAVASCRIPT, include_str!("page/filters.js")),
    ("sign.js", JAVASCRIPT, include_str!("page/sign.js")),
    ("snippets.js", JAVASCRIPT, include_str!("page/snippets.js")),
    ("stage.js", JAVASCRIPT, include_str!("page/stage.js")),
    ("url.js", JAVASCRIPT, include_str!("page/url.js")),
];

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// What the page has to know of its server.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Info {
    version: &'static str,
    /// Whether URLs without a signature are answered.
    #[serde(rename = "unsafe")]
    allow_unsafe: bool,
    /// Whether files may be sent to be rendered, by anybody.
    render: bool,
    /// Whether paths are signed for who shows a token.
    sign: bool,
    /// Whether requests in JSON, as of Serverless Image Handler 4 to 7, are answered.
    edits: bool,
    signature: Signature,
    gallery: Vec<String>,
}

/// How paths are signed.
#[derive(Clone, Debug, Serialize)]
struct Signature {
    /// As browsers name it.
    hash: &'static str,
    /// Characters that are left of it; 0 = all.
    length: usize,
}

impl Info {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            allow_unsafe: config.security.allow_unsafe,
            render: config.uploads.render_open,
            sign: config.security.signs && !config.security.keys.is_empty() && !config.security.tokens.is_empty(),
            edits: config.profile == Profile::Sih7,
            signature: Signature {
                hash: match config.security.scheme.digest {
                    Digest::Sha1 => "SHA-1",
                    Digest::Sha256 => "SHA-256",
                    Digest::Sha512 => "SHA-512",
                },
                length: config.security.scheme.length,
            },
            gallery: config.ui.gallery.clone(),
        }
    }
}

/// The page's routes, at its home and, where one is set, below an old prefix.
pub(super) fn routes(config: &UiConfig, info: &Info) -> Router {
    let info = serde_json::to_string(info).expect("plain values always serialize");
    let routes = FILES.iter().fold(Router::new(), |routes, &(name, mime, text)| {
        let answer = File::new(mime, text.as_bytes().into());
        routes.route(&format!("{HOME}{name}"), get(async move |request: Request| answer.to(&request)))
    });
    let info = File::new("application/json", info.into());
    let routes = routes
        .route(&format!("{HOME}info.json"), get(async move |request: Request| info.to(&request)))
        .route("/", get(home))
        .route("/-/ui", get(home));
    match &config.prefix {
        None => routes,
        Some(prefix) => routes
            .route(&format!("/{prefix}"), get(home))
            .route(&format!("/{prefix}/"), get(home))
            .route(&format!("/{prefix}/index.html"), get(home)),
    }
}

async fn home() -> Redirect {
    Redirect::temporary(HOME)
}

/// A file that stays the same for as long as the server runs.
#[derive(Clone, Debug)]
struct File {
    mime: &'static str,
    text: Bytes,
    etag: HeaderValue,
}

impl File {
    fn new(mime: &'static str, text: Bytes) -> Self {
        let tag = URL_SAFE_NO_PAD.encode(Sha1::digest(&text));
        Self { mime, text, etag: format!("\"{tag}\"").parse().expect("made of visible ASCII") }
    }

    /// Browsers ask each time whether it is still the same, so that a new version shows at once.
    fn to(&self, request: &Request) -> Response {
        let common: [(HeaderName, HeaderValue); 4] = [
            (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (ETAG, self.etag.clone()),
            (CONTENT_SECURITY_POLICY, POLICY),
            (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        ];
        if request.headers().get(IF_NONE_MATCH) == Some(&self.etag) {
            return (StatusCode::NOT_MODIFIED, common).into_response();
        }
        (common, [(CONTENT_TYPE, self.mime)], self.text.clone()).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_is_in_the_program() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/ui/page");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<_> = files.map(|name| if name == "index.html" { String::new() } else { name }).collect();
        files.sort_unstable();
        let mut names: Vec<_> = FILES.iter().map(|&(name, ..)| name.to_owned()).collect();
        names.sort_unstable();
        assert_eq!(names, files);
    }

    #[test]
    fn the_page_stays_light() {
        use std::io::Write as _;
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for (_, _, text) in FILES {
            packed.write_all(text.as_bytes()).unwrap();
        }
        assert!(packed.finish().unwrap().len() < 150_000);
    }
}
