//! From a request to its rendition: who waits for what, and in which order. Knows no HTTP and no picture format.
//!
//! [`Pipeline::render`] and the function below it are the whole way; what happens to pixels is in [`job`].

mod admission;
mod entity;
mod explain;
mod fallback;
mod file;
mod gathered;
mod inputs;
pub mod job;
mod kept;
mod key;
mod load;
mod look;
mod meta;
mod proof;
mod purge;
mod ready;
mod rendition;
mod results;
mod sight;
mod thread;
mod timed;
mod video;

pub use admission::{Busy, Crowd};
pub use entity::{Held, tag_of_file};
pub use explain::Explanation;
pub use gathered::Unchanged;
pub use inputs::{Input, Inputs};
pub use key::CacheKey;
pub use load::Load;
pub use purge::Purged;
pub use rendition::{Rendition, StageTimes};
pub use sight::Seen;
pub use video::VideoError;

use self::admission::{Admission, Ticket};
use self::entity::Entities;
use self::gathered::Gathered;
use self::inputs::Assets;
use self::job::{Job, JobError, Rendered};
use self::key::Errand;
use self::ready::Ready;
use self::results::{Results, Shelfmark};
use self::sight::Sight;
use self::thread::on_thread;
use self::video::Videos;
use crate::cache::ResultCache;
use crate::cancel::CancelToken;
use crate::config::Config;
use crate::error::{Error, SharedError};
use crate::filter;
use crate::flight::Flights;
use crate::loader::{Conditions, Forwarded, Loaded, Loader, Original, Share};
use crate::originals::{Doubts, Originals};
use crate::plan::Limits;
use crate::recipe::{Policy, Recipe};
use crate::request::{Accept, ImageId, ImageRequest};
use crate::storage::{Counts, Stores};
use bytes::Bytes;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use tracing::warn;

/// What renders one picture on one thread: [`job::run`], or what a test puts in its place.
pub type Work = dyn Fn(&Job<'_>, &CancelToken) -> Result<Rendered, JobError> + Send + Sync;

/// Everything between a request and its rendition.
pub struct Pipeline {
    policy: Policy,
    limits: Limits,
    cache: ResultCache<CacheKey, Arc<Rendition>>,
    results: Option<Results>,
    flights: Flights<Errand, Result<Served, SharedError>>,
    /// Of clients that hold something.
    checks: Flights<(Errand, Held), Result<Answer, SharedError>>,
    entities: Entities,
    /// What is shown where there is no source.
    fallback: Option<ImageId>,
    admission: Arc<Admission>,
    originals: Originals,
    assets: Arc<Assets>,
    sight: Arc<Sight>,
    videos: Option<Videos>,
    /// Raised by whoever purges: what is being made then is not kept.
    doubts: Arc<Doubts>,
    render_timeout: Duration,
    work: Arc<Work>,
}

/// What a client's headers have to say in its answer.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// Formats that it takes.
    pub accept: Accept,
    /// What it holds already.
    pub held: Held,
    /// Headers that origins are to see.
    pub forwarded: Forwarded,
}

/// What a request comes to.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A picture, or what else was asked for.
    Picture(Served),
    /// The client holds it already.
    Unchanged(Unchanged),
}

/// A rendition and how it was come by.
#[derive(Clone, Debug)]
pub struct Served {
    /// The answer.
    pub rendition: Arc<Rendition>,
    /// Where it comes from.
    pub via: Via,
    /// Why it is not the picture that was asked for but the one that stands in for it.
    pub instead_of: Option<SharedError>,
}

/// A place in line that is held while the bytes of a source are still arriving.
#[derive(Debug)]
pub struct Place(Ticket);

/// Where a rendition comes from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Via {
    /// Kept in memory from an earlier request.
    Cache,
    /// Kept in the result storage from an earlier request.
    Stored,
    /// Made for this request.
    Made,
    /// Made for another request that was under way.
    Joined,
}

impl Place {
    /// The memory in which the source may arrive.
    pub fn share(&self) -> Share {
        self.0.sources().share()
    }
}

impl Via {
    /// A word for logs and headers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cache => "hit",
            Self::Stored => "stored",
            Self::Made => "miss",
            Self::Joined => "coalesced",
        }
    }
}

impl Pipeline {
    /// A pipeline with the settings of `config` that takes its sources from `loader` and stores nothing.
    pub fn new(config: &Config, loader: Arc<dyn Loader>) -> Self {
        Self::storing(config, loader, Stores::default())
    }

    /// The same, with storages.
    pub fn storing(config: &Config, loader: Arc<dyn Loader>, stores: Stores) -> Self {
        Self::admitting(Arc::new(Admission::new(&config.admission)), config, loader, stores)
    }

