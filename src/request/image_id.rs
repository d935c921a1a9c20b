//! The name of a picture.

use super::encoding::quote;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;
use std::fmt;

/// Names a picture: its path or address, re-quoted as Thumbor does (`http%3A//host/a%20b.jpg`).
///
/// This text is what Thumbor's storages hash, so files that it stored are found again.
/// Everything is percent-encoded except `A-Z a-z 0-9 _ . - ~ /`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ImageId(String);

impl ImageId {
    /// From the name in plain text, such as `http://host/a b.jpg`.
    pub fn of(name: &str) -> Self {
        Self(quote(name).to_string())
    }

    /// The quoted form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in plain text: what a loader opens or fetches.
    pub fn decoded(&self) -> Cow<'_, str> {
        percent_decode_str(&self.0).decode_utf8_lossy() // nothing is lost: it was quoted from text
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_quoted_and_comes_back() {
        let check = |name, quoted| {
            let id = ImageId::of(name);
            assert_eq!((id.as_str(), &*id.decoded()), (quoted, name));
        };
        check("http://host/a b.jpg", "http%3A//host/a%20b.jpg");
        check("http://h/a.jpg?x=1&y=2#z", "http%3A//h/a.jpg%3Fx%3D1%26y%3D2%23z");
        check("maracujá.jpg", "maracuj%C3%A1.jpg");
        check("a%20b+c~_.-(1).jpg", "a%2520b%2Bc~_.-%281%29.jpg");
        check("../x", "../x");
    }
}
