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
    /// Unix socket to listen on instead
    #[arg(long, value_name = "PATH", conflicts_with_all = ["host", "port"])]
    unix: Option<PathBuf>,
    /// Number of a listening socket that the program is started with, or the path of a unix socket
    #[arg(short, long, value_name = "NUMBER|PATH", conflicts_with = "unix")]
    fd: Option<String>,
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
    /// For Thumbor's start scripts: the environment counts in any case
    #[arg(long, value_name = "VALUE", hide = true)]
    use_environment: Option<String>,
    /// Pictures rendered at a time, 0 for one on each core; one process does them all
    #[arg(long, value_name = "NUMBER")]
    processes: Option<String>,
}

impl ServeArgs {
    /// This process's environment under these flags.
    pub(crate) fn sources(self) -> Sources {
        // As Thumbor takes it: what is no number is a path.
        let (number, path) = self.fd.map_or((None, None), |fd| {
            if fd.bytes().all(|byte| byte.is_ascii_digit()) { (Some(fd), None) } else { (None, Some(fd)) }
        });
        let flags = Flags::default()
            .with("HOST", "--host", self.host)
            .with("PORT", "--port", self.port)
            .with("UNIX_SOCKET", "--unix", self.unix.map(|path| path.to_string_lossy().into_owned()))
            .with("UNIX_SOCKET", "--fd", path)
            .with("LISTEN_FD", "--fd", number)
            .with("SECURITY_KEY_FILE", "--keyfile", self.keyfile)
            .with("LOG_LEVEL", "--log-level", self.log_level)
            .with("LOG_LEVEL", "--debug", self.debug.then_some("debug"))
            .with("WORKERS", "--processes", self.processes);
        Sources::of_process(self.config, flags)
    }
}
