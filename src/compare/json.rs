//! Where two JSON documents say different things. The order of keys and the form of numbers do not count.

use serde_json::Value;

/// The place of the first difference, such as `thumbor.source.width`; `None` if there is none.
pub(super) fn difference(old: &Value, new: &Value) -> Option<String> {
    let mut place = Vec::new();
    (!same(old, new, &mut place)).then(|| place.join("."))
}

/// Leaves in `place` where the first difference is.
fn same(old: &Value, new: &Value, place: &mut Vec<String>) -> bool {
    let mut inner = |name: String, old: Option<&Value>, new: Option<&Value>| {
        place.push(name);
        let alike = matches!((old, new), (Some(old), Some(new)) if same(old, new, place));
        if alike {
            place.pop();
        }
        alike
    };
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let mut names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
            names.all(|name| inner(name.clone(), old.get(name), new.get(name)))
        }
        (Value::Array(old), Value::Array(new)) => {
            (0..old.len().max(new.len())).all(|index| inner(index.to_string(), old.get(index), new.get(index)))
        }
        (Value::Number(old), Value::Number(new)) => old == new || old.as_f64() == new.as_f64(),
        _ => old == new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named() {
        let check = |old: &str, new: &str, place: Option<&str>| {
            let parse = |text| serde_json::from_str(text).unwrap();
            assert_eq!(difference(&parse(old), &parse(new)).as_deref(), place, "{old} {new}");
        };
        check(r#"{"a": 1, "b": [300.0]}"#, r#"{"b":[300],"a":1}"#, None);
        check(r#"{"a": {"b": [1, 2]}}"#, r#"{"a": {"b": [1, 3]}}"#, Some("a.b.1"));
        check(r#"{"a": 1}"#, r#"{"a": 1, "c": null}"#, Some("c"));
        check("[1]", "[1, 2]", Some("1"));
        check("1", "\"1\"", Some(""));
    }
}
