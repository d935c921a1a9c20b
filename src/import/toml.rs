//! Values as TOML.

use super::python::Value;
use std::fmt::Write as _;

/// The value as TOML; `None` for what TOML has no form for.
pub(super) fn value(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(value) => Some(value.to_string()),
        Value::Float(value) => Some(format!("{value:?}")),
        Value::Text(text) | Value::Pattern(text) => Some(string(text)),
        Value::List(items) => {
            let items: Option<Vec<_>> = items.iter().map(self::value).collect();
            let items = items?;
            let line = format!("[{}]", items.join(", "));
            if line.len() <= 100 { Some(line) } else { Some(format!("[\n    {},\n]", items.join(",\n    "))) }
        }
        Value::None | Value::Dict(_) => None,
    }
}

/// A text as a TOML string: as it stands between single quotes where it has backslashes and nothing against it.
pub(super) fn string(text: &str) -> String {
    let plain = |c: char| !c.is_control() && c != '\'';
    if text.contains(['\\', '"']) && text.chars().all(plain) {
        return format!("'{text}'");
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out + "\""
}

/// Lines of a comment.
pub(super) fn comment(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let line: String = line.chars().filter(|c| !c.is_control() || *c == '\t').collect();
        let _ = writeln!(out, "#{}{line}", if line.is_empty() || line.starts_with([' ', '#']) { "" } else { " " });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_meaning() {
        let check = |from: Value, to: &str| {
            assert_eq!(value(&from).as_deref(), Some(to));
            let line = format!("k = {to}");
            let parsed = ::toml::de::DeTable::parse(&line).unwrap();
            if let Value::Text(text) | Value::Pattern(text) = from {
                assert_eq!(parsed.get_ref()["k"].get_ref().as_str(), Some(text.as_str()));
            }
        };
        check(Value::Bool(true), "true");
        check(Value::Int(-3), "-3");
        check(Value::Float(75e6), "75000000.0");
        check(Value::Text("a".into()), "\"a\"");
        check(Value::Text("a'b\\c\"\n\t\u{1}".into()), "\"a'b\\\\c\\\"\\n\\t\\u0001\"");
        check(Value::Pattern(r"^.+\.example\.com$".into()), r"'^.+\.example\.com$'");
        check(Value::List(vec![Value::Int(1), Value::Text("b".into())]), "[1, \"b\"]");
        assert_eq!(value(&Value::List(vec![Value::None])), None);
    }

    #[test]
    fn comments_stay_comments() {
        assert_eq!(comment(" a\nb\n\n#c\rQUALITY = 1"), "# a\n# b\n#\n##cQUALITY = 1\n");
    }
}
