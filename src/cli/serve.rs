//! `serve`: where to listen, and which settings to read.

use clap::Args;
use std::net::IpAddr;
use std::path::PathBuf;
use tintype::config::{Flags, Sources};

/// Where to listen, and which settings to read.
#[derive(Args, Clone, Debug)]
pub(crate) struct ServeArgs {
    /// Address to listen on [default: 0.0.0.0, or 127.0.0.1 for the demonstration]
    #[arg(long, value_name = "ADDRESS")]
    pub(super) host: Option<IpAddr>,
    /// Port to listen on, 0 for any free one [default: 8888]
    #[arg(short, long)]
    pub(super) port: Option<u16>,
    /// File with settings [default: ./tintype.toml or /etc/tintype/tintype.toml, if there is one]
    #[arg(short, long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

impl ServeArgs {
    /// This process's environment under these flags.
    pub(crate) fn sources(self) -> Sources {
        Sources::of_process(self.config, Flags { host: self.host, port: self.port })
    }
}
