//! What the difference between two answers is, and whether it matters.

use super::ask::{Answer, AskError};
use super::json;
use super::picture::Picture;
use super::report::{Row, Side, Verdict};
use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};

/// The measure is made for pictures of at least this size; smaller ones are laid out several times.
const MIN_SIDE_PX: usize = 8;

/// An answer, or why there is none.
pub(super) type Asked = Result<Answer, AskError>;

/// Judges one pair of answers. Takes its time: decodes both and compares what they show.
pub(super) fn judge(url: String, requests: u64, old: &Asked, new: &Asked, threshold: f64) -> Row {
    let (old_picture, new_picture) = (picture(old), picture(new));
    let score = match (&old_picture, &new_picture) {
        (Some(Ok(old)), Some(Ok(new))) if old.judged_size() == new.judged_size() => score(old, new).ok(),
        _ => None,
    };
    let side = |asked: &Asked, picture: &Option<Result<Picture, String>>| side(asked, picture.as_ref());
    let (old_side, new_side) = (side(old, &old_picture), side(new, &new_picture));
    let mut in_words = None;
    let verdict = match (old, new) {
        (Err(_), _) | (_, Err(_)) => Verdict::NoAnswer,
        (Ok(old), Ok(new)) if old.status != new.status => Verdict::Status,
        (Ok(old), Ok(_)) if old.status != 200 => Verdict::Same,
        (Ok(old), Ok(new)) => match (&old_picture, &new_picture) {
            (Some(Ok(old)), Some(Ok(new))) => pictures(old, new, score, threshold),
            (None, None) => match content(old, new) {
                Ok(()) => Verdict::Same,
                Err(words) => {
                    in_words = words;
                    Verdict::Content
                }
            },
            _ => Verdict::Content,
        },
    };
    let detail = in_words.unwrap_or_else(|| detail(verdict, &old_side, &new_side, score));
    Row { url, requests, verdict, detail, score, old: old_side, new: new_side }
}

/// The picture that an answer is: none if it does not even say so, words if it cannot be read.
fn picture(asked: &Asked) -> Option<Result<Picture, String>> {
    let answer = asked.as_ref().ok().filter(|answer| answer.status == 200)?;
    let read = Picture::read(&answer.body);
    let claims = answer.mime.starts_with("image/");
    match read {
        Err(error) if claims => Some(Err(error.to_string())),
        Err(_) => None,
        Ok(picture) => Some(Ok(picture)),
    }
}

fn pictures(old: &Picture, new: &Picture, score: Option<f64>, threshold: f64) -> Verdict {
    match score {
        _ if (old.width, old.height) != (new.width, new.height) => Verdict::Size,
        Some(score) if score < threshold => Verdict::Looks,
        None => Verdict::Looks,
        _ if old.frames != new.frames => Verdict::Frames,
        _ if old.mime != new.mime => Verdict::Type,
        _ => Verdict::Same,
    }
}

/// Where answers that are no pictures say different things: `Ok` if nowhere, in words if that can be told.
fn content(old: &Answer, new: &Answer) -> Result<(), Option<String>> {
    if old.body == new.body {
        return Ok(());
    }
    let json = |answer: &Answer| serde_json::from_slice(&answer.body).ok();
    let (Some(old), Some(new)) = (json(old), json(new)) else { return Err(None) };
    match json::difference(&old, &new) {
        Some(place) => Err(Some(format!("other JSON at `{place}`"))),
        None => Ok(()),
    }
}

/// SSIMULACRA2: 100 is equal, 90 cannot be told apart, 70 is high quality, below 0 is something else. Pictures with
/// alpha are judged on white and on black, and get the lower of the two.
fn score(old: &Picture, new: &Picture) -> Result<f64, ssimulacra2::Ssimulacra2Error> {
    let grounds: &[f32] = if old.has_alpha() || new.has_alpha() { &[1.0, 0.0] } else { &[1.0] };
    let mut lowest = f64::INFINITY;
    for &ground in grounds {
        let (old_pixels, new_pixels) = (frame(old, ground)?, frame(new, ground)?);
        let score = if old_pixels.data() == new_pixels.data() {
            100.0
        } else {
            compute_frame_ssimulacra2(old_pixels, new_pixels)?
        };
        lowest = lowest.min(score);
    }
    Ok(lowest)
}

