//! From tokens to expressions.

use super::Unclear;
use super::lexer::{self, Line, Token};
use super::value::Value;

/// How deep brackets may nest.
const MAX_DEPTH: usize = 20;
/// How many operators, calls and the like an expression may have: each may lie within the next, and they are followed
/// by recursion.
const MAX_OPERATORS: usize = 200;

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    /// A literal.
    Literal(Value),
    /// A name.
    Name(String),
    /// Literal pieces and expressions, put together as a text.
    Format(Vec<Expr>),
    /// A list, tuple or set.
    List(Vec<Expr>),
    /// A dictionary.
    Dict(Vec<(Expr, Expr)>),
    /// `not`, `-`, `+`, `~`.
    Unary(&'static str, Box<Expr>),
    /// Arithmetic.
    Binary(&'static str, Box<Expr>, Box<Expr>),
    /// `a < b <= c`, with `in`, `not in`, `is`, `is not` among the signs.
    Compare(Box<Expr>, Vec<(&'static str, Expr)>),
    /// `and`, `or`.
    Either(&'static str, Box<Expr>, Box<Expr>),
    /// `then if condition else otherwise`, in this order.
    Choice(Box<[Expr; 3]>),
    /// `object.name`.
    Attribute(Box<Expr>, String),
    /// `object[index]`.
    Index(Box<Expr>, Box<Expr>),
    /// A call with its arguments, named ones apart.
    Call(Box<Expr>, Vec<Expr>, Vec<(String, Expr)>),
}

/// Keywords that no expression of ours has.
const KEYWORDS: &[&str] =
    &["for", "lambda", "yield", "await", "async", "if", "else", "and", "or", "in", "is", "import", "def", "class"];

/// Arithmetic from the loosest to the tightest.
const LEVELS: &[&[&str]] = &[&["|"], &["^"], &["&"], &["<<", ">>"], &["+", "-"], &["*", "/", "//", "%"]];

const COMPARISONS: &[&str] = &["<=", ">=", "==", "!=", "<", ">"];

/// The expression that all of `tokens` are; a comma outside of brackets makes a tuple.
pub(super) fn parse(tokens: &[Token]) -> Result<Expr, Unclear> {
    let mut parser = Parser { rest: tokens, depth: 0, operators: 0 };
    let first = parser.expression()?;
    let expr = if parser.rest.first() == Some(&Token::Op(",")) {
        let mut items = vec![first];
        while parser.takes(",") && !parser.rest.is_empty() {
            items.push(parser.expression()?);
        }
        Expr::List(items)
    } else {
        first
    };
    parser.rest.first().map_or(Ok(expr), |token| Err(unexpected(Some(token))))
}

/// The expression that a text is.
pub(super) fn parse_text(text: &str) -> Result<Expr, Unclear> {
    // In brackets, so that it may go over several lines.
    match lexer::lines(&format!("({text}\n)")).as_slice() {
        [Line::Code(code)] => code.fault.clone().map_or_else(|| parse(&code.tokens), Err),
        _ => Err(Unclear::new(format!("`{text}` is no expression"))),
    }
}

fn unexpected(token: Option<&Token>) -> Unclear {
    Unclear::new(match token {
        None => "it ends too early".to_owned(),
        Some(Token::Name(name)) => format!("`{name}` is not understood here"),
        Some(Token::Op(op)) => format!("`{op}` is not understood here"),
        Some(Token::Text(..)) => "a text is not understood here".to_owned(),
        Some(Token::Int(_) | Token::Float(_)) => "a number is not understood here".to_owned(),
    })
}

struct Parser<'a> {
    rest: &'a [Token],
    depth: usize,
    operators: usize,
}

impl Parser<'_> {
    fn expression(&mut self) -> Result<Expr, Unclear> {
        self.deeper(|parser| {
            let then = parser.either("or")?;
            if !parser.takes_word("if") {
                return Ok(then);
            }
            let condition = parser.either("or")?;
            if !parser.takes_word("else") {
                return Err(unexpected(parser.rest.first()));
            }
            Ok(Expr::Choice(Box::new([then, condition, parser.expression()?])))
        })
    }

    /// What lies within brackets or the like.
    fn deeper(&mut self, inner: impl FnOnce(&mut Self) -> Result<Expr, Unclear>) -> Result<Expr, Unclear> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Unclear::new("it is nested too deeply"));
        }
        let expr = inner(self)?;
        self.depth -= 1;
        Ok(expr)
    }

    /// Counts an operator.
    fn operator(&mut self) -> Result<(), Unclear> {
        self.operators += 1;
        if self.operators > MAX_OPERATORS { Err(Unclear::new("it has too many operators")) } else { Ok(()) }
    }

    fn either(&mut self, word: &'static str) -> Result<Expr, Unclear> {
        let next = |parser: &mut Self| if word == "or" { parser.either("and") } else { parser.negation() };
        let mut left = next(self)?;
        while self.takes_word(word) {
            self.operator()?;
            left = Expr::Either(word, Box::new(left), Box::new(next(self)?));
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Expr, Unclear> {
        let mut count = 0;
        while self.takes_word("not") {
            self.operator()?;
            count += 1;
        }
        let inner = self.comparison()?;
        Ok((0..count).fold(inner, |inner, _| Expr::Unary("not", Box::new(inner))))
    }

    fn comparison(&mut self) -> Result<Expr, Unclear> {
        let left = self.arithmetic(0)?;
        let mut rest = Vec::new();
        while let Some(sign) = self.comparison_sign() {
            rest.push((sign, self.arithmetic(0)?));
        }
        Ok(if rest.is_empty() { left } else { Expr::Compare(Box::new(left), rest) })
    }

    fn comparison_sign(&mut self) -> Option<&'static str> {
        if let Some(sign) = COMPARISONS.iter().find(|sign| self.takes(sign)) {
            return Some(sign);
        }
        let word = |at: usize| match self.rest.get(at) {
            Some(Token::Name(name)) => name.as_str(),
            _ => "",
        };
        let (sign, words) = match (word(0), word(1)) {
            ("is", "not") => ("is not", 2),
            ("not", "in") => ("not in", 2),
            ("is", _) => ("is", 1),
            ("in", _) => ("in", 1),
            _ => return None,
        };
        self.rest = &self.rest[words..];
        Some(sign)
    }

    fn arithmetic(&mut self, level: usize) -> Result<Expr, Unclear> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.arithmetic(level + 1)?;
        while let Some(operator) = operators.iter().find(|operator| self.takes(operator)) {
            self.operator()?;
            left = Expr::Binary(operator, Box::new(left), Box::new(self.arithmetic(level + 1)?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr, Unclear> {
        let mut signs = Vec::new();
        while let Some(sign) = ["-", "+", "~"].into_iter().find(|sign| self.takes(sign)) {
            self.operator()?;
            signs.push(sign);
        }
        let base = self.postfix()?;
        let power = if self.takes("**") {
            self.operator()?;
            self.deeper(|parser| Ok(Expr::Binary("**", Box::new(base), Box::new(parser.unary()?))))?
        } else {
            base
        };
        Ok(signs.into_iter().rev().fold(power, |inner, sign| Expr::Unary(sign, Box::new(inner))))
    }

    fn postfix(&mut self) -> Result<Expr, Unclear> {
        let mut expr = self.atom()?;
        loop {
            expr = if self.takes(".") {
                match self.rest.split_first() {
                    Some((Token::Name(name), rest)) => {
                        self.rest = rest;
                        Expr::Attribute(Box::new(expr), name.clone())
                    }
                    _ => return Err(unexpected(self.rest.first())),
                }
            } else if self.takes("[") {
                let index = self.expression()?;
                self.must_take("]")?;
                Expr::Index(Box::new(expr), Box::new(index))
            } else if self.takes("(") {
                self.call(expr)?
            } else {
                return Ok(expr);
            };
            self.operator()?;
        }
    }

    fn call(&mut self, callee: Expr) -> Result<Expr, Unclear> {
        let (mut arguments, mut named) = (Vec::new(), Vec::new());
        while !self.takes(")") {
            if let [Token::Name(name), Token::Op("="), rest @ ..] = self.rest {
                self.rest = rest;
                named.push((name.clone(), self.expression()?));
            } else {
                arguments.push(self.expression()?);
            }
            if !self.takes(",") {
                self.must_take(")")?;
                break;
            }
        }
        Ok(Expr::Call(Box::new(callee), arguments, named))
    }

    fn atom(&mut self) -> Result<Expr, Unclear> {
        let (token, rest) = self.rest.split_first().ok_or_else(|| unexpected(None))?;
        self.rest = rest;
        match token {
            Token::Int(value) => Ok(Expr::Literal(Value::Int(*value))),
            Token::Float(value) => Ok(Expr::Literal(Value::Float(*value))),
            Token::Text(..) => self.texts(token),
            Token::Name(name) => match name.as_str() {
                "None" => Ok(Expr::Literal(Value::None)),
                "True" => Ok(Expr::Literal(Value::Bool(true))),
                "False" => Ok(Expr::Literal(Value::Bool(false))),
                keyword if KEYWORDS.contains(&keyword) => Err(unexpected(Some(token))),
                _ => Ok(Expr::Name(name.clone())),
            },
            Token::Op("(") => self.parenthesis(),
            Token::Op("[") => self.items("]").map(Expr::List),
            Token::Op("{") => self.braces(),
            Token::Op(_) => Err(unexpected(Some(token))),
        }
    }

    /// Texts next to each other are one.
    fn texts(&mut self, first: &Token) -> Result<Expr, Unclear> {
        let mut pieces = Vec::new();
        let mut next = Some(first);
        while let Some(Token::Text(text, has_braces)) = next {
            if *has_braces {
                format_pieces(text, &mut pieces)?;
            } else {
                pieces.push(Expr::Literal(Value::Text(text.clone())));
            }
            next = self.rest.first().filter(|token| matches!(token, Token::Text(..)));
            if next.is_some() {
                self.rest = &self.rest[1..];
            }
        }
        match <[Expr; 1]>::try_from(pieces) {
            Ok([literal @ Expr::Literal(_)]) => Ok(literal),
            Ok(one) => Ok(Expr::Format(one.into())),
            Err(pieces) => Ok(Expr::Format(pieces)),
        }
    }

    fn parenthesis(&mut self) -> Result<Expr, Unclear> {
        if self.takes(")") {
            return Ok(Expr::List(Vec::new()));
        }
        let first = self.expression()?;
        if self.takes(")") {
            return Ok(first);
        }
        self.must_take(",")?;
        let mut items = vec![first];
        items.extend(self.items(")")?);
        Ok(Expr::List(items))
    }

    fn braces(&mut self) -> Result<Expr, Unclear> {
        if self.takes("}") {
            return Ok(Expr::Dict(Vec::new()));
        }
        let first = self.expression()?;
        if !self.takes(":") {
            let mut items = vec![first];
            if self.takes(",") {
                items.extend(self.items("}")?);
            } else {
                self.must_take("}")?;
            }
            return Ok(Expr::List(items));
        }
        let mut pairs = vec![(first, self.expression()?)];
        while !self.takes("}") {
            self.must_take(",")?;
            if self.takes("}") {
                break;
            }
            let key = self.expression()?;
            self.must_take(":")?;
            pairs.push((key, self.expression()?));
        }
        Ok(Expr::Dict(pairs))
    }

    /// Expressions with commas between them, up to `close`.
    fn items(&mut self, close: &str) -> Result<Vec<Expr>, Unclear> {
        let mut items = Vec::new();
        while !self.takes(close) {
            items.push(self.expression()?);
            if !self.takes(",") {
                self.must_take(close)?;
                break;
            }
        }
        Ok(items)
    }

    fn takes(&mut self, operator: &str) -> bool {
        let found = matches!(self.rest.first(), Some(Token::Op(op)) if *op == operator);
        self.rest = &self.rest[usize::from(found)..];
        found
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = matches!(self.rest.first(), Some(Token::Name(name)) if name == word);
        self.rest = &self.rest[usize::from(found)..];
        found
    }

    fn must_take(&mut self, operator: &str) -> Result<(), Unclear> {
        if self.takes(operator) { Ok(()) } else { Err(unexpected(self.rest.first())) }
    }
}

/// The pieces of a text with expressions in braces.
fn format_pieces(text: &str, pieces: &mut Vec<Expr>) -> Result<(), Unclear> {
    let literal = |text: &str| Expr::Literal(Value::Text(text.replace("{{", "{").replace("}}", "}")));
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        if rest[open..].starts_with("{{") {
            pieces.push(literal(&rest[..open + 2]));
            rest = &rest[open + 2..];
            continue;
        }
        let close = rest[open..].find('}').ok_or_else(|| Unclear::new("a brace is never closed"))? + open;
        pieces.push(literal(&rest[..open]));
        pieces.push(parse_text(&rest[open + 1..close])?);
        rest = &rest[close + 1..];
    }
    pieces.push(literal(rest));
    Ok(())
}
