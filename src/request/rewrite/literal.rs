//! Lists of rules as Python writes them: `[(r'^/a$', r'/b'), ...]`, read without Python.
//!
//! Only what can stand in such a list is read: lists, tuples, texts in all of Python's quotings, `None`, and further
//! items that are passed over. Names, calls and operators are errors.

use super::{Dialect, RuleError, RuleText};

/// Lists within lists beyond this are refused.
const MAX_DEPTH: u32 = 16;

/// The rules that the text of a Python expression lists; none for `None` and for empty lists.
///
/// A rule is a tuple or list of a pattern and a substitution; what follows these two is ignored.
///
/// # Errors
/// [`RuleError::List`] with the place where reading ended.
pub(super) fn rules(text: &str) -> Result<Vec<RuleText>, RuleError> {
    let mut reader = Reader { chars: text.chars().collect(), at: 0 };
    let value = reader.value(0)?;
    reader.skip_blank();
    if reader.peek().is_some() {
        return Err(reader.syntax("the list ends here"));
    }
    let items = match value.kind {
        Kind::None => return Ok(Vec::new()),
        Kind::List(items) => items,
        Kind::Text(_) | Kind::Other => return Err(reader.syntax_at(value.at, "expected a list of rules")),
    };
    let rule = |(place, item): (usize, Value)| {
        let fault =
            || reader.syntax_at(item.at, "expected a pattern and a substitution: two texts in quotes, in brackets");
        let Kind::List(parts) = item.kind else { return Err(fault()) };
        let mut parts = parts.into_iter().map(|part| part.kind);
        let (Some(Kind::Text(pattern)), Some(Kind::Text(substitution))) = (parts.next(), parts.next()) else {
            return Err(fault());
        };
        Ok(RuleText { name: format!("rule {}", place + 1), dialect: Dialect::Python, pattern, substitution })
    };
    items.into_iter().enumerate().map(rule).collect()
}

struct Value {
    at: usize,
    kind: Kind,
}

enum Kind {
    Text(String),
    /// A list or tuple.
    List(Vec<Value>),
    None,
    /// A number, `True` or `False`.
    Other,
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    fn value(&mut self, depth: u32) -> Result<Value, RuleError> {
        self.skip_blank();
        let at = self.at;
        let kind = match self.peek() {
            Some(_) if depth > MAX_DEPTH => return Err(self.syntax("lists are nested too deeply")),
            Some('[') => Kind::List(self.items(']', depth)?.0),
            // As in Python: a pair of brackets around one value and no comma is that value.
            Some('(') => match self.items(')', depth)? {
                (mut items, false) if items.len() == 1 => items.remove(0).kind,
                (items, _) => Kind::List(items),
            },
            Some(_) if self.quote().is_some() => Kind::Text(self.texts()?),
            _ => self.word()?,
        };
        Ok(Value { at, kind })
    }

    /// The values up to `end`, and whether a comma was among them.
    fn items(&mut self, end: char, depth: u32) -> Result<(Vec<Value>, bool), RuleError> {
        self.at += 1;
        let (mut items, mut comma) = (Vec::new(), false);
        loop {
            self.skip_blank();
            if self.take(end) {
                return Ok((items, comma));
            }
            if !items.is_empty() {
                if !self.take(',') {
                    return Err(self.syntax("expected a comma or a closing bracket"));
                }
                comma = true;
                self.skip_blank();
                if self.take(end) {
                    return Ok((items, comma));
                }
            }
            items.push(self.value(depth + 1)?);
        }
    }

