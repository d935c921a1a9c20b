//! Sockets that clients come in by: TCP and unix, opened here or handed on by whoever started the process.

use crate::config::ServerConfig;
use listenfd::ListenFd;
use rustix::net::{AddressFamily, SocketType, sockopt};
use std::fmt;
use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener as StdTcp};
use std::os::fd::{OwnedFd, RawFd};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener as StdUnix;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_util::either::Either;

/// A client, by whichever door it came.
pub(super) type Stream = Either<TcpStream, UnixStream>;

/// All sockets that clients come in by.
#[derive(Debug)]
pub struct Doors(Vec<Door>);

#[derive(Debug)]
enum Door {
    Tcp(TcpListener),
    Unix(UnixListener, Place),
}

/// Why nobody can come in.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// No socket at an address.
    #[error("cannot listen on {address}: {source}")]
    Address {
        /// Where.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// No socket at a path.
    #[error("cannot listen on `{}`: {source}", path.display())]
    Path {
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Somebody listens there.
    #[error("cannot listen on `{}`: another process does", path.display())]
    InUse {
        /// Where.
        path: PathBuf,
    },
    /// Something else is there.
    #[error("cannot listen on `{}`: there is something that is no socket", path.display())]
    NoSocket {
        /// Where.
        path: PathBuf,
    },
    /// A descriptor cannot be taken over.
    #[error("cannot take over descriptor {descriptor}: {source}")]
    Descriptor {
        /// Its number.
        descriptor: RawFd,
        /// Why not.
        source: io::Error,
    },
    /// A descriptor is of something else.
    #[error("descriptor {descriptor} is no socket that listens for TCP or unix streams")]
    Unfit {
        /// Its number.
        descriptor: RawFd,
    },
}

/// Sockets that the process was started with, in the way of systemd: `LISTEN_FDS`, `LISTEN_PID`.
pub struct Passed(ListenFd);

/// The first descriptor that systemd passes.
const FIRST_PASSED: RawFd = 3;

impl Passed {
    /// Takes them out of the environment, so that processes started from here do not take them for theirs. Has to be
    /// called before there are other threads, which may read the environment.
    pub fn take() -> Self {
        Self(ListenFd::from_env())
    }

    /// No sockets.
    pub fn none() -> Self {
        Self(ListenFd::empty())
    }

    fn door(&mut self, index: usize) -> Result<Door, ListenError> {
        let descriptor = FIRST_PASSED + RawFd::try_from(index).unwrap_or(RawFd::MAX - FIRST_PASSED);
        let tcp = self.0.take_tcp_listener(index).ok().flatten().map(OwnedFd::from);
        let socket = tcp.or_else(|| self.0.take_unix_listener(index).ok().flatten().map(OwnedFd::from));
        Door::inherited(socket.ok_or(ListenError::Unfit { descriptor })?, descriptor)
    }
}

impl fmt::Debug for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Passed").field(&self.0.len()).finish()
    }
}

impl Doors {
    /// Opens what the settings name; the first of these that there is: `LISTEN_FD`, the sockets passed on, `UNIX_SOCKET`,
    /// `HOST` and `PORT`.
    ///
    /// # Errors
    /// [`ListenError`].
    ///
    /// # Panics
    /// Outside of a Tokio runtime.
    pub async fn open(config: &ServerConfig, mut passed: Passed) -> Result<Self, ListenError> {
        if let Some(descriptor) = config.listen_fd {
            return Ok(Self(vec![named(descriptor, &mut passed)?]));
        }
        if passed.0.len() > 0 {
            return (0..passed.0.len()).map(|index| passed.door(index)).collect::<Result<_, _>>().map(Self);
        }
        if let Some(path) = &config.unix_socket {
            return Ok(Self(vec![Door::unix(path, config.unix_socket_mode).await?]));
        }
        let address = SocketAddr::new(config.host, config.port);
        let listener = TcpListener::bind(address).await.map_err(|source| ListenError::Address { address, source })?;
        Ok(listener.into())
    }

    /// The next client, from any door.
    pub(super) async fn accept(&self) -> io::Result<Stream> {
        std::future::poll_fn(|cx| self.poll_accept(cx)).await
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<Stream>> {
        let accepted = |door: &Door| match door.poll_accept(cx) {
            Poll::Ready(stream) => Some(stream),
            Poll::Pending => None,
        };
        self.0.iter().find_map(accepted).map_or(Poll::Pending, Poll::Ready)
    }

    /// Whether only this machine can come in, by all doors.
    pub fn are_local(&self) -> bool {
        self.0.iter().all(|door| match door {
            Door::Tcp(listener) => listener.local_addr().is_ok_and(|address| address.ip().is_loopback()),
            Door::Unix(..) => true,
        })
    }

    /// Where each is, as it stands in the log: `http://127.0.0.1:8888`, `unix:/run/tintype.sock`.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(ToString::to_string)
    }
}

