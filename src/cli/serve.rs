//! `serve`: where to listen, and which settings to read.

use clap::Args;
use std::path::PathBuf;
use tintype::config::{Flags, Sources};

/// Where to listen, and which settings to read.
#[derive(Args, Clone, Debug)]
pub(crate) struct ServeArgs {
    /// Address to listen on [default: 0.0.0.0, or 127.0.0.1 for the demonstration]
    #[arg(short = 'i', long, visible_alias = "ip", value_name = "ADDRESS")]
    pub(super) host: Option<String>,
    /// Port to listen on, 0 for any free one [default: 8888]
    #[arg(short, long)]
    pub(super) port: Option<u16>,
    /// File with settings [default: ./tintype.toml or /etc/tintype/tintype.toml, if there is one]
    #[arg(short, long, visible_alias = "conf", value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// File that holds the secret that URLs are signed with
    #[arg(short, long, value_name = "FILE")]
    keyfile: Option<String>,
    /// What is logged: error, warn, info, debug, trace, or a filter [default: info]
    #[arg(short, long, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Log what helps to find faults, as --log-level debug
    #[arg(short, long, conflicts_with = "log_level")]
    debug: bool,
    /// Pictures rendered at a time, 0 for one on each core; one process does them all
    #[arg(long, value_name = "NUMBER")]
    processes: Option<String>,
}

impl ServeArgs {
    /// This process's environment under these flags.
    pub(crate) fn sources(self) -> Sources {
        let flags = Flags::default()
            .with("HOST", "--host", self.host)
            .with("PORT", "--port", self.port)
            .with("SECURITY_KEY_FILE", "--keyfile", self.keyfile)
            .with("LOG_LEVEL", "--log-level", self.log_level)
            .with("LOG_LEVEL", "--debug", self.debug.then_some("debug"))
            .with("WORKERS", "--processes", self.processes);
        Sources::of_process(self.config, flags)
    }
}
