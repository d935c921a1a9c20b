//! The filters of a URL: one file each, one line each in [`FILTERS`].
//!
//! A filter writes itself into the recipe: it sets a field, adds a point or pushes an effect. Its name is compared
//! in one place, [`compile`]. Unknown filters and calls whose arguments do not match are skipped and remembered, as
//! Thumbor's users expect; arguments that match and make no sense are errors.

#![expect(clippy::unnecessary_wraps, reason = "all filters compile alike")]

mod args;
mod autojpg;
mod background_color;
mod blur;
mod brightness;
mod color;
mod contrast;
mod convolution;
mod cover;
mod extract_focal;
mod fill;
mod focal;
mod format;
mod frame;
mod grayscale;
mod max_age;
mod max_bytes;
mod no_upscale;
mod point;
mod proportion;
mod quality;
mod rotate;
mod round_corner;
mod sharpen;
mod stretch;
mod strip_exif;
mod strip_icc;
mod upscale;
mod watermark;

pub use args::{Args, ArgsError, Kind, Param};

use crate::codec::{self, Format};
use crate::geometry::Rect;
use crate::recipe::{GeometrySpec, OutputSpec, Policy, Recipe};
use crate::request::{Accept, ImageRequest};

/// A filter: what it is called, what it takes, what it does to a recipe.
#[derive(Debug)]
pub struct FilterDef {
    /// As written in URLs.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// A call that shows it.
    pub example: &'static str,
    /// Its arguments in order.
    pub params: &'static [Param],
    /// Writes the filter into the recipe.
    pub compile: fn(&Args, &mut Recipe) -> Result<(), ArgsError>,
}

/// All filters, by name.
pub const FILTERS: &[&FilterDef] = &[
    &autojpg::DEF,
    &background_color::DEF,
    &blur::DEF,
    &brightness::DEF,
    &contrast::DEF,
    &convolution::DEF,
    &cover::DEF,
    &extract_focal::DEF,
    &fill::DEF,
    &focal::DEF,
    &format::DEF,
    &frame::DEF,
    &grayscale::DEF,
    &max_age::DEF,
    &max_bytes::DEF,
    &no_upscale::DEF,
    &proportion::DEF,
    &quality::DEF,
    &rotate::DEF,
    &round_corner::DEF,
    &sharpen::DEF,
    &stretch::DEF,
    &strip_exif::DEF,
    &strip_icc::DEF,
    &upscale::DEF,
    &watermark::DEF,
];

/// What a request means under the server's policy and for a client that accepts `accept`.
///
/// # Errors
/// Arguments that no picture could satisfy, or more filters than the policy allows.
pub fn compile(request: &ImageRequest, accept: Accept, policy: &Policy) -> Result<Recipe, ArgsError> {
    if request.filters.len() > policy.max_filters {
        return Err(ArgsError::TooManyFilters { count: request.filters.len(), limit: policy.max_filters });
    }
    let mut recipe = Recipe {
        source: request.image.as_str().to_owned(),
        geometry: geometry(request),
        assets: Vec::new(),
        effects: Vec::new(),
        output: output(accept, policy),
        meta: request.meta,
        ignored_filters: Vec::new(),
    };
    for call in &request.filters {
        let known = FILTERS.iter().find(|def| def.name == call.name);
        let matched = match known {
            Some(def) => args::parse(def, &call.args)?.map(|args| (def, args)),
            None => None,
        };
        match matched {
            Some((def, args)) => (def.compile)(&args, &mut recipe)?,
            None => recipe.ignored_filters.push(call.name.clone()),
        }
    }
    if recipe.assets.len() > policy.max_assets {
        return Err(ArgsError::TooManyAssets { count: recipe.assets.len(), limit: policy.max_assets });
    }
    Ok(recipe)
}

