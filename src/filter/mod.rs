//! The filters of a URL: one file each, one line each in [`FILTERS`].
//!
//! A filter writes itself into the recipe: it sets a field, adds a point or pushes an effect. Its name is compared
//! in one place, [`compile`]. Unknown filters and calls whose arguments do not match are skipped and remembered, as
//! Thumbor's users expect, or are errors where the policy is strict; arguments that match and make no sense are errors.

#![expect(clippy::unnecessary_wraps, reason = "all filters compile alike")]

mod args;
mod background_color;
mod brightness;
mod catalog;
mod color;
mod colorize;
mod contrast;
mod curve;
mod equalize;
mod fill;
mod focal;
mod format;
mod grayscale;
mod max_age;
mod no_upscale;
mod noise;
mod point;
mod quality;
mod red_eye;
mod rgb;
mod rotate;
mod round_corner;
mod saturation;
mod stretch;
mod strip_icc;
mod upscale;

pub use args::{Args, ArgsError, Kind, Param};
pub use catalog::{Catalog, reference, shows};

use crate::codec::Format;
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
    &background_color::DEF,
    &brightness::DEF,
    &colorize::DEF,
    &contrast::DEF,
    &curve::DEF,
    &equalize::DEF,
    &fill::DEF,
    &focal::DEF,
    &format::DEF,
    &grayscale::DEF,
    &max_age::DEF,
    &no_upscale::DEF,
    &noise::DEF,
    &quality::DEF,
    &red_eye::DEF,
    &rgb::DEF,
    &rotate::DEF,
    &round_corner::DEF,
    &saturation::DEF,
    &stretch::DEF,
    &strip_icc::DEF,
    &upscale::DEF,
];

/// Filters that exist only where the settings name them, as in Thumbor.
const ONLY_IF_NAMED: &[&str] = &["autojpg", "red_eye"];

/// What a request means under the server's policy and for a client that accepts `accept`.
///
/// # Errors
/// Arguments that no picture could satisfy, more filters than the policy allows, and, where the policy is strict,
/// calls that match no filter.
pub fn compile(request: &ImageRequest, accept: Accept, policy: &Policy) -> Result<Recipe, ArgsError> {
    if request.filters.len() > policy.max_filters {
        return Err(ArgsError::TooManyFilters { count: request.filters.len(), limit: policy.max_filters });
    }
    let mut recipe = Recipe {
        source: request.image.as_str().to_owned(),
        geometry: geometry(request),
        effects: Vec::new(),
        output: output(accept, policy),
        meta: request.meta,
        ignored_filters: Vec::new(),
    };
    for call in &request.filters {
        match add(call, policy, &mut recipe) {
            Err(error) if error.is_mismatch() && !policy.strict_filters => {
                recipe.ignored_filters.push(call.name.clone());
            }
            added => added?,
        }
    }
    recipe.effects = point::fused(recipe.effects);
    Ok(recipe)
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
    let mut offered = Vec::new();
    if policy.auto_webp && accept.contains(Accept::WEBP) {
        offered.push(Format::WebP);
    }
    OutputSpec { offered, ..OutputSpec::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn more_filters_than_allowed_are_refused() {
        let error = recipe(&vec!["rotate(90)"; 101].join(":")).unwrap_err();
        assert_eq!(error.to_string(), "101 filters exceed the limit of 100");
    }
}
