//! Regular expressions of Python and JavaScript, said in the dialect of the engine that we have.
//!
//! The engine gets nothing but what means the same everywhere: escaped characters, sets of ranges, groups, bounded
//! repeats, look-around, numbers of groups. Flags, names and classes are resolved here, so that no word of another
//! dialect slips through with another meaning, and so that faults are told with their place in what was written.
//!
//! Classes are ASCII, as those of Python 2 without flags are.

mod escape;
mod set;
mod width;

use self::set::Set;
use self::width::Width;
use super::Dialect;
use std::fmt::Write as _;

/// Groups within groups beyond this are refused.
const MAX_DEPTH: u32 = 50;
/// Most times a repeat may ask for: it is unrolled.
const MAX_TIMES: u32 = 1000;

/// Flags in force at some place of a pattern.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a letter of its own in a pattern")]
pub(super) struct Flags {
    /// `i`.
    pub(super) ignore_case: bool,
    /// `m`: `^` and `$` also at line ends.
    pub(super) multi_line: bool,
    /// `s`: `.` is any character.
    pub(super) dot_all: bool,
    /// `x`: spaces and comments do not count.
    pub(super) verbose: bool,
}

/// A pattern in the engine's words.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Translation {
    /// What the engine gets.
    pub(super) pattern: String,
    /// Names of the groups from number 1 on.
    pub(super) groups: Vec<Option<String>>,
    /// Whether a text that ends with a line end needs [`Lines::MayEnd`].
    pub(super) minds_line_ends: bool,
}

/// What is known about the texts that are searched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Lines {
    /// There is no line end, so that `$` is the end and nothing is left for the engine to try again.
    None,
    /// There may be one at the end, before which Python's `$` matches, too.
    MayEnd,
}

/// What is wrong with a pattern or substitution, and where: characters before the place.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) what: String,
}

impl Fault {
    pub(super) fn new(at: usize, what: impl Into<String>) -> Self {
        Self { at, what: what.into() }
    }

    /// The same, so many characters further on.
    pub(super) fn after(self, skipped: usize) -> Self {
        Self { at: self.at + skipped, ..self }
    }
}

/// The same pattern for the engine.
///
/// # Errors
/// The first [`Fault`].
pub(super) fn translate(pattern: &str, dialect: Dialect, flags: Flags, lines: Lines) -> Result<Translation, Fault> {
    let mut flags = flags;
    loop {
        let mut translator = Translator::new(pattern, dialect, flags, lines);
        let outcome = translator.whole();
        // Flags within the pattern hold for all of it, also for what stands before them.
        if translator.global == flags {
            return outcome.map(|()| translator.translation());
        }
        flags = translator.global;
    }
}

struct Translator {
    chars: Vec<char>,
    at: usize,
    dialect: Dialect,
    lines: Lines,
    flags: Flags,
    global: Flags,
    depth: u32,
    groups: Vec<Group>,
    minds_line_ends: bool,
    out: String,
}

struct Group {
    name: Option<String>,
    /// `None` as long as it is open.
    width: Option<Width>,
}

/// What was read before a quantifier may follow.
struct Atom {
    width: Width,
    repeats: Repeats,
}

enum Repeats {
    Yes,
    /// There is nothing, or nothing that would make sense more than once.
    No(&'static str),
}

impl Atom {
    fn wide(width: Width) -> Self {
        Self { width, repeats: Repeats::Yes }
    }

    fn anchor() -> Self {
        Self { width: Width::ZERO, repeats: Repeats::No("nothing to repeat: an anchor has no characters") }
    }

    fn nothing() -> Self {
        Self { width: Width::ZERO, repeats: Repeats::No("nothing to repeat") }
    }
}

impl Translator {
    fn new(pattern: &str, dialect: Dialect, flags: Flags, lines: Lines) -> Self {
        Self {
            chars: pattern.chars().collect(),
            at: 0,
            dialect,
            lines,
            flags,
            global: flags,
            depth: 0,
            groups: Vec::new(),
            minds_line_ends: false,
            out: String::new(),
        }
    }

