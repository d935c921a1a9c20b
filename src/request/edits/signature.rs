//! What is signed, and until when it is good.

use super::{EditsError, query};

/// The text that is signed: the raw path with its slash, and the query in the order of its names, decoded, without the
/// signature itself.
pub fn message(path: &str, query: Option<&str>) -> String {
    let mut pairs: Vec<_> = query::pairs(query.unwrap_or_default()).filter(|(name, _)| name != "signature").collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// Days of the years before 1970.
const BEFORE_1970: u64 = 719_162;

/// A moment as a URL tells it, in seconds since 1970.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stamp(u64);

impl Stamp {
    /// From `YYYYMMDDTHHmmssZ`.
    ///
    /// # Errors
    /// [`EditsError::NotATime`].
    pub fn read(text: &str) -> Result<Self, EditsError> {
        Self::parse(text).ok_or_else(|| EditsError::NotATime { value: text.chars().take(40).collect() })
    }

    fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
        let digits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(date, 8) || !digits(time, 6) {
            return None;
        }
        let number = |part: &str| part.parse::<u64>().ok();
        let (year, month, day) = (number(&date[..4])?, number(&date[4..6])?, number(&date[6..])?);
        let (hour, minute, second) = (number(&time[..2])?, number(&time[2..4])?, number(&time[4..])?);
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let index = usize::try_from(month).ok()?.checked_sub(1)?;
        let fits = (1..=*lengths.get(index)?).contains(&day) && hour < 24 && minute < 60 && second < 60;
        let years_before = year.checked_sub(1)?;
        let leap_days = years_before / 4 - years_before / 100 + years_before / 400;
        let days = years_before * 365 + leap_days + lengths[..index].iter().sum::<u64>() + day - 1;
        let days = days.checked_sub(BEFORE_1970)?;
        fits.then_some(Self(((days * 24 + hour) * 60 + minute) * 60 + second))
    }

    /// How many seconds are left at this moment; `None` if it has passed.
    pub fn left_s(self, now_s: u64) -> Option<u64> {
        self.0.checked_sub(now_s).filter(|left| *left > 0)
    }
}
