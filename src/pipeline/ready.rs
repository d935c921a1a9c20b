//! The moment before the work: everything is there, and a slot is free.

use super::Pipeline;
use super::admission::Permit;
use super::gathered::Gathered;
use super::inputs::Inputs;
use super::rendition::StageTimes;
use super::sight::Seen;
use crate::error::{Error, SharedError};
use crate::plan::Plan;
use crate::recipe::Recipe;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;

/// What a job needs, with the right to do it.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) permit: Permit,
    /// As it holds for this source.
    pub(super) recipe: Arc<Recipe>,
    pub(super) inputs: Arc<Inputs>,
    /// What detectors have seen in the source, where somebody asked them.
    pub(super) seen: Option<Arc<Seen>>,
    /// As in [`Gathered`].
    pub(super) etag: Option<Bytes>,
    /// As in [`Gathered`].
    pub(super) stale: bool,
    /// Time that fetching and waiting took.
    pub(super) waited: StageTimes,
}

impl Pipeline {
    /// Has the source looked at, if the recipe wants that, and waits for memory and a slot.
    pub(super) async fn ready(
        self: &Arc<Self>,
        recipe: &Arc<Recipe>,
        gathered: Gathered,
    ) -> Result<Ready, SharedError> {
        let Gathered { ticket, inputs, etag, fetch, stale, mut watch, .. } = gathered;
        let seen = self.sight.look(recipe, &inputs.source).await?; // remembered, or with a slot of its own
        let detect = if seen.is_some() { watch.lap() } else { Duration::ZERO };
        let (info, unseen) = (&inputs.source.info, inputs.unseen());
        let recipe = self.recipe_for(info, recipe);
        let memory_bytes =
            Plan::foresee_memory(&recipe, &self.policy, info, &unseen, &self.limits).map_err(Error::from)?;
        let permit = ticket.start(memory_bytes).await.map_err(Error::from)?; // memory and a slot
        let waited = StageTimes { fetch, detect, queue: watch.lap(), ..StageTimes::default() };
        Ok(Ready { permit, recipe, inputs, seen, etag, stale, waited })
    }
}