    fn admitting(admission: Arc<Admission>, config: &Config, loader: Arc<dyn Loader>, stores: Stores) -> Self {
        let originals = Originals::new(loader, &config.originals, &stores, admission.sources());
        let doubts = Arc::<Doubts>::default();
        Self {
            policy: config.policy.clone(),
            limits: config.limits,
            cache: ResultCache::new(&config.cache, |key: &CacheKey, rendition: &Arc<Rendition>| {
                key.size_bytes() + rendition.body.len()
            }),
            results: stores.results.map(|store| Results::new(store, config)),
            flights: Flights::default(),
            checks: Flights::default(),
            entities: Entities::new(config),
            fallback: config.fallback.image.as_deref().map(ImageId::of),
            sight: Arc::new(Sight::new(config, Arc::clone(&admission), originals.clone())),
            admission,
            assets: Arc::new(Assets::new(Arc::new(originals.clone()), Arc::clone(&doubts), config)),
            videos: Videos::new(&config.video),
            originals,
            doubts,
            render_timeout: config.admission.render_timeout,
            work: Arc::new(job::run),
        }
    }

    /// A pipeline with other settings, which begins empty. Both share one line and its slots, so that those who still
    /// wait in this one count.
    #[must_use]
    pub fn successor(&self, config: &Config, loader: Arc<dyn Loader>, stores: Stores) -> Self {
        let work = Arc::clone(&self.work);
        Self { work, ..Self::admitting(Arc::clone(&self.admission), config, loader, stores) }
    }

    /// The same pipeline with other work in place of [`job::run`].
    #[must_use]
    pub fn with_work(
        self,
        work: impl Fn(&Job<'_>, &CancelToken) -> Result<Rendered, JobError> + Send + Sync + 'static,
    ) -> Self {
        Self { work: Arc::new(work), ..self }
    }

    /// Requests that wait for a fetch or a slot, not counting those that joined others.
    pub fn waiting(&self) -> usize {
        self.admission.waiting()
    }

    /// Bytes of sources in memory: those that arrive, and those that wait to be rendered or are.
    pub fn source_bytes(&self) -> u64 {
        self.admission.sources().held_bytes()
    }

    /// Waits until pictures have been made and none are any more, for some seconds: the time to tidy up.
    pub async fn rest(&self) {
        self.admission.rest().await;
    }

    /// Requests that wait for anything but the cache.
    pub fn passengers(&self) -> usize {
        self.flights.passengers() + self.checks.passengers()
    }

    /// The originals that it works on.
    pub fn originals(&self) -> &Originals {
        &self.originals
    }

    /// What happened to the result storage so far, if there is one.
    pub fn result_counts(&self) -> Option<Counts> {
        self.results.as_ref().map(Results::counts)
    }

    /// Waits until all that has to be stored is.
    pub async fn settle(&self) {
        if let Some(results) = &self.results {
            results.settle().await;
        }
        self.originals.settle().await;
    }

    /// The same, but no longer than until `deadline`; the log says when that was too early.
    pub async fn settle_by(&self, deadline: Instant) {
        if timeout_at(deadline, self.settle()).await.is_err() {
            warn!("some results were not stored in time");
        }
    }

    /// The answer to a client's request. Dropping the future gives the work up, unless somebody else waits for it too.
    ///
    /// # Errors
    /// Whatever [`Error`] sums up; those who wait for the same work get the same error.
    pub async fn render(self: &Arc<Self>, request: &ImageRequest, client: &Client) -> Result<Answer, SharedError> {
        match self.answer(request, client).await {
            Err(error) => self.stand_in(request, client, error).await,
            answer => answer,
        }
    }

    /// Takes a place in line for a source that is yet to arrive, or says at once that there is none.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn enter(&self) -> Result<Place, Error> {
        Ok(Place(self.admission.enter()?))
    }

    /// The rendition of a source that the caller brings along. Dropping the future gives the work up.
    ///
    /// # Errors
    /// Whatever [`Error`] sums up.
    pub async fn render_given(
        self: &Arc<Self>,
        place: Place,
        request: &ImageRequest,
        client: &Client,
        source: Bytes,
    ) -> Result<Rendition, SharedError> {
        let recipe = Arc::new(filter::compile(request, client.accept, &self.policy)?);
        let key = CacheKey::of(request, &recipe.output, client.forwarded.clone());
        let gathered = self.gather(place.0, &key, &recipe, async { Ok(Original::from(source)) }).await?;
        self.work_off(&key, &recipe, gathered).await
    }

