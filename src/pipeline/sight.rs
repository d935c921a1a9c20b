//! What detectors see in a source: looked at once for all sizes and crops of it, and remembered.

use super::admission::Admission;
use super::flight::Flights;
use super::inputs::Input;
use super::job::JobError;
use super::look;
use super::thread::on_thread;
use crate::cache::ResultCache;
use crate::cancel::CancelToken;
use crate::config::Config;
use crate::detect::{self, Detector, Region};
use crate::error::{Error, SharedError};
use crate::geometry::{Canvas, Focal, Rect, Request, Upright};
use crate::plan::{self, CopyPlan};
use crate::raster::PixelBuffer;
use crate::recipe::{GeometrySpec, Policy, Recipe};
use crate::request::Trim;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;
use tracing::warn;

/// Bytes at either end of a file that tell it from an earlier one of the same name and length.
const TELLING_BYTES: usize = 16 << 10;

/// What has been seen in a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// What is left inside borders of one color, where the request asks for that.
    pub trim: Option<Rect<Upright>>,
    /// What a crop is to keep, in upright pixels of the source.
    pub focal: Vec<Focal>,
    /// A detector failed: the next request had better look again.
    pub provisional: bool,
}

impl Seen {
    /// What the first detector of `chain` sees that sees anything, after trimming if that is asked for.
    ///
    /// The source is decoded once, as small as the detector that wants to see most allows.
    ///
    /// # Errors
    /// When the source cannot be decoded, or the work is cancelled.
    pub fn of(
        source: &Input,
        trim: Option<Trim>,
        chain: &[&'static dyn Detector],
        policy: &Policy,
        cancel: &CancelToken,
    ) -> Result<Self, JobError> {
        let trim = trim.map(|trim| look::find_borders(source, policy, trim, cancel)).transpose()?.flatten();
        let plan = CopyPlan::of(&source.info, policy, trim, side_px(chain));
        let copy = look::copy(source, &plan, policy.resample, cancel)?;
        let regions = first_to_see(chain, &copy, cancel)?;
        let (whole, _) = plan::upright(&source.info, policy);
        let part = trim.unwrap_or(Rect::whole(whole));
        let focal = |region: &Region| {
            let seen = region.focal(part.size());
            Focal { x: seen.x + part.left, y: seen.y + part.top, ..seen }
        };
        Ok(Self { trim, focal: regions.iter().map(focal).collect(), provisional: false })
    }
}

/// The same file, looked at in the same way.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct View {
    source: String,
    fingerprint: u64,
    trim: Option<Trim>,
}

/// The detectors, in the order of the settings, and what they have seen.
#[derive(Debug)]
pub(super) struct Sight {
    chain: Vec<&'static dyn Detector>,
    ignore_errors: bool,
    policy: Policy,
    admission: Arc<Admission>,
    time: Duration,
    cache: ResultCache<View, Arc<Seen>>,
    flights: Flights<View, Result<Arc<Seen>, SharedError>>,
}

impl Sight {
    pub(super) fn new(config: &Config, admission: Arc<Admission>) -> Self {
        let weigh = |view: &View, seen: &Arc<Seen>| {
            size_of::<View>() + view.source.len() + size_of::<Seen>() + size_of_val(seen.focal.as_slice())
        };
        Self {
            chain: chain(config),
            ignore_errors: config.detection.ignore_errors,
            policy: config.policy.clone(),
            admission,
            time: config.admission.render_timeout,
            cache: ResultCache::new(&config.detection.cache, weigh),
            flights: Flights::default(),
        }
    }

    /// What the detectors see in a source; `None` where nobody wants to know.
    ///
    /// Requests for the same source at the same time wait for one look.
    pub(super) async fn look(
        self: &Arc<Self>,
        recipe: &Recipe,
        source: &Input,
    ) -> Result<Option<Arc<Seen>>, SharedError> {
        if self.chain.is_empty() || !wants_to_know(recipe) {
            return Ok(None);
        }
        let trim = recipe.geometry.trim;
        let view = View { source: recipe.source.clone(), fingerprint: fingerprint(&source.body), trim };
        if let Some(seen) = self.cache.get(&view).await {
            return Ok(Some(seen));
        }
        let look = |view| Arc::clone(self).see(view, source.clone());
        let outcome = self.flights.join(view, look).await.outcome;
        let outcome = outcome.unwrap_or_else(|| Err(Error::Bug("a look ended without a result").into()));
        match outcome {
            Err(error) if self.ignore_errors => {
                warn!(source = recipe.source, %error, "detection failed");
                Ok(Some(Arc::new(Seen { provisional: true, ..Seen::default() })))
            }
            outcome => outcome.map(Some),
        }
    }

    async fn see(self: Arc<Self>, view: View, source: Input) -> Result<Arc<Seen>, SharedError> {
        if let Some(seen) = self.cache.get(&view).await {
            return Ok(seen); // another flight landed after we looked
        }
        let memory_bytes = CopyPlan::of(&source.info, &self.policy, None, side_px(&self.chain)).memory_bytes;
        let permit = self.admission.start(memory_bytes).await?;
        let (this, trim) = (Arc::clone(&self), view.trim);
        let look = move |cancel: &CancelToken| Seen::of(&source, trim, &this.chain, &this.policy, cancel);
        let seen = on_thread(permit, self.time, look).await?;
        let seen = Arc::new(seen);
        self.cache.insert(view, Arc::clone(&seen)).await;
        Ok(seen)
    }
}

