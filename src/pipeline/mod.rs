//! From a request to its rendition: who waits for what, and in which order. Knows no HTTP and no picture format.
//!
//! [`Pipeline::render`] and the function below it are the whole way; what happens to pixels is in [`job`].

mod admission;
mod entity;
mod fallback;
mod file;
mod flight;
mod gathered;
mod inputs;
pub mod job;
mod key;
mod look;
mod meta;
mod rendition;

pub use admission::Busy;
pub use entity::Held;
pub use gathered::Unchanged;
pub use inputs::{Input, Inputs};
pub use key::CacheKey;
pub use rendition::{Rendition, StageTimes};

use self::admission::{Admission, Permit, Ticket};
use self::entity::Entities;
use self::flight::Flights;
use self::gathered::Gathered;
use self::inputs::Assets;
use self::job::{Job, JobError, Rendered};
use crate::cache::ResultCache;
use crate::cancel::{CancelToken, Cancelled};
use crate::config::Config;
use crate::error::{Error, SharedError};
use crate::filter;
use crate::loader::{Conditions, Forwarded, Loaded, Loader, Original};
use crate::plan::{Limits, Plan};
use crate::recipe::{Policy, Recipe};
use crate::request::{Accept, ImageId, ImageRequest};
use bytes::Bytes;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What renders one picture on one thread: [`job::run`], or what a test puts in its place.
pub type Work = dyn Fn(&Job<'_>, &CancelToken) -> Result<Rendered, JobError> + Send + Sync;

/// Everything between a request and its rendition.
pub struct Pipeline {
    policy: Policy,
    limits: Limits,
    cache: ResultCache<CacheKey, Arc<Rendition>>,
    flights: Flights<CacheKey, Result<Arc<Rendition>, SharedError>>,
    /// Of clients that hold something.
    checks: Flights<(CacheKey, Held), Result<Answer, SharedError>>,
    entities: Entities,
    /// What is shown where there is no source.
    fallback: Option<ImageId>,
    admission: Admission,
    loader: Arc<dyn Loader>,
    assets: Arc<Assets>,
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
    /// Kept from an earlier request.
    Cache,
    /// Made for this request.
    Made,
    /// Made for another request that was under way.
    Joined,
}

impl Via {
    /// A word for logs and headers.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cache => "hit",
            Self::Made => "miss",
            Self::Joined => "coalesced",
        }
    }
}

