//! What happens to these pixels: all numbers final before the first one is decoded.
//!
//! [`Plan::resolve`] takes what was meant (the recipe), what the file's header says and what looking at it has found.
//! It decides the decode scale, the one window that is resampled, the layout of the pixels at every step and the
//! output. It knows neither URLs nor bytes.

mod apply;
mod copy;
mod layout;
mod limits;
mod memory;
mod output;
mod vector;

pub use copy::CopyPlan;
pub use layout::{Findings, Follows, Layout, Operation, layout};
pub use limits::{LimitError, Limits};
pub use output::{FormatReason, KeptExif, OutputPlan};
pub use vector::drawn;

use crate::codec::{self, DecodeOptions, SourceInfo};
use crate::geometry::{Canvas, Decoded, Focal, Orientation, Origin, Rect, Size, Upright, Window, shrink_on_load};
use crate::raster::{PixelFormat, Subsampling};
use crate::recipe::{Policy, Recipe, Scene};
use crate::transform::{self, Frame, Light};

/// What is behind a transparent GIF that becomes a video where the policy names no color, as in Thumbor.
const VIDEO_BACKGROUND: [u8; 3] = [255, 255, 255];

/// Everything that is done to the pixels of one request.
#[derive(Debug)]
pub struct Plan {
    /// Geometry as the metadata view tells it.
    pub layout: Layout,
    /// What the decoder is asked for.
    pub decode: DecodeOptions,
    /// How many frames are made.
    pub frames: u32,
    /// Size of the decoded picture.
    pub decoded: Size<Decoded>,
    /// Part of the decoded picture that shows, still lying as stored.
    pub window: Window,
    /// Size after resampling, still lying as stored.
    pub resampled: Size<Canvas>,
    /// Layout of the pixels after resampling.
    pub pixels: PixelFormat,
    /// In which numbers pixels are mixed.
    pub light: Light,
    /// Size of the picture in the end.
    pub canvas: Size<Canvas>,
    /// Turns and mirrors, done after resampling.
    pub orientation: Orientation,
    /// What follows, in order.
    pub steps: Vec<Step>,
    /// Size of the canvas before the first effect of the recipe, and after each.
    pub sizes: Vec<Size<Canvas>>,
    /// Upper bound of what each effect of the recipe costs on one frame, in pixel operations.
    pub work: Vec<u64>,
    /// What effects may know.
    pub scene: Scene,
    /// The file that is made.
    pub output: OutputPlan,
    /// What all this takes in memory at its peak, in bytes, estimated from above.
    pub memory_bytes: u64,
}

/// A step after geometry.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// CMYK becomes RGB, through the embedded profile if it is one for CMYK.
    RgbFromCmyk,
    /// Colors go from the embedded profile to sRGB.
    ToSrgb,
    /// The layout changes; alpha never gets lost here.
    Convert(PixelFormat),
    /// White lines are drawn around areas.
    Outline(Vec<Frame>),
    /// Effect number so and so of the recipe.
    Effect(usize),
    /// Transparent pixels are blended onto a color and alpha goes.
    Flatten([u8; 3]),
    /// Alpha goes, colors stay.
    DiscardAlpha,
}

/// Size of the source as a viewer sees it, and how it is turned to get there.
pub fn upright(info: &SourceInfo, policy: &Policy) -> (Size<Upright>, Orientation) {
    let orientation = if policy.respect_orientation { info.orientation } else { Orientation::UPRIGHT };
    (orientation.apply_to(info.size), orientation)
}

