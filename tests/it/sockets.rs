//! Sockets that the program is started with, and unix sockets.

use crate::support::program::{Serving, output, program};
use std::fs;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};

const HEALTH: &[u8] = b"GET /healthcheck HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";

/// Whether a server at the other end says that it works.
async fn works(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> bool {
    stream.write_all(HEALTH).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("WORKING")
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// A listening socket, twice: for a process, and to ask where it is.
fn listener() -> (Stdio, std::net::SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (Stdio::from(OwnedFd::from(listener)), address)
}

#[tokio::test]
async fn it_answers_on_a_socket_that_it_is_started_with() {
    let folder = folder();
    let (socket, address) = listener();
    let mut command = program(folder.path());
    command.args(["serve", "--fd", "0"]).stdin(socket);
    let serving = Serving::of(command);
    assert_eq!(serving.address, address);
    assert!(works(TcpStream::connect(address).await.unwrap()).await);
}

#[tokio::test]
async fn it_answers_on_sockets_that_systemd_has_opened() {
    let folder = folder();
    let (socket, address) = listener();
    let mut command = std::process::Command::new("sh");
    // The shell becomes the program, whose number it knows.
    command
        .args(["-c", "LISTEN_FDS=1 LISTEN_PID=$$ exec \"$0\" serve 3<&0 0</dev/null", env!("CARGO_BIN_EXE_tintype")])
        .current_dir(folder.path())
        .env_clear()
        .stdin(socket);
    let serving = Serving::of(command);
    assert_eq!(serving.address, address);
    assert!(works(TcpStream::connect(address).await.unwrap()).await);
}

#[test]
fn sockets_meant_for_another_process_are_left_alone() {
    let folder = folder();
    let environment = [("LISTEN_FDS", "1"), ("LISTEN_PID", "1")];
    let serving = Serving::start(folder.path(), &["serve", "--port", "0"], &environment);
    assert_ne!(serving.address.port(), 0);
}

#[tokio::test]
async fn a_unix_socket_comes_and_goes_with_the_server() {
    let folder = folder();
    let path = folder.path().join("a.sock");
    let text = path.to_str().unwrap();
    let serve = |flag: &str| {
        let mut command = program(folder.path());
        command.args(["serve", flag, text]).env("UNIX_SOCKET_MODE", "600");
        Serving::of(command)
    };
    let killed = serve("--unix");
    assert!(works(UnixStream::connect(&path).await.unwrap()).await);
    let second = output(folder.path(), &["serve", "--unix", text], &[]);
    let told = String::from_utf8(second.stderr).unwrap();
    assert_eq!((second.status.code(), told.contains("another process does")), (Some(1), true), "{told}");
    drop(killed); // it has no time to remove anything
    assert!(path.exists());
    let stopped = serve("--fd");
    assert!(works(UnixStream::connect(&path).await.unwrap()).await);
    stopped.signal("TERM");
    stopped.line("stopped");
    assert!(!path.exists());
}

#[test]
fn a_descriptor_that_does_not_listen_is_refused() {
    let folder = folder();
    let check = |flags: &[&str], expected: &str| {
        let ended = output(folder.path(), flags, &[]);
        let told = String::from_utf8(ended.stderr).unwrap();
        assert!(ended.status.code().is_some_and(|code| code != 0) && told.contains(expected), "{flags:?}: {told}");
    };
    check(&["serve", "--fd", "0"], "descriptor 0 is no socket that listens"); // it is /dev/null
    check(&["serve", "--fd", "99"], "cannot take over descriptor 99");
    check(&["serve", "--unix", "a.sock", "--port", "1"], "cannot be used with");
    fs::write(folder.path().join("precious"), "text").unwrap();
    check(&["serve", "--unix", "precious"], "there is something that is no socket");
    assert!(Path::exists(&folder.path().join("precious")));
}
