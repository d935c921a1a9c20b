//! Regular expressions of Python and JavaScript, said in the dialect of the engine that we have.
//!
//! The engine gets nothing but what means the same everywhere: escaped characters, sets of ranges, groups, bounded
//! repeats, look-around, numbers of groups. Flags, names and classes are resolved here, so that no word of another
//! dialect slips through with another meaning, and so that faults are told with their place in what was written.
//!
//! Classes are ASCII, as those of Python 2 without flags are.

mod escape;
mod group;
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
