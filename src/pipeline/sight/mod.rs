//! What detectors see in a source: looked at once for all sizes and crops of it, and remembered.

mod chain;
mod glance;
mod note;

pub use glance::Seen;

use self::chain::{Chain, asked, first_to_see};
use self::glance::Glance;
use super::admission::Admission;
use super::inputs::Input;
use super::look;
use super::thread::on_thread;
use crate::cache::ResultCache;
use crate::cancel::CancelToken;
use crate::config::Config;
use crate::error::{Error, SharedError};
use crate::flight::Flights;
use crate::geometry::Request;
use crate::originals::Originals;
use crate::plan::CopyPlan;
use crate::recipe::{GeometrySpec, Policy, Recipe};
use crate::request::Trim;
use crate::storage::Note;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::time::Duration;
use tracing::warn;

/// Bytes at either end of a file that tell it from an earlier one of the same name and length.
const TELLING_BYTES: usize = 16 << 10;

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
    chain: Chain,
    ignore_errors: bool,
    policy: Policy,
    admission: Arc<Admission>,
    /// Where what has been seen is kept beside the originals.
    originals: Originals,
    time: Duration,
    cache: ResultCache<View, Arc<Seen>>,
    flights: Flights<View, Result<Arc<Seen>, SharedError>>,
}

impl Sight {
    pub(super) fn new(config: &Config, admission: Arc<Admission>, originals: Originals) -> Self {
        let weigh = |view: &View, seen: &Arc<Seen>| {
            size_of::<View>() + view.source.len() + size_of::<Seen>() + size_of_val(seen.focal.as_slice())
        };
        Self {
            chain: Chain::new(&config.detection, &config.loader.bucket),
            ignore_errors: config.detection.ignore_errors,
            policy: config.policy.clone(),
            admission,
            originals,
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
                Ok(Some(Arc::new(Seen { provisional: true, failed: true, ..Seen::default() })))
            }
            outcome => outcome.map(Some),
        }
    }

    async fn see(self: Arc<Self>, view: View, source: Input) -> Result<Arc<Seen>, SharedError> {
        if let Some(seen) = self.cache.get(&view).await {
            return Ok(seen); // another flight landed after we looked
        }
        if let Some(seen) = self.noted(&view).await {
            self.cache.insert(view, Arc::clone(&seen)).await;
            return Ok(seen);
        }
        let side_px = self.chain.side_px();
        let memory_bytes = CopyPlan::of(&source.info, &self.policy, None, side_px).memory_bytes;
        let (this, trim) = (Arc::clone(&self), view.trim);
        let look = move |cancel: &CancelToken| {
            let glance = Glance::at(&source, trim, side_px, &this.policy, cancel)?;
            let regions = first_to_see(&this.chain.first, &glance.copy, cancel)?;
            let asks = regions.is_empty() && this.chain.remote.is_some();
            let jpeg = if asks { Some(look::jpeg(&glance.copy, cancel)?) } else { None };
            Ok((glance, regions, jpeg))
        };
        let permit = self.admission.start(memory_bytes).await?;
        let ((glance, mut regions, jpeg), _) = on_thread(permit, self.time, look).await?;
        let mut provisional = false;
        if let (Some(remote), Some(jpeg)) = (&self.chain.remote, jpeg) {
            (regions, provisional) = asked(remote, &jpeg, &view.source).await; // no slot is held meanwhile
        }
        let glance = Arc::new(glance);
        if regions.is_empty() && !self.chain.then.is_empty() {
            let (this, glance) = (Arc::clone(&self), Arc::clone(&glance));
            let permit = self.admission.start(memory_bytes).await?;
            let look = move |cancel: &CancelToken| first_to_see(&this.chain.then, &glance.copy, cancel);
            (regions, _) = on_thread(permit, self.time, look).await?;
        }
        let seen = Arc::new(Seen { provisional, ..glance.seen(&regions) });
        if !provisional {
            self.keep_note(&view, &seen).await;
            self.cache.insert(view, Arc::clone(&seen)).await;
        }
        Ok(seen)
    }

    /// What was seen some time ago, perhaps by Thumbor. Notes are kept of whole pictures only.
    async fn noted(&self, view: &View) -> Option<Arc<Seen>> {
        if view.trim.is_some() {
            return None;
        }
        let note = self.originals.note(&view.source, Note::Detectors).await?;
        let focal = note::read(&note, view.fingerprint);
        let focal = focal.inspect_err(|error| warn!(source = view.source, %error, "a note is broken")).ok()??;
        Some(Arc::new(Seen { focal, ..Seen::default() }))
    }

    async fn keep_note(&self, view: &View, seen: &Seen) {
        if view.trim.is_none() && !seen.focal.is_empty() {
            let note = note::written(&seen.focal, view.fingerprint);
            self.originals.keep_note(&view.source, Note::Detectors, note).await;
        }
    }
}

