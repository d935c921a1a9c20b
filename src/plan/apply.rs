//! Does to one frame what the plan says, and nothing else.

use super::{Plan, Step};
use crate::cancel::CancelToken;
use crate::codec::{CodecError, Decoder, SourceInfo};
use crate::geometry::Canvas;
use crate::raster::PixelBuffer;
use crate::recipe::{Recipe, Scene};
use crate::transform::{Resampler, color, orient, outlined};

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
        let scene = Scene { cancel: cancel.clone(), ..self.scene.clone() };
        for step in &self.steps {
            cancel.check()?;
            frame = match step {
                Step::RgbFromCmyk => color::rgb_from_cmyk(frame, info.icc.as_deref()),
                // A profile that cannot be used leaves the colors as they are.
                Step::ToSrgb => {
                    color::to_srgb(frame, info.icc.as_deref().unwrap_or_default()).unwrap_or_else(|same| same)
                }
                Step::Convert(format) => color::convert(frame, *format),
                Step::Outline(frames) => outlined(frame, frames),
                Step::Effect(index) => recipe.effects[*index].apply(frame, &scene),
                Step::Flatten(background) => color::flatten(frame, *background),
                Step::DiscardAlpha => color::discard_alpha(frame),
            };
        }
        // The last step may have stopped halfway.
        cancel.check()?;
        Ok(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{self, EncodeOptions, Format};
    use crate::filter;
    use crate::geometry::Size;
    use crate::plan::{Findings, Limits};
    use crate::raster::{Image, PixelFormat};
    use crate::recipe::Policy;
    use crate::request::{Accept, parse};

    #[test]
    fn a_frame_that_nobody_waits_for_is_given_up() {
        let options = EncodeOptions::default();
        let picture = Image::still(PixelBuffer::new(PixelFormat::Rgb, Size::new(40, 40)));
        let file = (codec::of(Format::Png).encode)(&picture, &options, &CancelToken::never()).unwrap();
        let (info, policy) = (codec::probe(&file).unwrap(), Policy::default());
        let recipe = filter::compile(&parse("/unsafe/10x10/i.png").unwrap(), Accept::default(), &policy).unwrap();
        let plan = Plan::resolve(&recipe, &policy, &info, &Findings::default(), &Limits::default()).unwrap();
        let render = |cancel: &CancelToken| {
            let mut decoder = codec::open(&file, &info, plan.decode).unwrap();
            decoder.next_frame().unwrap();
            plan.apply(decoder.as_mut(), &recipe, &info, cancel)
        };
        let cancel = CancelToken::never();
        assert_eq!(render(&cancel).unwrap().size(), Size::new(10, 10));
        cancel.cancel();
        assert!(matches!(render(&cancel).unwrap_err(), CodecError::Cancelled(_)));
    }
}
