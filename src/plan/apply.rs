//! Does to one frame what the plan says, and nothing else.

use super::{Plan, Step};
use crate::cancel::CancelToken;
use crate::codec::{CodecError, Decoder, SourceInfo};
use crate::geometry::Canvas;
use crate::raster::PixelBuffer;
use crate::recipe::Recipe;
use crate::transform::{Resampler, color, orient};

impl Plan {
    /// The frame that `decoder` is at, resampled as its rows come, then turned, converted and changed by the effects.
    ///
    /// # Errors
    /// What the decoder finds wrong, and somebody's wish to stop: asked for each band and each step.
    pub fn apply(
        &self,
        decoder: &mut dyn Decoder,
        recipe: &Recipe,
        info: &SourceInfo,
        cancel: &CancelToken,
    ) -> Result<PixelBuffer<Canvas>, CodecError> {
        let source = (decoder.size(), decoder.format());
        let target = (self.resampled, self.pixels);
        let mut resampler = Resampler::new(source, self.window, target, (self.scene.kernel, self.light));
        while let Some(band) = decoder.next_band()? {
            cancel.check()?;
            if !resampler.push(&band) {
                break;
            }
        }
        let mut frame = orient(resampler.finish(), self.orientation);
        for step in &self.steps {
            cancel.check()?;
            frame = self.step(step, frame, recipe, info);
        }
        Ok(frame)
    }

    fn step(&self, step: &Step, frame: PixelBuffer<Canvas>, recipe: &Recipe, info: &SourceInfo) -> PixelBuffer<Canvas> {
        match step {
            Step::RgbFromCmyk => color::rgb_from_cmyk(frame, info.icc.as_deref()),
            // A profile that cannot be used leaves the colors as they are.
            Step::ToSrgb => color::to_srgb(frame, info.icc.as_deref().unwrap_or_default()).unwrap_or_else(|same| same),
            Step::Convert(format) => color::convert(frame, *format),
            Step::Effect(index) => recipe.effects[*index].apply(frame, &self.scene),
            Step::Flatten(background) => color::flatten(frame, *background),
            Step::DiscardAlpha => color::discard_alpha(frame),
        }
    }
}
