//! The name of the function that a metadata view is handed to: `?callback=name`.

use super::RequestError;
use percent_encoding::percent_decode_str;

/// Longer names are none.
const LONGEST_CHARS: usize = 128;

/// The callback that a query asks for.
///
/// # Errors
/// [`RequestError::Callback`] for what is no name of a function: it would become code in somebody's page.
pub fn callback(query: Option<&str>) -> Result<Option<String>, RequestError> {
    let fields = query.unwrap_or_default().split('&').filter_map(|field| field.split_once('='));
    let Some((_, value)) = fields.into_iter().find(|(name, value)| *name == "callback" && !value.is_empty()) else {
        return Ok(None);
    };
    let name = percent_decode_str(value).decode_utf8_lossy();
    if is_function_name(&name) { Ok(Some(name.into_owned())) } else { Err(RequestError::Callback) }
}

/// Whether this names a function in JavaScript: words with dots between.
pub fn is_function_name(name: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '_' | '$'))
            && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'))
    };
    name.len() <= LONGEST_CHARS && name.split('.').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_are_callbacks() {
        let check = |query: &str, expected: Option<&str>| {
            assert_eq!(callback(Some(query)).unwrap().as_deref(), expected, "{query}");
        };
        check("callback=cb", Some("cb"));
        check("x=1&callback=jQuery_1.$done&y=2", Some("jQuery_1.$done"));
        check("callback=a%2Eb", Some("a.b"));
        check("callback=", None);
        check("callbacks=x", None);
        assert_eq!(callback(None).unwrap(), None);
    }

    #[test]
    fn anything_else_is_refused() {
        let long = format!("callback={}", "a".repeat(129));
        for query in ["callback=alert(1)", "callback=a;b", "callback=1a", "callback=a..b", "callback=a%0d%0ab", &long] {
            assert!(callback(Some(query)).is_err(), "{query}");
        }
    }
}
