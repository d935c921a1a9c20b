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
    use crate::geometry::{Decoded, Rect, Size};
    use crate::plan::{Findings, Limits};
    use crate::raster::Subsampling;
    use crate::raster::{Image, PixelFormat};
    use crate::recipe::Policy;
    use crate::request::{Accept, parse};

    #[test]
    fn what_is_outside_of_the_part_that_shows_is_not_seen() {
        let mut picture = PixelBuffer::new(PixelFormat::YCbCr(Subsampling::HALF), Size::new(301, 203));
        for (seed, plane) in (3_u32..).zip(picture.planes_mut()) {
            let mut state = seed;
            plane.data.fill_with(|| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            });
        }
        for progressive in [false, true] {
            let options = EncodeOptions { progressive, ..EncodeOptions::default() };
            let file = codec::of(Format::Jpeg).encode;
            let file = file(&Image::still(picture.clone()), &options, &CancelToken::never()).unwrap();
            let info = codec::probe(&file).unwrap();
            for options in ["10x150:290x190", "90x30:120x60/7x5", "101x51:250x180/40x0", "3x100/bottom", "50x200/right"]
            {
                for resample_linear in [false, true] {
                    let policy = Policy { resample_linear, ..Policy::default() };
                    let request = parse(&format!("/unsafe/{options}/i.jpg")).unwrap();
                    let recipe = filter::compile(&request, Accept::default(), &policy).unwrap();
                    let limits = Limits::default();
                    let plan = Plan::resolve(&recipe, &policy, &info, &Findings::default(), &limits).unwrap();
                    let render = |part: Option<Rect<Decoded>>| {
                        let mut decoder = codec::open(&file, &info, plan.decode).unwrap();
                        if let Some(part) = part {
                            decoder.look_at(part);
                        }
                        decoder.next_frame().unwrap();
                        plan.apply(decoder.as_mut(), &recipe, &info, &CancelToken::never()).unwrap()
                    };
                    assert!(plan.shown() != Rect::whole(plan.decoded), "{options} shows all");
                    assert!(render(Some(plan.shown())) == render(None), "{options} {progressive} {resample_linear}");
                }
            }
        }
    }

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
