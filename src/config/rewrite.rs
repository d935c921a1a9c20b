//! `[[rewrite]]`, `[presets]` and the keys about them: paths that are changed before they are read, and what everybody
//! may ask.

use super::key::{Key, key};
use super::kind::Text;
use super::table::Row;
use super::{Problem, Problems};
use crate::filter;
use crate::recipe::Policy;
use crate::request::rewrite::{Dialect, RewriteLimits, RuleText, Rules};
use crate::request::{Accept, Presets, Restrictions};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

/// How paths are changed before they are read, and what may be asked without a signature.
#[derive(Clone, Debug, PartialEq)]
pub struct RewriteConfig {
    /// Whether rules are in force; `None`: those of tables and of later editions' variables, not `REWRITE_PATTERNS`.
    pub enabled: Option<bool>,
    /// `REWRITE_PATTERNS`: a list as Python or JSON writes it.
    pub patterns: String,
    /// `REWRITE_PATTERNS_FILE`: a file that holds such a list.
    pub patterns_file: Option<PathBuf>,
    /// `REWRITE_MATCH_PATTERN` of later editions: JavaScript's, with slashes and flags.
    pub match_pattern: String,
    /// `REWRITE_SUBSTITUTION` of later editions.
    pub substitution: String,
    /// What a signature is checked against.
    pub signature: RewriteSignature,
    /// What rules may cost; the length of results is that of URLs.
    pub limits: RewriteLimits,
    /// `[[rewrite]]`, in order.
    pub rules: Vec<RewriteRule>,
    /// `[presets]`: options and filters as they stand in a URL, by name.
    pub presets: BTreeMap<String, String>,
    /// What requests without a signature may ask.
    pub restrictions: Restrictions,
}

impl Default for RewriteConfig {
    fn default() -> Self {
        Self {
            enabled: None,
            patterns: String::new(),
            patterns_file: None,
            match_pattern: String::new(),
            substitution: String::new(),
            signature: RewriteSignature::After,
            limits: RewriteLimits { max_rules: 500, max_backtracks: 100_000, max_matches: 256, max_bytes: 8192 },
            rules: Vec::new(),
            presets: BTreeMap::new(),
            restrictions: Restrictions::default(),
        }
    }
}

/// What a signature is checked against where paths are rewritten.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RewriteSignature {
    /// The path that comes out of the rules.
    After,
    /// The path that came; what comes out of the rules is trusted.
    Before,
    /// Paths that a rule has changed need none.
    Trusted,
}

/// One rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RewriteRule {
    /// Regular expression that is looked for in the path.
    pub pattern: String,
    /// What it is replaced by.
    pub replacement: String,
}

impl Row for RewriteRule {
    const FIELDS: &'static [Key<Self>] = &[
        key!("pattern", Text, pattern, "Regular expression of Python that is looked for in the path."),
        key!("replacement", Text, replacement, "What each match is replaced by; \\1 or \\g<name> is a group."),
    ];
    const REQUIRED: &'static [&'static str] = &["pattern", "replacement"];
}

impl RewriteConfig {
    /// The rules in force, compiled, in the order in which they are tried: `REWRITE_PATTERNS`, its file, tables, the
    /// variables of later editions. Reads the file.
    ///
    /// # Errors
    /// All rules that mean nothing, each with its place.
    pub fn rules(&self, max_bytes: usize) -> Result<Rules, Problems> {
        let (mut texts, mut problems) = (Vec::new(), Vec::new());
        let listed = self.lists().into_iter().chain([Ok(self.tables())]).chain(self.later_editions());
        for list in listed {
            match list {
                Ok(list) => texts.extend(list),
                Err(problem) => problems.push(problem),
            }
        }
        let limits = RewriteLimits { max_bytes, ..self.limits };
        match Rules::compile(texts, limits) {
            Ok(rules) if problems.is_empty() => Ok(rules),
            Ok(_) => Err(Problems(problems)),
            Err(errors) => {
                let told = errors.into_iter().map(|error| Problem::Rule { reason: error.to_string() });
                Err(Problems(problems.into_iter().chain(told).collect()))
            }
        }
    }

