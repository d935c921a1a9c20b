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
        let side_px = self.chain.iter().map(|detector| detector.side_px()).max().unwrap_or(0);
        let memory_bytes = CopyPlan::of(&source.info, &self.policy, None, side_px).memory_bytes;
        let permit = self.admission.start(memory_bytes).await?;
        let (this, trim) = (Arc::clone(&self), view.trim);
        let seen = on_thread(permit, self.time, move |cancel| this.detect(&source, trim, side_px, cancel)).await?;
        let seen = Arc::new(seen);
        self.cache.insert(view, Arc::clone(&seen)).await;
        Ok(seen)
    }

    /// The blocking half.
    fn detect(&self, source: &Input, trim: Option<Trim>, side_px: u32, cancel: &CancelToken) -> Result<Seen, JobError> {
        let trim = trim.map(|trim| look::find_borders(source, &self.policy, trim, cancel)).transpose()?.flatten();
        let plan = CopyPlan::of(&source.info, &self.policy, trim, side_px);
        let copy = look::copy(source, &plan, self.policy.resample, cancel)?;
        let regions = first_to_see(&self.chain, &copy, cancel)?;
        let (whole, _) = plan::upright(&source.info, &self.policy);
        let part = trim.unwrap_or(Rect::whole(whole));
        let focal = |region: &Region| {
            let seen = region.focal(part.size());
            Focal { x: seen.x + part.left, y: seen.y + part.top, ..seen }
        };
        Ok(Seen { trim, focal: regions.iter().map(focal).collect(), provisional: false })
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
