//! One look at a source: the copy that detectors see, and what it tells of the source.

use super::super::inputs::Input;
use super::super::job::JobError;
use super::super::look;
use super::chain::{first_to_see, side_px};
use crate::cancel::CancelToken;
use crate::detect::{Detector, Region};
use crate::geometry::{Canvas, Focal, Rect, Upright};
use crate::plan::{self, CopyPlan};
use crate::raster::PixelBuffer;
use crate::recipe::Policy;
use crate::request::Trim;

/// What has been seen in a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// What is left inside borders of one color, where the request asks for that.
    pub trim: Option<Rect<Upright>>,
    /// What a crop is to keep, in upright pixels of the source.
    pub focal: Vec<Focal>,
    /// A detector failed: the next request had better look again.
    pub provisional: bool,
    /// The look itself failed, so that not even borders are known.
    pub failed: bool,
}

impl Seen {
    /// What the first detector of `chain` sees that sees anything.
    ///
    /// The source is decoded once, as small as the detector that wants to see most allows.
    ///
    /// # Errors
    /// When the source cannot be decoded, or the work is cancelled.
    pub fn by(
        chain: &[&'static dyn Detector],
        source: &Input,
        policy: &Policy,
        cancel: &CancelToken,
    ) -> Result<Self, JobError> {
        let glance = Glance::at(source, None, side_px(chain), policy, cancel)?;
        Ok(glance.seen(&first_to_see(chain, &glance.copy, cancel)?))
    }
}

/// A small copy of a source and where it comes from.
#[derive(Debug)]
pub(super) struct Glance {
    pub(super) copy: PixelBuffer<Canvas>,
    trim: Option<Rect<Upright>>,
    part: Rect<Upright>,
}

impl Glance {
    /// Trims the source if that is asked for and copies what is left, decoding it as small as the copy allows.
    pub(super) fn at(
        source: &Input,
        trim: Option<Trim>,
        side_px: u32,
        policy: &Policy,
        cancel: &CancelToken,
    ) -> Result<Self, JobError> {
        let trim = trim.map(|trim| look::find_borders(source, policy, trim, cancel)).transpose()?.flatten();
        let plan = CopyPlan::of(&source.info, policy, trim, side_px);
        let copy = look::copy(source, &plan, policy.resample, cancel)?;
        let (whole, _) = plan::upright(&source.info, policy);
        Ok(Self { copy, trim, part: trim.unwrap_or(Rect::whole(whole)) })
    }

    /// What detectors see in the copy, seen in the source.
    pub(super) fn seen(&self, regions: &[Region]) -> Seen {
        let focal = |region: &Region| {
            let seen = region.focal(self.part.size());
            Focal { x: seen.x + self.part.left, y: seen.y + self.part.top, ..seen }
        };
        Seen { trim: self.trim, focal: regions.iter().map(focal).collect(), ..Seen::default() }
    }
}