/// What the first detector of `chain` finds that finds anything.
fn first_to_see(
    chain: &[&'static dyn Detector],
    copy: &PixelBuffer<Canvas>,
    cancel: &CancelToken,
) -> Result<Vec<Region>, JobError> {
    for detector in chain {
        let found = detector.detect(&look::reduced(copy, detector.side_px()), cancel)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}

/// The longer side of a copy that all of `chain` can look at.
fn side_px(chain: &[&'static dyn Detector]) -> u32 {
    chain.iter().map(|detector| detector.side_px()).max().unwrap_or(0)
}

/// Whether anything depends on what detectors find.
fn wants_to_know(recipe: &Recipe) -> bool {
    let GeometrySpec { smart, debug, face_crop, fit_in, stretch, .. } = &recipe.geometry;
    let crops = fit_in.is_none() && !stretch && recipe.geometry.request != Request::default();
    *smart && (recipe.meta || *debug || face_crop.is_some() || crops)
}

/// The detectors that the settings mean, each once.
fn chain(config: &Config) -> Vec<&'static dyn Detector> {
    let mut names: Vec<&str> = Vec::new();
    for name in config.detection.detectors.iter().flat_map(|name| name.ours()) {
        if !names.contains(name) {
            names.push(name);
        }
    }
    names.into_iter().filter_map(detect::by_name).collect()
}

/// Tells files of the same name and length apart, as good as always.
fn fingerprint(file: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    file.len().hash(&mut hasher);
    hasher.write(&file[..file.len().min(TELLING_BYTES)]);
    hasher.write(&file[file.len().saturating_sub(TELLING_BYTES)..]);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::Cancelled;
    use crate::filter;
    use crate::geometry::{Origin, Window};
    use crate::loader::{OriginFacts, Original};
    use crate::request::{Accept, parse};
    use std::fmt;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Sees the left upper quarter and counts how often.
    #[derive(Debug)]
    struct Counting(AtomicUsize);

    impl fmt::Display for Counting {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("counting")
        }
    }

    impl Detector for Counting {
        fn side_px(&self) -> u32 {
            100
        }

        fn detect(&self, picture: &PixelBuffer<Canvas>, _: &CancelToken) -> Result<Vec<Region>, Cancelled> {
            assert!(picture.size().width.max(picture.size().height) <= 100);
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(vec![Region { area: Window::new(0.0, 0.0, 0.5, 0.5), origin: Origin::Face }])
        }
    }

    async fn source(file: &'static [u8]) -> Input {
        let file = Original { body: file.into(), facts: OriginFacts::default() };
        Input::read(file, None, &crate::plan::Limits::default()).await.unwrap()
    }

    fn recipe(path: &str) -> Recipe {
        filter::compile(&parse(path).unwrap(), Accept::default(), &Policy::default()).unwrap()
    }

    #[tokio::test]
    async fn a_source_is_looked_at_once_for_all_its_sizes() {
        static COUNTING: Counting = Counting(AtomicUsize::new(0));
        let config = Config::default();
        let admission = Arc::new(Admission::new(&config.admission));
        let sight = Arc::new(Sight { chain: vec![&COUNTING], ..Sight::new(&config, admission) });
        let photo = source(include_bytes!("../../config/samples/photo.jpg")).await;
        let first = recipe("/unsafe/100x100/smart/a.jpg");
        let (one, two) = tokio::join!(sight.look(&first, &photo), sight.look(&first, &photo));
        let seen = one.unwrap().unwrap();
        assert_eq!(seen.focal, [Focal::of_rect(0, 0, 800, 450, Origin::Face).unwrap()]);
        assert!(two.unwrap().unwrap() == seen && COUNTING.0.load(Ordering::Relaxed) == 1, "both waited for one look");
        for path in ["/unsafe/50x70/smart/a.jpg", "/unsafe/debug/smart/a.jpg", "/unsafe/meta/smart/a.jpg"] {
            assert!(sight.look(&recipe(path), &photo).await.unwrap().is_some());
        }
        assert_eq!(COUNTING.0.load(Ordering::Relaxed), 1, "remembered");
        for path in ["/unsafe/50x70/a.jpg", "/unsafe/fit-in/50x70/smart/a.jpg", "/unsafe/smart/a.jpg"] {
            assert!(sight.look(&recipe(path), &photo).await.unwrap().is_none(), "{path}: nobody wants to know");
        }
        let changed = source(include_bytes!("../../config/samples/wide.jpg")).await;
        sight.look(&first, &changed).await.unwrap();
        sight.look(&recipe("/unsafe/trim/9x9/smart/a.jpg"), &photo).await.unwrap();
        assert_eq!(COUNTING.0.load(Ordering::Relaxed), 3, "another file, another part of it");
    }
}
