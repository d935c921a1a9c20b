//! What stands in round brackets: groups, look-around, conditions, flags; and references back to groups.

use super::width::Width;
use super::{Atom, Fault, Group, MAX_DEPTH, Repeats, Translator};
use crate::request::rewrite::Dialect;
use std::fmt::Write as _;

impl Translator {
    /// What the bracket at `at` opens; it was read.
    pub(super) fn group(&mut self, at: usize) -> Result<Atom, Fault> {
        if !self.take('?') {
            return self.capture(at, None);
        }
        let python = self.dialect == Dialect::Python;
        match self.next() {
            Some(':') => self.inside(at, "(?:").map(Atom::wide),
            Some('=') => self.look(at, "(?="),
            Some('!') => self.look(at, "(?!"),
            Some('<') if self.take('=') => self.look(at, "(?<="),
            Some('<') if self.take('!') => self.look(at, "(?<!"),
            Some('<') if !python => {
                let name = self.name('>')?;
                self.capture(at, Some(name))
            }
            Some('P') if python && self.take('<') => {
                let name = self.name('>')?;
                self.capture(at, Some(name))
            }
            Some('P') if python && self.take('=') => {
                let name_at = self.at;
                let name = self.name(')')?;
                let number = self.number_of(&name).ok_or_else(|| Fault::new(name_at, format!("no group `{name}`")))?;
                self.reference(name_at, number)
            }
            Some('#') if python => {
                while self.next().ok_or_else(|| Fault::new(at, "a comment without an end"))? != ')' {}
                Ok(Atom::nothing())
            }
            Some('(') if python => self.conditional(at),
            Some(c) if c.is_ascii_alphabetic() || c == '-' => {
                self.at -= 1;
                self.flag_group(at)
            }
            _ => Err(Fault::new(at, "this sort of group does not exist")),
        }
    }

    fn capture(&mut self, at: usize, name: Option<String>) -> Result<Atom, Fault> {
        if name.is_some() && self.groups.iter().any(|group| group.name == name) {
            return Err(Fault::new(at, format!("a second group `{}`", name.unwrap_or_default())));
        }
        let place = self.groups.len();
        self.groups.push(Group { name, width: None });
        let width = self.inside(at, "(")?;
        self.groups[place].width = Some(width);
        Ok(Atom::wide(width))
    }

    fn look(&mut self, at: usize, open: &str) -> Result<Atom, Fault> {
        let width = self.inside(at, open)?;
        if open.starts_with("(?<") && self.dialect == Dialect::Python && width.fixed().is_none() {
            return Err(Fault::new(at, "a look-behind whose length is not fixed"));
        }
        Ok(Atom { width: Width::ZERO, repeats: Repeats::No("nothing to repeat: a look-around has no characters") })
    }

    /// `open`, alternatives, and the closing bracket.
    fn inside(&mut self, at: usize, open: &str) -> Result<Width, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::new(at, "groups are nested too deeply"));
        }
        self.out.push_str(open);
        let width = self.alternatives()?;
        self.close(at)?;
        self.depth -= 1;
        Ok(width)
    }

    fn close(&mut self, opened_at: usize) -> Result<(), Fault> {
        if !self.take(')') {
            return Err(Fault::new(opened_at, "an opening bracket without a closing one"));
        }
        self.out.push(')');
        Ok(())
    }

    /// `(?(1)yes|no)`, of which two brackets were read.
    fn conditional(&mut self, at: usize) -> Result<Atom, Fault> {
        let name_at = self.at;
        let name = self.name(')')?;
        let number = name.parse().ok().or_else(|| self.number_of(&name));
        let number = number
            .filter(|number| (1..=self.groups.len()).contains(number))
            .ok_or_else(|| Fault::new(name_at, format!("no group `{name}`")))?;
        let _ = write!(self.out, "(?({number})(?:");
        let yes = self.sequence()?;
        self.out.push_str(")|(?:");
        let no = if self.take('|') { self.sequence()? } else { Width::ZERO };
        if self.peek() == Some('|') {
            return Err(self.fault("a third branch of a condition"));
        }
        self.out.push(')');
        self.close(at)?;
        Ok(Atom::wide(yes.or(no)))
    }

    /// `(?i)`, which holds for the whole pattern, or `(?i-s:...)`, which holds inside.
    fn flag_group(&mut self, at: usize) -> Result<Atom, Fault> {
        let (mut flags, mut on) = (self.flags, true);
        loop {
            let python = self.dialect == Dialect::Python;
            match self.next() {
                Some('i') => flags.ignore_case = on,
                Some('m') => flags.multi_line = on,
                Some('s') => flags.dot_all = on,
                Some('x') if python => flags.verbose = on,
                // Locale and Unicode: our classes are ASCII.
                Some('a' | 'L' | 'u') if python && on => {}
                Some('-') if on => on = false,
                Some(')') if python && on => {
                    self.global = self.global.with(flags);
                    return Ok(Atom::nothing());
                }
                Some(':') => {
                    let outside = std::mem::replace(&mut self.flags, flags);
                    let width = self.inside(at, "(?:")?;
                    self.flags = outside;
                    return Ok(Atom::wide(width));
                }
                _ => return Err(Fault::new(at, "this sort of group does not exist")),
            }
        }
    }

    /// A reference back to what a group has matched.
    pub(super) fn reference(&mut self, at: usize, number: usize) -> Result<Atom, Fault> {
        let Some(group) = number.checked_sub(1).and_then(|place| self.groups.get(place)) else {
            return Err(Fault::new(at, format!("no group `{number}` before this place")));
        };
        let case = if self.flags.ignore_case { "i" } else { "" };
        let width = match (self.dialect, group.width) {
            (Dialect::Python, None) => return Err(Fault::new(at, "a group cannot refer to itself")),
            (Dialect::Python, Some(width)) => {
                let _ = write!(self.out, r"(?{case}:\{number})");
                width
            }
            // In JavaScript a group that has not matched is nothing, and nothing is found everywhere.
            (Dialect::JavaScript, width) => {
                let _ = write!(self.out, r"(?({number})(?{case}:\{number})|(?:))");
                width.unwrap_or(Width::ZERO).or(Width::ZERO)
            }
        };
        Ok(Atom::wide(width))
    }

    pub(super) fn number_of(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.name.as_deref() == Some(name)).map(|place| place + 1)
    }

    /// A name, or a number, and the `end` behind it.
    pub(super) fn name(&mut self, end: char) -> Result<String, Fault> {
        let at = self.at;
        let is_part = |c: &&char| c.is_ascii_alphanumeric() || **c == '_';
        let name: String = self.chars[at..].iter().take_while(is_part).collect();
        self.at += name.len();
        if name.is_empty() || !self.take(end) {
            return Err(Fault::new(at, "expected the name of a group"));
        }
        Ok(name)
    }
}