impl From<TcpListener> for Doors {
    fn from(listener: TcpListener) -> Self {
        Self(vec![Door::Tcp(listener)])
    }
}

impl Door {
    /// A socket at a path, with this mode from the moment that it is there. A file that a dead process has left is
    /// replaced.
    async fn unix(path: &Path, mode: u32) -> Result<Self, ListenError> {
        let failed = |source| ListenError::Path { path: path.to_owned(), source };
        match fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => return Err(ListenError::NoSocket { path: path.to_owned() }),
            Ok(_) => match UnixStream::connect(path).await {
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
                Err(error) if error.kind() != ErrorKind::WouldBlock => return Err(failed(error)),
                _ => return Err(ListenError::InUse { path: path.to_owned() }), // if only with a full line
            },
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let unfinished = path.with_file_name(format!(".{}", std::process::id()));
        let bind = || {
            let listener = StdUnix::bind(&unfinished)?;
            fs::set_permissions(&unfinished, Permissions::from_mode(mode))?;
            fs::rename(&unfinished, path)?;
            let place = Place::of(path)?;
            listener.set_nonblocking(true)?;
            Ok(Self::Unix(UnixListener::from_std(listener)?, place))
        };
        bind().map_err(|source| {
            fs::remove_file(&unfinished).ok(); // it may not have come so far
            failed(source)
        })
    }

    /// A socket that somebody else has opened, who removes its file, too.
    fn inherited(socket: OwnedFd, descriptor: RawFd) -> Result<Self, ListenError> {
        let failed = |source| ListenError::Descriptor { descriptor, source };
        let fits = sockopt::socket_type(&socket).is_ok_and(|kind| kind == SocketType::STREAM)
            && sockopt::socket_acceptconn(&socket).is_ok_and(|listens| listens);
        match sockopt::socket_domain(&socket) {
            Ok(AddressFamily::INET | AddressFamily::INET6) if fits => {
                let listener = StdTcp::from(socket);
                listener.set_nonblocking(true).map_err(failed)?;
                TcpListener::from_std(listener).map(Self::Tcp).map_err(failed)
            }
            Ok(AddressFamily::UNIX) if fits => {
                let listener = StdUnix::from(socket);
                let path = listener.local_addr().ok().and_then(|address| address.as_pathname().map(Path::to_owned));
                let place = Place { path: path.unwrap_or_default(), file: None };
                listener.set_nonblocking(true).map_err(failed)?;
                UnixListener::from_std(listener).map(|listener| Self::Unix(listener, place)).map_err(failed)
            }
            _ => Err(ListenError::Unfit { descriptor }),
        }
    }

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<Stream>> {
        match self {
            Self::Tcp(listener) => listener.poll_accept(cx).map_ok(|(stream, _)| {
                stream.set_nodelay(true).ok(); // only speed is lost
                Either::Left(stream)
            }),
            Self::Unix(listener, _) => listener.poll_accept(cx).map_ok(|(stream, _)| Either::Right(stream)),
        }
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(listener) => match listener.local_addr() {
                Ok(address) => write!(f, "http://{address}"),
                Err(error) => write!(f, "an address that cannot be told: {error}"),
            },
            Self::Unix(_, place) => write!(f, "unix:{}", place.path.display()),
        }
    }
}

/// Where a unix socket is. Its file goes with it, if it is ours.
#[derive(Debug)]
struct Place {
    path: PathBuf,
    /// Device and number of a file that was made here: by now another process may have put its own there.
    file: Option<(u64, u64)>,
}

impl Place {
    fn of(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), file: Some(file_at(path)?) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.file.is_some() && file_at(&self.path).ok() == self.file {
            fs::remove_file(&self.path).ok(); // the next start takes it for what a dead process has left
        }
    }
}

fn file_at(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|file| (file.dev(), file.ino()))
}

/// The socket of this number: one of those passed on, or any other that the process was started with.
fn named(descriptor: RawFd, passed: &mut Passed) -> Result<Door, ListenError> {
    let index = descriptor.checked_sub(FIRST_PASSED).and_then(|index| usize::try_from(index).ok());
    if let Some(index) = index.filter(|index| *index < passed.0.len()) {
        return passed.door(index);
    }
    Door::inherited(own(descriptor).map_err(|source| ListenError::Descriptor { descriptor, source })?, descriptor)
}

/// A second descriptor of what this process has open under a number.
///
/// The kernel is asked for it as if by another process, since that alone does not rest on a promise that nobody else
/// here uses the number.
#[cfg(target_os = "linux")]
fn own(descriptor: RawFd) -> io::Result<OwnedFd> {
    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
    let this = pidfd_open(getpid(), PidfdFlags::empty())?;
    Ok(pidfd_getfd(this, descriptor, PidfdGetfdFlags::empty())?)
}

#[cfg(not(target_os = "linux"))]
fn own(_: RawFd) -> io::Result<OwnedFd> {
    Err(ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests;
