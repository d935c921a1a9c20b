//! From a request to its rendition: who waits for what, and in which order. Knows no HTTP and no picture format.
//!
//! [`Pipeline::render`] and the function below it are the whole way; what happens to pixels is in [`job`].

mod admission;
mod file;
mod flight;
mod inputs;
pub mod job;
mod key;
mod look;
mod meta;
mod rendition;
mod video;

pub use admission::Busy;
pub use inputs::{Input, Inputs};
pub use key::CacheKey;
pub use rendition::{Rendition, StageTimes};
pub use video::VideoError;

use self::admission::{Admission, Permit};
use self::flight::Flights;
use self::inputs::Assets;
use self::job::{Job, JobError, Rendered};
use self::rendition::Stopwatch;
use self::video::Videos;
use crate::cache::ResultCache;
use crate::cancel::{CancelToken, Cancelled};
use crate::codec::Format;
use crate::config::Config;
use crate::error::{Error, SharedError};
use crate::filter;
use crate::loader::{Conditions, Forwarded, Loaded, Loader};
use crate::plan::{Limits, Plan};
use crate::recipe::{Policy, Recipe};
use crate::request::{Accept, ImageRequest};
use futures_util::future::try_join;
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
    admission: Admission,
    loader: Arc<dyn Loader>,
    assets: Arc<Assets>,
    videos: Option<Videos>,
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
    /// Kept from an earlier request.
    Cache,
    /// Made for this request.
    Made,
    /// Made for another request that was under way.
    Joined,
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
            admission: Admission::new(&config.admission),
            assets: Arc::new(Assets::new(Arc::clone(&loader), config.limits, &config.assets)),
            videos: Videos::new(&config.video),
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

    /// Tries what it needs besides itself, so that a server can say at its start what does not work.
    ///
    /// # Errors
    /// If videos are to be made and none can be.
    pub async fn try_out(&self) -> Result<(), VideoError> {
        match &self.videos {
            Some(videos) => videos.try_out().await,
            None => Ok(()),
        }
    }

    /// Requests that wait for a fetch or a slot, not counting those that joined others.
    pub fn waiting(&self) -> usize {
        self.admission.waiting()
    }

    /// Requests that wait for anything but the cache.
    pub fn passengers(&self) -> usize {
        self.flights.passengers()
    }

    /// The answer to a request; `forwarded` are headers of the client for the origin. Dropping the future gives the work up, unless somebody else waits for it too.
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
        if let Some(hit) = self.cache.get(&key).await {
            return Ok(Served { rendition: hit, via: Via::Cache });
        }
        let landing = self.flights.join(key, |key| Arc::clone(self).produce(key, recipe)).await;
        let via = if landing.joined { Via::Joined } else { Via::Made };
        let rendition = landing.outcome.unwrap_or_else(|| Err(Error::Bug("a flight ended without a result").into()))?;
        Ok(Served { rendition, via })
    }

    /// The flight: fetches, waits and works.
    async fn produce(self: Arc<Self>, key: CacheKey, mut recipe: Recipe) -> Result<Arc<Rendition>, SharedError> {
        if let Some(hit) = self.cache.get(&key).await {
            return Ok(hit); // another flight landed after we looked
        }
        let ticket = self.admission.enter()?; // line full: busy at once
        let mut watch = Stopwatch::start();
        let inputs = self.fetch(&mut recipe, &key.forwarded).await?; // of each file the header only is looked at
        let fetch = watch.lap();
        let ticket = ticket.holding(inputs.size_bytes())?; // memory full: busy too
        let (info, unseen) = (&inputs.source.info, inputs.unseen());
        let memory_bytes = Plan::foresee_memory(&recipe, &self.policy, info, &unseen, &self.limits)?;
        let permit = ticket.start(memory_bytes).await?; // memory and a slot
        let waited = StageTimes { fetch, queue: watch.lap(), ..StageTimes::default() };
        let rendition = Arc::new(self.work_off(permit, recipe, inputs, waited).await?);
        self.cache.insert(key, Arc::clone(&rendition)).await;
        Ok(rendition)
    }

    /// Gets the source and what filters draw with. From here on the recipe is one for this source.
    async fn fetch(self: &Arc<Self>, recipe: &mut Recipe, forwarded: &Forwarded) -> Result<Inputs, Error> {
        let asked = Conditions { forwarded: forwarded.clone(), ..Conditions::default() };
        let source = async {
            let source = self.loader.load(&recipe.source, &asked).await.and_then(Loaded::whole)?;
            Input::read(source, Some(&recipe.geometry), &self.limits).await
        };
        if !self.policy.gifs_unfiltered {
            let (source, assets) = try_join(source, self.assets.fetch(&recipe.assets, forwarded)).await?;
            return Ok(Inputs { source, assets });
        }
        let source = source.await?;
        if source.info.format == Format::Gif {
            recipe.forget_filters();
        }
        Ok(Inputs { source, assets: self.assets.fetch(&recipe.assets, forwarded).await? })
    }

    /// Does the work on a thread that may block, and what is left of it in another process. Dropping the future tells
    /// the thread to stop; until it does, it keeps its permit.
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
            let Self { policy, limits, work, .. } = &*this;
            let job = Job { recipe: &recipe, policy, limits, inputs: &inputs };
            let rendered = work(&job, &cancel)?;
            let video = rendered.video;
            Ok::<_, Error>((permit, Rendition::new(rendered, &recipe, waited), video))
        });
        let made = async {
            let (_permit, rendition, video) = thread.await.map_err(|_panic| Error::Bug("a job panicked"))??;
            match (video, &self.videos) {
                (Some(video), Some(videos)) => Ok(videos.replace(rendition, video).await),
                _ => Ok(rendition),
            }
        };
        tokio::time::timeout(self.render_timeout, made).await.unwrap_or_else(|_| Err(Cancelled::OutOfTime.into()))
    }
}

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
