//! Edits in Thumbor's words, in the order in which sharp makes them, whatever order they are written in.

use super::color::color;
use super::{Edits, EditsError, Surroundings, picture, shown, size};
use crate::geometry::Rect;
use crate::request::{Corner, FilterCall, ImageRequest, Trim};
use serde_json::{Map, Value};

/// When sharp makes an edit.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Turn {
    Flatten,
    Gray,
    Resize,
    Rotate,
    Blur,
    Convolve,
    Sharpen,
    Overlay,
    Round,
    Negate,
    /// Has no word here.
    Unknown,
    Output,
}

/// A filter and its turn.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Call {
    turn: Turn,
    filter: FilterCall,
}

impl Call {
    pub(super) fn new(turn: Turn, filter: impl Into<String>) -> Self {
        Self { turn, filter: FilterCall::new(filter) }
    }
}

/// Formats that encoders are named for, and what they are called in `format(...)`.
const FORMATS: &[(&str, &str)] =
    &[("jpg", "jpeg"), ("jpeg", "jpeg"), ("png", "png"), ("webp", "webp"), ("gif", "gif"), ("avif", "avif")];

/// Writes edits into the request.
pub(super) fn put(
    edits: &Edits,
    request: &mut ImageRequest,
    surroundings: &Surroundings<'_>,
) -> Result<(), EditsError> {
    let mut calls = Vec::new();
    let asked = edits.iter().rev().find(|(name, value)| name == "toFormat" && !value.is_null());
    let mut sized = false;
    for (name, value) in edits {
        let is_off = matches!(value, Value::Null | Value::Bool(false));
        match name.as_str() {
            "rotate" if value.is_null() => {
                calls.push(Call::new(Turn::Output, "strip_exif()"));
                calls.push(Call::new(Turn::Output, "strip_icc()"));
            }
            "animated" if *value == Value::Bool(false) => calls.push(Call::new(Turn::Output, "cover()")),
            _ if is_off || name == "animated" => {}
            "resize" => {
                sized = true;
                calls.extend(size::calls(size::put(value, request)?));
            }
            "crop" | "extract" if sized => return Err(EditsError::Refused { edit: "crop after resize" }),
            "crop" | "extract" => request.crop = Some(area(value)?),
            "trim" => request.trim = Some(Trim { corner: Corner::TopLeft, tolerance: threshold(value)? }),
            "flip" => request.flip_y = true,
            "flop" => request.flip_x = true,
            "toFormat" => calls.push(Call { turn: Turn::Output, filter: format(text("toFormat", value)?)? }),
            "overlayWith" => calls.push(overlay(value, surroundings)?),
            "contentModeration" => return Err(EditsError::Refused { edit: "contentModeration" }),
            name if is_encoder(name) => calls.extend(encoder(name, value, asked)?),
            name => calls.push(pixels(name, value)?),
        }
    }
    calls.sort_by_key(|call| call.turn);
    request.filters.extend(calls.into_iter().map(|call| call.filter));
    Ok(())
}

/// The filter for a format.
pub(super) fn format(name: &str) -> Result<FilterCall, EditsError> {
    let lower = name.to_ascii_lowercase();
    let known = FORMATS.iter().find(|(known, _)| *known == lower);
    let (_, ours) = known.ok_or_else(|| EditsError::Format { name: shown(&Value::from(name)) })?;
    Ok(FilterCall::new(format!("format({ours})")))
}

/// Edits of pixels, each by itself.
fn pixels(name: &str, value: &Value) -> Result<Call, EditsError> {
    let call = match name {
        "rotate" => Call::new(Turn::Rotate, format!("rotate({})", quarter_turns(value)?)),
        "grayscale" | "greyscale" => Call::new(Turn::Gray, "grayscale()"),
        "flatten" => {
            let ground =
                value.get("background").map_or_else(|| Ok("000000".to_owned()), |ground| color("flatten", ground));
            Call::new(Turn::Flatten, format!("background_color({})", ground?))
        }
        "blur" => Call::new(Turn::Blur, blur(value)?),
        "sharpen" => Call::new(Turn::Sharpen, sharpen(value)?),
        "convolve" => Call::new(Turn::Convolve, convolve(value)?),
        "negate" => {
            Call::new(Turn::Negate, "curve([(0,255),(255,0)],[(0,0),(255,255)],[(0,0),(255,255)],[(0,0),(255,255)])")
        }
        "smartCrop" => Call::new(Turn::Resize, face(value)?),
        "roundCrop" => Call::new(Turn::Round, round(value)?),
        other => {
            let name: String = other.chars().filter(char::is_ascii_alphanumeric).take(40).collect();
            Call::new(Turn::Unknown, format!("edit:{name}()"))
        }
    };
    Ok(call)
}

