//! Statements: which are assignments of settings, which may be passed over, which are not followed.

use super::eval::Scope;
use super::expr::{self, Expr};
use super::lexer::{self, Code, Line, Token};
use super::value::Value;
use super::{Bound, EnvUse, Remark, Setting, Unclear, operators};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Words that begin a block.
const BLOCKS: &[&str] =
    &["if", "elif", "else", "for", "while", "def", "class", "try", "except", "finally", "with", "async", "match"];

/// Longest part of a statement that is shown, in characters.
const MOST_SHOWN: usize = 60;

/// What has been read so far. Names go from one file to the next.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// Settings in the order of their last assignment.
    pub(crate) settings: Vec<Setting>,
    /// What there is to tell, in the order of the lines.
    pub(crate) remarks: Vec<Remark>,
    names: HashMap<String, Bound>,
    used: HashSet<String>,
    files: usize,
}

/// A file being read.
struct File<'a> {
    index: usize,
    path: &'a str,
    environment: &'a BTreeMap<String, String>,
}

impl Script {
    /// Reads one more file.
    pub(crate) fn read(&mut self, text: &str, path: &str, environment: &BTreeMap<String, String>) {
        let file = File { index: self.files, path, environment };
        self.files += 1;
        let mut comments = Vec::new();
        let mut lines = lexer::lines(text).into_iter().peekable();
        while let Some(line) = lines.next() {
            match line {
                Line::Blank => comments.clear(),
                Line::Comment(text) => comments.push(text),
                Line::Code(code) if code.indented || begins_block(&code) => {
                    let mut block = vec![code];
                    comments.clear();
                    // Blank lines and comments may stand within; what follows them decides.
                    while let Some(line) = lines.next_if(|line| !matches!(line, Line::Code(code) if !continues(code))) {
                        match line {
                            Line::Comment(text) => comments.push(text),
                            Line::Blank => comments.clear(),
                            Line::Code(code) => {
                                comments.clear();
                                block.push(code);
                            }
                        }
                    }
                    self.skip_block(&block, &file);
                }
                Line::Code(code) => self.statement(&code, std::mem::take(&mut comments), &file),
            }
        }
    }

    /// Whether other lines have read this name, as they do with `BASE_DIR` and the like.
    pub(crate) fn is_used(&self, name: &str) -> bool {
        self.used.contains(name)
    }

    fn statement(&mut self, code: &Code, comments: Vec<String>, file: &File<'_>) {
        let outcome = code.fault.clone().map_or(Ok(code.tokens.as_slice()), Err).and_then(|tokens| match tokens {
            [] | [Token::Text(..)] => Ok(()),
            [Token::Name(word)] if word == "pass" => Ok(()),
            [Token::Name(word), ..] if word == "import" || word == "from" => {
                self.import(tokens, code, file);
                Ok(())
            }
            [Token::Name(word), Token::Name(_), ..] => Err(Unclear::new(format!("`{word}` is not followed"))),
            [Token::Name(name), Token::Op("."), Token::Name(method), Token::Op("("), argument @ .., Token::Op(")")]
                if matches!(method.as_str(), "append" | "extend") =>
            {
                let argument = expr::parse(argument)?;
                let items = if method == "append" { Expr::List(vec![argument]) } else { argument };
                self.add(name, &items, "+", code, comments, file)
            }
            [Token::Name(name), Token::Op(sign), value @ ..]
                if sign.len() > 1 && sign.ends_with('=') && *sign != "==" =>
            {
                let sign = &sign[..sign.len() - 1];
                self.add(name, &expr::parse(value)?, sign, code, comments, file)
            }
            _ => self.assign(tokens, code, &comments, file),
        });
        if let Err(reason) = outcome {
            self.lost(&code.tokens, code, reason.to_string(), file);
        }
    }

    /// `a = b = value`, `a: type = value`.
    fn assign(&mut self, tokens: &[Token], code: &Code, comments: &[String], file: &File<'_>) -> Result<(), Unclear> {
        let mut parts: Vec<&[Token]> = split_at_equals(tokens);
        let value = parts.pop().filter(|_| !parts.is_empty()).ok_or_else(|| Unclear::new("it sets nothing"))?;
        let target = |part: &[Token]| match part {
            [Token::Name(name)] | [Token::Name(name), Token::Op(":"), ..] => Ok(name.clone()),
            _ => Err(Unclear::new("only plain names are set by this reader")),
        };
        let targets: Vec<_> = parts.into_iter().map(target).collect::<Result<_, _>>()?;
        let expr = expr::parse(value)?;
        let (value, asked) = self.evaluate(&expr, file)?;
        let derived = !is_literal(&expr);
        for name in targets {
            let setting = setting(&name, value.clone(), code, comments.to_vec(), derived, file);
            self.bind(Setting { asked: asked.clone(), ..setting });
        }
        Ok(())
    }

    /// `name sign= value`.
    fn add(
        &mut self,
        name: &str,
        addend: &Expr,
        sign: &str,
        code: &Code,
        comments: Vec<String>,
        file: &File<'_>,
    ) -> Result<(), Unclear> {
        let (old, mut asked) = self.evaluate(&Expr::Name(name.to_owned()), file)?;
        let (addend, more) = self.evaluate(addend, file)?;
        asked.extend(more);
        let value = operators::binary(sign, old, addend)?;
        self.bind(Setting { asked, ..setting(name, value, code, comments, true, file) });
        Ok(())
    }

