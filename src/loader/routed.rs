//! Several sources in one server: by the beginning of the name, or by the host of the address.

use super::address::is_address;
use super::http::source_url;
use super::{Conditions, LoadError, Loaded, Loader};
use crate::config::{LoaderKind, SourceConfig};
use async_trait::async_trait;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// What stands in ids as it is.
const ID_TEXT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b'/');

/// Asks the first source that an id belongs to, and another loader for ids that belong to none.
#[derive(Debug)]
pub struct RoutedLoader {
    routes: Vec<Route>,
    otherwise: Arc<dyn Loader>,
}

/// One source and what belongs to it.
#[derive(Debug)]
pub struct Route {
    belongs: Belongs,
    loader: Arc<dyn Loader>,
}

#[derive(Debug)]
enum Belongs {
    /// Ids that begin like this, written as ids are.
    Prefix {
        text: String,
        /// The loader does not see it.
        strip: bool,
    },
    /// Addresses at this host, in lower case.
    Host {
        name: String,
        /// The loader sees the whole address, not only its path.
        whole: bool,
    },
}

impl Route {
    /// The source of a `[[sources]]` table. Its loader is made elsewhere.
    pub fn new(source: &SourceConfig, loader: Arc<dyn Loader>) -> Self {
        let prefix = source.prefix.trim_start_matches('/');
        let belongs = if source.host.is_empty() {
            let text = utf8_percent_encode(prefix, ID_TEXT).to_string();
            Belongs::Prefix { text, strip: source.strip_prefix }
        } else {
            let whole = matches!(source.loader, LoaderKind::Http | LoaderKind::Https | LoaderKind::StrictHttps);
            Belongs::Host { name: source.host.to_ascii_lowercase(), whole }
        };
        Self { belongs, loader }
    }

    /// What the loader is to be asked for, if the id belongs to this source.
    fn id<'a>(&self, id: &'a str) -> Option<Cow<'a, str>> {
        match &self.belongs {
            Belongs::Prefix { text, strip } => {
                let rest = id.trim_start_matches('/').strip_prefix(text.as_str())?;
                Some(Cow::Borrowed(if *strip { rest } else { id }))
            }
            Belongs::Host { name, whole } => {
                let url = Some(id).filter(|id| is_address(id)).and_then(|id| source_url(id, "http"))?;
                let here = url.host_str() == Some(name);
                here.then(|| if *whole { Cow::Borrowed(id) } else { Cow::Owned(url.path()[1..].to_owned()) })
            }
        }
    }
}

impl RoutedLoader {
    /// A loader of these sources, in this order.
    pub fn new(routes: Vec<Route>, otherwise: Arc<dyn Loader>) -> Self {
        Self { routes, otherwise }
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Loader for RoutedLoader {
    async fn load(&self, id: &str, asked: &Conditions) -> Result<Loaded, LoadError> {
        for route in &self.routes {
            if let Some(id) = route.id(id) {
                return route.loader.load(&id, asked).await;
            }
        }
        self.otherwise.load(id, asked).await
    }
}

impl fmt::Display for RoutedLoader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for route in &self.routes {
            match &route.belongs {
                Belongs::Prefix { text, .. } => write!(f, "`{text}`: {}; ", route.loader)?,
                Belongs::Host { name, .. } => write!(f, "host `{name}`: {}; ", route.loader)?,
            }
        }
        write!(f, "else {}", self.otherwise)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loader::MemoryLoader;
    use crate::loader::conformance::{self, LIMIT_BYTES};

    fn source(prefix: &str, host: &str, strip_prefix: bool) -> SourceConfig {
        SourceConfig { prefix: prefix.into(), host: host.into(), strip_prefix, ..SourceConfig::default() }
    }

    fn one(name: &str, body: &str) -> Arc<dyn Loader> {
        Arc::new(MemoryLoader::new([(name, body.to_owned())]))
    }

    fn all() -> Arc<dyn Loader> {
        Arc::new(MemoryLoader::new(conformance::originals()).limited(LIMIT_BYTES))
    }

    #[tokio::test]
    async fn every_source_keeps_the_loader_contract() {
        let routes = || {
            vec![Route::new(&source("shop a/", "", true), all()), Route::new(&source("", "img.example", false), all())]
        };
        let none = || Arc::new(MemoryLoader::new([] as [(String, String); 0]));
        let quote = conformance::quote;
        let loader = RoutedLoader::new(routes(), none());
        conformance::run(&loader, "shop%20a/", |name| format!("shop%20a/{}", quote(name))).await;
        conformance::run(&RoutedLoader::new(Vec::new(), all()), "", quote).await;
        // As in any address, what is no letter has to be written encoded, and that once more in an id.
        let at_host = |name: &str| format!("http%3A//img.example/{}", quote(&quote(name)));
        for (name, body) in conformance::originals().into_iter().filter(|(_, body)| body.len() as u64 <= LIMIT_BYTES) {
            assert_eq!(conformance::body(&loader, &at_host(&name)).await.unwrap(), body, "{name}");
        }
    }

    #[tokio::test]
    async fn the_first_source_that_fits_is_asked() {
        let routes = vec![
            Route::new(&source("/a/b/", "", true), one("x", "deep")),
            Route::new(&source("a/", "", false), one("a/x", "whole")),
            Route::new(&source("é/", "", true), one("x", "accent")),
            Route::new(&source("", "IMG.example", false), one("p/x", "host")),
        ];
        let loader = RoutedLoader::new(routes, one("x", "else"));
        for (id, expected) in [
            ("a/b/x", Some("deep")),
            ("/a/b/x", Some("deep")),
            ("a/x", Some("whole")),
            ("a/y", None),
            ("%C3%A9/x", Some("accent")),
            ("x", Some("else")),
            ("b/a/x", None),
            ("http%3A//img.example/p/x", Some("host")),
            ("https%3A/IMG.EXAMPLE%3A8080/p/x%3Fv%3D1", Some("host")),
            ("http%3A//img.example.evil/p/x", None),
            ("http%3A//img.example%40evil/p/x", None),
            ("img.example/p/x", None),
            ("a/b/../x", None),
        ] {
            let body = conformance::body(&loader, id).await;
            assert_eq!(body.ok().as_deref(), expected.map(str::as_bytes), "{id}");
        }
        let name = loader.to_string();
        assert!(name.starts_with("`a/b/`: memory (1 originals); ") && name.ends_with("; else memory (1 originals)"));
    }
}
