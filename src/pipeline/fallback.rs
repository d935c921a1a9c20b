//! A picture in place of one that cannot be.

use super::entity::Held;
use super::{Answer, Client, Pipeline, Served};
use crate::error::{Error, Kind, SharedError};
use crate::filter;
use crate::request::{Accept, ImageId, ImageRequest};
use tracing::warn;

impl Pipeline {
    /// What takes the place of an answer that failed with `error`: the fallback image, treated as the request says.
    ///
    /// It is the answer to a request for that image, and so is kept under its own name and never under that of the
    /// picture that is missing.
    ///
    /// # Errors
    /// `error`, where there is no fallback for it, or none that can be shown.
    pub(super) async fn stand_in(
        self: &std::sync::Arc<Self>,
        request: &ImageRequest,
        client: &Client,
        error: SharedError,
    ) -> Result<Answer, SharedError> {
        let Some(image) = self.fallback_for(request, &error) else { return Err(error) };
        let instead = ImageRequest { image, ..request.clone() };
        match self.answer(&instead, &Client { held: Held::default(), ..client.clone() }).await {
            Ok(Answer::Picture(served)) => Ok(Answer::Picture(Served { instead_of: Some(error), ..served })),
            Ok(Answer::Unchanged(_)) => Err(error), // nobody holds anything
            Err(second) => {
                warn!(image = %instead.image, error = %*second, "the fallback image cannot be shown");
                Err(error)
            }
        }
    }

    /// The URL's own fallback, or that of the settings, for errors that are about the source.
    fn fallback_for(&self, request: &ImageRequest, error: &Error) -> Option<ImageId> {
        if request.meta || !is_about_source(error.kind()) {
            return None;
        }
        let recipe = filter::compile(request, Accept::NONE, &self.policy).ok()?;
        let image = recipe.fallback.or_else(|| self.fallback.clone())?;
        (image != request.image).then_some(image)
    }
}

/// Whether another picture may take the place: not where the request itself is wrong, nor where there is too much to do.
fn is_about_source(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::SourceNotFound
            | Kind::SourceTooLarge
            | Kind::SourceNotAnImage
            | Kind::SourceUnusable
            | Kind::OriginFailed
            | Kind::OriginLate
    )
}