    fn evaluate(&mut self, expr: &Expr, file: &File<'_>) -> Result<(Value, Vec<EnvUse>), Unclear> {
        let mut scope = Scope {
            names: &self.names,
            environment: file.environment,
            file: file.path,
            asked: Vec::new(),
            used: Vec::new(),
        };
        let value = scope.value(expr);
        let (asked, used) = (scope.asked, scope.used);
        self.used.extend(used);
        Ok((value?, asked))
    }

    fn bind(&mut self, setting: Setting) {
        let known = Bound::Known { value: setting.value.clone(), asked: setting.asked.clone() };
        self.names.insert(setting.name.clone(), known);
        self.settings.retain(|other| other.name != setting.name);
        if is_setting(&setting.name) {
            self.settings.push(setting);
        }
    }

    fn import(&mut self, tokens: &[Token], code: &Code, file: &File<'_>) {
        let star = tokens.last() == Some(&Token::Op("*"));
        let settings = if star { "; settings that it brings are not read" } else { "" };
        let text = format!("`{}` is passed over{settings}", one_line(&code.source));
        self.remarks.push(Remark { file: file.index, line: code.first, last: code.last, is_loss: star, text });
    }

    fn skip_block(&mut self, block: &[Code], file: &File<'_>) {
        let (Some(first), Some(last)) = (block.first(), block.last()) else { return };
        let mut names: Vec<String> = Vec::new();
        for name in block.iter().flat_map(|code| targets(&code.tokens)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        for name in &names {
            self.forget(name, first.first);
        }
        names.retain(|name| is_setting(name));
        let sets = if names.is_empty() { String::new() } else { format!("; it may set {}", names.join(", ")) };
        let text = format!("`{}` and what belongs to it is not followed{sets}", one_line(&first.source));
        self.remarks.push(Remark { file: file.index, line: first.first, last: last.last, is_loss: true, text });
    }

    fn lost(&mut self, tokens: &[Token], code: &Code, reason: String, file: &File<'_>) {
        let names = targets(tokens);
        let mut text = reason;
        for name in &names {
            self.forget(name, code.first);
            if is_setting(name) {
                text = format!("{name}: {text}");
            }
        }
        if names.is_empty() {
            text = format!("`{}`: {text}", one_line(&code.source));
        }
        self.remarks.push(Remark { file: file.index, line: code.first, last: code.last, is_loss: true, text });
    }

    /// What a name had before is no longer known to be its value.
    fn forget(&mut self, name: &str, line: usize) {
        self.names.insert(name.to_owned(), Bound::Unknown { line });
        self.settings.retain(|setting| setting.name != name);
    }
}

fn setting(name: &str, value: Value, code: &Code, comments: Vec<String>, derived: bool, file: &File<'_>) -> Setting {
    let comments = comments.into_iter().chain(code.comment.clone()).collect();
    let is_short = code.first == code.last && code.source.len() <= MOST_SHOWN;
    let derived = (derived && is_short).then(|| code.source.clone());
    Setting { name: name.to_owned(), value, file: file.index, line: code.first, comments, derived, asked: Vec::new() }
}

/// Thumbor takes names without small letters for settings.
fn is_setting(name: &str) -> bool {
    !name.starts_with('_') && name.chars().any(char::is_alphabetic) && !name.chars().any(char::is_lowercase)
}

fn is_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(_) => true,
        Expr::List(items) => items.iter().all(is_literal),
        Expr::Unary("-", inner) => is_literal(inner),
        _ => false,
    }
}

fn begins_block(code: &Code) -> bool {
    let [first, rest @ ..] = code.tokens.as_slice() else { return false };
    match first {
        Token::Op("@") => true,
        // `match` and the like are names where something is set.
        Token::Name(word) => BLOCKS.contains(&word.as_str()) && rest.first() != Some(&Token::Op("=")),
        _ => false,
    }
}

/// Whether a statement belongs to the block before it.
fn continues(code: &Code) -> bool {
    let word = match code.tokens.first() {
        Some(Token::Name(word)) => word.as_str(),
        _ => "",
    };
    code.indented || matches!(word, "elif" | "else" | "except" | "finally")
}

fn split_at_equals(tokens: &[Token]) -> Vec<&[Token]> {
    let mut depth = 0_usize;
    let splits = |token: &Token| {
        match token {
            Token::Op("(" | "[" | "{") => depth += 1,
            Token::Op(")" | "]" | "}") => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *token == Token::Op("=")
    };
    tokens.split(splits).collect()
}

/// Names that a statement sets or changes, as far as that shows.
fn targets(tokens: &[Token]) -> Vec<String> {
    let parts = split_at_equals(tokens);
    let assigned = parts.iter().take(parts.len() - 1).filter_map(|part| match part {
        [Token::Name(name), ..] => Some(name.clone()),
        _ => None,
    });
    let changed = match tokens {
        [Token::Name(name), Token::Op(sign), ..] if sign.len() > 1 && sign.ends_with('=') && *sign != "==" => {
            Some(name)
        }
        [Token::Name(name), Token::Op("."), Token::Name(_), Token::Op("("), ..] => Some(name),
        _ => None,
    };
    assigned.chain(changed.cloned()).collect()
}

/// A statement in one line, cut where a text begins, which may be a secret, and where it is long.
fn one_line(source: &str) -> String {
    let shown = source.split(['\'', '"']).next().unwrap_or_default();
    let line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(MOST_SHOWN).collect();
    let cut = short.len() < line.len() || shown.len() < source.len();
    if cut { short + "..." } else { short }
}