    /// The presets, each tried with the filters that `policy` lets exist.
    ///
    /// # Errors
    /// All presets that mean nothing.
    pub fn presets(&self, policy: &Policy) -> Result<Presets, Problems> {
        let policy = Policy { strict_filters: true, ..policy.clone() };
        let (mut presets, mut problems) = (Presets::default(), Vec::new());
        for (name, options) in &self.presets {
            let tried = presets.add(name, options).map_err(|error| error.to_string());
            let tried = tried.and_then(|request| match filter::compile(request, Accept::NONE, &policy) {
                Ok(_) => Ok(()),
                Err(error) => Err(error.to_string()),
            });
            if let Err(reason) = tried {
                problems.push(Problem::Preset { name: name.clone(), options: options.clone(), reason });
            }
        }
        if problems.is_empty() { Ok(presets) } else { Err(Problems(problems)) }
    }

    /// What is wrong with rules and presets.
    pub(super) fn problems(&self, policy: &Policy, max_bytes: usize) -> Vec<Problem> {
        let rules = self.rules(max_bytes).err();
        let presets = self.presets(policy).err();
        rules.into_iter().chain(presets).flat_map(|problems| problems.0).collect()
    }

    /// What the operator may not expect of these keys together.
    pub(super) fn notices(&self) -> Vec<String> {
        let given = [
            ("REWRITE_PATTERNS", !self.patterns.trim().is_empty(), self.enabled == Some(true)),
            ("REWRITE_PATTERNS_FILE", self.patterns_file.is_some(), self.enabled == Some(true)),
            ("[[rewrite]]", !self.rules.is_empty(), self.enabled != Some(false)),
            ("REWRITE_MATCH_PATTERN", !self.match_pattern.is_empty(), self.enabled != Some(false)),
        ];
        let idle = given.into_iter().filter(|(_, given, used)| *given && !used);
        let mut notices: Vec<_> =
            idle.map(|(name, ..)| format!("{name} is not in force: REWRITE_ENABLED is not on")).collect();
        if self.match_pattern.is_empty() != self.substitution.is_empty() {
            notices.push("REWRITE_MATCH_PATTERN and REWRITE_SUBSTITUTION only act together".into());
        }
        notices
    }

    /// The rules of `REWRITE_PATTERNS` and of its file, which are only used when they are switched on.
    fn lists(&self) -> Vec<Result<Vec<RuleText>, Problem>> {
        let mut lists = Vec::new();
        if self.enabled == Some(true) {
            if !self.patterns.trim().is_empty() {
                lists.push(list("REWRITE_PATTERNS", &self.patterns));
            }
            lists.extend(self.patterns_file.as_deref().map(file));
        }
        lists
    }

    fn tables(&self) -> Vec<RuleText> {
        let rule = |(number, rule): (usize, &RewriteRule)| RuleText {
            name: format!("[[rewrite]] #{number}"),
            dialect: Dialect::Python,
            pattern: rule.pattern.clone(),
            substitution: rule.replacement.clone(),
        };
        if self.enabled == Some(false) { Vec::new() } else { (1..).zip(&self.rules).map(rule).collect() }
    }

    fn later_editions(&self) -> Option<Result<Vec<RuleText>, Problem>> {
        let (pattern, substitution) = (&self.match_pattern, &self.substitution);
        let used = self.enabled != Some(false) && !pattern.is_empty() && !substitution.is_empty();
        used.then(|| named("REWRITE_MATCH_PATTERN", RuleText::javascript(pattern, substitution)))
    }
}

fn list(key: &str, text: &str) -> Result<Vec<RuleText>, Problem> {
    named(key, RuleText::list(text))
}

fn file(path: &Path) -> Result<Vec<RuleText>, Problem> {
    let key = format!("REWRITE_PATTERNS_FILE {}", path.display());
    let text = fs::read_to_string(path).map_err(|error| Problem::Rule { reason: format!("{key}: {error}") })?;
    list(&key, &text)
}

