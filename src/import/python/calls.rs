//! The functions and methods that settings are made with.

use super::eval::{Scope, dotted, is_environment};
use super::expr::{self, Expr};
use super::value::Value;
use super::{Bound, Unclear, paths};

/// The value of `callee(arguments, named)`.
pub(super) fn call(
    scope: &mut Scope<'_>,
    callee: &Expr,
    arguments: &[Expr],
    named: &[(String, Expr)],
) -> Result<Value, Unclear> {
    if let Some(value) = variable(scope, callee, arguments, named)? {
        return Ok(value);
    }
    let path = dotted(callee);
    // A path that begins with a name of the file's own is a method of its value.
    let root = path.as_deref().and_then(|path| path.split('.').next());
    let own = root.is_some_and(|root| scope.names.contains_key(root));
    match (callee, path) {
        (_, Some(path)) if !own => function(scope, &path, arguments, named),
        (Expr::Attribute(object, name), _) => {
            let object = scope.value(object)?;
            let arguments = scope.values(arguments)?;
            method(scope, &object, name, &arguments, named)
        }
        _ => Err(unknown("that")),
    }
}

fn unknown(name: &str) -> Unclear {
    Unclear::new(format!("`{name}(...)` is not known to this reader, or not with these arguments"))
}

/// `os.environ.get(...)` and `os.getenv(...)`.
fn variable(
    scope: &mut Scope<'_>,
    callee: &Expr,
    arguments: &[Expr],
    named: &[(String, Expr)],
) -> Result<Option<Value>, Unclear> {
    let asks = match callee {
        Expr::Attribute(object, name) => name == "get" && is_environment(object) || name == "getenv",
        Expr::Name(name) => name == "getenv",
        _ => false,
    };
    if !asks {
        return Ok(None);
    }
    let (name, default) = match (arguments, named) {
        ([name], []) => (name, None),
        ([name, default], []) => (name, Some(default)),
        ([name], [(word, default)]) if word == "default" => (name, Some(default)),
        _ => return Err(unknown("environ.get")),
    };
    let name = scope.value(name)?;
    let value = scope.variable(name.text()?);
    Ok(Some(match (value, default) {
        (Some(text), _) => Value::Text(text),
        (None, Some(default)) => scope.value(default)?,
        (None, None) => Value::None,
    }))
}

fn function(scope: &mut Scope<'_>, path: &str, arguments: &[Expr], named: &[(String, Expr)]) -> Result<Value, Unclear> {
    let name = path.rsplit('.').next().unwrap_or(path);
    if name == "dict" && arguments.is_empty() {
        let pairs = named.iter().map(|(key, value)| Ok((Value::Text(key.clone()), scope.value(value)?)));
        return pairs.collect::<Result<_, Unclear>>().map(Value::Dict);
    }
    if name == "compile"
        && let [pattern, flags] = arguments
    {
        return with_flags(scope.value(pattern)?.text()?, flags);
    }
    if !named.is_empty() {
        return Err(unknown(path));
    }
    let values = scope.values(arguments)?;
    let found = match (name, values.as_slice()) {
        ("compile", [pattern]) => Some(Value::Pattern(pattern.text()?.to_owned())),
        ("join", parts) => Some(Value::Text(paths::join(parts)?)),
        ("dirname", [path]) => Some(Value::Text(paths::parent(path.text()?))),
        ("basename", [path]) => Some(Value::Text(path.text()?.rsplit('/').next().unwrap_or_default().to_owned())),
        ("abspath" | "realpath" | "normpath", [path]) => Some(Value::Text(paths::normal(path.text()?))),
        ("expanduser", [path]) => Some(Value::Text(home(scope, path.text()?)?)),
        ("gettempdir", []) => Some(Value::Text(scope.variable("TMPDIR").unwrap_or_else(|| "/tmp".into()))),
        ("int", [value]) => int(value),
        ("float", [Value::Text(text)]) => text.trim().parse().ok().map(Value::Float),
        ("float", [value]) => value.float().map(Value::Float),
        ("bool", [value]) => Some(Value::Bool(value.is_true())),
        ("str", [value @ (Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Text(_))]) => {
            Some(Value::Text(value.to_string()))
        }
        ("list" | "tuple" | "set", [Value::List(items)]) => Some(Value::List(items.clone())),
        ("list" | "tuple", []) => Some(Value::List(Vec::new())),
        ("len", [Value::List(items)]) => i64::try_from(items.len()).ok().map(Value::Int),
        ("len", [Value::Text(text)]) => i64::try_from(text.chars().count()).ok().map(Value::Int),
        ("min" | "max", [Value::Int(a), Value::Int(b)]) => {
            Some(Value::Int(if name == "min" { *a.min(b) } else { *a.max(b) }))
        }
        ("strtobool", [text]) => strtobool(text.text()?),
        ("literal_eval" | "loads", [text]) => Some(literal(scope, text.text()?)?),
        _ => None,
    };
    found.ok_or_else(|| unknown(path))?.bounded()
}