impl Plan {
    /// Decides everything.
    ///
    /// # Errors
    /// When the picture, or what it is to become, exceeds a limit.
    pub fn resolve(
        recipe: &Recipe,
        policy: &Policy,
        info: &SourceInfo,
        findings: &Findings,
        limits: &Limits,
    ) -> Result<Self, LimitError> {
        let (source, turn) = upright(info, policy);
        let mut layout = layout(&recipe.geometry, policy, source, findings);
        let assets = findings.assets.clone();
        let mut scene = Scene {
            frame: layout.frame,
            kernel: policy.resample,
            misread_frames: policy.misread_frames,
            assets,
            ..Scene::default()
        };
        // Effects that only resize are left to the resampler as long as nothing else came before them.
        let folded = recipe.effects.iter().take_while(|effect| effect.is_resize()).count();
        let sizes = sizes(recipe, layout.view.size, &scene);
        layout.view = layout.view.resize(sizes[folded]);
        let last = sizes[sizes.len() - 1];
        let output = OutputPlan::choose(recipe, policy, info, last);
        let frames = output.frames(info).min(limits.max_frames);
        for &size in &sizes {
            limits.canvas(size)?;
            limits.animation(frames, info.size, size)?;
        }
        let work: Vec<_> = recipe.effects.iter().zip(&sizes).map(|(effect, size)| effect.work(*size, &scene)).collect();
        limits.work(frames, work.iter().fold(0, |sum, work| sum.saturating_add(*work)))?;
        let wanted: Vec<_> =
            recipe.effects.iter().zip(&sizes).filter_map(|(effect, size)| effect.asset(*size, &scene)).collect();
        for (index, size) in wanted {
            scene.assets[index].size = size;
        }
        limits.assets(scene.assets.iter().map(|asset| asset.size))?;
        Limits::side(last, output.format)?;

        let orientation =
            if recipe.geometry.debug { turn } else { turn.then_flip(recipe.geometry.flip_x, recipe.geometry.flip_y) };
        let size = layout.view.size;
        let resampled = turned_back(orientation, size);
        let window = turn.stored_window(layout.view.window, source);
        let reduced = Reduced::of(info, window, turned_back(turn, size), policy.shrink_margin);

        let (light, rgb) = light(policy, info.pixels);
        let mut plan = Self {
            layout,
            decode: DecodeOptions { shrink: reduced.shrink, rgb },
            frames,
            decoded: reduced.decoded,
            window: reduced.window,
            resampled,
            canvas: last,
            pixels: if rgb { interleaved(info.pixels) } else { info.pixels },
            light,
            orientation,
            steps: Vec::new(),
            sizes,
            work,
            scene,
            output,
            memory_bytes: 0,
        };
        plan.add_steps(recipe, policy, info, folded);
        plan.memory_bytes = plan.memory_bytes(info, &plan.sizes[folded..], recipe.geometry.trim.is_some());
        Ok(plan)
    }

    /// The part of decoded frames that shows, with what resampling may look at besides: at most a box of pixels, whose
    /// side is the reduction's, and their chroma.
    pub fn shown(&self) -> Rect<Decoded> {
        let Window { width, height, .. } = self.window;
        let reduction = (width / f64::from(self.resampled.width)).max(height / f64::from(self.resampled.height));
        self.window.outwards(reduction + 4.0, self.decoded)
    }

    /// Decides the layout of the pixels from resampling to the encoder, and every conversion on the way.
    fn add_steps(&mut self, recipe: &Recipe, policy: &Policy, info: &SourceInfo, folded: usize) {
        let mut now = self.pixels;
        if now == PixelFormat::Cmyk {
            self.steps.push(Step::RgbFromCmyk);
            now = PixelFormat::Rgb;
        }
        if self.output.to_srgb {
            now = self.converted(now, interleaved(now));
            self.steps.push(Step::ToSrgb);
        }
        if recipe.geometry.debug {
            now = self.converted(now, interleaved(now));
            self.steps.push(Step::Outline(frames(&self.layout.focal)));
        }
        for (index, effect) in recipe.effects.iter().enumerate().skip(folded) {
            now = effect.gives(self.converted(now, effect.wants(now)));
            self.steps.push(Step::Effect(index));
        }
        let abilities = codec::of(self.output.format).abilities;
        if now.has_alpha() && (!abilities.alpha || self.output.video.is_some()) {
            let background = policy.flatten.or(self.output.video.map(|_| VIDEO_BACKGROUND));
            self.steps.push(background.map_or(Step::DiscardAlpha, Step::Flatten));
            let gray = background.is_none_or(|[r, g, b]| r == g && g == b);
            now = if now == PixelFormat::GrayAlpha && gray { PixelFormat::Gray } else { PixelFormat::Rgb };
        }
        let turns_alike = |chroma: &Subsampling| chroma.x == chroma.y || !self.orientation.transpose;
        let planar = self
            .output
            .planar
            .filter(turns_alike)
            .filter(|_| transform::keeps_chroma_in_place(self.orientation, self.resampled));
        let wanted = match now {
            PixelFormat::Gray if !abilities.gray => PixelFormat::Rgb,
            PixelFormat::GrayAlpha if !abilities.gray => PixelFormat::Rgba,
            PixelFormat::YCbCr(_) if planar.is_none() => PixelFormat::Rgb,
            other => other,
        };
        let written = self.converted(now, wanted);
        self.output.finish(written, info);

        // Planes that stay planes get the encoder's chroma; planes on their way to RGB get fine chroma from the
        // resampler, so that the conversion has nothing to interpolate.
        let stays = self.steps.iter().all(|step| !matches!(step, Step::Convert(_)));
        let chroma = planar.filter(|_| stays).unwrap_or(Subsampling::NONE);
        self.pixels = self.pixels.with_subsampling(chroma);
    }