impl Pipeline {
    /// A pipeline with the settings of `config` that takes its sources from `loader`.
    pub fn new(config: &Config, loader: Arc<dyn Loader>) -> Self {
        Self {
            policy: config.policy.clone(),
            limits: config.limits,
            cache: ResultCache::new(&config.cache, |key: &CacheKey, rendition: &Arc<Rendition>| {
                key.size_bytes() + rendition.body.len()
            }),
            flights: Flights::default(),
            checks: Flights::default(),
            entities: Entities::new(&config.policy, &config.limits),
            fallback: config.fallback.image.as_deref().map(ImageId::of),
            admission: Admission::new(&config.admission),
            assets: Arc::new(Assets::new(Arc::clone(&loader), config.limits, &config.assets)),
            loader,
            render_timeout: config.admission.render_timeout,
            work: Arc::new(job::run),
        }
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

    /// Requests that wait for anything but the cache.
    pub fn passengers(&self) -> usize {
        self.flights.passengers() + self.checks.passengers()
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
        Ok(self.work_off(&key, &recipe, gathered).await?)
    }

    async fn answer(self: &Arc<Self>, request: &ImageRequest, client: &Client) -> Result<Answer, SharedError> {
        let recipe = filter::compile(request, client.accept, &self.policy)?;
        let key = CacheKey::of(request, &recipe.output, client.forwarded.clone());
        if let Some(rendition) = self.cache.get(&key).await {
            return Ok(Answer::Picture(Served { rendition, via: Via::Cache, instead_of: None }));
        }
        let recipe = Arc::new(recipe);
        if client.held.is_empty() || !recipe.is_repeatable() {
            return self.make(key, recipe, None).await.map(Answer::Picture);
        }
        let flight = |(key, held)| Arc::clone(self).produce_unless(key, held, recipe);
        self.checks.join((key, client.held.clone()), flight).await.outcome.unwrap_or_else(|| Err(LOST.into()))
    }

    /// Waits for the flight of this key, or starts it, with files that may be there already.
    async fn make(
        self: &Arc<Self>,
        key: CacheKey,
        recipe: Arc<Recipe>,
        gathered: Option<Gathered>,
    ) -> Result<Served, SharedError> {
        let landing = self.flights.join(key, |key| Arc::clone(self).produce(key, recipe, gathered)).await;
        let via = if landing.joined { Via::Joined } else { Via::Made };
        let rendition = landing.outcome.unwrap_or_else(|| Err(LOST.into()))?;
        Ok(Served { rendition, via, instead_of: None })
    }

    /// The flight: fetches, waits and works.
    async fn produce(
        self: Arc<Self>,
        key: CacheKey,
        recipe: Arc<Recipe>,
        gathered: Option<Gathered>,
    ) -> Result<Arc<Rendition>, SharedError> {
        if let Some(hit) = self.cache.get(&key).await {
            return Ok(hit); // another flight landed after we looked
        }
        let gathered = match gathered {
            Some(gathered) => gathered,
            None => {
                let ticket = self.admission.enter()?; // line full: busy at once
                self.gather(ticket, &key, &recipe, self.source(&key, &recipe)).await?
            }
        };
        let rendition = Arc::new(self.work_off(&key, &recipe, gathered).await?);
        if !rendition.provisional {
            self.cache.insert(key, Arc::clone(&rendition)).await;
        }
        Ok(rendition)
    }

    async fn source(&self, key: &CacheKey, recipe: &Recipe) -> Result<Original, Error> {
        let asked = Conditions { forwarded: key.forwarded.clone(), ..Conditions::default() };
        Ok(self.loader.load(&recipe.source, &asked).await.and_then(Loaded::whole)?)
    }

    /// Waits for memory and a slot, and does the work on a thread that may block. Dropping the future tells the thread
    /// to stop; until it does, it keeps its permit.
    async fn work_off(
        self: &Arc<Self>,
        key: &CacheKey,
        recipe: &Arc<Recipe>,
        gathered: Gathered,
    ) -> Result<Rendition, Error> {
        let Gathered { ticket, inputs, etag, fetch, mut watch } = gathered;
        let (info, unseen) = (&inputs.source.info, inputs.unseen());
        let memory_bytes = Plan::foresee_memory(recipe, &self.policy, info, &unseen, &self.limits)?;
        let permit = ticket.start(memory_bytes).await?; // memory and a slot
        let waited = StageTimes { fetch, queue: watch.lap(), ..StageTimes::default() };
        let cancel = CancelToken::new(Instant::now().checked_add(self.render_timeout));
        let _stop = CancelOnDrop(cancel.clone());
        let (this, key, recipe) = (Arc::clone(self), key.clone(), Arc::clone(recipe));
        let thread = tokio::task::spawn_blocking(move || {
            let _permit: Permit = permit;
            let Self { policy, limits, work, entities, .. } = &*this;
            let job = Job { recipe: &recipe, policy, limits, inputs: &inputs };
            let rendered = work(&job, &cancel)?;
            let repeatable = recipe.is_repeatable() && !rendered.provisional;
            let etag = repeatable.then(|| etag.unwrap_or_else(|| entities.tag(&key, &inputs)));
            Ok(Rendition::new(rendered, &recipe, waited, etag))
        });
        match tokio::time::timeout(self.render_timeout, thread).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_panic)) => Err(Error::Bug("a job panicked")),
            Err(_elapsed) => Err(Cancelled::OutOfTime.into()),
        }
    }
}

/// The end of a flight without a landing.
const LOST: Error = Error::Bug("a flight ended without a result");

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline").field("loader", &format_args!("{}", self.loader)).finish_non_exhaustive()
    }
}

/// Ends the work on another thread together with the future that waits for it.
struct CancelOnDrop(CancelToken);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
