//! Colors as sharp takes them.

use super::{EditsError, shown};
use serde_json::Value;

/// The color as arguments of filters have it: hex digits or a name.
pub(super) fn color(edit: &'static str, value: &Value) -> Result<String, EditsError> {
    let wrong = || EditsError::Value { edit, value: shown(value), expected: "a color" };
    match value {
        Value::String(text) => {
            let text = text.trim_start_matches('#');
            let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
            plain.then(|| text.to_ascii_lowercase()).ok_or_else(wrong)
        }
        Value::Object(parts) => {
            let part = |name: &str| match parts.get(name) {
                None => Ok(0),
                Some(value) => value.as_u64().and_then(|part| u8::try_from(part).ok()).ok_or_else(wrong),
            };
            let alpha = match parts.get("alpha") {
                None => 1.0,
                Some(alpha) => alpha.as_f64().filter(|alpha| (0.0..=1.0).contains(alpha)).ok_or_else(wrong)?,
            };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 255")]
            let alpha = (alpha * 255.0).round() as u8;
            let opacity = if alpha == 255 { String::new() } else { format!("{alpha:02x}") };
            Ok(format!("{:02x}{:02x}{:02x}{opacity}", part("r")?, part("g")?, part("b")?))
        }
        _ => Err(wrong()),
    }
}
