//! The first half of the way to a rendition: what a job needs is fetched, and may turn out to be all that is needed.

use super::admission::Ticket;
use super::entity::Held;
use super::inputs::{Input, Inputs};
use super::key::{CacheKey, Errand};
use super::rendition::Stopwatch;
use super::results::Shelfmark;
use super::{Answer, Pipeline};
use crate::codec::{Format, SourceInfo};
use crate::error::{Error, SharedError};
use crate::loader::Original;
use crate::plan::OutputPlan;
use crate::recipe::Recipe;
use crate::storage::tag_of;
use bytes::Bytes;
use futures_util::future::try_join;
use std::sync::Arc;
use std::time::Duration;

/// A place in line with the files that it was taken for.
#[derive(Debug)]
pub(super) struct Gathered {
    pub(super) ticket: Ticket,
    pub(super) inputs: Arc<Inputs>,
    /// The name of what will be made of them, if somebody wanted to know.
    pub(super) etag: Option<Bytes>,
    /// Time that fetching took.
    pub(super) fetch: Duration,
    /// The source is an older copy.
    pub(super) stale: bool,
    /// Runs since then.
    pub(super) watch: Stopwatch,
}

/// What a client holds already: no more was done than to find that out.
#[derive(Clone, Debug)]
pub struct Unchanged {
    /// Its name.
    pub etag: Bytes,
    /// As in a rendition.
    pub max_age_s: Option<u32>,
    /// As in a rendition.
    pub negotiated: bool,
    /// As in a rendition.
    pub tag: Bytes,
    /// As in a rendition.
    pub stale: bool,
    /// Time that fetching took.
    pub fetch: Duration,
}

impl Pipeline {
    /// Whether filters are for other pictures than this one.
    pub(super) fn skips_filters(&self, info: &SourceInfo) -> bool {
        self.policy.gifs_unfiltered && info.format == Format::Gif
    }

    /// The recipe as it holds for this source.
    pub(super) fn recipe_for(&self, info: &SourceInfo, recipe: &Arc<Recipe>) -> Arc<Recipe> {
        if self.skips_filters(info) { Arc::new(recipe.without_filters()) } else { Arc::clone(recipe) }
    }

    /// Fetches the files of a recipe, its source by `source`.
    pub(super) async fn gather(
        &self,
        ticket: Ticket,
        key: &CacheKey,
        recipe: &Recipe,
        source: impl Future<Output = Result<Original, Error>>,
    ) -> Result<Gathered, Error> {
        let mut watch = Stopwatch::start();
        let source = async {
            let source = source.await?;
            let stale = source.facts.stale;
            Ok((Input::read(source, Some(&recipe.geometry), &self.limits).await?, stale)) // header only
        };
        let assets = self.assets.fetch(&recipe.assets, &key.forwarded);
        let ((source, stale), assets) = if self.policy.gifs_unfiltered {
            let (source, stale) = source.await?;
            let assets = if self.skips_filters(&source.info) { Vec::new() } else { assets.await? };
            ((source, stale), assets)
        } else {
            try_join(source, assets).await?
        };
        let fetch = watch.lap();
        let inputs = Arc::new(Inputs { source, assets });
        let ticket = ticket.holding(inputs.size_bytes())?; // memory full: busy
        Ok(Gathered { ticket, inputs, etag: None, fetch, stale, watch })
    }

    /// The flight of those who hold these tags: fetches, and goes on to work only if there is something new.
    pub(super) async fn produce_unless(
        self: Arc<Self>,
        errand: Errand,
        held: Held,
        recipe: Arc<Recipe>,
        mark: Option<Shelfmark>,
    ) -> Result<Answer, SharedError> {
        let ticket = self.admission.enter()?;
        if let Some(stored) = self.stored(&errand, mark.as_ref()).await {
            return Ok(Answer::Picture(stored));
        }
        let key = &errand.key;
        let mut gathered = match self.gather(ticket, key, &recipe, self.source(key, &recipe)).await {
            Ok(gathered) => gathered,
            Err(error) => return self.spare(&errand, mark.as_ref(), error).await.map(Answer::Picture),
        };
        let etag = self.entities.tag_aside(key, &gathered.inputs).await?;
        if held.contains(&etag) {
            let negotiated = OutputPlan::is_negotiable(&recipe, &self.policy, &gathered.inputs.source.info);
            let max_age_s = recipe.output.max_age_s;
            let Gathered { fetch, stale, .. } = gathered;
            let tag = tag_of(&recipe.source).into();
            return Ok(Answer::Unchanged(Unchanged { etag, max_age_s, negotiated, tag, stale, fetch }));
        }
        gathered.etag = Some(etag);
        self.make(errand, recipe, mark, Some(gathered)).await.map(Answer::Picture)
    }
}
