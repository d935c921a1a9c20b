//! The command line: one file a command, `serve` being what happens without one.
//!
//! A command parses its flags and says what is to be done; `main` starts it and prints.

#[cfg(feature = "compare")]
mod compare;
mod config;
mod doctor;
mod filters;
mod health;
mod import;
mod purge;
mod rewrite;
mod serve;
mod sign;

#[cfg(feature = "compare")]
pub(crate) use compare::CompareArgs;
pub(crate) use config::ConfigCommand;
pub(crate) use doctor::DoctorArgs;
pub(crate) use filters::FiltersArgs;
pub(crate) use health::HealthArgs;
pub(crate) use import::ImportArgs;
pub(crate) use purge::PurgeArgs;
pub(crate) use rewrite::{RewriteCommand, TestArgs};
pub(crate) use serve::ServeArgs;
pub(crate) use sign::SignArgs;

use clap::{Parser, Subcommand};

/// A fast self-hosted image server that speaks Thumbor's URLs.
///
/// Without a command it serves. Without any settings it serves sample pictures to this machine only.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

const EXAMPLES: &str = "\
Examples:
  tintype
      A demonstration; then open http://127.0.0.1:8888/unsafe/fit-in/300x200/photo.jpg
  SECURITY_KEY=s3cr3t FILE_LOADER_ROOT_PATH=/srv/pictures tintype serve
      Your own pictures, for signed URLs
  tintype serve -c /etc/tintype/tintype.toml --port 8000
      Settings from a file
  tintype sign -k s3cr3t -w 300 -e 200 --smart folder/photo.jpg
      A signed URL";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve pictures until told to stop by SIGTERM or SIGINT
    Serve(ServeArgs),
    /// Print the path of a signed URL, as Thumbor's `thumbor-url` does
    Sign(SignArgs),
    /// Show settings
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Have a running server throw away what it made from a picture
    Purge(PurgeArgs),
    /// Try rules that rewrite paths
    #[command(subcommand)]
    Rewrite(RewriteCommand),
    /// Ask the server on this machine whether it is well; the exit code tells
    Health(HealthArgs),
    /// Try what a server needs, and tell what to fix
    Doctor(DoctorArgs),
    /// Turn the settings of Thumbor or of the Serverless Image Handler into a file of ours
    Import(ImportArgs),
    /// Ask an old and a new server for the same URLs, and tell what differs
    #[cfg(feature = "compare")]
    Compare(CompareArgs),
    /// Print the reference of all filters, as Markdown or JSON
    Filters(FiltersArgs),
}

impl Cli {
    /// The command given, or `serve`.
    pub(crate) fn chosen(self) -> Command {
        self.command.unwrap_or(Command::Serve(self.serve))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn without_a_command_it_serves() {
        for line in [
            &["tintype", "--port", "1", "--host", "::1", "-c", "x.toml"][..],
            &["tintype", "serve", "-p", "1", "--host", "::1", "--config", "x.toml"],
        ] {
            match Cli::try_parse_from(line).unwrap().chosen() {
                Command::Serve(ServeArgs { host, port, config, .. }) => {
                    assert_eq!((host, port, config), (Some("::1".into()), Some(1), Some("x.toml".into())));
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(matches!(Cli::try_parse_from(["tintype"]).unwrap().chosen(), Command::Serve(_)));
    }
}
