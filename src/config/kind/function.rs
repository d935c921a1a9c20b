//! Names of functions.

use super::{Given, Kind, quoted};

/// The name of a function in JavaScript.
pub(in crate::config) struct FunctionName;

impl Kind for FunctionName {
    type Out = String;

    fn expected() -> String {
        "the name of a function".into()
    }

    fn parse(given: &Given) -> Option<String> {
        given.one().filter(|name| crate::request::is_function_name(name)).map(ToOwned::to_owned)
    }

    fn show(out: &String) -> String {
        quoted(out)
    }
}
