//! `health`: whether the server on this machine answers, told by the exit code, for containers without a shell.

use super::ServeArgs;
use clap::Args;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;
use tintype::config::{Problems, ServerConfig};

/// Longest wait for a connection, and for the answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// More of an answer is not read.
const MAX_ANSWER_BYTES: u64 = 4096;

/// Which server to ask, and what.
#[derive(Args, Debug)]
pub(crate) struct HealthArgs {
    /// Where it listens, as http://host:port or the path of a socket [default: as the settings say]
    #[arg(value_name = "ADDRESS")]
    address: Option<Door>,
    #[command(flatten)]
    server: ServeArgs,
    /// Ask whether it takes on more, not only whether it is alive
    #[arg(long)]
    ready: bool,
}

/// Where a server listens.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Door {
    /// A host and its port.
    Port(String),
    /// The path of a socket.
    Socket(PathBuf),
}

/// Why a server is not well.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HealthError {
    /// The settings do not tell where it listens.
    #[error(transparent)]
    Settings(#[from] Problems),
    /// Nobody answers there.
    #[error("no answer from {door}: {source}")]
    Silent {
        /// Where it should listen.
        door: Door,
        /// What failed.
        source: io::Error,
    },
    /// It says so.
    #[error("{door} answers {answer}")]
    Unwell {
        /// Where it listens.
        door: Door,
        /// Its status and what it says.
        answer: String,
    },
}

impl HealthArgs {
    /// Asks a server; what it says if all is well.
    pub(crate) fn run(self) -> Result<String, HealthError> {
        let door = match self.address {
            Some(door) => door,
            None => Door::of(&self.server.sources().load()?.config.server),
        };
        let path = if self.ready { "/-/readyz" } else { "/-/livez" };
        let answer = match door.ask(path) {
            Ok(answer) => answer,
            Err(source) => return Err(HealthError::Silent { door, source }),
        };
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).unwrap_or_default();
        if status == "200" {
            Ok(format!("{body}\n"))
        } else {
            Err(HealthError::Unwell { door, answer: format!("{status} {body}") })
        }
    }
}

impl Door {
    /// Where this machine reaches a server with these settings.
    fn of(config: &ServerConfig) -> Self {
        if let Some(socket) = &config.unix_socket {
            return Self::Socket(socket.clone());
        }
        let host = match config.host {
            IpAddr::V4(host) if host.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(host) if host.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            host => host,
        };
        Self::Port(SocketAddr::new(host, config.port).to_string())
    }

    fn ask(&self, path: &str) -> io::Result<String> {
        match self {
            Self::Port(address) => {
                let nowhere = || io::Error::other("the name has no address");
                let stream =
                    TcpStream::connect_timeout(&address.to_socket_addrs()?.next().ok_or_else(nowhere)?, PATIENCE)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                ask(stream, path, address)
            }
            Self::Socket(socket) => {
                let stream = UnixStream::connect(socket)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                ask(stream, path, "localhost")
            }
        }
    }
}

impl FromStr for Door {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.starts_with('/') {
            return Ok(Self::Socket(text.into()));
        }
        let host = text.strip_prefix("http://").unwrap_or(text).trim_end_matches('/');
        let port = host.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
        if host.contains('/') || port.is_none() {
            return Err(format!("`{text}` is neither http://host:port nor the path of a socket"));
        }
        Ok(Self::Port(host.to_owned()))
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Port(address) => f.write_str(address),
            Self::Socket(path) => path.display().fmt(f),
        }
    }
}

fn ask(mut stream: impl Read + Write, path: &str, host: &str) -> io::Result<String> {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER_BYTES).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_asked_here() {
        let at =
            |host: &str| Door::of(&ServerConfig { host: host.parse().unwrap(), port: 1, ..ServerConfig::default() });
        for (host, expected) in [("0.0.0.0", "127.0.0.1:1"), ("::", "[::1]:1"), ("10.0.0.2", "10.0.0.2:1")] {
            assert_eq!(at(host).to_string(), expected);
        }
    }

    #[test]
    fn a_server_is_named_by_its_address_or_its_socket() {
        for (text, expected) in [
            ("http://localhost:8888/", Some(Door::Port("localhost:8888".into()))),
            ("[::1]:80", Some(Door::Port("[::1]:80".into()))),
            ("/run/tintype.sock", Some(Door::Socket("/run/tintype.sock".into()))),
            ("https://localhost:8888", None),
            ("localhost", None),
        ] {
            assert_eq!(text.parse().ok(), expected, "{text}");
        }
    }
}
