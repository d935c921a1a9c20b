//! What a URL means: typed options, effects in order, the output wanted. Knows no picture and no bytes.

mod scene;
mod video;

pub use scene::{Asset, Scene};
pub use video::Video;

use crate::codec::Format;
use crate::geometry::{Align, Canvas, FitIn, Focal, Rect, Request, Size};
use crate::raster::{PixelBuffer, PixelFormat, Subsampling};
use crate::request::{ImageId, Trim};
use crate::transform::{Kernel, PointStep};
use std::fmt::Debug;

/// The server's say in what requests mean: plain settings, the same for every request.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Quality of JPEG and, unless set apart, WebP: 0 to 100.
    pub quality: u8,
    /// Quality of WebP; 100 is lossless. `None` is [`Policy::quality`].
    pub webp_quality: Option<u8>,
    /// Effort of WebP, 0 (quick) to 6.
    pub webp_method: u8,
    /// Quality of AVIF. `None` is [`Policy::quality`].
    pub avif_quality: Option<u8>,
    /// Speed of AVIF, 0 (slow, small) to 9 (quick).
    pub avif_speed: u8,
    /// Progressive JPEG.
    pub progressive_jpeg: bool,
    /// How coarse color is in JPEG.
    pub jpeg_chroma: Chroma,
    /// zlib level of PNG, 0 to 9.
    pub png_level: u8,
    /// WebP for clients that accept it.
    pub auto_webp: bool,
    /// AVIF for clients that accept it, and not WebP or that is off.
    pub auto_avif: bool,
    /// JPEG for clients that accept it and pictures without transparency.
    pub auto_jpg: bool,
    /// PNG for clients that accept it and no other format that is on.
    pub auto_png: bool,
    /// Formats for clients that accept them, best first. Where there are any, the other `auto` fields but
    /// `auto_png_to_jpg` do not count.
    pub auto_preference: Vec<Format>,
    /// JPEG for PNG sources without transparency.
    pub auto_png_to_jpg: bool,
    /// Pictures with a palette get one again as PNG.
    pub preserve_indexed: bool,
    /// EXIF blocks are copied to the answer.
    pub preserve_exif: bool,
    /// Of EXIF blocks artist, copyright and time of change are copied, where they are not copied as a whole.
    pub preserve_exif_copyright: bool,
    /// IPTC records of JPEGs are copied to answers that are JPEGs.
    pub preserve_iptc: bool,
    /// Pictures are turned as their EXIF block says.
    pub respect_orientation: bool,
    /// Animations keep all frames; otherwise only the first.
    pub animation: bool,
    /// Sources and requests wider than this are reduced; 0 = no limit.
    pub max_width: u32,
    /// Sources and requests higher than this are reduced; 0 = no limit.
    pub max_height: u32,
    /// Background that transparent pixels are blended onto when the output has no alpha; `None` drops alpha
    /// without blending, as Thumbor does.
    pub flatten: Option<[u8; 3]>,
    /// ICC profiles are applied and dropped instead of kept.
    pub convert_to_srgb: bool,
    /// How many times larger than needed a reduced decode must stay.
    pub shrink_margin: f64,
    /// Resample in linear light.
    pub resample_linear: bool,
    /// Resampling kernel.
    pub resample: Kernel,
    /// Most filters in one request.
    pub max_filters: usize,
    /// Most pictures in one request besides its source.
    pub max_assets: usize,
    /// `max_bytes()` that nothing satisfies gives the picture at full quality, as Thumbor does, and not the smallest.
    pub all_or_nothing_bytes: bool,
    /// Names of the filters that exist, or [`Policy::ALL_FILTERS`] for those that exist everywhere.
    pub filters: Vec<String>,
    /// Calls that match no filter are errors instead of being skipped.
    pub strict_filters: bool,
    /// GIFs take no part in filters that come after loading, as in Thumbor.
    pub gifs_unfiltered: bool,
    /// Nine-patches are misread and not drawn, as in Thumbor.
    pub misread_frames: bool,
    /// GIFs become videos where a request asks for it.
    pub videos: bool,
    /// What a crop does with several areas that it is to keep.
    pub smart_crop: SmartCrop,
}

/// What a crop does with several areas that it is to keep.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SmartCrop {
    /// It is centered on their common center of mass, as in Thumbor, though that may cut all of them.
    #[default]
    Mean,
    /// It is moved from there until the weightiest is in it as a whole, and as many others as there is room for.
    Keep,
}