    /// `None`, a number or a truth value.
    fn word(&mut self) -> Result<Kind, RuleError> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+' | '-')) {
            self.at += 1;
        }
        let word: String = self.chars[start..self.at].iter().collect();
        match word.as_str() {
            "None" | "null" => Ok(Kind::None),
            "True" | "False" => Ok(Kind::Other),
            number if number.parse::<f64>().is_ok() => Ok(Kind::Other),
            _ => Err(self.syntax_at(start, "expected a list, a tuple, a text in quotes or None")),
        }
    }

    /// Texts that follow each other are one.
    fn texts(&mut self) -> Result<String, RuleError> {
        let mut all = String::new();
        while let Some(quote) = self.quote() {
            self.text(quote, &mut all)?;
            self.skip_blank();
        }
        Ok(all)
    }

    /// What opens a text here, if something does.
    fn quote(&self) -> Option<Quote> {
        let prefix: String = self.chars[self.at..].iter().take_while(|c| c.is_ascii_alphabetic()).take(3).collect();
        let prefix = prefix.to_ascii_lowercase();
        let raw = match prefix.as_str() {
            "" | "u" | "b" => false,
            "r" | "ur" | "ru" | "br" | "rb" => true,
            _ => return None,
        };
        let open = self.at + prefix.len();
        let mark = *self.chars.get(open).filter(|c| matches!(c, '\'' | '"'))?;
        let triple = self.chars[open..].starts_with(&[mark; 3]);
        Some(Quote { raw, mark, triple, length: prefix.len() + if triple { 3 } else { 1 } })
    }

    fn text(&mut self, quote: Quote, out: &mut String) -> Result<(), RuleError> {
        let start = self.at;
        self.at += quote.length;
        loop {
            let Some(c) = self.next() else {
                return Err(self.syntax_at(start, "the text that begins here has no end"));
            };
            match c {
                _ if c == quote.mark && !quote.triple => return Ok(()),
                _ if c == quote.mark && self.chars[self.at..].starts_with(&[quote.mark; 2]) => {
                    self.at += 2;
                    return Ok(());
                }
                '\n' if !quote.triple => {
                    return Err(self.syntax_at(start, "the text that begins here has no end in its line"));
                }
                '\\' if quote.raw => {
                    out.push('\\');
                    out.extend(self.next());
                }
                '\\' => self.escape(out)?,
                c => out.push(c),
            }
        }
    }

    /// What a backslash in a text that is not raw stands for. Unknown ones stay as they are.
    fn escape(&mut self, out: &mut String) -> Result<(), RuleError> {
        let start = self.at - 1;
        match self.next() {
            Some('\n') | None => {}
            Some('a') => out.push('\u{7}'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('t') => out.push('\t'),
            Some('v') => out.push('\u{b}'),
            Some(c @ ('\\' | '\'' | '"')) => out.push(c),
            Some('0'..='7') => {
                self.at -= 1;
                out.push(self.number(start, 8, 1, 3)?);
            }
            Some('x') => out.push(self.number(start, 16, 2, 2)?),
            Some('u') => out.push(self.number(start, 16, 4, 4)?),
            Some('U') => out.push(self.number(start, 16, 8, 8)?),
            Some(c) => out.extend(['\\', c]),
        }
        Ok(())
    }

    /// The character whose number stands here in `least` to `most` digits.
    fn number(&mut self, start: usize, radix: u32, least: usize, most: usize) -> Result<char, RuleError> {
        let digits: Vec<u32> = self.chars[self.at..].iter().map_while(|c| c.to_digit(radix)).take(most).collect();
        self.at += digits.len();
        let number = digits.iter().fold(0_u32, |number, digit| number.wrapping_mul(radix).wrapping_add(*digit));
        char::from_u32(number)
            .filter(|_| digits.len() >= least)
            .ok_or_else(|| self.syntax_at(start, "this escape stands for no character"))
    }

    /// Spaces, line ends and comments.
    fn skip_blank(&mut self) {
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' | '\n' | '\u{c}' => self.at += 1,
                '\\' if matches!(self.chars.get(self.at + 1), Some('\n' | '\r')) => self.at += 1,
                '#' => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
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

    fn syntax(&self, what: &'static str) -> RuleError {
        self.syntax_at(self.at, what)
    }

    fn syntax_at(&self, at: usize, what: &'static str) -> RuleError {
        let before = &self.chars[..at];
        let line_start = before.iter().rposition(|c| *c == '\n').map_or(0, |end| end + 1);
        let line = 1 + before.iter().filter(|c| **c == '\n').count();
        RuleError::List { line, column: 1 + at - line_start, what }
    }
}

#[derive(Clone, Copy)]
struct Quote {
    raw: bool,
    mark: char,
    triple: bool,
    /// Characters up to the text.
    length: usize,
}
