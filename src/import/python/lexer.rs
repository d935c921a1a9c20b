//! From text to logical lines of tokens: brackets and backslashes join lines, comments are kept.

use super::Unclear;
use std::iter::Peekable;
use std::str::Chars;

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name or keyword.
    Name(String),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A text with its escapes resolved; `true` for those with expressions in braces.
    Text(String, bool),
    /// An operator or bracket.
    Op(&'static str),
}

/// What a file is made of.
#[derive(Debug)]
pub(super) enum Line {
    /// Nothing.
    Blank,
    /// Only a comment, without its sign.
    Comment(String),
    /// A statement.
    Code(Code),
}

/// A statement, which may go over several lines.
#[derive(Debug)]
pub(super) struct Code {
    /// First line, counted from 1.
    pub(super) first: usize,
    /// Last line.
    pub(super) last: usize,
    /// Whether it stands further right than the first column.
    pub(super) indented: bool,
    /// Its tokens, up to the fault if there is one.
    pub(super) tokens: Vec<Token>,
    /// What is no token.
    pub(super) fault: Option<Unclear>,
    /// The comment behind it, without its sign.
    pub(super) comment: Option<String>,
    /// The text as it stands.
    pub(super) source: String,
}

/// How often reading goes back behind a bracket that is never closed: each time costs the rest of the file.
const MAX_REWINDS: usize = 20;

/// Longest first, so that none hides another.
const OPERATORS: &[&str] = &[
    "**=", "//=", "<<=", ">>=", "...", "**", "//", "<<", ">>", "<=", ">=", "==", "!=", "->", "+=", "-=", "*=", "/=",
    "%=", "&=", "|=", "^=", ":=", "+", "-", "*", "/", "%", "@", "&", "|", "^", "~", "<", ">", "(", ")", "[", "]", "{",
    "}", ",", ":", ".", ";", "=",
];

/// The lines of a file.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut lexer = Lexer { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1, rewinds: 0 };
    let mut lines = Vec::new();
    while !lexer.rest.is_empty() {
        lines.push(lexer.line());
    }
    lines
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    rewinds: usize,
}

impl<'a> Lexer<'a> {
    fn line(&mut self) -> Line {
        let start = self.rest;
        let first = self.line;
        let indented = start.starts_with([' ', '\t']);
        self.skip_spaces();
        if self.end_of_line() {
            return Line::Blank;
        }
        if let Some(comment) = self.comment() {
            self.end_of_line();
            return Line::Comment(comment);
        }
        let mut tokens = Vec::new();
        let fault = self.tokens(&mut tokens).err();
        if fault.as_ref().is_some_and(|fault| *fault == unclosed()) && self.rewinds < MAX_REWINDS {
            // What swallows the rest of the file is taken for one line.
            self.rewinds += 1;
            (self.rest, self.line) = (start, first);
        }
        if fault.is_some() {
            self.skip_line();
        }
        let source = start[..start.len() - self.rest.len()].trim().to_owned();
        let comment = self.comment();
        let last = self.line;
        if !self.rest.starts_with(';') {
            self.end_of_line();
        }
        self.rest = self.rest.strip_prefix(';').unwrap_or(self.rest);
        Line::Code(Code { first, last, indented, tokens, fault, comment, source })
    }

    /// Tokens up to the end of the statement.
    fn tokens(&mut self, tokens: &mut Vec<Token>) -> Result<(), Unclear> {
        let mut depth = 0_usize;
        loop {
            self.skip_spaces();
            if depth > 0 && (self.comment().is_some() || self.end_of_line()) {
                continue;
            }
            if self.rest.is_empty()
                || self.rest.starts_with(['\n', '\r', '#'])
                || depth == 0 && self.rest.starts_with(';')
            {
                return if depth == 0 { Ok(()) } else { Err(unclosed()) };
            }
            if let Some(rest) = self.rest.strip_prefix("\\\n").or(self.rest.strip_prefix("\\\r\n")) {
                (self.rest, self.line) = (rest, self.line + 1);
                continue;
            }
            let token = self.token()?;
            match token {
                Token::Op("(" | "[" | "{") => depth += 1,
                Token::Op(")" | "]" | "}") => depth = depth.saturating_sub(1),
                _ => {}
            }
            tokens.push(token);
        }
    }

