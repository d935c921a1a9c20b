//! Rules that rewrite a path before it is read: AWS Serverless Image Handler's `REWRITE_PATTERNS` and its kin.
//!
//! Rules are tried in order. Each replaces all its matches in the path; the first whose result differs from the path
//! wins, and nothing is done to its result. Everything is compiled before the first request, and what one path may
//! cost is bounded, whatever the rules are.

mod javascript;
mod literal;
mod pattern;
mod rule;
mod substitution;
#[cfg(test)]
mod tests;

use self::rule::Rule;

/// A rule as it is written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RuleText {
    /// What messages call it, such as `rule 2`.
    pub name: String,
    /// Whose regular expressions and substitutions.
    pub dialect: Dialect,
    /// What is looked for.
    pub pattern: String,
    /// What takes its place.
    pub substitution: String,
}

/// Whose regular expressions.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dialect {
    /// `re` of Python 2.7, and all matches are replaced.
    Python,
    /// JavaScript's, written `/pattern/flags`; all matches are replaced only with the flag `g`.
    JavaScript,
}

/// What rules may cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RewriteLimits {
    /// Rules there may be.
    pub max_rules: usize,
    /// Times that one search may try another way.
    pub max_backtracks: usize,
    /// Matches in one path, of all rules together.
    pub max_matches: usize,
    /// Bytes of a rewritten path.
    pub max_bytes: usize,
}

/// Rules that cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RuleError {
    /// A list of rules that cannot be read.
    #[error("line {line}, column {column}: {what}")]
    List {
        /// Line of the text, from 1 on.
        line: usize,
        /// Character in that line, from 1 on.
        column: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// A pattern or substitution that means nothing.
    #[error("{name}, column {column} of its {part}: {what}")]
    Rule {
        /// Which rule.
        name: String,
        /// `pattern` or `substitution`.
        part: &'static str,
        /// Character in that part, from 1 on.
        column: usize,
        /// What is wrong there.
        what: String,
    },
    /// Patterns and substitutions that do not go together.
    #[error("{patterns} patterns and {substitutions} substitutions: each pattern needs one of its own")]
    Unpaired {
        /// How many patterns.
        patterns: usize,
        /// How many substitutions.
        substitutions: usize,
    },
    /// More rules than allowed.
    #[error("{count} rules exceed the limit of {limit}")]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
}

/// A path that cannot be rewritten.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RewriteError {
    /// A search has tried too many ways, or found too many matches.
    #[error("the path takes too long to rewrite")]
    TooMuchWork {
        /// Which rule was tried.
        rule: String,
    },
    /// The result would be too long.
    #[error("the rewritten path is longer than {limit_bytes} bytes")]
    TooLong {
        /// Which rule was applied.
        rule: String,
        /// How long it may be.
        limit_bytes: usize,
    },
}

/// A path that a rule has changed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rewritten<'a> {
    /// What the path is now.
    pub path: String,
    /// The rule that did it.
    pub rule: &'a RuleText,
}

/// Rules ready for use.
#[derive(Clone, Debug)]
pub struct Rules {
    rules: Vec<Rule>,
    limits: RewriteLimits,
}

impl RuleText {
    /// The rules of a list as Python or JSON writes it: `[(r'^/a$', r'/b'), ...]` or `[["^/a$", "/b"], ...]`.
    ///
    /// # Errors
    /// [`RuleError::List`].
    pub fn list(text: &str) -> Result<Vec<Self>, RuleError> {
        match serde_json::from_str::<Vec<(String, String)>>(text) {
            Ok(pairs) => Ok(pairs.into_iter().enumerate().map(Self::of_pair).collect()),
            Err(_) => literal::rules(text),
        }
    }

    /// The rules of later editions: `/pattern/flags` and its substitution, or a JSON list of each.
    ///
    /// # Errors
    /// [`RuleError::Unpaired`].
    pub fn javascript(patterns: &str, substitutions: &str) -> Result<Vec<Self>, RuleError> {
        javascript::rules(patterns, substitutions)
    }

    fn of_pair((place, (pattern, substitution)): (usize, (String, String))) -> Self {
        Self { name: format!("rule {}", place + 1), dialect: Dialect::Python, pattern, substitution }
    }
}

impl Rules {
    /// Compiles rules in the order in which they will be tried.
    ///
    /// # Errors
    /// A [`RuleError`] for each that means nothing.
    pub fn compile(texts: Vec<RuleText>, limits: RewriteLimits) -> Result<Self, Vec<RuleError>> {
        if texts.len() > limits.max_rules {
            return Err(vec![RuleError::TooMany { count: texts.len(), limit: limits.max_rules }]);
        }
        let (mut rules, mut errors) = (Vec::new(), Vec::new());
        for text in texts {
            match Rule::compile(text, limits.max_backtracks) {
                Ok(rule) => rules.push(rule),
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(Self { rules, limits }) } else { Err(errors) }
    }

    /// Whether there is none, so that no path is changed.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// What the rules make of a raw path, which begins with a slash and has no query; `None` if they leave it.
    ///
    /// # Errors
    /// [`RewriteError`] when a limit is reached, so that a path which no rule has let pass is never served.
    pub fn rewrite(&self, path: &str) -> Result<Option<Rewritten<'_>>, RewriteError> {
        let mut matches_left = self.limits.max_matches;
        for rule in &self.rules {
            if let Some(path) = rule.apply(path, self.limits.max_bytes, &mut matches_left)? {
                return Ok(Some(Rewritten { path, rule: &rule.text }));
            }
        }
        Ok(None)
    }
}
