//! The program: reads flags and settings, builds the service, serves, drains. Everything else is in the library.

mod cli;

use crate::cli::{Cli, Command, ConfigCommand, PurgeArgs, RewriteCommand, SignArgs, TestArgs};
use clap::Parser;
use std::error::Error;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tintype::codec::allocator;
use tintype::config::{self, Config, Loaded, LogConfig, LogFormat, Mode, Problems, Sources};
use tintype::lambda::{Function, Runtime};
use tintype::pipeline::{Pipeline, VideoError};
use tintype::server::{self, Doors, ListenError, Passed};
use tintype::service::{self, Service, ServiceError};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{info, warn};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Exit code of settings that cannot be used.
const BAD_SETTINGS: u8 = 2;
/// Exit code of a command that had nothing to work on.
const NOTHING_DONE: u8 = 2;
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
        Command::Serve(args) => run(&args.sources()).inspect_err(|error| tell_lambda(error.as_ref())),
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

/// Serves with the settings of `sources` until told to stop.
fn run(sources: &Sources) -> Result<(), Box<dyn Error>> {
    let passed = Passed::take();
    let loaded = sources.load()?;
    let log = Log::start(&loaded.config.log);
    for notice in &loaded.notices {
        warn!("{notice}");
    }
    if let Some(file) = &loaded.file {
        info!(file = %file.display(), "settings read");
    }
    info!("{}", loaded.machine);
    info!("{}", loaded.capacity());
    if let Some(notice) = loaded.shortage() {
        warn!("{notice}");
    }
    allocator::limit_arenas(loaded.config.admission.workers);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(blocking_threads(&loaded.config))
        .build()?;
    let served = runtime.block_on(serve(loaded, sources.clone(), passed, log.level));
    runtime.shutdown_timeout(LAST_REST);
    served
}

/// Serves with these settings, and with what `sources` say later.
async fn serve(loaded: Loaded, sources: Sources, passed: Passed, level: Level) -> Result<(), Box<dyn Error>> {
    let stop = server::stop_signal()?;
    let hangups = signal(SignalKind::hangup())?;
    let (config, mode) = (loaded.config.server.clone(), loaded.mode);
    let for_operators = loaded.config.telemetry.address(config.host);
    let service = Service::start(loaded)?;
    service.pipeline().load_full().try_out().await?;
    if let Some(runtime) = Runtime::of_environment() {
        let function = Function::new(service.live(), service.pipeline(), service.config())?;
        return Ok(function.serve(&runtime, stop).await?);
    }
    let doors = Doors::open(&config, passed).await?;
    announce(&doors, mode);
    let (live, pipeline) = (service.live(), service.pipeline());
    if let Some(address) = for_operators {
        let listener = TcpListener::bind(address).await.map_err(|source| ListenError::Address { address, source })?;
        info!("metrics and checks of health on http://{}", listener.local_addr()?);
        let (operators, config) = (service.operators(), config.clone());
        // Until the process ends, so that it can be seen draining.
        tokio::spawn(async move { server::serve(listener, operators, &config, std::future::pending()).await });
    }
    let follower = tokio::spawn(service::follow(service, sources, hangups, move |loaded| level(&loaded.config.log)));
    let tidying = tokio::spawn(give_memory_back(pipeline.load_full()));
    server::serve(doors, live, &config, stop).await;
    follower.abort();
    tidying.abort();
    if tokio::time::timeout(LAST_WRITES, pipeline.load_full().settle()).await.is_err() {
        warn!("some results were not stored in time");
    }
    info!("stopped");
    Ok(())
}

/// Says why there will be no answers, where this is a function of AWS Lambda, whose operator sees that first.
fn tell_lambda(error: &(dyn Error + 'static)) {
    let Some(lambda) = Runtime::of_environment() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    // Standard error has it, too.
    let _ = runtime.map(|runtime| runtime.block_on(lambda.fail_to_start(error)));
}

/// Gives memory back whenever there is a rest. Later pipelines share the line of this one, so they count, too.
async fn give_memory_back(pipeline: Arc<Pipeline>) {
    loop {
        pipeline.rest().await;
        if tokio::task::spawn_blocking(allocator::give_back_free_pages).await.is_err() {
            return;
        }
    }
}

fn announce(doors: &Doors, mode: Mode) {
    for name in doors.names() {
        info!("listening on {name}");
    }
    if mode == Mode::Demo {
        warn!("no settings were given: this is a demonstration with sample pictures and without signatures");
        if !doors.are_local() {
            warn!("EVERYBODY who reaches this address can have pictures made; give SECURITY_KEY, or leave --host out");
        }
        for name in doors.names().filter(|name| name.starts_with("http")) {
            info!("open {name} to try URLs, or {name}/unsafe/fit-in/300x200/photo.jpg");
        }
        info!("for your own pictures: SECURITY_KEY=... FILE_LOADER_ROOT_PATH=/srv/pictures tintype serve");
    }
}

/// Changes what is logged.
type Level = Box<dyn Fn(&LogConfig) + Send + Sync>;

/// The log. Its lines are written by a thread of their own until it is dropped.
struct Log {
    level: Level,
    _writer: WorkerGuard,
}

impl Log {
    fn start(config: &LogConfig) -> Self {
        let (writer, guard) = tracing_appender::non_blocking(std::io::stdout());
        let log = tracing_subscriber::fmt().with_ansi(std::io::stdout().is_terminal()).with_writer(writer);
        let filter = EnvFilter::new(&config.filter);
        let level: Level = match config.format {
            LogFormat::Text => {
                let log = log.with_env_filter(filter).with_filter_reloading();
                let handle = log.reload_handle();
                log.init();
                Box::new(move |config| drop(handle.reload(EnvFilter::new(&config.filter))))
            }
            LogFormat::Json => {
                let log = log.json().flatten_event(true).with_env_filter(filter).with_filter_reloading();
                let handle = log.reload_handle();
                log.init();
                Box::new(move |config| drop(handle.reload(EnvFilter::new(&config.filter))))
            }
        };
        Self { level, _writer: guard }
    }
}

/// Enough for every picture that may be rendered, every name that may be waited for, and files besides.
fn blocking_threads(config: &Config) -> usize {
    config.admission.workers + config.loader.max_clients.min(RESOLVING_THREADS) + READING_THREADS
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