fn method(
    scope: &mut Scope<'_>,
    object: &Value,
    name: &str,
    arguments: &[Value],
    named: &[(String, Expr)],
) -> Result<Value, Unclear> {
    if let (Value::Text(text), "format") = (object, name) {
        let named: Result<Vec<_>, Unclear> =
            named.iter().map(|(key, value)| Ok((key.as_str(), scope.value(value)?))).collect();
        return format(text, arguments, &named?)?.bounded();
    }
    if !named.is_empty() {
        return Err(unknown(name));
    }
    let texts = |parts: Vec<&str>| Value::List(parts.into_iter().map(|part| Value::Text(part.to_owned())).collect());
    let found = match (object, name, arguments) {
        (Value::Text(text), "split", [] | [Value::None]) => Some(texts(text.split_whitespace().collect())),
        (Value::Text(text), "split", [Value::Text(by)]) if !by.is_empty() => Some(texts(text.split(by).collect())),
        (Value::Text(text), "strip", []) => Some(Value::Text(text.trim().to_owned())),
        (Value::Text(text), "rstrip", [Value::Text(set)]) => {
            Some(Value::Text(text.trim_end_matches(|c| set.contains(c)).to_owned()))
        }
        (Value::Text(text), "lower", []) => Some(Value::Text(text.to_lowercase())),
        (Value::Text(text), "upper", []) => Some(Value::Text(text.to_uppercase())),
        (Value::Text(text), "encode" | "decode", _) => Some(Value::Text(text.clone())),
        (Value::Text(text), "startswith", [Value::Text(start)]) => Some(Value::Bool(text.starts_with(start))),
        (Value::Text(text), "endswith", [Value::Text(end)]) => Some(Value::Bool(text.ends_with(end))),
        (Value::Text(text), "replace", [Value::Text(old), Value::Text(new)]) if !old.is_empty() => {
            Some(Value::Text(text.replace(old, new)))
        }
        (Value::Text(between), "join", [Value::List(items)]) => {
            let parts: Result<Vec<_>, _> = items.iter().map(Value::text).collect();
            Some(Value::Text(parts?.join(between)))
        }
        (Value::Dict(pairs), "get", [key, ..]) => {
            let found = pairs.iter().rev().find(|(have, _)| have == key).map(|(_, value)| value.clone());
            Some(found.or_else(|| arguments.get(1).cloned()).unwrap_or(Value::None))
        }
        _ => None,
    };
    found.ok_or_else(|| unknown(name))?.bounded()
}

/// A regular expression with flags, of which only `re.I` has a form of its own in the text.
fn with_flags(pattern: &str, flags: &Expr) -> Result<Value, Unclear> {
    match dotted(flags).as_deref().and_then(|path| path.rsplit('.').next()) {
        Some("I" | "IGNORECASE") => Ok(Value::Pattern(format!("(?i){pattern}"))),
        _ => Err(Unclear::new("of flags only re.I is understood")),
    }
}

fn int(value: &Value) -> Option<Value> {
    let value = match value {
        Value::Text(text) => text.trim().replace('_', "").parse().ok(),
        #[expect(clippy::cast_possible_truncation, reason = "within the bounds asked for")]
        Value::Float(value) => (value.abs() < 9e15).then(|| value.trunc() as i64),
        other => other.int(),
    };
    value.map(Value::Int)
}

fn strtobool(text: &str) -> Option<Value> {
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" | "t" | "true" | "on" | "1" => Some(Value::Bool(true)),
        "n" | "no" | "f" | "false" | "off" | "0" => Some(Value::Bool(false)),
        _ => None,
    }
}

/// A value in Python's or JSON's notation, without names.
fn literal(scope: &Scope<'_>, text: &str) -> Result<Value, Unclear> {
    let known = |value| Bound::Known { value, asked: Vec::new() };
    let names = [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::None)];
    let names = names.into_iter().map(|(name, value)| (name.to_owned(), known(value))).collect();
    let environment = std::collections::BTreeMap::new();
    let mut inner =
        Scope { names: &names, environment: &environment, file: scope.file, asked: Vec::new(), used: Vec::new() };
    inner.value(&expr::parse_text(text)?)
}

fn home(scope: &mut Scope<'_>, path: &str) -> Result<String, Unclear> {
    let Some(rest) = path.strip_prefix('~') else { return Ok(path.to_owned()) };
    if !rest.is_empty() && !rest.starts_with('/') {
        return Err(Unclear::new("the home of another user is not looked up"));
    }
    let home = scope.variable("HOME").ok_or_else(|| Unclear::new("HOME is not set here"))?;
    Ok(format!("{}{rest}", home.trim_end_matches('/')))
}

/// `'{}/{name}'.format(...)`, without widths and such.
fn format(text: &str, arguments: &[Value], named: &[(&str, Value)]) -> Result<Value, Unclear> {
    let mut out = String::new();
    let mut rest = text;
    let mut next = 0;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        let after = &rest[at + 1..];
        if let Some(after) = after.strip_prefix(brace) {
            out.push_str(brace);
            rest = after;
            continue;
        }
        let (field, after) =
            after.split_once('}').filter(|_| brace == "{").ok_or_else(|| Unclear::new("a brace stands alone"))?;
        let value = if field.is_empty() {
            next += 1;
            arguments.get(next - 1)
        } else if let Ok(index) = field.parse::<usize>() {
            arguments.get(index)
        } else {
            named.iter().find(|(name, _)| *name == field).map(|(_, value)| value)
        };
        let value = value.ok_or_else(|| Unclear::new(format!("`{{{field}}}` stands for nothing here")))?;
        out.push_str(&value.to_string());
        rest = after;
    }
    out.push_str(rest);
    Ok(Value::Text(out))
}
