//! Percent-encoding: one layer off, one layer on.

use super::{Part, RequestError};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, percent_decode_str, utf8_percent_encode};

/// What Python's `quote` encodes: all but `A-Z a-z 0-9 _ . - ~ /`.
const QUOTED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'.').remove(b'-').remove(b'~').remove(b'/');

/// In a signature: as [`QUOTED`], but the padding stays and a slash would end the segment.
const IN_SIGNATURE: &AsciiSet = &QUOTED.add(b'/').remove(b'=');

/// In filter text: what cannot stand in a path, and the escape character itself.
const IN_FILTERS: &AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// `raw` with one layer of percent-encoding removed. A `%` without two hex digits, and a `+`, stand for themselves.
///
/// # Errors
/// [`RequestError::NotUtf8`] and [`RequestError::Nul`].
pub(super) fn decode(raw: &str, part: Part) -> Result<String, RequestError> {
    let text = percent_decode_str(raw).decode_utf8().map_err(|_| RequestError::NotUtf8 { part })?;
    if text.contains('\0') {
        return Err(RequestError::Nul { part });
    }
    Ok(text.into_owned())
}

/// `text` as Python's `quote` writes it.
pub(super) fn quote(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, QUOTED)
}

/// `text` as the first segment of a path.
pub(super) fn in_signature(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, IN_SIGNATURE)
}

/// `text` as part of the filter text. Does not hide `)/`.
pub(super) fn in_filters(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, IN_FILTERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_layer_is_removed_and_broken_escapes_stay() {
        let check = |raw, expected: Result<&str, RequestError>| {
            assert_eq!(decode(raw, Part::Image), expected.map(str::to_owned), "{raw}");
        };
        check("a%20b", Ok("a b"));
        check("a%2520b", Ok("a%20b"));
        check("a+b", Ok("a+b"));
        check("100%", Ok("100%"));
        check("%zz%4", Ok("%zz%4"));
        check("maracuj%C3%A1", Ok("maracujá"));
        check("maracuj%c3%a1", Ok("maracujá"));
        check("%ff%fe", Err(RequestError::NotUtf8 { part: Part::Image }));
        check("%C3", Err(RequestError::NotUtf8 { part: Part::Image }));
        check("%ED%A0%80", Err(RequestError::NotUtf8 { part: Part::Image })); // a lone surrogate
        check("a%00.png", Err(RequestError::Nul { part: Part::Image }));
    }
}