impl Policy {
    /// Stands for all filters but the few that have to be named.
    pub const ALL_FILTERS: &str = "all";

    /// Formats that are chosen for clients that accept them, best first.
    pub fn auto_formats(&self) -> Vec<Format> {
        if !self.auto_preference.is_empty() {
            return self.auto_preference.clone();
        }
        // Thumbor's order: who accepts AVIF accepts WebP, too, and gets that.
        let flags = [
            (self.auto_webp, Format::WebP),
            (self.auto_avif, Format::Avif),
            (self.auto_jpg, Format::Jpeg),
            (self.auto_png, Format::Png),
        ];
        flags.into_iter().filter(|(on, _)| *on).map(|(_, format)| format).collect()
    }

    /// Whether any answer depends on what the client accepts.
    pub fn negotiates(&self) -> bool {
        !self.auto_formats().is_empty()
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            quality: 80,
            webp_quality: None,
            webp_method: 2,
            avif_quality: None,
            avif_speed: 8,
            progressive_jpeg: true,
            jpeg_chroma: Chroma::default(),
            png_level: 6,
            auto_webp: false,
            auto_avif: false,
            auto_jpg: false,
            auto_png: false,
            auto_preference: Vec::new(),
            auto_png_to_jpg: false,
            preserve_indexed: true,
            preserve_exif: false,
            preserve_exif_copyright: false,
            preserve_iptc: false,
            respect_orientation: false,
            animation: true,
            max_width: 0,
            max_height: 0,
            flatten: Some([255, 255, 255]),
            convert_to_srgb: false,
            shrink_margin: 2.0,
            resample_linear: false,
            resample: Kernel::Lanczos,
            max_filters: 100,
            max_assets: 16,
            all_or_nothing_bytes: false,
            filters: vec![Self::ALL_FILTERS.to_owned()],
            strict_filters: false,
            gifs_unfiltered: false,
            misread_frames: true,
            videos: false,
            smart_crop: SmartCrop::Mean,
        }
    }
}

/// How coarse color is in JPEG.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Chroma {
    /// Always so.
    Fixed(Subsampling),
    /// As in a source that is a JPEG, else half in both directions.
    Keep,
}

impl Default for Chroma {
    fn default() -> Self {
        Self::Fixed(Subsampling::HALF)
    }
}

/// Everything that a request asks for.
#[derive(Debug)]
pub struct Recipe {
    /// Id of the source picture, as loaders take it.
    pub source: String,
    /// Which part of it and how large.
    pub geometry: GeometrySpec,
    /// Further pictures that effects draw with.
    pub assets: Vec<AssetSpec>,
    /// Changes to the pixels of the canvas, in URL order.
    pub effects: Vec<Box<dyn Effect>>,
    /// What comes out.
    pub output: OutputSpec,
    /// What is shown where there is no source, if the URL says so.
    pub fallback: Option<ImageId>,
    /// The answer is what would be done, as JSON.
    pub meta: bool,
    /// Names of filters that were skipped because they are unknown or their arguments do not match.
    pub ignored_filters: Vec<String>,
}

impl Recipe {
    /// Asks for a further picture by its name in plain text; gives its place in [`Scene::assets`].
    pub fn asset(&mut self, name: &str, whole: bool) -> usize {
        self.assets.push(AssetSpec { image: ImageId::of(name), whole });
        self.assets.len() - 1
    }

    /// Whether the same source always becomes the same picture.
    pub fn is_repeatable(&self) -> bool {
        self.effects.iter().all(|effect| effect.is_repeatable())
    }
}

/// A picture that an effect draws with. It comes the same way as the source does, and no filter changes it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AssetSpec {
    /// Which picture.
    pub image: ImageId,
    /// Its pixels decide the size of the canvas, so that it is decoded as it is before anything is planned.
    pub whole: bool,
}

/// Which part of the source is shown, and at what size.
#[derive(Clone, Debug, Default)]
pub struct GeometrySpec {
    /// Stop after the manual crop, to show focal points.
    pub debug: bool,
    /// Borders of one color are cut off.
    pub trim: Option<Trim>,
    /// Manual crop, in pixels of the loaded picture.
    pub crop: Option<Rect<Canvas>>,
    /// Fit into the box instead of cropping to it.
    pub fit_in: Option<FitIn>,
    /// Distort instead of cropping.
    pub stretch: bool,
    /// Size asked for.
    pub request: Request,
    /// The size asked for is held to the source's.
    pub no_upscale: bool,
    /// What a crop keeps when there is no focal point.
    pub align: Align,
    /// Find focal points in the picture.
    pub smart: bool,
    /// Focal points from the URL.
    pub focal: Vec<Focal>,
    /// Show a face that was found instead of the whole picture.
    pub face_crop: Option<FaceCrop>,
    /// Mirror left to right.
    pub flip_x: bool,
    /// Mirror top to bottom.
    pub flip_y: bool,
}