    /// The layout `wanted`, with a step that converts `now` to it where they differ.
    fn converted(&mut self, now: PixelFormat, wanted: PixelFormat) -> PixelFormat {
        if now != wanted {
            self.steps.push(Step::Convert(wanted));
        }
        wanted
    }
}

/// How small a file is decoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reduced {
    /// Divisor of width and height.
    pub shrink: u32,
    /// Size of the decoded picture.
    pub decoded: Size<Decoded>,
    /// The part that shows, in pixels of the decoded picture.
    pub window: Window,
}

impl Reduced {
    /// The smallest decode of a file that is good enough for a `window` of it, in stored pixels, to be shown at `size`:
    /// still `margin` times larger than that.
    pub fn of(info: &SourceInfo, window: Window, size: Size<Canvas>, margin: f64) -> Self {
        let abilities = codec::of(info.format).abilities;
        let shrinks = if info.frames > 1 { &[] } else { abilities.shrinks };
        let shrink = shrink_on_load(window, size, margin, shrinks);
        let decoded: Size<Decoded> = info.size.div_ceil(shrink);
        let scale = |decoded: u32, stored: u32| {
            if abilities.shrinks_by_blocks { 1.0 / f64::from(shrink) } else { f64::from(decoded) / f64::from(stored) }
        };
        let window = window.scaled(scale(decoded.width, info.size.width), scale(decoded.height, info.size.height));
        Self { shrink, decoded, window }
    }
}

/// In which numbers pixels are mixed, and whether the decoder has to make them RGB for it.
///
/// Amounts of ink are mixed as they are, and so is light when nothing is said.
fn light(policy: &Policy, source: PixelFormat) -> (Light, bool) {
    match source {
        _ if !policy.resample_linear => (Light::Encoded, false),
        PixelFormat::Cmyk => (Light::Encoded, false),
        _ => (Light::Linear, matches!(source, PixelFormat::YCbCr(_))),
    }
}

/// Sizes of the canvas: `first`, and after each effect.
fn sizes(recipe: &Recipe, first: Size<Canvas>, scene: &Scene) -> Vec<Size<Canvas>> {
    let mut sizes = vec![first];
    for effect in &recipe.effects {
        sizes.push(effect.output_size(sizes[sizes.len() - 1], scene));
    }
    sizes
}

/// What `debug` draws: the extent of each point that somebody asked for, 10 pixels for mere points.
fn frames(points: &[Focal]) -> Vec<Frame> {
    const OF_POINT: u32 = 10;
    let side = |side: u32| if side <= 1 { OF_POINT } else { side };
    let asked_for = points.iter().filter(|point| point.origin != Origin::Alignment);
    asked_for.map(|p| Frame::around((p.x, p.y), (side(p.width), side(p.height)))).collect()
}

/// The size before turning that becomes `size` after it.
fn turned_back(orientation: Orientation, size: Size<Canvas>) -> Size<Canvas> {
    if orientation.transpose { size.transposed() } else { size }
}

/// The interleaved layout of the same content.
fn interleaved(format: PixelFormat) -> PixelFormat {
    if matches!(format, PixelFormat::YCbCr(_)) { PixelFormat::Rgb } else { format }
}
