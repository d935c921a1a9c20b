//! From a request to its rendition: who waits for what, and in which order. Knows no HTTP and no picture format.
//!
//! [`Pipeline::render`] and the function below it are the whole way; what happens to pixels is in [`job`].

mod admission;
mod file;
mod inputs;
pub mod job;
mod key;
mod look;
mod meta;
mod purge;
mod rendition;
mod results;

pub use admission::Busy;
pub use inputs::{Input, Inputs};
pub use key::CacheKey;
pub use purge::Purged;
pub use rendition::{Rendition, StageTimes};

use self::admission::{Admission, Permit, Ticket};
use self::inputs::Assets;
use self::job::{Job, JobError, Rendered};
use self::rendition::Stopwatch;
use self::results::{Place, Results};
use crate::cache::ResultCache;
use crate::cancel::{CancelToken, Cancelled};
use crate::config::Config;
use crate::error::{Error, SharedError};
use crate::filter;
use crate::flight::Flights;
use crate::loader::{Conditions, Forwarded, Loaded, Loader};
use crate::originals::Originals;
use crate::plan::{Limits, Plan};
use crate::recipe::{Policy, Recipe};
use crate::request::{Accept, ImageRequest};
use crate::storage::{Counts, Stores};
use futures_util::future::try_join;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long an answer is kept that was made from an old copy of an original: its source is asked again soon.
const STALE_TTL: Duration = Duration::from_secs(5);

