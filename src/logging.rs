//! The log of the program, whose level can change while it runs.

use std::io::IsTerminal;
use tintype::config::{LogConfig, LogFormat};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

/// Changes what is logged.
pub(crate) type Level = Box<dyn Fn(&LogConfig) + Send + Sync>;

/// The log. Its lines are written by a thread of their own until it is dropped.
pub(crate) struct Log {
    pub(crate) level: Level,
    _writer: WorkerGuard,
}

impl Log {
    pub(crate) fn start(config: &LogConfig) -> Self {
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