    fn token(&mut self) -> Result<Token, Unclear> {
        if let Some(text) = self.string()? {
            return Ok(text);
        }
        let first = self.rest.chars().next().unwrap_or_default();
        let starts_number =
            first.is_ascii_digit() || first == '.' && self.rest[1..].starts_with(|c: char| c.is_ascii_digit());
        if starts_number {
            return self.number();
        }
        if first.is_alphabetic() || first == '_' {
            return Ok(Token::Name(self.take_while(|c| c.is_alphanumeric() || c == '_').to_owned()));
        }
        let operator = OPERATORS.iter().find(|operator| self.rest.starts_with(**operator));
        let operator = operator.ok_or_else(|| Unclear::new(format!("`{first}` means nothing here")))?;
        self.rest = &self.rest[operator.len()..];
        Ok(Token::Op(operator))
    }

    fn number(&mut self) -> Result<Token, Unclear> {
        let mut text = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')).replace('_', "");
        if text.ends_with(['e', 'E']) && !text.starts_with("0x") && self.rest.starts_with(['+', '-']) {
            text.push_str(&self.rest[..1]);
            self.rest = &self.rest[1..];
            text.push_str(self.take_while(|c| c.is_ascii_digit()));
        }
        let lower = text.to_ascii_lowercase();
        let radix =
            [("0x", 16), ("0o", 8), ("0b", 2)].into_iter().find_map(|(p, radix)| Some((lower.strip_prefix(p)?, radix)));
        let number = match radix {
            Some((digits, radix)) => i64::from_str_radix(digits, radix).ok().map(Token::Int),
            None if lower.bytes().all(|byte| byte.is_ascii_digit()) => lower.parse().ok().map(Token::Int),
            None => lower.parse().ok().map(Token::Float),
        };
        number.ok_or_else(|| Unclear::new(format!("`{text}` is no number that a setting could have")))
    }

    /// A text with its prefix, if one stands here.
    fn string(&mut self) -> Result<Option<Token>, Unclear> {
        let prefix_len = self.rest.bytes().take(3).take_while(u8::is_ascii_alphabetic).count();
        let prefix = self.rest[..prefix_len].to_ascii_lowercase();
        let body = &self.rest[prefix_len..];
        let known = matches!(prefix.as_str(), "" | "r" | "b" | "u" | "f" | "br" | "rb" | "fr" | "rf");
        if !known || !body.starts_with(['\'', '"']) {
            return Ok(None);
        }
        let quote = &body[..1];
        let triple = quote.repeat(3);
        let close = if body.starts_with(&triple) { triple.as_str() } else { quote };
        let body = &body[close.len()..];
        let end = closing(body, close).ok_or_else(|| Unclear::new("a text is never closed"))?;
        let inner = &body[..end];
        self.line += inner.matches('\n').count();
        self.rest = &body[end + close.len()..];
        let text = if prefix.contains('r') { inner.to_owned() } else { unescape(inner)? };
        Ok(Some(Token::Text(text, prefix.contains('f'))))
    }

    fn comment(&mut self) -> Option<String> {
        self.rest.starts_with('#').then(|| self.take_while(|c| c != '\n')[1..].trim_end().to_owned())
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\x0c']);
    }

    fn skip_line(&mut self) {
        self.take_while(|c| c != '\n');
    }

    /// Takes the end of a line, if it is here.
    fn end_of_line(&mut self) -> bool {
        let rest = self.rest.strip_prefix("\r\n").or_else(|| self.rest.strip_prefix('\n'));
        if let Some(rest) = rest {
            (self.rest, self.line) = (rest, self.line + 1);
        }
        rest.is_some()
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }
}

fn unclosed() -> Unclear {
    Unclear::new("a bracket is never closed")
}

/// Where the text before `close` ends; one line only, unless three quotes close it.
fn closing(body: &str, close: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in body.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' if close.len() == 1 => return None,
            _ if body[at..].starts_with(close) => return Some(at),
            _ => {}
        }
    }
    None
}

fn unescape(text: &str) -> Result<String, Unclear> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            None | Some('\n') => {}
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('0') => out.push('\0'),
            Some(same @ ('\\' | '\'' | '"')) => out.push(same),
            Some('x') => out.push(code_point(&mut chars, 2)?),
            Some('u') => out.push(code_point(&mut chars, 4)?),
            Some('U') => out.push(code_point(&mut chars, 8)?),
            // Python leaves what it does not know as it stands.
            Some(other) => out.extend(['\\', other]),
        }
    }
    Ok(out)
}

fn code_point(chars: &mut Peekable<Chars<'_>>, digits: usize) -> Result<char, Unclear> {
    let code: String = chars.by_ref().take(digits).collect();
    let point = u32::from_str_radix(&code, 16).ok().filter(|_| code.len() == digits).and_then(char::from_u32);
    point.ok_or_else(|| Unclear::new(format!("`\\{code}` is no character")))
}
