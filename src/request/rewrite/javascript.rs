//! `REWRITE_MATCH_PATTERN` and `REWRITE_SUBSTITUTION` of later editions.

use super::pattern::{Fault, Flags};
use super::{Dialect, RuleError, RuleText};

/// The rules of both variables: one, or as many as their JSON lists have.
pub(super) fn rules(patterns: &str, substitutions: &str) -> Result<Vec<RuleText>, RuleError> {
    let (patterns, substitutions) = (items(patterns), items(substitutions));
    if patterns.len() != substitutions.len() {
        return Err(RuleError::Unpaired { patterns: patterns.len(), substitutions: substitutions.len() });
    }
    let rule = |(place, (pattern, substitution))| {
        let name = format!("rule {}", place + 1);
        RuleText { name, dialect: Dialect::JavaScript, pattern, substitution }
    };
    Ok(patterns.into_iter().zip(substitutions).enumerate().map(rule).collect())
}

fn items(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_else(|_| vec![text.to_owned()])
}

/// A regular expression in slashes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Literal<'a> {
    pub(super) pattern: &'a str,
    pub(super) flags: Flags,
    /// `g`: all matches.
    pub(super) global: bool,
}

impl<'a> Literal<'a> {
    /// Reads `/pattern/flags`, where the last slash ends the pattern.
    pub(super) fn read(text: &'a str) -> Result<Self, Fault> {
        let (pattern, letters) = text
            .strip_prefix('/')
            .and_then(|rest| rest.rsplit_once('/'))
            .ok_or_else(|| Fault::new(0, "expected `/pattern/flags`"))?;
        let mut literal = Self { pattern, flags: Flags::default(), global: false };
        for (place, letter) in letters.chars().enumerate() {
            match letter {
                'g' => literal.global = true,
                'i' => literal.flags.ignore_case = true,
                'm' => literal.flags.multi_line = true,
                's' => literal.flags.dot_all = true,
                // Places of groups, and Unicode: nothing that shows here.
                'd' | 'u' => {}
                other => {
                    let at = pattern.chars().count() + 2 + place;
                    return Err(Fault::new(at, format!("flag `{other}` is not known")));
                }
            }
        }
        Ok(literal)
    }
}
