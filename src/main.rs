//! The program: reads flags and settings, builds the service, serves, drains. Everything else is in the library.

mod cli;

use crate::cli::{Cli, Command, ConfigCommand, RewriteCommand, TestArgs};
use clap::Parser;
use std::error::Error;
use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tintype::bucket::BucketError;
use tintype::config::{self, Config, LogConfig, LogFormat, Mode, Problems, Sources};
use tintype::loader::SetupError;
use tintype::pipeline::{Pipeline, VideoError};
use tintype::storage::Stores;
use tintype::{loader, server};
use tokio::net::TcpListener;
use tracing::{info, warn};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Exit code of settings that cannot be used.
const BAD_SETTINGS: u8 = 2;
/// Threads beyond those that render and resolve names: reading of files.
const READING_THREADS: usize = 32;
/// Most threads that resolve names, however many clients there may be.
const RESOLVING_THREADS: usize = 256;
/// How long what was answered may take to be stored at the end of the program.
const LAST_WRITES: Duration = Duration::from_secs(2);
/// How long work that nobody waits for any more may hold the end of the program up.
const LAST_REST: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let outcome = match Cli::parse().chosen() {
        Command::Serve(args) => run(&args.sources()),
        Command::Sign(args) => args.run(environment_key()).map_err(Into::into).and_then(|url| say(&url)),
        Command::Config(ConfigCommand::Default) => say(&config::default_toml()),
        Command::Config(ConfigCommand::Show(args)) => show(&args.sources()),
        Command::Rewrite(RewriteCommand::Test(args)) => test_rules(&args),
        Command::Filters(args) => say(&args.run()),
    };
    outcome.map_or_else(|error| fail(error.as_ref()), |()| ExitCode::SUCCESS)
}

/// The secret that a server in this environment would sign with.
fn environment_key() -> Option<String> {
    ["TINTYPE_SECURITY_KEY", "SECURITY_KEY"].into_iter().find_map(|name| std::env::var(name).ok())
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

/// Serves with the settings of `sources` until told to stop.
fn run(sources: &Sources) -> Result<(), Box<dyn Error>> {
    let loaded = sources.load()?;
    let _log = start_log(&loaded.config.log);
    for notice in &loaded.notices {
        warn!("{notice}");
    }
    if let Some(file) = &loaded.file {
        info!(file = %file.display(), "settings read");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(blocking_threads(&loaded.config))
        .build()?;
    let served = runtime.block_on(serve(&loaded.config, loaded.mode));
    runtime.shutdown_timeout(LAST_REST);
    served
}

async fn serve(config: &Config, mode: Mode) -> Result<(), Box<dyn Error>> {
    let stop = server::stop_signal()?;
    let loader = loader::from_config(&config.loader)?;
    info!("originals: {loader}");
    let pipeline = Arc::new(Pipeline::storing(config, loader, Stores::open(config)?));
    pipeline.try_out().await?;
    let router = server::router(Arc::clone(&pipeline), config)?;
    let address = SocketAddr::new(config.server.host, config.server.port);
    let listener = TcpListener::bind(address).await.map_err(|error| format!("cannot listen on {address}: {error}"))?;
    announce(listener.local_addr()?, mode);
    server::serve(listener, router, &config.server, stop).await;
    if tokio::time::timeout(LAST_WRITES, pipeline.settle()).await.is_err() {
        warn!("some results were not stored in time");
    }
    info!("stopped");
    Ok(())
}

fn announce(address: SocketAddr, mode: Mode) {
    info!("listening on http://{address}");
    if mode == Mode::Demo {
        warn!("no settings were given: this is a demonstration with sample pictures and without signatures");
        info!("open http://{address}/unsafe/fit-in/300x200/photo.jpg");
        info!("for your own pictures: SECURITY_KEY=... FILE_LOADER_ROOT_PATH=/srv/pictures tintype serve");
    }
}

/// Log lines are written by a thread of their own until the guard is dropped.
fn start_log(config: &LogConfig) -> WorkerGuard {
    let (writer, guard) = tracing_appender::non_blocking(std::io::stdout());
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(&config.filter))
        .with_ansi(std::io::stdout().is_terminal())
        .with_writer(writer);
    match config.format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    guard
}

/// Enough for every picture that may be rendered, every name that may be waited for, and files besides.
fn blocking_threads(config: &Config) -> usize {
    config.admission.workers + config.loader.max_clients.min(RESOLVING_THREADS) + READING_THREADS
}

fn say(text: &str) -> Result<(), Box<dyn Error>> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

fn fail(error: &(dyn Error + 'static)) -> ExitCode {
    let settings =
        error.is::<Problems>() || error.is::<SetupError>() || error.is::<BucketError>() || error.is::<VideoError>();
    let text = error.to_string().replace('\n', "\n         ");
    // Nothing is left to be told if even this fails.
    let _ = writeln!(std::io::stderr(), "tintype: {text}");
    if settings { ExitCode::from(BAD_SETTINGS) } else { ExitCode::FAILURE }
}