    fn whole(&mut self) -> Result<(), Fault> {
        self.alternatives()?;
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.fault("a closing bracket without an opening one")),
        }
    }

    fn translation(self) -> Translation {
        Translation {
            pattern: self.out,
            groups: self.groups.into_iter().map(|group| group.name).collect(),
            minds_line_ends: self.minds_line_ends,
        }
    }

    /// `a|b|c`, up to a closing bracket or the end.
    fn alternatives(&mut self) -> Result<Width, Fault> {
        let mut width = self.sequence()?;
        while self.take('|') {
            self.out.push('|');
            width = width.or(self.sequence()?);
        }
        Ok(width)
    }

    fn sequence(&mut self) -> Result<Width, Fault> {
        let mut width = Width::ZERO;
        loop {
            self.skip_blank();
            if matches!(self.peek(), None | Some('|' | ')')) {
                return Ok(width);
            }
            let start = self.out.len();
            let atom = self.atom()?;
            self.skip_blank();
            width = width.then(self.repeated(start, &atom)?);
        }
    }

    /// Wraps what was written from `start` on into the quantifier that follows, if one does.
    fn repeated(&mut self, start: usize, atom: &Atom) -> Result<Width, Fault> {
        let at = self.at;
        let Some((least, most)) = self.quantifier()? else { return Ok(atom.width) };
        if let Repeats::No(reason) = atom.repeats {
            return Err(Fault::new(at, reason));
        }
        self.out.insert_str(start, "(?:");
        self.out.push(')');
        let _ = match most {
            Some(most) => write!(self.out, "{{{least},{most}}}"),
            None => write!(self.out, "{{{least},}}"),
        };
        if self.take('?') {
            self.out.push('?');
        }
        let after = self.at;
        if self.quantifier()?.is_some() {
            return Err(Fault::new(after, "a repeat of a repeat"));
        }
        Ok(atom.width.times(least, most))
    }

    /// `*`, `+`, `?` or `{m,n}` as least and most. A brace that is no quantifier stays where it is.
    fn quantifier(&mut self) -> Result<Option<(u32, Option<u32>)>, Fault> {
        let at = self.at;
        let bounds = match self.next() {
            Some('*') => Some((0, None)),
            Some('+') => Some((1, None)),
            Some('?') => Some((0, Some(1))),
            Some('{') => self.bounds(),
            _ => None,
        };
        let Some(bounds) = bounds else {
            self.at = at;
            return Ok(None);
        };
        if bounds.1.is_some_and(|most| most < bounds.0) {
            return Err(Fault::new(at, "a repeat whose least is more than its most"));
        }
        if bounds.0.max(bounds.1.unwrap_or(0)) > MAX_TIMES {
            return Err(Fault::new(at, format!("a repeat of more than {MAX_TIMES} times")));
        }
        Ok(Some(bounds))
    }

    /// What stands in the braces of a quantifier, of which the first was read, up to behind the second.
    fn bounds(&mut self) -> Option<(u32, Option<u32>)> {
        let least = self.decimal();
        let bounds = if self.take(',') {
            let most = self.decimal();
            let python = self.dialect == Dialect::Python;
            (least.or(python.then_some(0))?, most)
        } else {
            (least?, least)
        };
        self.take('}').then_some(bounds)
    }

    fn decimal(&mut self) -> Option<u32> {
        let digits: Vec<u32> = self.chars[self.at..].iter().map_while(|c| c.to_digit(10)).collect();
        self.at += digits.len();
        let number = digits.iter().fold(0_u32, |number, digit| number.saturating_mul(10).saturating_add(*digit));
        (!digits.is_empty()).then_some(number)
    }

    fn atom(&mut self) -> Result<Atom, Fault> {
        let at = self.at;
        if self.quantifier()?.is_some() {
            return Err(Fault::new(at, "nothing to repeat"));
        }
        let Some(c) = self.next() else { return Err(self.fault("the pattern ends too early")) };
        match c {
            '(' => self.group(at),
            '[' => {
                let set = self.set(at)?;
                Ok(self.one_of(&set))
            }
            '.' => {
                let set = if self.flags.dot_all { Set::any() } else { Set::within_line(self.dialect) };
                Ok(self.one_of(&set))
            }
            '^' => {
                self.out.push_str(if self.flags.multi_line { "(?m:^)" } else { r"\A" });
                Ok(Atom::anchor())
            }
            '$' => {
                self.end();
                Ok(Atom::anchor())
            }
            '\\' => self.escaped(at),
            c => Ok(self.one(c)),
        }
    }

    fn end(&mut self) {
        if self.flags.multi_line {
            self.out.push_str("(?m:$)");
        } else if self.dialect == Dialect::JavaScript || self.lines == Lines::None {
            self.out.push_str(r"\z");
            self.minds_line_ends |= self.dialect == Dialect::Python;
        } else {
            self.out.push_str(r"(?=\x{A}?\z)");
        }
    }

    /// One character that stands for itself.
    fn one(&mut self, c: char) -> Atom {
        if self.flags.ignore_case && c.is_ascii_alphabetic() {
            let _ = write!(self.out, "[{}{}]", c.to_ascii_lowercase(), c.to_ascii_uppercase());
        } else {
            push_char(c, &mut self.out);
        }
        Atom::wide(Width::ONE)
    }

    fn one_of(&mut self, set: &Set) -> Atom {
        set.write(self.flags.ignore_case, &mut self.out);
        Atom::wide(Width::ONE)
    }

    /// What the bracket at `at` opens; it was read.
    fn group(&mut self, at: usize) -> Result<Atom, Fault> {
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
    fn reference(&mut self, at: usize, number: usize) -> Result<Atom, Fault> {
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

    fn number_of(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.name.as_deref() == Some(name)).map(|place| place + 1)
    }

    /// A name, or a number, and the `end` behind it.
    fn name(&mut self, end: char) -> Result<String, Fault> {
        let at = self.at;
        let is_part = |c: &&char| c.is_ascii_alphanumeric() || **c == '_';
        let name: String = self.chars[at..].iter().take_while(is_part).collect();
        self.at += name.len();
        if name.is_empty() || !self.take(end) {
            return Err(Fault::new(at, "expected the name of a group"));
        }
        Ok(name)
    }

    /// Spaces and comments, where they do not count.
    fn skip_blank(&mut self) {
        while self.flags.verbose {
            match self.peek() {
                Some(' ' | '\t' | '\r' | '\n' | '\u{b}' | '\u{c}') => self.at += 1,
                Some('#') => while self.next().is_some_and(|c| c != '\n') {},
                _ => return,
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    fn take(&mut self, expected: char) -> bool {
        let is = self.peek() == Some(expected);
        self.at += usize::from(is);
        is
    }

    fn fault(&self, what: &str) -> Fault {
        Fault::new(self.at, what)
    }
}

impl Flags {
    /// The flags of both.
    fn with(self, other: Self) -> Self {
        Self {
            ignore_case: self.ignore_case || other.ignore_case,
            multi_line: self.multi_line || other.multi_line,
            dot_all: self.dot_all || other.dot_all,
            verbose: self.verbose || other.verbose,
        }
    }
}

/// A character that stands for itself, whatever it means elsewhere.
fn push_char(c: char, out: &mut String) {
    if c.is_ascii_alphanumeric() || matches!(c, '/' | '_') {
        out.push(c);
    } else {
        let _ = write!(out, "\\x{{{:X}}}", u32::from(c));
    }
}

#[cfg(test)]
mod tests;