/// What renders one picture on one thread: [`job::run`], or what a test puts in its place.
pub type Work = dyn Fn(&Job<'_>, &CancelToken) -> Result<Rendered, JobError> + Send + Sync;

/// Everything between a request and its rendition.
pub struct Pipeline {
    policy: Policy,
    limits: Limits,
    cache: ResultCache<CacheKey, Arc<Rendition>>,
    results: Option<Results>,
    flights: Flights<CacheKey, Result<Served, SharedError>>,
    admission: Admission,
    originals: Originals,
    assets: Arc<Assets>,
    /// How often something was purged: what was begun before may be what had to go.
    purges: AtomicU64,
    render_timeout: Duration,
    work: Arc<Work>,
}

/// A rendition and how it was come by.
#[derive(Clone, Debug)]
pub struct Served {
    /// The answer.
    pub rendition: Arc<Rendition>,
    /// Where it comes from.
    pub via: Via,
}

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

impl Pipeline {
    /// A pipeline with the settings of `config` that takes its sources from `loader` and stores nothing.
    pub fn new(config: &Config, loader: Arc<dyn Loader>) -> Self {
        Self::storing(config, loader, Stores::default())
    }

    /// The same, with storages.
    pub fn storing(config: &Config, loader: Arc<dyn Loader>, stores: Stores) -> Self {
        let originals = Originals::new(loader, &config.originals, stores.originals, stores.notes);
        Self {
            policy: config.policy.clone(),
            limits: config.limits,
            cache: ResultCache::new(&config.cache, |key: &CacheKey, rendition: &Arc<Rendition>| {
                key.size_bytes() + rendition.body.len()
            }),
            results: stores.results.map(|store| Results::new(store, &config.results, &config.policy)),
            flights: Flights::default(),
            admission: Admission::new(&config.admission),
            assets: Arc::new(Assets::new(Arc::new(originals.clone()), config.limits, &config.assets)),
            originals,
            purges: AtomicU64::new(0),
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
        self.flights.passengers()
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

    /// The answer to a request; `forwarded` are headers of the client for the origin. Dropping the future gives the work
    /// up, unless somebody else waits for it too.
    ///
    /// # Errors
    /// Whatever [`Error`] sums up; those who wait for the same work get the same error.
    pub async fn render(
        self: &Arc<Self>,
        request: &ImageRequest,
        accept: Accept,
        forwarded: Forwarded,
    ) -> Result<Served, SharedError> {
        let recipe = filter::compile(request, accept, &self.policy)?;
        let key = CacheKey::of(request, &recipe.output, forwarded);
        if let Some(rendition) = self.cache.get(&key).await {
            return Ok(Served { rendition, via: Via::Cache });
        }
        let place = self.results.as_ref().and_then(|results| results.place(request, &key, &recipe.output));
        let landing = self.flights.join(key, |key| Arc::clone(self).produce(key, recipe, place)).await;
        let served = landing.outcome.unwrap_or_else(|| Err(Error::Bug("a flight ended without a result").into()))?;
        Ok(if landing.joined { Served { via: Via::Joined, ..served } } else { served })
    }

    /// The flight: finds the rendition where results are kept, or makes it and keeps it there.
    async fn produce(
        self: Arc<Self>,
        key: CacheKey,
        recipe: Recipe,
        place: Option<Place>,
    ) -> Result<Served, SharedError> {
        if let Some(rendition) = self.cache.get(&key).await {
            return Ok(Served { rendition, via: Via::Cache }); // another flight landed after we looked
        }
        let purges = self.purges.load(Ordering::Acquire);
        let ticket = self.admission.enter()?; // line full: busy at once
        let (rendition, via) = match self.stored(place.as_ref()).await {
            Some(stored) => (stored, Via::Stored),
            None => (self.make(ticket, recipe, &key.forwarded).await?, Via::Made),
        };
        let served = Served { rendition: Arc::new(rendition), via };
        if purges == self.purges.load(Ordering::Acquire) {
            self.keep(key, place, &served).await;
        }
        Ok(served)
    }

    /// Fetches, waits and works.
    async fn make(
        self: &Arc<Self>,
        ticket: Ticket,
        recipe: Recipe,
        forwarded: &Forwarded,
    ) -> Result<Rendition, SharedError> {
        let mut watch = Stopwatch::start();
        let asked = Conditions { forwarded: forwarded.clone(), ..Conditions::default() };
        let source =
            async { self.originals.load(&recipe.source, &asked).await.and_then(Loaded::whole).map_err(Error::from) };
        let (source, assets) = try_join(source, self.assets.fetch(&recipe.assets, forwarded)).await?;
        let (fetch, stale) = (watch.lap(), source.facts.stale);
        let source = Input::read(source, Some(&recipe.geometry), &self.limits).await?; // header only
        let inputs = Inputs { source, assets };
        let ticket = ticket.holding(inputs.size_bytes())?; // memory full: busy too
        let (info, unseen) = (&inputs.source.info, inputs.unseen());
        let memory_bytes = Plan::foresee_memory(&recipe, &self.policy, info, &unseen, &self.limits)?;
        let permit = ticket.start(memory_bytes).await?; // memory and a slot
        let waited = StageTimes { fetch, queue: watch.lap(), ..StageTimes::default() };
        let rendition = self.work_off(permit, recipe, inputs, waited).await?;
        Ok(Rendition { stale, ..rendition })
    }

    async fn stored(&self, place: Option<&Place>) -> Option<Rendition> {
        self.results.as_ref()?.get(place?).await
    }

    /// Keeps a rendition in memory, and one that was made also in the result storage.
    async fn keep(&self, key: CacheKey, place: Option<Place>, served: &Served) {
        let rendition = Arc::clone(&served.rendition);
        if rendition.stale {
            return self.cache.insert_for(STALE_TTL, key, rendition).await;
        }
        if let (Some(results), Some(place), Via::Made) = (&self.results, place, served.via) {
            results.put_later(place, &rendition);
        }
        self.cache.insert(key, rendition).await;
    }

    /// Does the work on a thread that may block. Dropping the future tells the thread to stop; until it does, it
    /// keeps its permit.
    async fn work_off(
        self: &Arc<Self>,
        permit: Permit,
        recipe: Recipe,
        inputs: Inputs,
        waited: StageTimes,
    ) -> Result<Rendition, Error> {
        let cancel = CancelToken::new(Instant::now().checked_add(self.render_timeout));
        let _stop = CancelOnDrop(cancel.clone());
        let this = Arc::clone(self);
        let thread = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let Self { policy, limits, work, .. } = &*this;
            let job = Job { recipe: &recipe, policy, limits, inputs: &inputs };
            let rendered = work(&job, &cancel)?;
            Ok(Rendition::new(rendered, &recipe, waited))
        });
        match tokio::time::timeout(self.render_timeout, thread).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_panic)) => Err(Error::Bug("a job panicked")),
            Err(_elapsed) => Err(Cancelled::OutOfTime.into()),
        }
    }
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pipeline").field("loader", &format_args!("{}", self.originals)).finish_non_exhaustive()
    }
}

/// Ends the work on another thread together with the future that waits for it.
struct CancelOnDrop(CancelToken);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
