//! Numbers, sizes and times.

use super::{Given, Kind, is_none, quoted};
use std::marker::PhantomData;
use std::time::Duration;

/// A whole number within bounds; `75e6` is one.
pub(in crate::config) struct Whole<T, const MIN: u64 = 0, const MAX: u64 = { u64::MAX }>(PhantomData<T>);

impl<T: TryFrom<u64> + ToString, const MIN: u64, const MAX: u64> Kind for Whole<T, MIN, MAX> {
    type Out = T;

    fn expected() -> String {
        match (MIN, MAX) {
            (0, u64::MAX) => "a whole number".into(),
            (_, u64::MAX) => format!("a whole number from {MIN} on"),
            _ => format!("a whole number from {MIN} to {MAX}"),
        }
    }

    fn parse(given: &Given) -> Option<T> {
        let number = whole(given.one()?)?;
        T::try_from(number).ok().filter(|_| (MIN..=MAX).contains(&number))
    }

    fn show(out: &T) -> String {
        out.to_string()
    }
}

/// A whole number within bounds, or 0, which stands for something else.
pub(in crate::config) struct ZeroOr<T, const MIN: u64, const MAX: u64>(PhantomData<T>);

impl<T: TryFrom<u64> + ToString, const MIN: u64, const MAX: u64> Kind for ZeroOr<T, MIN, MAX> {
    type Out = T;

    fn expected() -> String {
        format!("0 or a whole number from {MIN} to {MAX}")
    }

    fn parse(given: &Given) -> Option<T> {
        let number = whole(given.one()?)?;
        T::try_from(number).ok().filter(|_| number == 0 || (MIN..=MAX).contains(&number))
    }

    fn show(out: &T) -> String {
        out.to_string()
    }
}

fn whole(text: &str) -> Option<u64> {
    let text = text.replace('_', "");
    text.parse().ok().or_else(|| float_as_whole(text.parse().ok()?))
}

/// The number, if it is whole, not negative and small enough to be exact.
fn float_as_whole(number: f64) -> Option<u64> {
    let exact = number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, not negative, below 2^53")]
    exact.then_some(number as u64)
}

/// How many times larger than needed a reduced decode stays: by name, or a number from one to ten, fractions allowed.
pub(in crate::config) struct Margin;

/// What libvips' thumbnails leave to the resampler, and the least that there can be, which is sharp's rule.
const MARGINS: [(&str, f64); 2] = [("fine", 2.0), ("fast", 1.0)];

impl Kind for Margin {
    type Out = f64;

    fn expected() -> String {
        "fine, fast or a number from 1 to 10".into()
    }

    fn parse(given: &Given) -> Option<f64> {
        let text = given.one()?;
        let named = MARGINS.iter().find(|(name, _)| text.eq_ignore_ascii_case(name));
        named
            .map_or_else(|| text.parse().ok(), |(_, margin)| Some(*margin))
            .filter(|margin| (1.0..=10.0).contains(margin))
    }

    fn show(out: &f64) -> String {
        let named = MARGINS.iter().find(|(_, margin)| margin.to_bits() == out.to_bits());
        named.map_or_else(|| format!("{out:?}"), |(name, _)| quoted(name))
    }
}

/// A part of all, 0 to 1.
pub(in crate::config) struct Share;

impl Kind for Share {
    type Out = f64;

    fn expected() -> String {
        "a number from 0 to 1".into()
    }

    fn parse(given: &Given) -> Option<f64> {
        given.one()?.parse().ok().filter(|share| (0.0..=1.0).contains(share))
    }

    fn show(out: &f64) -> String {
        format!("{out:?}")
    }
}

/// A number where 0 and `none` mean "no limit".
pub(in crate::config) struct Limit<T>(PhantomData<T>);

impl<T: TryFrom<u64> + ToString> Kind for Limit<T> {
    type Out = T;

    fn expected() -> String {
        "a whole number, or 0 for no limit".into()
    }

    fn parse(given: &Given) -> Option<T> {
        let text = given.one()?;
        T::try_from(if is_none(text) { 0 } else { whole(text)? }).ok()
    }

    fn show(out: &T) -> String {
        out.to_string()
    }
}

/// Thumbor's length of ids, of which there are two that mean something: 32, that of ours, and 0 for "none".
pub(in crate::config) struct UploadedIds;

impl Kind for UploadedIds {
    type Out = bool;

    fn expected() -> String {
        "32 or 0".into()
    }

    fn parse(given: &Given) -> Option<bool> {
        match given.one()? {
            "32" => Some(true),
            "0" => Some(false),
            _ => None,
        }
    }

    fn show(out: &bool) -> String {
        if *out { "32".into() } else { "0".into() }
    }
}

