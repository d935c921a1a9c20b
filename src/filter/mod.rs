//! The filters of a URL: one file each, one line each in [`FILTERS`].
//!
//! A filter writes itself into the recipe: it sets a field, adds a point or pushes an effect. Its name is compared
//! in one place, [`compile`]. Unknown filters and calls whose arguments do not match are skipped and remembered, as
//! Thumbor's users expect, or are errors where the policy is strict; arguments that match and make no sense are errors.

#![expect(clippy::unnecessary_wraps, reason = "all filters compile alike")]

mod args;
mod autojpg;
mod background_color;
mod blur;
mod blurhash;
mod brightness;
mod catalog;
mod color;
mod colorize;
mod contrast;
mod convolution;
mod cover;
mod curve;
mod equalize;
mod extract_focal;
mod face_crop;
mod fallback;
mod fill;
mod focal;
mod format;
mod frame;
mod gifv;
mod grayscale;
mod max_age;
mod max_bytes;
mod no_upscale;
mod noise;
mod placeholder;
mod point;
mod proportion;
mod quality;
mod red_eye;
mod rgb;
mod rotate;
mod round_corner;
mod round_crop;
mod saturation;
mod sharpen;
mod stretch;
mod strip_exif;
mod strip_icc;
mod upscale;
mod watermark;

pub use args::{Args, ArgsError, Kind, Param};
pub use catalog::{Catalog, reference, shows};

use crate::codec::{self, Format};
use crate::geometry::Rect;
use crate::recipe::{GeometrySpec, OutputSpec, Policy, Recipe};
use crate::request::{Accept, FilterCall, ImageRequest};

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
    &blurhash::DEF,
    &brightness::DEF,
    &colorize::DEF,
    &contrast::DEF,
    &convolution::DEF,
    &cover::DEF,
    &curve::DEF,
    &equalize::DEF,
    &extract_focal::DEF,
    &face_crop::DEF,
    &fallback::DEF,
    &fill::DEF,
    &focal::DEF,
    &format::DEF,
    &frame::DEF,
    &gifv::DEF,
    &grayscale::DEF,
    &max_age::DEF,
    &max_bytes::DEF,
    &no_upscale::DEF,
    &noise::DEF,
    &proportion::DEF,
    &quality::DEF,
    &red_eye::DEF,
    &rgb::DEF,
    &rotate::DEF,
    &round_corner::DEF,
    &round_crop::DEF,
    &saturation::DEF,
    &sharpen::DEF,
    &stretch::DEF,
    &strip_exif::DEF,
    &strip_icc::DEF,
    &upscale::DEF,
    &watermark::DEF,
];

/// Filters that exist only where the settings name them, as in Thumbor.
const ONLY_IF_NAMED: &[&str] = &["autojpg", "red_eye"];

/// What a request means under the server's policy and for a client that accepts `accept`.
///
/// # Errors
/// Arguments that no picture could satisfy, more filters than the policy allows, and, where the policy is strict,
/// calls that match no filter.
pub fn compile(request: &ImageRequest, accept: Accept, policy: &Policy) -> Result<Recipe, ArgsError> {
    compile_traced(request, accept, policy).map(|(recipe, _)| recipe)
}

/// The same, and for each effect of the recipe the calls that it does, as their places in [`ImageRequest::filters`];
/// none for an effect that only follows from them.
///
/// # Errors
/// Those of [`compile`].
pub fn compile_traced(
    request: &ImageRequest,
    accept: Accept,
    policy: &Policy,
) -> Result<(Recipe, Vec<Vec<usize>>), ArgsError> {
    if request.filters.len() > policy.max_filters {
        return Err(ArgsError::TooManyFilters { count: request.filters.len(), limit: policy.max_filters });
    }
    let mut recipe = Recipe {
        source: request.image.as_str().to_owned(),
        geometry: geometry(request),
        assets: Vec::new(),
        effects: Vec::new(),
        output: output(accept, policy),
        fallback: None,
        meta: request.meta,
        ignored_filters: Vec::new(),
    };
    let mut calls = Vec::new();
    for (index, call) in request.filters.iter().enumerate() {
        match add(call, policy, &mut recipe) {
            Err(error) if error.is_mismatch() && !policy.strict_filters => {
                recipe.ignored_filters.push(call.name.clone());
            }
            added => added?,
        }
        calls.resize(recipe.effects.len(), Some(index));
    }
    if recipe.assets.len() > policy.max_assets {
        return Err(ArgsError::TooManyAssets { count: recipe.assets.len(), limit: policy.max_assets });
    }
    placeholder::finish(&mut recipe);
    calls.resize(recipe.effects.len(), None);
    let (effects, calls) = point::fused(recipe.effects.into_iter().zip(calls));
    Ok((Recipe { effects, ..recipe }, calls))
}

/// Writes one filter into the recipe.
fn add(call: &FilterCall, policy: &Policy, recipe: &mut Recipe) -> Result<(), ArgsError> {
    let def = FILTERS.iter().find(|def| def.name == call.name && is_enabled(def.name, &policy.filters));
    let Some(def) = def else { return Err(ArgsError::unknown(&call.name)) };
    (def.compile)(&args::parse(def, &call.args)?, recipe)
}

/// Whether the settings let a filter be used.
pub(super) fn is_enabled(filter: &str, settings: &[String]) -> bool {
    let default = !ONLY_IF_NAMED.contains(&filter);
    settings.iter().any(|name| is_name(name, filter) || (default && name == Policy::ALL_FILTERS))
}

