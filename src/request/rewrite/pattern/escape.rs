//! Backslashes, and what stands in square brackets.

use super::set::{DIGIT, SPACE, Set, WORD};
use super::{Atom, Fault, Translator};
use crate::request::rewrite::Dialect;

/// One member of a set: a character, which may begin a range, or a class.
enum Member {
    One(char),
    Class(Set),
}

impl Translator {
    /// What the backslash at `at` begins; it was read.
    pub(super) fn escaped(&mut self, at: usize) -> Result<Atom, Fault> {
        let Some(c) = self.next() else { return Err(Fault::new(at, "a backslash at the end")) };
        if let Some(class) = class(c) {
            return Ok(self.one_of(&class));
        }
        let python = self.dialect == Dialect::Python;
        let anchor = match c {
            'b' => r"\b",
            'B' => r"\B",
            'A' if python => r"\A",
            'Z' if python => r"\z",
            '1'..='9' => return self.numbered(at),
            'k' if !python && self.take('<') => {
                let name = self.name('>')?;
                let number = self.number_of(&name).ok_or_else(|| Fault::new(at, format!("no group `{name}`")))?;
                return self.reference(at, number);
            }
            c => {
                let c = self.character(at, c)?;
                return Ok(self.one(c));
            }
        };
        self.out.push_str(anchor);
        Ok(Atom::anchor())
    }

    /// A digit other than 0 was read after a backslash: a group, or in Python three octal digits.
    fn numbered(&mut self, at: usize) -> Result<Atom, Fault> {
        self.at -= 1;
        if self.dialect == Dialect::Python
            && let Some(c) = self.octal(3, 3)
        {
            return Ok(self.one(c));
        }
        let digits: String = self.chars[self.at..].iter().take_while(|c| c.is_ascii_digit()).take(2).collect();
        self.at += digits.len();
        let number = digits.parse().map_err(|_| Fault::new(at, "expected the number of a group"))?;
        self.reference(at, number)
    }

    /// The character that `\c` stands for, `c` read.
    fn character(&mut self, at: usize, c: char) -> Result<char, Fault> {
        let python = self.dialect == Dialect::Python;
        Ok(match c {
            'a' if python => '\u{7}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            'x' => self.hex(at, 2)?,
            'u' if !python => self.hex(at, 4)?,
            '0' if python => {
                self.at -= 1;
                self.octal(1, 3).unwrap_or('\0')
            }
            '0' => '\0',
            // Unknown letters are themselves.
            c => c,
        })
    }

    /// The character whose number is written in `count` hexadecimal digits.
    fn hex(&mut self, at: usize, count: usize) -> Result<char, Fault> {
        let digits: Vec<u32> = self.chars[self.at..].iter().map_while(|c| c.to_digit(16)).take(count).collect();
        self.at += digits.len();
        char::from_u32(digits.iter().fold(0, |number, digit| number * 16 + digit))
            .filter(|_| digits.len() == count)
            .ok_or_else(|| Fault::new(at, "this escape stands for no character"))
    }

    /// The character whose number is written in so many octal digits; reads nothing if it is not.
    fn octal(&mut self, least: usize, most: usize) -> Option<char> {
        let digits: Vec<u32> = self.chars[self.at..].iter().map_while(|c| c.to_digit(8)).take(most).collect();
        if digits.len() < least {
            return None;
        }
        self.at += digits.len();
        char::from_u32(digits.iter().fold(0, |number, digit| number * 8 + digit) & 0xFF)
    }

    /// The set that the bracket at `at` opens; it was read.
    pub(super) fn set(&mut self, at: usize) -> Result<Set, Fault> {
        let python = self.dialect == Dialect::Python;
        let negated = self.take('^');
        let mut set = Set::default();
        // In Python a bracket that comes first closes nothing.
        let mut first = python;
        while first || !self.take(']') {
            first = false;
            let start = self.at;
            match self.member(at)? {
                Member::Class(class) => set.add_all(&class),
                Member::One(low) if !self.is_range() => set.add(low, low),
                Member::One(low) => {
                    self.at += 1;
                    match self.member(at)? {
                        Member::One(high) if low <= high => set.add(low, high),
                        _ => return Err(Fault::new(start, "no range of characters")),
                    }
                }
            }
        }
        if negated {
            set.negate();
        }
        Ok(set)
    }

    /// Whether a hyphen stands here that is not the last of its set.
    fn is_range(&self) -> bool {
        self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|c| *c != ']')
    }

    /// One member of the set that was opened at `opened_at`.
    fn member(&mut self, opened_at: usize) -> Result<Member, Fault> {
        let at = self.at;
        let no_end = || Fault::new(opened_at, "a set without its closing bracket");
        match self.next().ok_or_else(no_end)? {
            '\\' => {
                let c = self.next().ok_or_else(no_end)?;
                match class(c) {
                    Some(class) => Ok(Member::Class(class)),
                    None if c == 'b' => Ok(Member::One('\u{8}')),
                    None if c.is_digit(8) => {
                        self.at -= 1;
                        Ok(Member::One(self.octal(1, 3).unwrap_or('\0')))
                    }
                    None => self.character(at, c).map(Member::One),
                }
            }
            c => Ok(Member::One(c)),
        }
    }
}

/// The class of this letter.
fn class(letter: char) -> Option<Set> {
    let ranges = match letter.to_ascii_lowercase() {
        'd' => DIGIT,
        'w' => WORD,
        's' => SPACE,
        _ => return None,
    };
    Some(Set::of(ranges, letter.is_ascii_uppercase()))
}