/// Bits that say who may read and write a file, in the way of `chmod`.
pub(in crate::config) struct FileMode;

impl Kind for FileMode {
    type Out = u32;

    fn expected() -> String {
        "three octal digits such as \"660\"".into()
    }

    fn parse(given: &Given) -> Option<u32> {
        let digits = given.one()?;
        let digits = digits.strip_prefix("0o").unwrap_or(digits);
        let digits = digits.strip_prefix('0').filter(|rest| rest.len() == 3).unwrap_or(digits);
        let octal = digits.len() == 3 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
        u32::from_str_radix(digits, 8).ok().filter(|_| octal)
    }

    fn show(out: &u32) -> String {
        quoted(&format!("{out:03o}"))
    }
}

/// A number of bytes with a unit or without.
pub(in crate::config) struct Bytes<const MIN: u64 = 0>;

const BYTE_UNITS: &[(&str, u64)] = &[
    ("gib", 1 << 30),
    ("mib", 1 << 20),
    ("kib", 1 << 10),
    ("gb", 1_000_000_000),
    ("mb", 1_000_000),
    ("kb", 1_000),
    ("g", 1 << 30),
    ("m", 1 << 20),
    ("k", 1 << 10),
    ("b", 1),
];

impl<const MIN: u64> Kind for Bytes<MIN> {
    type Out = u64;

    fn expected() -> String {
        let at_least = if MIN > 0 { format!(", at least {MIN}") } else { String::new() };
        format!("a number of bytes such as 1000000, \"64MiB\" or \"256MB\"{at_least}")
    }

    fn parse(given: &Given) -> Option<u64> {
        let text = given.one()?.to_ascii_lowercase();
        let unit = BYTE_UNITS.iter().find_map(|(unit, size)| Some((text.strip_suffix(unit)?, size)));
        let bytes = match unit {
            Some((number, size)) => scaled(number.trim(), *size)?,
            None => whole(&text)?,
        };
        Some(bytes).filter(|&bytes| bytes >= MIN)
    }

    fn show(out: &u64) -> String {
        let unit = BYTE_UNITS[..3]
            .iter()
            .zip(["GiB", "MiB", "KiB"])
            .find(|((_, size), _)| *out > 0 && out.is_multiple_of(*size));
        unit.map_or_else(|| out.to_string(), |((_, size), name)| quoted(&format!("{}{name}", out / size)))
    }
}

/// A number of so many units.
fn scaled(number: &str, unit: u64) -> Option<u64> {
    if let Some(number) = whole(number) {
        return number.checked_mul(unit);
    }
    #[expect(clippy::cast_precision_loss, reason = "units are small powers")]
    let product = number.parse::<f64>().ok()? * unit as f64;
    float_as_whole(product.floor())
}

/// A time: seconds, or a number with its unit.
pub(in crate::config) struct Time<const MIN_MS: u64 = 0>;

const TIME_UNITS: &[(&str, u64)] =
    &[("ms", 1), ("s", 1000), ("m", 60 * 1000), ("h", 60 * 60 * 1000), ("d", 24 * 60 * 60 * 1000)];

impl<const MIN_MS: u64> Kind for Time<MIN_MS> {
    type Out = Duration;

    fn expected() -> String {
        let more_than = if MIN_MS > 0 { ", more than 0" } else { "" };
        format!("a time such as 5 (seconds), \"500ms\", \"5s\" or \"2m\"{more_than}")
    }

    fn parse(given: &Given) -> Option<Duration> {
        let text = given.one()?.to_ascii_lowercase();
        let unit = TIME_UNITS.iter().find_map(|(unit, size)| Some((text.strip_suffix(unit)?, *size)));
        let (number, unit) = unit.unwrap_or((&text, 1000));
        scaled(number.trim(), unit).filter(|&ms| ms >= MIN_MS).map(Duration::from_millis)
    }

    fn show(out: &Duration) -> String {
        let ms = u64::try_from(out.as_millis()).unwrap_or(u64::MAX);
        let (unit, size) =
            TIME_UNITS.iter().rev().find(|(_, size)| ms >= *size && ms.is_multiple_of(*size)).unwrap_or(&("s", 1));
        quoted(&format!("{}{unit}", ms / size))
    }
}

/// A time in whole seconds, stored as their number.
pub(in crate::config) struct Seconds;

impl Kind for Seconds {
    type Out = u32;

    fn expected() -> String {
        "whole seconds such as 86400 or \"1d\"".into()
    }

    fn parse(given: &Given) -> Option<u32> {
        let time = Time::<0>::parse(given).filter(|time| time.subsec_millis() == 0)?;
        u32::try_from(time.as_secs()).ok()
    }

    fn show(out: &u32) -> String {
        out.to_string()
    }
}
