//! The linear pass over a raw path: first segment, options in their order, filter text, image.
//!
//! Thumbor defines its grammar by a backtracking pattern. What that comes to is said here directly:
//! an option is taken if its place is after the last one's and something is left for the image.

use super::RequestError;
use super::segment::{PRESET, Segment};

/// The first segment and all that follows its slash. One leading slash is no part of either.
///
/// A first segment that starts with a slash (`//unsafe/x`) keeps it, and so is neither `unsafe` nor a signature.
/// `unsafe` may be left out before a preset.
///
/// # Errors
/// [`RequestError::NoAccess`] if there is one segment only, [`RequestError::EmptyImage`] if nothing follows it.
pub(super) fn split_access(raw_path: &str) -> Result<(&str, &str), RequestError> {
    let path = raw_path.strip_prefix('/').unwrap_or(raw_path);
    if path.starts_with(PRESET) && path.contains('/') {
        return Ok(("unsafe", path));
    }
    // The first segment has a character at least: a slash there does not end it.
    let end = path.bytes().skip(1).position(|byte| byte == b'/').map(|at| at + 1);
    match end {
        Some(end) if end + 1 < path.len() => Ok((&path[..end], &path[end + 1..])),
        Some(_) => Err(RequestError::EmptyImage),
        None if path == "unsafe" => Err(RequestError::EmptyImage),
        None => Err(RequestError::NoAccess),
    }
}

/// Walks over what follows the first segment: yields the options, then gives filter text and image.
///
/// Every byte is looked at a small fixed number of times: a segment is read once, and the first that is no option
/// ends the options.
#[derive(Debug)]
pub(super) struct Scanner<'a> {
    rest: &'a str,
    place: u8,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(tail: &'a str) -> Self {
        Self { rest: tail, place: 0 }
    }

    /// The raw filter text, up to the first `)/` that has something before it.
    pub(super) fn filters(&mut self) -> Option<&'a str> {
        let text = self.rest.strip_prefix("filters:")?;
        let end = 1 + text.get(1..)?.find(")/")? + 1;
        let image = &text[end + 1..];
        if image.is_empty() {
            return None;
        }
        self.rest = image;
        Some(&text[..end])
    }

    /// The raw image: all that was not taken.
    pub(super) fn image(self) -> &'a str {
        self.rest
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        let (text, after) = self.rest.split_once('/')?;
        let segment = Segment::read(text).filter(|segment| segment.place() > self.place && !after.is_empty())?;
        (self.rest, self.place) = (after, segment.place());
        Some(segment)
    }
}
