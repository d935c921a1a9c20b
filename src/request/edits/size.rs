//! `resize`: sharp's ways to make a picture of a size.

use super::color::color;
use super::words::Call;
use super::{EditsError, shown};
use crate::geometry::{Align, Dimension, FitIn, HAlign, Request, VAlign};
use crate::request::ImageRequest;
use serde_json::{Map, Value};

/// Places in sharp's words, in English and as on a compass.
const PLACES: &[(&[&str], HAlign, VAlign)] = &[
    (&["top", "north"], HAlign::Center, VAlign::Top),
    (&["right top", "northeast"], HAlign::Right, VAlign::Top),
    (&["right", "east"], HAlign::Right, VAlign::Middle),
    (&["right bottom", "southeast"], HAlign::Right, VAlign::Bottom),
    (&["bottom", "south"], HAlign::Center, VAlign::Bottom),
    (&["left bottom", "southwest"], HAlign::Left, VAlign::Bottom),
    (&["left", "west"], HAlign::Left, VAlign::Middle),
    (&["left top", "northwest"], HAlign::Left, VAlign::Top),
    (&["center", "centre"], HAlign::Center, VAlign::Middle),
];

/// Writes the edit into the request; gives the filters that it needs besides.
///
/// Pictures grow unless they are told not to, which is sharp's way and not Thumbor's.
pub(super) fn put(value: &Value, request: &mut ImageRequest) -> Result<Vec<String>, EditsError> {
    let edit = "resize";
    let Value::Object(options) = value else {
        return Err(EditsError::Value { edit, value: shown(value), expected: "an object" });
    };
    let (width, height) = (side(options, "width")?, side(options, "height")?);
    if (width, height) == (Dimension::Auto, Dimension::Auto) {
        return Ok(Vec::new());
    }
    let grows = options.get("withoutEnlargement") != Some(&Value::Bool(true));
    let fit = options.get("fit").filter(|fit| !fit.is_null());
    let fit = fit.map_or(Ok("cover"), |fit| fit.as_str().ok_or_else(|| not_a_fit(fit)))?;
    // With one side alone there is nothing to be fitted.
    let whole = width != Dimension::Auto && height != Dimension::Auto;
    let (fitted, more) = match fit {
        "cover" | "contain" | "inside" | "outside" | "fill" if !whole => (None, Vec::new()),
        "cover" => (None, Vec::new()),
        "fill" => (None, vec!["stretch()".to_owned()]),
        "inside" => (Some(FitIn::default()), Vec::new()),
        "outside" => (Some(FitIn { full: true, ..FitIn::default() }), Vec::new()),
        "contain" => {
            let ground = options.get("background").filter(|ground| !ground.is_null());
            let ground = ground.map_or_else(|| Ok("000000".to_owned()), |ground| color(edit, ground))?;
            (Some(FitIn::default()), vec![format!("fill({ground})")])
        }
        _ => return Err(not_a_fit(&Value::from(fit))),
    };
    request.size = Request { width, height };
    request.fit = fitted;
    place(options, request)?;
    let growing = match (grows, fitted) {
        (true, Some(_)) => Some("upscale()"),
        (false, None) => Some("no_upscale()"),
        (true, None) | (false, Some(_)) => None,
    };
    Ok(growing.map(ToOwned::to_owned).into_iter().chain(more).collect())
}

/// A width or height: a number, or a text that is one; what is not there or null follows from the other side.
fn side(options: &Map<String, Value>, name: &str) -> Result<Dimension, EditsError> {
    let Some(value) = options.get(name).filter(|value| !value.is_null()) else { return Ok(Dimension::Auto) };
    let wrong = || EditsError::Side { value: format!("{name} {}", shown(value)) };
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).ok_or_else(wrong)?;
    let rounded = number.round();
    if !(1.0..=f64::from(u32::MAX)).contains(&rounded) {
        return Err(wrong());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 32 bits")]
    Ok(Dimension::Px(rounded as u32))
}

/// What a crop keeps.
fn place(options: &Map<String, Value>, request: &mut ImageRequest) -> Result<(), EditsError> {
    let given = ["position", "gravity"].into_iter().find_map(|name| options.get(name));
    let Some(value) = given.filter(|value| !value.is_null()) else { return Ok(()) };
    let wrong = || EditsError::Value { edit: "resize", value: shown(value), expected: "a position" };
    let word = value.as_str().ok_or_else(wrong)?;
    if matches!(word, "entropy" | "attention") {
        request.smart = true;
        return Ok(());
    }
    let found = PLACES.iter().find(|(words, ..)| words.contains(&word));
    let &(_, horizontal, vertical) = found.ok_or_else(wrong)?;
    request.align = Align { horizontal, vertical };
    Ok(())
}

fn not_a_fit(value: &Value) -> EditsError {
    EditsError::Value { edit: "resize", value: shown(value), expected: "cover, contain, fill, inside or outside" }
}

/// The filters as calls of their turn.
pub(super) fn calls(filters: Vec<String>) -> impl Iterator<Item = Call> {
    filters.into_iter().map(|text| Call::new(super::words::Turn::Resize, text))
}