    async fn answer(self: &Arc<Self>, request: &ImageRequest, client: &Client) -> Result<Answer, SharedError> {
        let recipe = filter::compile(request, client.accept, &self.policy)?;
        let key = CacheKey::of(request, &recipe.output, client.forwarded.clone());
        if let Some(rendition) = self.cache.get(&key).await {
            return Ok(Answer::Picture(Served { rendition, via: Via::Cache, instead_of: None }));
        }
        let mark = self.results.as_ref().and_then(|results| results.mark(request, &key, &recipe.output));
        let (recipe, image) = (Arc::new(recipe), request.image.as_str().to_owned());
        let errand = Errand { stamp: self.doubts.stamp(&image), key, image };
        if client.held.is_empty() || !recipe.is_repeatable() {
            return self.make(errand, recipe, mark, None).await.map(Answer::Picture);
        }
        let flight = |(errand, held)| Arc::clone(self).produce_unless(errand, held, recipe, mark);
        self.checks.join((errand, client.held.clone()), flight).await.outcome.unwrap_or_else(|| Err(LOST.into()))
    }

    /// Waits for the flight of this errand, or starts it, with files that may be there already.
    async fn make(
        self: &Arc<Self>,
        errand: Errand,
        recipe: Arc<Recipe>,
        mark: Option<Shelfmark>,
        gathered: Option<Gathered>,
    ) -> Result<Served, SharedError> {
        let flight = |errand| Arc::clone(self).produce(errand, recipe, mark, gathered);
        let landing = self.flights.join(errand, flight).await;
        let served = landing.outcome.unwrap_or_else(|| Err(LOST.into()))?;
        Ok(if landing.joined { Served { via: Via::Joined, ..served } } else { served })
    }

    /// The flight: finds the rendition where results are kept, or fetches, waits, works and keeps it there.
    async fn produce(
        self: Arc<Self>,
        errand: Errand,
        recipe: Arc<Recipe>,
        mark: Option<Shelfmark>,
        gathered: Option<Gathered>,
    ) -> Result<Served, SharedError> {
        if let Some(rendition) = self.cache.get(&errand.key).await {
            return Ok(Served { rendition, via: Via::Cache, instead_of: None }); // another flight landed meanwhile
        }
        let gathered = if let Some(gathered) = gathered {
            gathered
        } else {
            let ticket = self.admission.enter()?; // line full: busy at once
            if let Some(stored) = self.stored(&errand, mark.as_ref()).await {
                return Ok(stored);
            }
            match self.gather(ticket, &errand.key, &recipe, self.source(&errand.key, &recipe)).await {
                Ok(gathered) => gathered,
                Err(error) => return self.spare(&errand, mark.as_ref(), error).await,
            }
        };
        let rendition = Arc::new(self.work_off(&errand.key, &recipe, gathered).await?);
        self.keep(&errand, mark, &rendition).await;
        Ok(Served { rendition, via: Via::Made, instead_of: None })
    }

    async fn source(&self, key: &CacheKey, recipe: &Recipe) -> Result<Original, Error> {
        let asked = Conditions { forwarded: key.forwarded.clone(), ..Conditions::default() };
        Ok(self.originals.load(&recipe.source, &asked).await.and_then(Loaded::whole)?)
    }

    /// Does the work on a thread once a slot is free, and what is left of it in another process.
    async fn work_off(
        self: &Arc<Self>,
        key: &CacheKey,
        recipe: &Arc<Recipe>,
        gathered: Gathered,
    ) -> Result<Rendition, SharedError> {
        let Ready { permit, recipe, inputs, seen, etag, stale, waited } = self.ready(recipe, gathered).await?;
        let (this, key) = (Arc::clone(self), key.clone());
        let work = move |cancel: &CancelToken| {
            let Self { policy, limits, work, entities, .. } = &*this;
            let job = Job { recipe: &recipe, policy, limits, inputs: &inputs, seen: seen.as_deref() };
            let rendered = work(&job, cancel)?;
            let (video, repeatable) = (rendered.video, recipe.is_repeatable() && !rendered.provisional);
            let etag = repeatable.then(|| etag.unwrap_or_else(|| entities.tag(&key, &inputs)));
            Ok((Rendition { stale, ..Rendition::new(rendered, &recipe, waited, etag) }, video))
        };
        let ((rendition, video), permit) = on_thread(permit, self.render_timeout, work).await?;
        let rendition = self.filmed(rendition, video, permit).await?;
        rendition.times.count();
        Ok(rendition)
    }
}

/// The end of a flight without a landing.
const LOST: Error = Error::Bug("a flight ended without a result");

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline").field("loader", &format_args!("{}", self.originals)).finish_non_exhaustive()
    }
}
