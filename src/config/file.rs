//! TOML text as keys, values and the lines they stand in. Knows no key.

use super::kind::Given;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// A key of a file with its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    /// As written.
    pub(super) name: String,
    /// Where the key stands, counted from 1.
    pub(super) line: usize,
    pub(super) item: Item,
}

/// What a key has been given.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    /// A scalar or a list of scalars.
    Value(Given),
    /// A table.
    Table(Vec<Entry>),
    /// A list of tables with the line that each begins in.
    Tables(Vec<(usize, Vec<Entry>)>),
    /// A list that holds lists, or tables and something else.
    Nested,
}

impl Item {
    /// The value, or in words what stands in its place.
    pub(super) fn value(self) -> Result<Given, String> {
        match self {
            Self::Value(given) => Ok(given),
            Self::Table(_) => Err("a table".into()),
            Self::Tables(_) => Err("a list of tables".into()),
            Self::Nested => Err("a list of lists".into()),
        }
    }
}

/// Something that makes a text no TOML.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    /// Counted from 1.
    pub(super) line: usize,
    /// What is wrong there.
    pub(super) reason: String,
}

/// The keys of a TOML text in the order they stand in, or everything that makes it none.
pub(super) fn read(text: &str) -> Result<Vec<Entry>, Vec<Fault>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let lines = Lines::of(text);
    if errors.is_empty() {
        return Ok(entries(table.get_ref(), &lines));
    }
    let fault = |error: &toml::de::Error| {
        let line = lines.line(error.span().map_or(0, |span| span.start));
        Fault { line, reason: error.message().replace('\n', " ") }
    };
    Err(errors.iter().map(fault).collect())
}

/// A JSON text as what a file would say in its place. All of it stands in line 1.
pub(super) fn read_json(text: &str) -> Result<Item, String> {
    fn item(value: serde_json::Value) -> Item {
        match value {
            serde_json::Value::Object(fields) => Item::Table(entries(fields)),
            serde_json::Value::Array(items) if !items.is_empty() && items.iter().all(serde_json::Value::is_object) => {
                let tables = items.into_iter().map(|table| match item(table) {
                    Item::Table(entries) => (1, entries),
                    _ => (1, Vec::new()),
                });
                Item::Tables(tables.collect())
            }
            serde_json::Value::Array(items) => items
                .iter()
                .map(scalar)
                .collect::<Option<_>>()
                .map_or(Item::Nested, |all| Item::Value(Given::Many(all))),
            other => scalar(&other).map_or(Item::Nested, |text| Item::Value(Given::One(text))),
        }
    }
    fn entries(fields: serde_json::Map<String, serde_json::Value>) -> Vec<Entry> {
        fields.into_iter().map(|(name, value)| Entry { name, line: 1, item: item(value) }).collect()
    }
    fn scalar(value: &serde_json::Value) -> Option<String> {
        match value {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
            other => Some(other.to_string()),
        }
    }
    serde_json::from_str(text).map(item).map_err(|error| error.to_string())
}

fn entries(table: &DeTable<'_>, lines: &Lines) -> Vec<Entry> {
    let mut pairs: Vec<_> = table.iter().collect();
    pairs.sort_by_key(|(name, _)| name.span().start);
    let entry = |(name, value): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| Entry {
        name: name.get_ref().to_string(),
        line: lines.line(name.span().start),
        item: item(value, lines),
    };
    pairs.into_iter().map(entry).collect()
}

fn item(value: &Spanned<DeValue<'_>>, lines: &Lines) -> Item {
    match value.get_ref() {
        DeValue::Table(table) => Item::Table(entries(table, lines)),
        DeValue::Array(items) => {
            if let Some(scalars) = items.iter().map(|item| scalar(item.get_ref())).collect() {
                return Item::Value(Given::Many(scalars));
            }
            let table = |item: &Spanned<DeValue<'_>>| match item.get_ref() {
                DeValue::Table(table) => Some((lines.line(item.span().start), entries(table, lines))),
                _ => None,
            };
            items.iter().map(table).collect::<Option<_>>().map_or(Item::Nested, Item::Tables)
        }
        other => scalar(other).map_or(Item::Nested, |text| Item::Value(Given::One(text))),
    }
}

fn scalar(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => {
            let digits = number.as_str().replace('_', "");
            Some(i128::from_str_radix(&digits, number.radix()).map_or(digits, |number| number.to_string()))
        }
        DeValue::Float(number) => Some(number.as_str().replace('_', "")),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Datetime(time) => Some(time.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}

/// Where lines begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.match_indices('\n').map(|(at, _)| at + 1).collect())
    }

    /// The line of a byte, counted from 1.
    fn line(&self, at: usize) -> usize {
        1 + self.0.partition_point(|start| *start <= at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Item {
        Item::Value(Given::One(text.into()))
    }

    #[test]
    fn scalars_become_text_with_their_lines() {
        let entries = read("# first\nb = 0x1F\na = 1_000\n\nc = 'x\\y'\nd = 2.50\ne = true\nf = [1, 'two']").unwrap();
        let found: Vec<_> = entries.into_iter().map(|entry| (entry.name, entry.line, entry.item)).collect();
        let many = Item::Value(Given::Many(vec!["1".into(), "two".into()]));
        let expected = [
            ("b", 2, one("31")),
            ("a", 3, one("1000")),
            ("c", 5, one("x\\y")),
            ("d", 6, one("2.50")),
            ("e", 7, one("true")),
            ("f", 8, many),
        ];
        assert_eq!(found, expected.map(|(name, line, item)| (name.to_owned(), line, item)));
    }

    #[test]
    fn tables_and_lists_of_tables_keep_the_lines_of_their_fields() {
        let entries = read("[t]\nx = 1\n[[rows]]\ny = 2\n\n[[rows]]\ny = 3\n").unwrap();
        let field = |name: &str, line, text| Entry { name: name.into(), line, item: one(text) };
        assert_eq!(entries[0].item, Item::Table(vec![field("x", 2, "1")]));
        assert_eq!(entries[1].item, Item::Tables(vec![(3, vec![field("y", 4, "2")]), (6, vec![field("y", 7, "3")])]));
        for (text, words) in
            [("a.b = 1", "a table"), ("a = [[1]]", "a list of lists"), ("a = [{}, {}]", "a list of tables")]
        {
            assert_eq!(read(text).unwrap().remove(0).item.value(), Err(words.into()), "{text}");
        }
        assert_eq!(read("a = []").unwrap()[0].item, Item::Value(Given::Many(vec![])));
    }

    #[test]
    fn json_says_what_toml_says() {
        let check = |json: &str, toml: &str| {
            let toml = read(&format!("a = {toml}")).unwrap().remove(0).item;
            assert_eq!(read_json(json), Ok(toml), "{json}");
        };
        check(r#"{"b": "c", "d": [1, "x"]}"#, "{ b = 'c', d = [1, 'x'] }");
        check(r#"[{"b": true}, {"b": 2.5}]"#, "[{ b = true }, { b = 2.5 }]");
        check("[]", "[]");
        check("[[1]]", "[[1]]");
        assert!(read_json("{").is_err());
    }

    #[test]
    fn every_fault_of_a_text_is_told_with_its_line() {
        let faults = read("a = 1\nb 2\nc = 3\nd = [\n").unwrap_err();
        assert_eq!((faults[0].line, faults[faults.len() - 1].line), (2, 4), "{faults:?}");
        assert!(faults.iter().all(|fault| !fault.reason.is_empty() && !fault.reason.contains('\n')));
    }
}
