//! Names of what the program has, which may be given as the modules that have it in Thumbor.

use super::{Given, Kind, quoted};

/// The name of a filter, or the path of the module that has it in Thumbor, of which the last part counts.
pub(in crate::config) struct FilterName;

impl Kind for FilterName {
    type Out = String;

    fn expected() -> String {
        "the name of a filter such as blur, or a module such as thumbor.filters.blur".into()
    }

    fn parse(given: &Given) -> Option<String> {
        last_name(given.one()?)
    }

    fn show(out: &String) -> String {
        quoted(out)
    }
}

/// The name of an optimizer, or the path of the module that has it in Thumbor, of which the last part counts.
pub(in crate::config) struct OptimizerName;

impl Kind for OptimizerName {
    type Out = String;

    fn expected() -> String {
        "the name of an optimizer such as gifv, or a module such as thumbor.optimizers.gifv".into()
    }

    fn parse(given: &Given) -> Option<String> {
        last_name(given.one()?)
    }

    fn show(out: &String) -> String {
        quoted(out)
    }
}

/// The last part of a path with dots between, if it is a name.
fn last_name(path: &str) -> Option<String> {
    let name = path.rsplit('.').next()?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    is_name.then(|| name.to_owned())
}