fn geometry(request: &ImageRequest) -> GeometrySpec {
    GeometrySpec {
        debug: request.debug,
        trim: request.trim,
        crop: request.crop.map(|crop| Rect::new(crop.left, crop.top, crop.right, crop.bottom)),
        fit_in: request.fit,
        request: request.size,
        align: request.align,
        smart: request.smart,
        flip_x: request.flip_x,
        flip_y: request.flip_y,
        ..GeometrySpec::default()
    }
}

fn output(accept: Accept, policy: &Policy) -> OutputSpec {
    let mut offered = Vec::new();
    if policy.auto_webp && accept.contains(Accept::WEBP) {
        offered.push(Format::WebP);
    }
    if policy.auto_avif && accept.contains(Accept::AVIF) {
        offered.extend(codec::if_built(Format::Avif));
    }
    OutputSpec { offered, ..OutputSpec::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Size;
    use crate::raster::{PixelBuffer, PixelFormat, Subsampling};
    use crate::recipe::Scene;

    pub(super) fn recipe(filters: &str) -> Result<Recipe, ArgsError> {
        let request = crate::request::parse(&format!("/unsafe/filters:{filters}/i.jpg")).expect("the path parses");
        compile(&request, Accept::default(), &Policy::default())
    }

    /// `call` makes of Thumbor's 4x3 pixels the pixels `expected`, with alpha and without.
    ///
    /// Alpha, and gray pictures as a whole, become what the same samples become as a color.
    #[track_caller]
    pub(super) fn golden(call: &str, expected: &str) {
        const SOURCE: &str = "000ac8 17432d 2e7c92 45b5f7 5cee5c 7327c1 8a6026 a1998b b8d2f0 cf0b55 e644ba fd7d1f";
        let samples = |pixels: &str| -> Vec<u8> {
            let digits: String = pixels.split(' ').collect();
            (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
        };
        let (source, expected) = (samples(SOURCE), samples(expected));
        let effect = recipe(call).unwrap().effects.remove(0);
        for channel in 0..3 {
            let one = |samples: &[u8]| samples.iter().skip(channel).step_by(3).copied().collect::<Vec<u8>>();
            for (format, copies) in [(PixelFormat::Gray, 1), (PixelFormat::GrayAlpha, 2), (PixelFormat::Rgba, 4)] {
                let copied =
                    |samples: Vec<u8>| samples.into_iter().flat_map(|sample| vec![sample; copies]).collect::<Vec<u8>>();
                assert_eq!(effect.wants(format), format);
                let frame = PixelBuffer::from_vec(format, Size::new(4, 3), copied(one(&source)));
                let found = effect.apply(frame, &Scene::default()).into_first();
                assert_eq!(found, copied(one(&expected)), "{call} {format:?}");
            }
        }
        assert_eq!(effect.wants(PixelFormat::YCbCr(Subsampling::HALF)), PixelFormat::Rgb);
        let frame = PixelBuffer::from_vec(PixelFormat::Rgb, Size::new(4, 3), source);
        assert_eq!(effect.apply(frame, &Scene::default()).into_first(), expected, "{call}");
    }

    #[test]
    fn names_are_sorted_and_the_examples_are_calls_that_match() {
        assert!(FILTERS.is_sorted_by_key(|def| def.name));
        for def in FILTERS {
            let recipe = recipe(def.example).unwrap();
            assert_eq!(recipe.ignored_filters, [""; 0], "{}", def.example);
            assert!(def.example.starts_with(&format!("{}(", def.name)));
        }
    }

    #[test]
    fn unknown_filters_and_wrong_arguments_are_skipped_and_remembered() {
        let recipe = recipe("nosuch(1):quality(abc):quality(60):rotate(1,2):Grayscale()").unwrap();
        assert_eq!(recipe.ignored_filters, ["nosuch", "quality", "rotate", "Grayscale"]);
        assert_eq!(recipe.output.quality, Some(60));
    }

    #[test]
    fn more_filters_than_allowed_are_refused() {
        let error = recipe(&vec!["rotate(90)"; 101].join(":")).unwrap_err();
        assert_eq!(error.to_string(), "101 filters exceed the limit of 100");
    }
}
