//! From expressions to values.

use super::expr::Expr;
use super::value::Value;
use super::{Bound, EnvUse, Unclear, calls, operators};
use std::collections::{BTreeMap, HashMap};

/// What expressions can see, and what they have looked at.
pub(super) struct Scope<'a> {
    /// Names assigned before.
    pub(super) names: &'a HashMap<String, Bound>,
    /// Environment variables.
    pub(super) environment: &'a BTreeMap<String, String>,
    /// Path of the file, which `__file__` is.
    pub(super) file: &'a str,
    /// Environment variables asked for so far, through other names as well.
    pub(super) asked: Vec<EnvUse>,
    /// Names read so far.
    pub(super) used: Vec<String>,
}

impl Scope<'_> {
    /// The value of `expr`.
    ///
    /// # Errors
    /// [`Unclear`], in words, for all that this reader does not follow.
    pub(super) fn value(&mut self, expr: &Expr) -> Result<Value, Unclear> {
        match expr {
            Expr::Literal(value) => Ok(value.clone()),
            Expr::Name(name) => self.named(name),
            Expr::Format(pieces) => {
                let texts: Result<String, _> = pieces.iter().map(|piece| Ok(self.value(piece)?.to_string())).collect();
                Value::Text(texts?).bounded()
            }
            Expr::List(items) => self.values(items).map(Value::List),
            Expr::Dict(pairs) => {
                let pairs: Result<_, Unclear> =
                    pairs.iter().map(|(key, value)| Ok((self.value(key)?, self.value(value)?))).collect();
                Ok(Value::Dict(pairs?))
            }
            Expr::Unary(sign, inner) => operators::unary(sign, &self.value(inner)?),
            Expr::Binary(sign, left, right) => operators::binary(sign, self.value(left)?, self.value(right)?),
            Expr::Compare(first, rest) => self.compare(first, rest),
            Expr::Either(word, left, right) => {
                let left = self.value(left)?;
                if left.is_true() == (*word == "or") { Ok(left) } else { self.value(right) }
            }
            Expr::Choice(parts) => {
                let [then, condition, otherwise] = &**parts;
                if self.value(condition)?.is_true() { self.value(then) } else { self.value(otherwise) }
            }
            Expr::Index(object, index) => self.indexed(object, index),
            Expr::Call(callee, arguments, named) => calls::call(self, callee, arguments, named),
            Expr::Attribute(..) => {
                let path = dotted(expr).map_or_else(|| "that attribute".into(), |path| format!("`{path}`"));
                Err(Unclear::new(format!("{path} is not known to this reader")))
            }
        }
    }

    pub(super) fn values(&mut self, items: &[Expr]) -> Result<Vec<Value>, Unclear> {
        items.iter().map(|item| self.value(item)).collect()
    }

    /// An environment variable, noted as asked for.
    pub(super) fn variable(&mut self, name: &str) -> Option<String> {
        let value = self.environment.get(name).cloned();
        self.asked.push(EnvUse { name: name.to_owned(), is_set: value.is_some() });
        value
    }

    fn named(&mut self, name: &str) -> Result<Value, Unclear> {
        self.used.push(name.to_owned());
        match self.names.get(name) {
            Some(Bound::Known { value, asked }) => {
                self.asked.extend_from_slice(asked);
                Ok(value.clone())
            }
            Some(Bound::Unknown { line }) => {
                Err(Unclear::new(format!("it uses `{name}`, and line {line}, which sets that, is not understood")))
            }
            None if name == "__file__" => Ok(Value::Text(self.file.to_owned())),
            None => Err(Unclear::new(format!("`{name}` is not known to this reader"))),
        }
    }

    fn compare(&mut self, first: &Expr, rest: &[(&'static str, Expr)]) -> Result<Value, Unclear> {
        if let [(sign @ ("in" | "not in"), right)] = rest
            && is_environment(right)
        {
            let name = self.value(first)?;
            let is_set = self.variable(name.text()?).is_some();
            return Ok(Value::Bool(is_set == (*sign == "in")));
        }
        let mut left = self.value(first)?;
        for (sign, right) in rest {
            let right = self.value(right)?;
            if !operators::holds(sign, &left, &right)? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    fn indexed(&mut self, object: &Expr, index: &Expr) -> Result<Value, Unclear> {
        let index = self.value(index)?;
        if is_environment(object) {
            let name = index.text()?;
            let value = self.variable(name).map(Value::Text);
            return value.ok_or_else(|| Unclear::new(format!("the environment variable `{name}` is not set here")));
        }
        let found = match (self.value(object)?, &index) {
            (Value::List(items), Value::Int(at)) => {
                let from_end = i64::try_from(items.len()).unwrap_or(i64::MAX).saturating_add(*at);
                let at = usize::try_from(if *at < 0 { from_end } else { *at }).ok();
                at.and_then(|at| items.get(at).cloned())
            }
            (Value::Dict(pairs), key) => pairs.into_iter().rev().find(|(have, _)| have == key).map(|(_, value)| value),
            (other, _) => return Err(Unclear::new(format!("{} is not looked into by this reader", other.kind()))),
        };
        found.ok_or_else(|| Unclear::new(format!("there is nothing at `{index}`")))
    }
}

/// `a.b.c` as text, if the expression is such a path.
pub(super) fn dotted(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Name(name) => Some(name.clone()),
        Expr::Attribute(object, name) => Some(format!("{}.{name}", dotted(object)?)),
        _ => None,
    }
}

/// Whether this is `os.environ`, by whatever name it was imported.
pub(super) fn is_environment(expr: &Expr) -> bool {
    dotted(expr).is_some_and(|path| path == "environ" || path.ends_with(".environ"))
}
