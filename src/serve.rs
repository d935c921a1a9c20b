//! The server from its settings to its end: the service is built, doors are opened, answers are given, and what is left
//! is stored.

use crate::logging::{Level, Log};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tintype::codec::allocator;
use tintype::config::{Config, Loaded, Mode, Sources};
use tintype::lambda::{Function, Runtime};
use tintype::pipeline::Pipeline;
use tintype::server::{self, Doors, ListenError, Passed};
use tintype::service::{self, Service};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;
use tracing::{info, warn};

/// Threads beyond those that render and resolve names: reading of files.
const READING_THREADS: usize = 32;
/// Most threads that resolve names, however many clients there may be.
const RESOLVING_THREADS: usize = 256;
/// How long what was answered may take to be stored at the end of the program.
const LAST_WRITES: Duration = Duration::from_secs(2);
/// How long work that nobody waits for any more may hold the end of the program up.
const LAST_REST: Duration = Duration::from_secs(1);

/// Serves with the settings of `sources` until told to stop.
///
/// # Errors
/// Settings, storages and addresses that cannot be used.
pub(crate) fn run(sources: &Sources) -> Result<(), Box<dyn Error>> {
    from_start_to_end(sources).inspect_err(|error| tell_lambda(error.as_ref()))
}

fn from_start_to_end(sources: &Sources) -> Result<(), Box<dyn Error>> {
    let passed = Passed::take();
    let loaded = sources.load()?;
    let log = Log::start(&loaded.config.log);
    tell_settings(&loaded);
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
    let (config, mode) = (loaded.config.clone(), loaded.mode);
    let service = Service::start(loaded)?;
    let (live, pipeline) = (service.live(), service.pipeline());
    pipeline.load_full().try_out().await?;
    if let Some(runtime) = Runtime::of_environment() {
        return Ok(Function::new(live, pipeline, &config)?.serve(&runtime, stop).await?);
    }
    let doors = Doors::open(&config.server, passed).await?;
    announce(&doors, mode);
    open_to_operators(&service, &config).await?;
    let tidying = tokio::spawn(give_memory_back(pipeline.load_full()));
    let follower = tokio::spawn(service::follow(service, sources, hangups, move |loaded| level(&loaded.config.log)));
    server::serve(doors, live, &config.server, stop).await;
    follower.abort();
    tidying.abort();
    pipeline.load_full().settle_by(Instant::now() + LAST_WRITES).await;
    info!("stopped");
    Ok(())
}

/// Answers those who run the server on an address of their own, if they have one, until the process ends: so that it
/// can be seen draining.
async fn open_to_operators(service: &Service, config: &Config) -> Result<(), Box<dyn Error>> {
    let Some(address) = config.telemetry.address(config.server.host) else { return Ok(()) };
    let listener = TcpListener::bind(address).await.map_err(|source| ListenError::Address { address, source })?;
    info!("metrics and checks of health on http://{}", listener.local_addr()?);
    let (operators, config) = (service.operators(), config.server.clone());
    tokio::spawn(async move { server::serve(listener, operators, &config, std::future::pending()).await });
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

/// Tells which settings are in force and what the machine gives for them.
fn tell_settings(loaded: &Loaded) {
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
}

/// Tells where the server listens, and who tries it out what to try.
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

/// Enough for every picture that may be rendered, every name that may be waited for, and files besides.
fn blocking_threads(config: &Config) -> usize {
    config.admission.workers + config.loader.max_clients.min(RESOLVING_THREADS) + READING_THREADS
}