/// Rules and faults that tell where they stand.
fn named(key: &str, list: Result<Vec<RuleText>, impl Display>) -> Result<Vec<RuleText>, Problem> {
    let name = |rule: RuleText| RuleText { name: format!("{key}, {}", rule.name), ..rule };
    match list {
        Ok(rules) => Ok(rules.into_iter().map(name).collect()),
        Err(error) => Err(Problem::Rule { reason: format!("{key}, {error}") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(patterns: &str) -> RewriteConfig {
        let rule = |pattern: &str, replacement: &str| RewriteRule {
            pattern: pattern.to_owned(),
            replacement: replacement.to_owned(),
        };
        RewriteConfig {
            enabled: Some(true),
            patterns: patterns.to_owned(),
            match_pattern: "/^.c/".to_owned(),
            substitution: "/later".to_owned(),
            rules: vec![rule("b", "table")],
            ..RewriteConfig::default()
        }
    }

    fn told(problems: Result<impl Sized, Problems>) -> String {
        problems.map(|_| ()).unwrap_err().to_string()
    }

    #[test]
    fn rules_are_tried_source_by_source() {
        let mut config = config("[('a', 'list')]");
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), r#"[["f", "file"]]"#).unwrap();
        config.patterns_file = Some(file.path().to_owned());
        let check = |config: &RewriteConfig, path: &str, expected: &str, by: &str| {
            let rules = config.rules(99).unwrap();
            let hit = rules.rewrite(path).unwrap().unwrap();
            assert_eq!((hit.path.as_str(), hit.rule.name.as_str()), (expected, by));
        };
        check(&config, "/abf", "/listbf", "REWRITE_PATTERNS, rule 1");
        check(&config, "/bf", "/bfile", &format!("REWRITE_PATTERNS_FILE {}, rule 1", file.path().display()));
        check(&config, "/b", "/table", "[[rewrite]] #1");
        check(&config, "/c", "/later", "REWRITE_MATCH_PATTERN, rule 1");
        assert!(config.notices().is_empty());
        config.enabled = None;
        check(&config, "/abf", "/atablef", "[[rewrite]] #1");
        assert_eq!(
            config.notices(),
            [
                "REWRITE_PATTERNS is not in force: REWRITE_ENABLED is not on",
                "REWRITE_PATTERNS_FILE is not in force: REWRITE_ENABLED is not on"
            ]
        );
        config.enabled = Some(false);
        assert!(config.rules(99).unwrap().is_empty());
    }

    #[test]
    fn everything_wrong_is_told_with_its_place() {
        let mut config = config(r"[('(', 'b'), ('a', r'\1')]");
        config.patterns_file = Some("/no/such/rules".into());
        config.match_pattern = "c".into();
        assert_eq!(
            told(config.rules(99)),
            "REWRITE_PATTERNS_FILE /no/such/rules: No such file or directory (os error 2)\n\
             REWRITE_PATTERNS, rule 1, column 1 of its pattern: an opening bracket without a closing one\n\
             REWRITE_PATTERNS, rule 2, column 1 of its substitution: no group `1`\n\
             REWRITE_MATCH_PATTERN, rule 1, column 1 of its pattern: expected `/pattern/flags`"
        );
        config.patterns = "[".into();
        assert!(told(config.rules(99)).contains("REWRITE_PATTERNS, line 1, column 2: expected a list"));
    }

    #[test]
    fn presets_are_tried_with_the_filters_there_are() {
        let presets = |options: &str| {
            let presets = BTreeMap::from([("thumb".to_owned(), options.to_owned())]);
            RewriteConfig { presets, ..RewriteConfig::default() }.presets(&Policy::default())
        };
        assert!(presets("fit-in/300x200/smart/filters:blur(2):quality(70)").is_ok());
        let check = |options: &str, reason: &str| {
            assert_eq!(told(presets(options)), format!("[presets] thumb = `{options}`: {reason}"));
        };
        check("300x200/photo.jpg", "`photo.jpg` is no option, or stands in the wrong place");
        check("filters:blurry(2)", "`blurry` is not a filter of this server");
        check("filters:autojpg()", "`autojpg` is not a filter of this server");
    }
}