/// sharp turns clockwise, Thumbor the other way.
fn quarter_turns(value: &Value) -> Result<i64, EditsError> {
    let degrees = value.as_i64().or_else(|| value.as_str()?.parse().ok()).filter(|degrees| degrees % 90 == 0);
    let degrees = degrees.ok_or_else(|| wrong("rotate", value, "a multiple of 90"))?;
    Ok((-degrees).rem_euclid(360))
}

/// Its number is the standard deviation; alone it is a mean of nine pixels.
fn blur(value: &Value) -> Result<String, EditsError> {
    if *value == Value::Bool(true) {
        return Ok("convolution(1;1;1;1;1;1;1;1;1,3,true)".into());
    }
    let sigma = value.as_f64().filter(|sigma| (0.3..=1000.0).contains(sigma));
    let sigma = sigma.ok_or_else(|| wrong("blur", value, "a number from 0.3 to 1000"))?;
    // Three deviations hold all but a three-hundredth of it.
    let radius = (sigma * 3.0).ceil().min(150.0);
    Ok(format!("blur({radius},{sigma})"))
}

/// Alone it is sharp's quick matrix; with a number, the deviation of the mask.
fn sharpen(value: &Value) -> Result<String, EditsError> {
    if *value == Value::Bool(true) {
        return Ok("convolution(-1;-1;-1;-1;32;-1;-1;-1;-1,3,true)".into());
    }
    let sigma = value.as_f64().or_else(|| value.get("sigma")?.as_f64()).filter(|sigma| (0.01..=10.0).contains(sigma));
    let sigma = sigma.ok_or_else(|| wrong("sharpen", value, "a sigma from 0.01 to 10"))?;
    Ok(format!("sharpen(1,{sigma},true)"))
}

fn convolve(value: &Value) -> Result<String, EditsError> {
    let expected = "an object with width, height and a kernel of that size";
    let malformed = || wrong("convolve", value, expected);
    let options = value.as_object().ok_or_else(malformed)?;
    let side = |name: &str| options.get(name).and_then(Value::as_u64).ok_or_else(malformed);
    let (width, height) = (side("width")?, side("height")?);
    let kernel = options.get("kernel").and_then(Value::as_array).ok_or_else(malformed)?;
    let weights: Option<Vec<f64>> = kernel.iter().map(Value::as_f64).collect();
    let mut weights =
        weights.filter(|weights| Some(weights.len() as u64) == width.checked_mul(height)).ok_or_else(malformed)?;
    let scale = options.get("scale").and_then(Value::as_f64).filter(|scale| *scale != 0.0);
    if let Some(scale) = scale {
        for weight in &mut weights {
            *weight /= scale;
        }
    }
    let weights: Vec<_> = weights.iter().map(ToString::to_string).collect();
    Ok(format!("convolution({},{width},{})", weights.join(";"), scale.is_none()))
}

/// `true`, or which face, counted from 0, and the room around it in pixels.
fn face(value: &Value) -> Result<String, EditsError> {
    let whole = |name: &str| {
        let Some(number) = value.get(name).filter(|value| !value.is_null()) else { return Ok(0) };
        let number = number.as_u64().or_else(|| number.as_str()?.parse().ok()).filter(|number| *number < 10_000);
        number.ok_or_else(|| wrong("smartCrop", value, "a faceIndex and a padding, whole numbers"))
    };
    let index = value.get("faceIndex").map_or_else(|| whole("index"), |_| whole("faceIndex"))?;
    Ok(format!("face_crop({},0,{})", index + 1, whole("padding")?))
}

/// `true`, or radii and middle of an ellipse in pixels.
fn round(value: &Value) -> Result<String, EditsError> {
    let number = |name: &str| match value.get(name).filter(|value| !value.is_null()) {
        None => Ok("auto".to_owned()),
        Some(number) => {
            let number =
                number.as_f64().or_else(|| number.as_str()?.parse().ok()).filter(|number| (0.0..=1e6).contains(number));
            number
                .map(|number| number.round().to_string())
                .ok_or_else(|| wrong("roundCrop", value, "rx, ry, top and left in pixels"))
        }
    };
    Ok(format!("round_crop({},{},{},{})", number("rx")?, number("ry")?, number("left")?, number("top")?))
}