/// The names among `settings` that no filter has.
pub fn unknown_names(settings: &[String]) -> impl Iterator<Item = &str> {
    let known = |name: &str| name == Policy::ALL_FILTERS || FILTERS.iter().any(|def| is_name(name, def.name));
    settings.iter().map(String::as_str).filter(move |name| !known(name))
}

/// Whether settings mean `filter` by `name`. The modules of some filters have no underscore, as `redeye`.
fn is_name(name: &str, filter: &str) -> bool {
    let letters = |text: &str| text.replace('_', "");
    name == filter || letters(name) == letters(filter)
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
    let accepted = |format: &Format| match format {
        Format::WebP => accept.contains(Accept::WEBP),
        Format::Avif => accept.contains(Accept::AVIF),
        Format::Jpeg => accept.contains(Accept::JPEG),
        Format::Png => accept.contains(Accept::PNG),
        _ => false,
    };
    let offered = policy.auto_formats().into_iter().filter(accepted).filter_map(codec::if_built).collect();
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
        let filters = [Policy::ALL_FILTERS].iter().chain(ONLY_IF_NAMED).map(ToString::to_string).collect();
        compile(&request, Accept::default(), &Policy { filters, ..Policy::default() })
    }

    fn under(policy: &Policy, filters: &str) -> Result<Vec<String>, String> {
        let request = crate::request::parse(&format!("/unsafe/filters:{filters}/i.jpg")).unwrap();
        let recipe = compile(&request, Accept::default(), policy);
        recipe.map(|recipe| recipe.ignored_filters).map_err(|error| error.to_string())
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
    fn formats_are_offered_in_thumbors_order_or_as_preferred() {
        let request = crate::request::parse("/unsafe/i.jpg").unwrap();
        let all = Policy { auto_webp: true, auto_avif: true, auto_jpg: true, auto_png: true, ..Policy::default() };
        let check = |policy: &Policy, accept: &str, expected: &[Format]| {
            let recipe = compile(&request, Accept::parse([accept.as_bytes()]), policy).unwrap();
            let built: Vec<_> = expected.iter().filter_map(|format| codec::if_built(*format)).collect();
            assert_eq!(recipe.output.offered, built, "{accept}");
        };
        check(&all, "image/*", &[Format::WebP, Format::Avif, Format::Jpeg, Format::Png]);
        check(&all, "image/avif,*/*;q=0.1", &[Format::Avif, Format::Jpeg]);
        check(&all, "image/webp;q=0,image/png;q=0.1", &[Format::Png]);
        check(&all, "text/html", &[]);
        check(&Policy::default(), "image/*", &[]);
        let preference = vec![Format::Avif, Format::Png, Format::WebP];
        let preferring = Policy { auto_preference: preference.clone(), ..all };
        check(&preferring, "image/*", &preference);
        check(&preferring, "image/webp,image/jpeg", &[Format::WebP]);
    }

    #[test]
    fn settings_tell_which_filters_exist() {
        let check = |settings: &[&str], expected: &[&str]| {
            let filters = settings.iter().map(ToString::to_string).collect();
            let policy = Policy { filters, ..Policy::default() };
            assert_eq!(under(&policy, "quality(1):red_eye():noise(1)").unwrap(), expected, "{settings:?}");
        };
        check(&["all"], &["red_eye"]);
        check(&["all", "red_eye"], &[]);
        check(&["redeye", "noise"], &["quality"]);
        check(&[], &["quality", "red_eye", "noise"]);
        check(&["Noise"], &["quality", "red_eye", "noise"]);
        let settings = ["all", "noise", "auto_quality", "redeye"].map(ToOwned::to_owned);
        assert_eq!(unknown_names(&settings).collect::<Vec<_>>(), ["auto_quality"]);
    }

    #[test]
    fn a_strict_policy_refuses_what_is_skipped_otherwise() {
        let policy = Policy { strict_filters: true, ..Policy::default() };
        let check = |call: &str, expected: &str| {
            assert_eq!(under(&policy, call).unwrap_err(), expected);
            assert_eq!(under(&Policy::default(), call).unwrap().len(), 1, "{call}");
        };
        check("blurr(7)", "`blurr` is not a filter of this server");
        check("red_eye()", "`red_eye` is not a filter of this server");
        check("quality(high)", "quality: quality `high` is not a whole number without a sign");
        check("saturation()", "saturation: factor is missing, a decimal number");
        check("grayscale(1)", "grayscale: `1` is too much, it takes 0 arguments");
        check("rotate(45)", "rotate: degrees `45` is not a multiple of 90");
        check("format(tga)", "format: format `tga` is not a format that this server writes");
        check("focal(everything)", "focal: area `everything` is not an area such as 10x20:110x90");
        check("round_corner(x,0,0,0)", "round_corner: radius `x` is not one number, or two with | between");
        assert_eq!(under(&policy, "quality(7):grayscale()"), Ok(vec![]));
    }

    #[test]
    fn effects_are_traced_to_their_calls() {
        let traced = |filters: &str| {
            let request = crate::request::parse(&format!("/unsafe/filters:{filters}/i.jpg")).unwrap();
            compile_traced(&request, Accept::default(), &Policy::default()).unwrap().1
        };
        assert_eq!(
            traced("quality(3):blur(2):brightness(1):nosuch():contrast(2):rotate(90)"),
            [vec![1], vec![2, 4], vec![5]]
        );
        assert_eq!(traced("format(color):blur(2)"), [vec![1], vec![]]);
    }

    #[test]
    fn more_filters_than_allowed_are_refused() {
        let error = recipe(&vec!["rotate(90)"; 101].join(":")).unwrap_err();
        assert_eq!(error.to_string(), "101 filters exceed the limit of 100");
    }
}
