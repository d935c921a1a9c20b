//! `tintype rewrite`: what rules make of paths.

use super::ServeArgs;
use clap::{Args, Subcommand};
use std::fmt::Write as _;
use tintype::config::Sources;
use tintype::request::rewrite::{RewriteError, Rules};

/// What to do with the rules.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum RewriteCommand {
    /// Show which rule hits each path, and what it makes of it
    Test(TestArgs),
}

/// Which rules, and which paths.
#[derive(Args, Clone, Debug)]
#[command(after_help = "\
Example:
  REWRITE_ENABLED=yes REWRITE_PATTERNS=\"[(r'^/thumb/(.+)$', r'/fit-in/100x100/\\1')]\" tintype rewrite test /thumb/a.jpg")]
pub(crate) struct TestArgs {
    #[command(flatten)]
    settings: ServeArgs,
    /// Paths as clients ask for them, with their leading slash
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
}

impl TestArgs {
    /// Where the rules are read from.
    pub(crate) fn sources(&self) -> Sources {
        self.settings.clone().sources()
    }

    /// Each path with what became of it.
    ///
    /// # Errors
    /// The first path that cannot be rewritten.
    pub(crate) fn run(&self, rules: &Rules) -> Result<String, RewriteError> {
        let mut report = String::new();
        if rules.is_empty() {
            report.push_str("no rules are in force\n");
        }
        for path in &self.paths {
            let _ = match rules.rewrite(path)? {
                Some(hit) => {
                    writeln!(report, "{path}\n  becomes {}\n  by {}: {}", hit.path, hit.rule.name, hit.rule.pattern)
                }
                None => writeln!(report, "{path}\n  stays as it is"),
            };
        }
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};
    use clap::Parser as _;
    use tintype::config::Config;

    #[test]
    fn each_path_is_told_with_its_rule() {
        let line = ["tintype", "rewrite", "test", "-c", "x.toml", "/thumb/a.jpg", "/b.jpg"];
        let Command::Rewrite(RewriteCommand::Test(args)) = Cli::try_parse_from(line).unwrap().chosen() else {
            panic!()
        };
        assert_eq!(args.sources().file, Some("x.toml".into()));
        let mut config = Config::default();
        config.rewrite.enabled = Some(true);
        config.rewrite.patterns = r"[('x', 'y'), (r'^/thumb/(.+)$', r'/100x0/\1')]".into();
        assert_eq!(
            args.run(&config.rewrite.rules(8192).unwrap()).unwrap(),
            "/thumb/a.jpg\n  becomes /100x0/a.jpg\n  by REWRITE_PATTERNS, rule 2: ^/thumb/(.+)$\n\
             /b.jpg\n  stays as it is\n"
        );
        config.rewrite.enabled = None;
        let report = args.run(&config.rewrite.rules(8192).unwrap()).unwrap();
        assert!(report.starts_with("no rules are in force\n"), "{report}");
    }
}