/// Another picture on top.
fn overlay(value: &Value, surroundings: &Surroundings<'_>) -> Result<Call, EditsError> {
    let edit = "overlayWith";
    let options = value.as_object().ok_or_else(|| wrong(edit, value, "an object"))?;
    let get = |name: &str| options.get(name).filter(|value| !value.is_null());
    let key = get("key")
        .and_then(Value::as_str)
        .filter(|key| !key.is_empty())
        .ok_or_else(|| wrong(edit, value, "one with a key"))?;
    let name = picture(get("bucket").and_then(Value::as_str), key, surroundings)?;
    let name = name.decoded();
    if name.contains('\'') {
        return Err(wrong(edit, &Value::from(key), "a key without single quotes"));
    }
    let percent = |name: &str| match get(name) {
        None => Ok("none".to_owned()),
        Some(part) => {
            let part = part
                .as_f64()
                .or_else(|| part.as_str()?.trim().parse().ok())
                .filter(|part| (0.0..=100.0).contains(part));
            part.map(|part| part.round().to_string()).ok_or_else(|| wrong(edit, value, "percent from 0 to 100"))
        }
    };
    let (alpha, across, down) = (percent("alpha")?, percent("wRatio")?, percent("hRatio")?);
    let alpha = if alpha == "none" { "0" } else { &alpha };
    let (x, y) = corner(get("options").and_then(Value::as_object))?;
    Ok(Call::new(Turn::Overlay, format!("watermark('{name}',{x},{y},{alpha},{across},{down})")))
}

/// Where an overlay lies: pixels, percent as `50p`, below zero from the far edge; in the middle where nothing is said.
fn corner(options: Option<&Map<String, Value>>) -> Result<(String, String), EditsError> {
    let place = |name: &str| {
        let Some(value) = options.and_then(|options| options.get(name)).filter(|value| !value.is_null()) else {
            return Ok("center".to_owned());
        };
        let text = value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_owned());
        let digits = text.strip_prefix('-').unwrap_or(&text);
        let digits = digits.strip_suffix('p').unwrap_or(digits);
        let good = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if good { Ok(text) } else { Err(wrong("overlayWith", value, "pixels, or percent as 50p")) }
    };
    Ok((place("left")?, place("top")?))
}

fn area<S>(value: &Value) -> Result<Rect<S>, EditsError> {
    let side = |name: &str| {
        let number = value.get(name).and_then(|number| number.as_u64().or_else(|| number.as_str()?.parse().ok()));
        number.and_then(|number| u32::try_from(number).ok())
    };
    let sides = (side("left"), side("top"), side("width"), side("height"));
    let (Some(left), Some(top), Some(width @ 1..), Some(height @ 1..)) = sides else {
        return Err(wrong("crop", value, "an object with left, top, width and height"));
    };
    Ok(Rect::new(left, top, left.saturating_add(width), top.saturating_add(height)))
}

fn threshold(value: &Value) -> Result<u32, EditsError> {
    const USUAL: u64 = 10;
    let given = if *value == Value::Bool(true) { Some(USUAL) } else { value.as_u64() };
    let given = given.or_else(|| value.as_object()?.get("threshold").map_or(Some(USUAL), Value::as_u64));
    given.and_then(|number| u32::try_from(number).ok()).ok_or_else(|| wrong("trim", value, "a threshold"))
}

/// Whether an edit is an encoder with its options.
fn is_encoder(name: &str) -> bool {
    FORMATS.iter().any(|(known, _)| *known == name) || matches!(name, "tiff" | "heif")
}

/// An encoder's options say its format, too, unless another one is asked for; then they have no effect.
fn encoder(name: &str, value: &Value, asked: Option<&(String, Value)>) -> Result<Vec<Call>, EditsError> {
    let own = format(name)?;
    let mut calls = Vec::new();
    match asked {
        None => calls.push(Call { turn: Turn::Output, filter: own }),
        Some((_, asked)) if format(text("toFormat", asked)?)? != own => return Ok(calls),
        Some(_) => {}
    }
    if let Some(given) = value.get("quality").filter(|quality| !quality.is_null()) {
        let quality =
            given.as_u64().or_else(|| given.as_str()?.parse().ok()).filter(|quality| (1..=100).contains(quality));
        let quality = quality.ok_or_else(|| wrong("quality", given, "a number from 1 to 100"))?;
        calls.push(Call::new(Turn::Output, format!("quality({quality})")));
    }
    Ok(calls)
}

fn text<'a>(edit: &'static str, value: &'a Value) -> Result<&'a str, EditsError> {
    value.as_str().ok_or_else(|| wrong(edit, value, "a text"))
}

fn wrong(edit: &'static str, value: &Value, expected: &'static str) -> EditsError {
    EditsError::Value { edit, value: shown(value), expected }
}
