//! What filters there are, told from the definitions that parse them: as JSON and as a page of documentation.

use super::{FILTERS, FilterDef, Kind, Param, compile, is_enabled};
use crate::recipe::Policy;
use crate::request::{Accept, Access, FilterCall, ImageId, ImageRequest};
use serde::Serialize;
use std::fmt::Write as _;

/// All filters, in the form that clients get.
#[derive(Debug, Serialize)]
pub struct Catalog {
    filters: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Entry {
    name: &'static str,
    description: &'static str,
    example: &'static str,
    /// Whether the settings let it be used.
    enabled: bool,
    parameters: Vec<Parameter>,
}

#[derive(Debug, Serialize)]
struct Parameter {
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range>,
    required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<&'static str>,
    description: &'static str,
}

/// The numbers that make sense.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
struct Range {
    min: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<i32>,
}

impl Catalog {
    /// The catalog of a server whose setting of filters is this, as in [`Policy::filters`].
    ///
    /// [`Policy::filters`]: crate::recipe::Policy::filters
    pub fn new(settings: &[String]) -> Self {
        let entry = |def: &&FilterDef| Entry {
            name: def.name,
            description: def.about,
            example: def.example,
            enabled: is_enabled(def.name, settings),
            parameters: def.params.iter().map(Parameter::of).collect(),
        };
        Self { filters: FILTERS.iter().map(entry).collect() }
    }
}

impl Parameter {
    fn of(param: &Param) -> Self {
        Self {
            name: param.name,
            kind: type_name(param.kind),
            range: range(param.kind),
            required: param.default.is_none(),
            default: param.default,
            description: param.about,
        }
    }
}

fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Natural | Kind::Integer => "integer",
        Kind::Decimal => "decimal",
        Kind::Boolean => "boolean",
        Kind::Word => "word",
        Kind::Text => "text",
        Kind::Points => "points",
        Kind::Within(kind, ..) => type_name(*kind),
    }
}

fn range(kind: Kind) -> Option<Range> {
    match kind {
        Kind::Natural => Some(Range { min: 0, max: None }),
        Kind::Within(_, min, max) => Some(Range { min, max: Some(max) }),
        Kind::Integer | Kind::Decimal | Kind::Boolean | Kind::Word | Kind::Text | Kind::Points => None,
    }
}

/// The reference page, in Markdown.
pub fn reference() -> String {
    let mut page = String::from(INTRODUCTION);
    for def in FILTERS {
        let _ = writeln!(page, "| [`{0}`](#{0}) | {1} |", def.name, def.about);
    }
    for def in FILTERS {
        let _ = write!(page, "\n## {}\n\n{}.\n\n", def.name, capitalized(def.about));
        let _ = writeln!(page, "    {}", def.example);
        if shows(def) {
            let _ = writeln!(page, "\n![without and with {0}](filters/{0}.jpg)", def.name);
        }
        if !def.params.is_empty() {
            page.push_str("\n| parameter | type | range | default | |\n|---|---|---|---|---|\n");
        }
        for param in def.params {
            let range = range(param.kind).map_or_else(String::new, |range| match range.max {
                Some(max) => format!("{} to {max}", range.min),
                None => format!("from {}", range.min),
            });
            let default = param.default.map_or_else(|| "required".to_owned(), |default| format!("`{default}`"));
            let about = param.about.replace('|', "\\|");
            let _ = writeln!(page, "| {} | {} | {range} | {default} | {about} |", param.name, type_name(param.kind));
        }
    }
    page
}

/// Whether a filter's example changes what one sees, so that the page has a picture of it in `filters/<name>.jpg`.
pub fn shows(def: &'static FilterDef) -> bool {
    let mut request = ImageRequest::new(Access::Unsafe, ImageId::of("photo.jpg"));
    request.filters = vec![FilterCall::new(def.example)];
    let policy = Policy { filters: vec![def.name.to_owned()], ..Policy::default() };
    compile(&request, Accept::default(), &policy).is_ok_and(|recipe| {
        let geometry = &recipe.geometry;
        let is_picture = recipe.output.placeholder.is_none();
        is_picture
            && (!recipe.effects.is_empty()
                || recipe.output.quality.is_some()
                || geometry.stretch
                || !geometry.focal.is_empty())
    })
}

const INTRODUCTION: &str = "\
# Filters

Filters stand in a URL behind `filters:`, separated by colons, as in
`/unsafe/fit-in/300x200/filters:brightness(10):grayscale()/photo.jpg`. Those that change pixels do it in the order of
the URL. Arguments are separated by commas and may have spaces around them; one that holds a comma or a parenthesis
stands in single quotes. A call that names no filter, or whose arguments do not match, is skipped, named in the log and
in the header `Tintype-Ignored-Filters`; with `STRICT_FILTERS=true` it is answered 400. Arguments that match and make no
sense are always answered 400. Numbers beyond a range match; what lies beyond is cut or refused. The setting `FILTERS`
tells which filters exist; `autojpg` and `red_eye` have to be named there.

A server tells the same as JSON at `/-/filters`. This page is what `tintype filters` prints.

| filter | |
|---|---|
";

fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(settings: &[&str]) -> serde_json::Value {
        let settings: Vec<_> = settings.iter().map(ToString::to_string).collect();
        serde_json::to_value(Catalog::new(&settings)).unwrap()
    }

    #[test]
    fn an_entry_tells_all_that_a_caller_needs() {
        let catalog = json(&["all"]);
        let entries = catalog["filters"].as_array().unwrap();
        assert_eq!(entries.len(), FILTERS.len());
        let entry = entries.iter().find(|entry| entry["name"] == "noise").unwrap();
        let expected = serde_json::json!({
            "name": "noise",
            "description": "makes the picture grainy",
            "example": "noise(60,1)",
            "enabled": true,
            "parameters": [
                {
                    "name": "amount", "type": "integer", "range": { "min": 0, "max": 255 }, "required": true,
                    "description": "levels between the darkest and the lightest grain",
                },
                {
                    "name": "seed", "type": "integer", "range": { "min": 0 }, "required": false, "default": "0",
                    "description": "grains of this number are always the same; 0: other ones each time the picture is made",
                },
            ],
        });
        assert_eq!(*entry, expected);
    }

    #[test]
    fn filters_that_the_settings_leave_out_are_not_enabled() {
        let enabled = |settings: &[&str]| -> Vec<String> {
            let catalog = json(settings);
            let entries = catalog["filters"].as_array().unwrap().iter();
            entries.filter(|entry| entry["enabled"] == true).map(|entry| entry["name"].to_string()).collect()
        };
        assert_eq!(enabled(&["redeye", "noise"]), ["\"noise\"", "\"red_eye\""]);
        assert!(!enabled(&["all"]).contains(&"\"red_eye\"".to_owned()));
    }

    #[test]
    fn what_changes_pixels_or_their_place_has_a_picture() {
        let shown = |name| shows(FILTERS.iter().find(|def| def.name == name).unwrap());
        for name in ["brightness", "rotate", "focal", "stretch", "quality", "fill", "red_eye"] {
            assert!(shown(name), "{name}");
        }
        for name in ["max_age", "format", "strip_icc", "no_upscale"] {
            assert!(!shown(name), "{name}");
        }
    }
}
