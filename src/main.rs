//! The program: one command of the command line. `serve` is the server; everything else is in the library.

mod cli;
mod logging;
mod serve;

use crate::cli::{Cli, Command, ConfigCommand, PurgeArgs, RewriteCommand, SignArgs, TestArgs};
use clap::Parser;
use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use tintype::config::{self, Problems, Sources};
use tintype::pipeline::VideoError;
use tintype::service::ServiceError;

/// Exit code of settings that cannot be used.
const BAD_SETTINGS: u8 = 2;
/// Exit code of a command that had nothing to work on.
const NOTHING_DONE: u8 = 2;

fn main() -> ExitCode {
    let outcome = match Cli::parse().chosen() {
        Command::Serve(args) => serve::run(&args.sources()),
        Command::Sign(args) => sign(args),
        Command::Config(ConfigCommand::Default) => say(&config::default_toml()),
        Command::Config(ConfigCommand::Reference) => say(&config::reference()),
        Command::Config(ConfigCommand::Show(args)) => show(&args.sources()),
        Command::Rewrite(RewriteCommand::Test(args)) => test_rules(&args),
        Command::Purge(args) => purge(args),
        Command::Filters(args) => say(&args.run()),
        Command::Health(args) => args.run().map_err(Into::into).and_then(|said| say(&said)),
        Command::Doctor(args) => return ended(args.run()),
        Command::Import(args) => return ended(args.run()),
        #[cfg(feature = "compare")]
        Command::Compare(args) => return ended(args.run()),
    };
    outcome.map_or_else(|error| fail(error.as_ref()), |()| ExitCode::SUCCESS)
}

/// The code of a command that says by it what it found; [`NOTHING_DONE`] where it could not even begin.
fn ended(outcome: Result<ExitCode, impl Error + 'static>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        fail(&error);
        ExitCode::from(NOTHING_DONE)
    })
}

/// The first token that a server in this environment would take.
fn environment_token() -> Option<String> {
    let tokens = ["TINTYPE_API_TOKENS", "API_TOKENS"].into_iter().find_map(|name| std::env::var(name).ok())?;
    tokens.split(',').next().map(|token| token.trim().to_owned())
}

/// Has a server purge something, and prints its answer.
fn purge(args: PurgeArgs) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    say(&runtime.block_on(args.run(environment_token()))?)
}

/// Prints a signed URL for the server of these settings.
fn sign(args: SignArgs) -> Result<(), Box<dyn Error>> {
    let settings = args.sources().security()?;
    say(&args.run(&settings)?)
}

/// Prints the settings of `sources`.
fn show(sources: &Sources) -> Result<(), Box<dyn Error>> {
    say(&sources.load()?.show())
}

/// Prints what the rules in force make of the paths of `args`.
fn test_rules(args: &TestArgs) -> Result<(), Box<dyn Error>> {
    let config = args.sources().load()?.config;
    say(&args.run(&config.rewrite.rules(config.server.max_url_bytes)?)?)
}

fn say(text: &str) -> Result<(), Box<dyn Error>> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

fn fail(error: &(dyn Error + 'static)) -> ExitCode {
    let settings = error.is::<Problems>() || error.is::<ServiceError>() || error.is::<VideoError>();
    let text = error.to_string().replace('\n', "\n         ");
    // Nothing is left to be told if even this fails.
    let _ = writeln!(std::io::stderr(), "tintype: {text}");
    if settings { ExitCode::from(BAD_SETTINGS) } else { ExitCode::FAILURE }
}