fn frame(picture: &Picture, ground: f32) -> Result<Rgb, ssimulacra2::Ssimulacra2Error> {
    let size = picture.judged_size();
    let (width, height) = (size.width as usize, size.height as usize);
    let pixels = picture.on_ground(ground);
    let times = |side: usize| MIN_SIDE_PX.div_ceil(side);
    let (across, down) = (times(width), times(height));
    let pixels = if across * down > 1 {
        let rows = pixels.chunks_exact(width).map(|row| row.repeat(across)).collect::<Vec<_>>().concat();
        rows.repeat(down)
    } else {
        pixels
    };
    Rgb::new(pixels, width * across, height * down, TransferCharacteristic::SRGB, ColorPrimaries::BT709)
        .map_err(|_| ssimulacra2::Ssimulacra2Error::LinearRgbConversionFailed)
}

fn side(asked: &Asked, picture: Option<&Result<Picture, String>>) -> Side {
    let answer = match asked {
        Ok(answer) => answer,
        Err(error) => return Side { problem: Some(error.to_string()), ..Side::default() },
    };
    let problem = match picture {
        Some(Err(error)) => Some(error.clone()),
        Some(Ok(_)) => None,
        None => what_else(answer),
    };
    let picture = picture.and_then(|picture| picture.as_ref().ok());
    Side {
        status: Some(answer.status),
        mime: picture.map_or_else(|| answer.mime.clone(), |picture| picture.mime.to_owned()),
        width: picture.map(|picture| picture.width),
        height: picture.map(|picture| picture.height),
        frames: picture.map(|picture| picture.frames),
        bytes: answer.body.len(),
        ms: answer.time.as_secs_f64() * 1000.0,
        problem,
    }
}

/// What an answer without a picture is, where it is worth a word.
fn what_else(answer: &Answer) -> Option<String> {
    match (answer.status, &answer.location) {
        (300..=399, Some(location)) => Some(format!("sends to {location}")),
        (200, _) if answer.mime == "text/html" => Some("a page of HTML, not a picture".to_owned()),
        (200, _) if answer.body.is_empty() => Some("an empty answer".to_owned()),
        _ => None,
    }
}

/// What differs, in a few words.
fn detail(verdict: Verdict, old: &Side, new: &Side, score: Option<f64>) -> String {
    let text = |value: Option<u32>| value.map_or_else(|| "?".to_owned(), |value| value.to_string());
    let size = |side: &Side| format!("{}x{}", text(side.width), text(side.height));
    let words = |side: &Side| side.problem.clone().unwrap_or_else(|| side.mime.clone());
    let both = |old: String, new: String| format!("{old} -> {new}");
    match verdict {
        Verdict::Same => String::new(),
        Verdict::NoAnswer => match (&old.problem, &new.problem, old.status, new.status) {
            (Some(old), Some(new), None, None) => format!("old: {old}; new: {new}"),
            (Some(old), _, None, _) => format!("old: {old}"),
            (_, new, ..) => format!("new: {}", new.clone().unwrap_or_default()),
        },
        Verdict::Status => {
            let status = |side: &Side| {
                let code = side.status.map(|status| status.to_string()).unwrap_or_default();
                side.problem.as_ref().map_or_else(|| code.clone(), |problem| format!("{code} ({problem})"))
            };
            both(status(old), status(new))
        }
        Verdict::Content => both(words(old), words(new)),
        Verdict::Size => both(size(old), size(new)),
        Verdict::Frames => both(text(old.frames), text(new.frames)) + " frames",
        Verdict::Looks => score.map_or_else(|| "cannot be compared".to_owned(), |score| format!("score {score:.1}")),
        Verdict::Type => both(old.mime.clone(), new.mime.clone()),
    }
}