/// Whether anything depends on what detectors find.
fn wants_to_know(recipe: &Recipe) -> bool {
    let GeometrySpec { smart, debug, face_crop, fit_in, stretch, .. } = &recipe.geometry;
    let crops = fit_in.is_none() && !stretch && recipe.geometry.request != Request::default();
    *smart && (recipe.meta || *debug || face_crop.is_some() || crops)
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
    use crate::detect::{Detector, Region};
    use crate::filter;
    use crate::geometry::{Canvas, Focal, Origin, Window};
    use crate::loader::{Budget, MemoryLoader, Original};
    use crate::raster::PixelBuffer;
    use crate::request::{Accept, parse};
    use crate::storage::Stores;
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

    /// Never has the time to see anything.
    #[derive(Debug)]
    struct Late;

    impl fmt::Display for Late {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("late")
        }
    }

    impl Detector for Late {
        fn side_px(&self) -> u32 {
            100
        }

        fn detect(&self, _: &PixelBuffer<Canvas>, _: &CancelToken) -> Result<Vec<Region>, Cancelled> {
            Err(Cancelled::OutOfTime)
        }
    }

    fn looking_through(detector: &'static dyn Detector, config: &Config) -> Arc<Sight> {
        let admission = Arc::new(Admission::new(&config.admission));
        let nothing = MemoryLoader::new([("", Vec::new())]);
        let originals = Originals::new(Arc::new(nothing), &config.originals, &Stores::default(), &Budget::default());
        let chain = Chain { first: vec![detector], ..Chain::default() };
        Arc::new(Sight { chain, ..Sight::new(config, admission, originals) })
    }

    async fn source(file: &'static [u8]) -> Input {
        let file = Original::from(bytes::Bytes::from_static(file));
        Input::read(file, None, &crate::plan::Limits::default()).await.unwrap()
    }

    fn recipe(path: &str) -> Recipe {
        filter::compile(&parse(path).unwrap(), Accept::default(), &Policy::default()).unwrap()
    }

    #[tokio::test]
    async fn a_source_is_looked_at_once_for_all_its_sizes() {
        static COUNTING: Counting = Counting(AtomicUsize::new(0));
        let sight = looking_through(&COUNTING, &Config::default());
        let photo = source(include_bytes!("../../../config/samples/photo.jpg")).await;
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
        let changed = source(include_bytes!("../../../config/samples/wide.jpg")).await;
        sight.look(&first, &changed).await.unwrap();
        sight.look(&recipe("/unsafe/trim/9x9/smart/a.jpg"), &photo).await.unwrap();
        assert_eq!(COUNTING.0.load(Ordering::Relaxed), 3, "another file, another part of it");
    }

    #[tokio::test]
    async fn a_failed_look_is_an_error_or_goes_unnoticed_as_the_settings_say() {
        let photo = source(include_bytes!("../../../config/samples/photo.jpg")).await;
        let look = async |ignore_errors| {
            let mut config = Config::default();
            config.detection.ignore_errors = ignore_errors;
            looking_through(&Late, &config).look(&recipe("/unsafe/9x9/smart/a.jpg"), &photo).await
        };
        assert!(look(false).await.is_err());
        let seen = look(true).await.unwrap().unwrap();
        assert_eq!(*seen, Seen { provisional: true, failed: true, ..Seen::default() });
    }
}
