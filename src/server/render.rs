//! `POST /-/render/<options>`: bytes in, picture back.

use super::access::Trail;
use super::body::{self, BodyLimits};
use super::carrier::Bounds;
use super::error::Refusal;
use super::image::Images;
use super::token::Tokens;
use crate::config::Config;
use crate::error::SharedError;
use crate::pipeline::Rendition;
use crate::request::{self, ImageRequest, RequestError};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use std::sync::Arc;

/// Where the options stand behind.
pub(super) const PATH: &str = "/-/render";
/// Stands in paths for the picture that comes with the request.
const GIVEN: &str = "given";

/// What the handler needs.
#[derive(Debug)]
pub(super) struct Orders {
    images: Arc<Images>,
    /// None where everybody may.
    tokens: Option<Tokens>,
    limits: BodyLimits,
}

impl Orders {
    pub(super) fn new(images: Arc<Images>, config: &Config) -> Self {
        let limits = BodyLimits { max_bytes: config.loader.max_bytes, timeout: config.server.body_timeout };
        let tokens = (!config.uploads.render_open).then(|| Tokens::new(&config.security.tokens));
        Self { images, tokens, limits }
    }

    async fn render(&self, asked: &Parts, body: Body) -> Result<Rendition, Refusal> {
        self.tokens.as_ref().map_or(Ok(()), |tokens| tokens.check(&asked.headers))?;
        let refusal = |error: SharedError| self.images.refusal(&error, asked);
        let request = request(asked.uri.path()).map_err(|error| refusal(error.into()))?;
        let mut request = self.images.gate().expand(request).map_err(|error| refusal(error.into()))?;
        Bounds::shrink(&asked.extensions, &mut request);
        let place = self.images.pipeline().enter().map_err(|error| refusal(error.into()))?;
        let source = body::read(body, &asked.headers, self.limits, place.share()).await?;
        self.images.pipeline().render_given(place, &request, &self.images.client(asked), source).await.map_err(refusal)
    }
}

/// Answers with the picture that the options make of the body.
pub(super) async fn render(State(orders): State<Arc<Orders>>, request: Request) -> Response {
    let (asked, body) = request.into_parts();
    match orders.render(&asked, body).await {
        Ok(rendition) => {
            let trail = Trail::of_work(rendition.times);
            (Extension(trail), orders.images.made_to_order(&rendition)).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// The options of a path below [`PATH`], as a request for the picture that comes along.
fn request(path: &str) -> Result<ImageRequest, RequestError> {
    let options = path.strip_prefix(PATH).unwrap_or_default().trim_matches('/');
    let slash = if options.is_empty() { "" } else { "/" };
    let request = request::parse(&format!("/unsafe/{options}{slash}{GIVEN}"))?;
    match request.image.as_str() {
        GIVEN => Ok(request),
        image => Err(RequestError::NoOption { text: image.trim_end_matches(GIVEN).trim_end_matches('/').to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_holds_options_and_no_image() {
        let check = |path: &str, expected: Result<&str, &str>| {
            let found = request(path).map(|request| request.cache_key()).map_err(|error| error.to_string());
            assert_eq!(found, expected.map(str::to_owned).map_err(str::to_owned), "{path}");
        };
        check("/-/render", Ok("given"));
        check("/-/render/", Ok("given"));
        check("/-/render/300x200/smart", Ok("300x200/smart/given"));
        check(
            "/-/render/fit-in/30x20/filters:blur(2):format(webp)/",
            Ok("fit-in/30x20/filters:blur(2):format(webp)/given"),
        );
        check("/-/render/300x200/a.jpg", Err("`a.jpg` is no option"));
        check("/-/render/nonsense/300x200", Err("`nonsense/300x200` is no option"));
    }
}