/// A face that is shown as large as it can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaceCrop {
    /// 1 for the largest, 2 for the next; 0 for all together.
    pub index: usize,
    /// Room around it, in widths and heights of the face, and more room in pixels of the picture as it is loaded.
    pub padding: (f64, u32),
}

/// What comes out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutputSpec {
    /// Format asked for in the URL.
    pub format: Option<Format>,
    /// Formats that may be chosen freely instead of the source's, best first.
    pub offered: Vec<Format>,
    /// A few bytes in place of the picture.
    pub placeholder: Option<Placeholder>,
    /// Quality asked for in the URL.
    pub quality: Option<u8>,
    /// Apply the ICC profile and drop it.
    pub strip_icc: bool,
    /// Drop the EXIF block even where the policy keeps it.
    pub strip_exif: bool,
    /// Only the first frame of an animation.
    pub cover: bool,
    /// JPEG for PNG sources without transparency; `None` is as the policy says.
    pub png_to_jpg: Option<bool>,
    /// How large the file may be.
    pub max_bytes: Option<u64>,
    /// How long the answer may be kept, if the URL says so; 0 = not at all.
    pub max_age_s: Option<u32>,
    /// What becomes of an answer that would be a GIF, where the policy has videos.
    pub video: Option<Video>,
}

/// What stands for a picture until it has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Placeholder {
    /// The lowest waves as text, so many along x and along y.
    BlurHash(u8, u8),
    /// A tiny picture with its ratio and transparency, in base 64.
    ThumbHash,
    /// A tiny picture as a `data:` URL.
    Lqip,
    /// The main color as CSS writes it.
    Color,
}

impl Placeholder {
    /// Pixels of the longer side of the picture that it is made of: more would not show.
    pub fn side_px(self) -> u32 {
        match self {
            Self::BlurHash(..) | Self::Color => 64,
            Self::ThumbHash => 100,
            Self::Lqip => 16,
        }
    }
}

/// A change to the pixels of the canvas, frame by frame.
///
/// The planner asks for sizes and layouts first; `apply` then gets a frame in a layout that it accepts.
pub trait Effect: Debug + Send + Sync {
    /// Size of the frame after the effect.
    fn output_size(&self, input: Size<Canvas>, _scene: &Scene) -> Size<Canvas> {
        input
    }

    /// Which of [`Scene::assets`] the effect draws with, and the size it wants that in on a canvas of size `canvas`.
    ///
    /// An asset belongs to one effect.
    fn asset(&self, _canvas: Size<Canvas>, _scene: &Scene) -> Option<(usize, Size<Canvas>)> {
        None
    }

    /// Layout that the effect wants its frames in, given the layout they are in now.
    fn wants(&self, current: PixelFormat) -> PixelFormat;

    /// Layout of the frame after the effect, given the one it wanted.
    fn gives(&self, wanted: PixelFormat) -> PixelFormat {
        wanted
    }

    /// Whether the effect only changes the size, so that the planner may let the resampler do it.
    fn is_resize(&self) -> bool {
        false
    }

    /// Whether the same frame always becomes the same frame.
    fn is_repeatable(&self) -> bool {
        true
    }

    /// Upper bound of what one frame costs, in pixel operations: one is what a simple change of one pixel takes, about
    /// a nanosecond. The planner refuses what is too much before any pixel exists.
    fn work(&self, input: Size<Canvas>, scene: &Scene) -> u64 {
        input.area_px().max(self.output_size(input, scene).area_px())
    }

    /// The effect as changes that each pixel takes by itself; none if it is no such effect.
    ///
    /// Effects of this sort that follow each other are made into one, which does the steps of all of them.
    fn point_steps(&self) -> &[PointStep] {
        &[]
    }

    /// Makes the change. `frame` has the layout of [`Effect::wants`].
    ///
    /// An effect that may run for more than a tenth of a second asks [`Scene::cancel`] now and then, and stops where it
    /// is once told so. The frame must then still have its size and layout; nobody looks at its pixels.
    fn apply(&self, frame: PixelBuffer<Canvas>, scene: &Scene) -> PixelBuffer<Canvas>;
}
