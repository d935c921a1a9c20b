//! The environment: which variables are settings.

use super::keys;
use super::thumbor;
use std::collections::BTreeMap;

/// Before a key's name in the environment.
const PREFIX: &str = "TINTYPE_";

/// Keys that the environment may give only with the prefix, since others set variables of that name.
const PREFIXED_ONLY: &[&str] = &["HOST", "SOURCES", "REWRITE"];

/// Variables that are settings, by the names of their keys, and what to say about those that only look like some.
///
/// With the prefix every variable is taken for one, or it would be a spelling mistake that nobody is told of. Empty
/// variables are unset.
pub(super) fn read(variables: &BTreeMap<String, String>) -> Vec<Result<(&str, &str), String>> {
    let mut found = Vec::new();
    for (variable, value) in variables.iter().filter(|(_, value)| !value.trim().is_empty()) {
        if let Some(name) = variable.strip_prefix(PREFIX) {
            if is_of_kubernetes(name, value) {
                found.push(Err(format!("{variable} (environment): ignored, Kubernetes sets it for services")));
            } else {
                found.push(Ok((name, &**value)));
            }
        } else if variable.ends_with("_PORT") && is_address(value) {
            // Kubernetes sets it for a service that is called `statsd` or the like.
        } else if is_key(variable)
            && variables.get(&format!("{PREFIX}{variable}")).is_none_or(|value| value.trim().is_empty())
        {
            found.push(Ok((variable, value)));
        }
    }
    // A key's own name is stronger than an older one.
    found.sort_by_key(|variable| variable.as_ref().is_ok_and(|(name, _)| keys::place(name).is_some()));
    found
}

/// The value of a key, if the environment has one.
pub(super) fn value<'a>(variables: &'a BTreeMap<String, String>, key: &str) -> Option<&'a str> {
    read(variables).into_iter().flatten().find(|(name, _)| *name == key).map(|(_, value)| value)
}

/// Whether a variable without the prefix is a setting. Case counts: programs set all kinds of variables.
fn is_key(variable: &str) -> bool {
    let upper = !variable.bytes().any(|byte| byte.is_ascii_lowercase());
    let known = || keys::place(variable).is_some() || thumbor::alias(variable).is_some();
    upper && !PREFIXED_ONLY.contains(&variable) && (known() || thumbor::ignored(variable).is_some())
}

/// Whether this is what Kubernetes tells every container of a service that is called `tintype`.
fn is_of_kubernetes(name: &str, value: &str) -> bool {
    name.starts_with("SERVICE_") || name.starts_with("PORT_") || (name == "PORT" && is_address(value))
}

/// Whether this is how Kubernetes writes where a service listens.
fn is_address(value: &str) -> bool {
    value.starts_with("tcp://") || value.starts_with("udp://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_settings_by_name_or_by_prefix() {
        let variables = [
            ("PATH", "/bin"),
            ("HOST", "my machine"),
            ("QUALITY", "1"),
            ("TINTYPE_QUALITY", "2"),
            ("MAX_AGE", "3"),
            ("TINTYPE_MAX_AGE", ""),
            ("port", "4"),
            ("TINTYPE_XYZZY", "5"),
            ("STATSD_HOST", "s"),
            ("STATSD_PORT", "udp://10.0.0.1:8125"),
            ("TINTYPE_HOST", "::1"),
            ("TINTYPE_SERVICE_PORT", "8888"),
            ("TINTYPE_PORT", "tcp://10.0.0.1:8888"),
            ("TINTYPE_PORT_8888_TCP_ADDR", "10.0.0.1"),
            ("WORKERS", " "),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let (settings, others): (Vec<_>, Vec<_>) = read(&variables).into_iter().partition(Result::is_ok);
        let settings: Vec<_> = settings.into_iter().flatten().collect();
        let expected = [("XYZZY", "5"), ("MAX_AGE", "3"), ("STATSD_HOST", "s"), ("HOST", "::1"), ("QUALITY", "2")];
        assert_eq!(settings, expected);
        assert_eq!(others.len(), 3, "{others:?}");
        assert_eq!((value(&variables, "QUALITY"), value(&variables, "PORT")), (Some("2"), None));
    }
}
