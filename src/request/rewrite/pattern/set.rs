//! Sets of characters: what a class, a dot or `[...]` matches.

use super::push_char;
use crate::request::rewrite::Dialect;

/// Digits.
pub(super) const DIGIT: &[(char, char)] = &[('0', '9')];
/// Letters, digits and the underscore.
pub(super) const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
/// Blanks.
pub(super) const SPACE: &[(char, char)] = &[('\t', '\r'), (' ', ' ')];

/// Ranges of characters, both ends included, or all characters but those.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Set {
    ranges: Vec<(char, char)>,
    negated: bool,
}

impl Set {
    /// Every character.
    pub(super) fn any() -> Self {
        Self { ranges: Vec::new(), negated: true }
    }

    /// Every character that ends no line.
    pub(super) fn within_line(dialect: Dialect) -> Self {
        let ends: &[char] = match dialect {
            Dialect::Python => &['\n'],
            Dialect::JavaScript => &['\n', '\r', '\u{2028}', '\u{2029}'],
        };
        Self { ranges: ends.iter().map(|end| (*end, *end)).collect(), negated: true }
    }

    /// These, or all but these.
    pub(super) fn of(ranges: &[(char, char)], negated: bool) -> Self {
        Self { ranges: ranges.to_vec(), negated }
    }

    /// All but what is in it now.
    pub(super) fn negate(&mut self) {
        self.negated = !self.negated;
    }

    /// Adds the characters from `first` to `last`. The set is not negated yet.
    pub(super) fn add(&mut self, first: char, last: char) {
        self.ranges.push((first, last));
    }

    /// Adds another set. The set is not negated yet.
    pub(super) fn add_all(&mut self, other: &Self) {
        let ranges = if other.negated { complement(&other.ranges) } else { other.ranges.clone() };
        self.ranges.extend(ranges);
    }

    /// As the engine reads it.
    pub(super) fn write(&self, ignore_case: bool, out: &mut String) {
        let mut ranges = self.ranges.clone();
        if ignore_case {
            ranges.extend(self.ranges.iter().flat_map(|range| other_case(*range)));
        }
        // A set of nothing has no spelling of its own.
        let negated = self.negated != ranges.is_empty();
        if ranges.is_empty() {
            ranges.push(('\0', char::MAX));
        }
        out.push_str(if negated { "[^" } else { "[" });
        for (first, last) in ranges {
            push_char(first, out);
            if last > first {
                out.push('-');
                push_char(last, out);
            }
        }
        out.push(']');
    }
}

/// The letters of a range in the other case.
fn other_case((first, last): (char, char)) -> impl Iterator<Item = (char, char)> {
    let part = move |low: char, high: char, turn: fn(&char) -> char| {
        let (first, last) = (first.max(low), last.min(high));
        (first <= last).then(|| (turn(&first), turn(&last)))
    };
    let lower = part('A', 'Z', char::to_ascii_lowercase);
    lower.into_iter().chain(part('a', 'z', char::to_ascii_uppercase))
}

/// All characters outside of these ranges, which are in order and apart.
fn complement(ranges: &[(char, char)]) -> Vec<(char, char)> {
    let (mut gaps, mut next) = (Vec::new(), Some('\0'));
    for (first, last) in ranges {
        let before = ('\0'..*first).next_back();
        gaps.extend(next.zip(before).filter(|(start, end)| start <= end));
        next = (*last..=char::MAX).nth(1);
    }
    gaps.extend(next.map(|start| (start, char::MAX)));
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_as_escaped_ranges() {
        let check = |set: &Set, ignore_case, expected: &str| {
            let mut out = String::new();
            set.write(ignore_case, &mut out);
            assert_eq!(out, expected, "{set:?}");
        };
        check(&Set::of(DIGIT, false), false, "[0-9]");
        check(&Set::of(WORD, true), false, "[^0-9A-Z_a-z]");
        check(&Set::of(&[('Y', 'b')], false), true, r"[Y-by-zA-B]");
        check(&Set::any(), true, r"[\x{0}-\x{10FFFF}]");
        check(&Set::default(), false, r"[^\x{0}-\x{10FFFF}]");
        let mut set = Set::default();
        set.add('-', '-');
        set.add_all(&Set::of(DIGIT, true));
        set.negate();
        check(&set, false, r"[^\x{2D}\x{0}-/\x{3A}-\x{10FFFF}]");
    }

    #[test]
    fn gaps_step_over_what_is_no_character() {
        assert_eq!(complement(&[('\0', '\u{D7FF}')]), [('\u{E000}', char::MAX)]);
        assert_eq!(complement(&[('\0', char::MAX)]), []);
        assert_eq!(complement(&[('a', 'a'), ('b', 'z')]), [('\0', '`'), ('{', char::MAX)]);
    }
}
