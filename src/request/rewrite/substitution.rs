//! What is put in the place of a match: texts and groups.

use super::pattern::Fault;
use fancy_regex::Captures;

/// A substitution, read once.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Substitution(Vec<Piece>);

#[derive(Clone, Debug, Eq, PartialEq)]
enum Piece {
    Text(String),
    /// What a group has matched, nothing if it has not; 0 is the whole match.
    Group(usize),
    /// All before the match.
    Before,
    /// All after the match.
    After,
}

/// The groups of a pattern: names from number 1 on.
pub(super) type Groups = [Option<String>];

impl Substitution {
    /// Reads Python's form: `\1`, `\g<1>`, `\g<name>`, `\n` and its like; other backslashes stay.
    ///
    /// # Errors
    /// References to groups that the pattern does not have.
    pub(super) fn python(text: &str, groups: &Groups) -> Result<Self, Fault> {
        let mut reader = Reader::new(text);
        while let Some((at, c)) = reader.next() {
            if c != '\\' {
                reader.push(c);
                continue;
            }
            let Some((_, c)) = reader.next() else {
                reader.push('\\');
                break;
            };
            match c {
                'g' => {
                    let name = reader.bracketed().ok_or_else(|| Fault::new(at, r"expected `\g<name>`"))?;
                    let number = name.parse().ok().or_else(|| number_of(&name, groups));
                    let number = number.filter(|number| *number <= groups.len());
                    reader.group(number.ok_or_else(|| Fault::new(at, format!("no group `{name}`")))?);
                }
                '0'..='9' => {
                    reader.at -= 1;
                    reader.python_number(at, groups.len())?;
                }
                'a' => reader.push('\u{7}'),
                'b' => reader.push('\u{8}'),
                'f' => reader.push('\u{c}'),
                'n' => reader.push('\n'),
                'r' => reader.push('\r'),
                't' => reader.push('\t'),
                'v' => reader.push('\u{b}'),
                '\\' => reader.push('\\'),
                c => {
                    reader.push('\\');
                    reader.push(c);
                }
            }
        }
        Ok(Self(reader.pieces))
    }

    /// Reads JavaScript's form: `$1`, `$<name>`, `$&`, `` $` ``, `$'`, `$$`; other dollars stay.
    pub(super) fn javascript(text: &str, groups: &Groups) -> Self {
        let mut reader = Reader::new(text);
        while let Some((_, c)) = reader.next() {
            if c != '$' || !reader.after_dollar(groups) {
                reader.push(c);
            }
        }
        Self(reader.pieces)
    }

    /// Appends what is put in the place of a match in `text`.
    pub(super) fn expand(&self, captures: &Captures<'_, str>, text: &str, out: &mut String) {
        let whole = captures.get(0).map_or(0..0, |whole| whole.range());
        for piece in &self.0 {
            out.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Group(number) => captures.get(*number).map_or("", |group| group.as_str()),
                Piece::Before => &text[..whole.start],
                Piece::After => &text[whole.end..],
            });
        }
    }
}

fn number_of(name: &str, groups: &Groups) -> Option<usize> {
    groups.iter().position(|group| group.as_deref() == Some(name)).map(|place| place + 1)
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    pieces: Vec<Piece>,
}

impl Reader {
    fn new(text: &str) -> Self {
        Self { chars: text.chars().collect(), at: 0, pieces: Vec::new() }
    }

    /// A group of one or two digits, or the character of an octal number: one that begins with 0 or has three digits.
    fn python_number(&mut self, at: usize, groups: usize) -> Result<(), Fault> {
        let octal: Vec<u32> = self.chars[self.at..].iter().map_while(|c| c.to_digit(8)).take(3).collect();
        if octal.len() == 3 || self.peek() == Some('0') {
            self.at += octal.len();
            let number = octal.iter().fold(0, |number, digit| number * 8 + digit) & 0xFF;
            self.push(char::from_u32(number).unwrap_or_default());
            return Ok(());
        }
        let digits: Vec<u32> = self.chars[self.at..].iter().map_while(|c| c.to_digit(10)).take(2).collect();
        self.at += digits.len();
        let number = digits.iter().fold(0, |number, digit| number * 10 + *digit as usize);
        if number > groups {
            return Err(Fault::new(at, format!("no group `{number}`")));
        }
        self.group(number);
        Ok(())
    }

    /// Reads what JavaScript's dollar, which was read, stands for; nothing if that is itself.
    fn after_dollar(&mut self, groups: &Groups) -> bool {
        match self.peek() {
            Some('$') => self.push('$'),
            Some('&') => self.group(0),
            Some('`') => self.pieces.push(Piece::Before),
            Some('\'') => self.pieces.push(Piece::After),
            Some('<') if groups.iter().any(Option::is_some) => {
                let Some(name) = self.bracketed() else { return false };
                // The name of no group stands for nothing.
                if let Some(number) = number_of(&name, groups) {
                    self.group(number);
                }
                return true;
            }
            _ => return self.javascript_number(groups.len()),
        }
        self.at += 1;
        true
    }

    /// A group of one or two digits, as many as there is a group for.
    fn javascript_number(&mut self, groups: usize) -> bool {
        let digits: Vec<u32> = self.chars[self.at..].iter().map_while(|c| c.to_digit(10)).take(2).collect();
        for length in (1..=digits.len()).rev() {
            let number = digits[..length].iter().fold(0, |number, digit| number * 10 + *digit as usize);
            if (1..=groups).contains(&number) {
                self.at += length;
                self.group(number);
                return true;
            }
        }
        false
    }

    /// What stands in `<...>` here.
    fn bracketed(&mut self) -> Option<String> {
        let inside = self.chars[self.at..].strip_prefix(&['<'])?;
        let length = inside.iter().position(|c| *c == '>')?;
        self.at += length + 2;
        Some(inside[..length].iter().collect())
    }

    fn group(&mut self, number: usize) {
        self.pieces.push(Piece::Group(number));
    }

    fn push(&mut self, c: char) {
        match self.pieces.last_mut() {
            Some(Piece::Text(text)) => text.push(c),
            _ => self.pieces.push(Piece::Text(c.into())),
        }
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<(usize, char)> {
        let at = self.at;
        let next = self.peek()?;
        self.at += 1;
        Some((at, next))
    }
}
