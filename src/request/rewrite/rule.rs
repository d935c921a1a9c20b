//! One rule, compiled.

use super::pattern::{self, Fault, Flags, Lines, Translation};
use super::substitution::Substitution;
use super::{Dialect, RewriteError, RuleError, RuleText, javascript};
use fancy_regex::{Regex, RegexOptionsBuilder};

/// Bytes that the automaton of a pattern may take, and its cache for each thread.
const MAX_PROGRAM_BYTES: usize = 1 << 20;
/// Instructions of a pattern that needs trying.
const MAX_INSTRUCTIONS: usize = 50_000;

/// A rule ready for use.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) text: RuleText,
    /// For paths without line ends, which all are that came over HTTP.
    regex: Regex,
    /// For those with one, if the difference matters.
    with_line_ends: Option<Regex>,
    substitution: Substitution,
    /// Only the first match is replaced.
    once: bool,
}

impl Rule {
    pub(super) fn compile(text: RuleText, max_backtracks: usize) -> Result<Self, RuleError> {
        let error = |part, fault: Fault| {
            let (name, what) = (text.name.clone(), fault.what);
            RuleError::Rule { name, part, column: fault.at + 1, what }
        };
        let in_pattern = |fault| error("pattern", fault);
        let (skipped, pattern, flags, once) = match text.dialect {
            Dialect::Python => (0, text.pattern.as_str(), Flags::default(), false),
            Dialect::JavaScript => {
                let literal = javascript::Literal::read(&text.pattern).map_err(in_pattern)?;
                (1, literal.pattern, literal.flags, !literal.global)
            }
        };
        let compile = |lines| {
            let Translation { pattern, groups, minds_line_ends } =
                pattern::translate(pattern, text.dialect, flags, lines).map_err(|fault| fault.after(skipped))?;
            Ok((regex(&pattern, max_backtracks)?, groups, minds_line_ends))
        };
        let (regex, groups, minds_line_ends) = compile(Lines::None).map_err(in_pattern)?;
        let with_line_ends = minds_line_ends.then(|| compile(Lines::MayEnd)).transpose().map_err(in_pattern)?;
        let substitution = match text.dialect {
            Dialect::Python => {
                Substitution::python(&text.substitution, &groups).map_err(|fault| error("substitution", fault))?
            }
            Dialect::JavaScript => Substitution::javascript(&text.substitution, &groups),
        };
        Ok(Self { regex, with_line_ends: with_line_ends.map(|(regex, ..)| regex), substitution, once, text })
    }

    /// What the rule makes of `path`; `None` if it does not apply. `matches_left` is used up by all rules together.
    pub(super) fn apply(
        &self,
        path: &str,
        max_bytes: usize,
        matches_left: &mut usize,
    ) -> Result<Option<String>, RewriteError> {
        let too_much = || RewriteError::TooMuchWork { rule: self.text.name.clone() };
        let python = self.text.dialect == Dialect::Python;
        let regex = self.with_line_ends.as_ref().filter(|_| path.contains('\n')).unwrap_or(&self.regex);
        let (mut out, mut copied, mut from, mut matched) = (String::new(), 0, 0, false);
        while from <= path.len() {
            let Some(captures) = regex.captures_from_pos(path, from).map_err(|_| too_much())? else { break };
            let Some(whole) = captures.get(0) else { break };
            *matches_left = matches_left.checked_sub(1).ok_or_else(too_much)?;
            // Python 2 replaces no match of nothing right behind another match.
            if !(python && matched && whole.range() == (copied..copied)) {
                out.push_str(&path[copied..whole.start()]);
                self.substitution.expand(&captures, path, &mut out);
                (copied, matched) = (whole.end(), true);
            }
            if out.len() > max_bytes {
                return Err(RewriteError::TooLong { rule: self.text.name.clone(), limit_bytes: max_bytes });
            }
            if self.once {
                break;
            }
            from = if whole.range().is_empty() { after(path, whole.end()) } else { whole.end() };
        }
        if !matched {
            return Ok(None);
        }
        out.push_str(&path[copied..]);
        if out.len() > max_bytes {
            return Err(RewriteError::TooLong { rule: self.text.name.clone(), limit_bytes: max_bytes });
        }
        // In Python's editions a rule that changes nothing lets the next one try.
        Ok((!python || out != path).then_some(out))
    }
}

/// Where the character after `at` begins.
fn after(text: &str, at: usize) -> usize {
    at + text[at..].chars().next().map_or(1, char::len_utf8)
}

fn regex(pattern: &str, max_backtracks: usize) -> Result<Regex, Fault> {
    RegexOptionsBuilder::new()
        .backtrack_limit(max_backtracks)
        .delegate_size_limit(MAX_PROGRAM_BYTES)
        .delegate_dfa_size_limit(MAX_PROGRAM_BYTES)
        .max_prog_size(MAX_INSTRUCTIONS)
        .build(pattern.to_owned())
        .map_err(|error| Fault::new(0, format!("the pattern cannot be compiled: {error}")))
}
