//! A host on loopback that gives files over HTTP and remembers what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// Gives one file for every path but those below `/missing`, and nothing at all for those below `/slow`. `/hops/3/...`
/// leads there by three redirects.
pub(crate) struct Origin {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    gate: Arc<Semaphore>,
}

impl Origin {
    pub(crate) async fn giving(file: Vec<u8>) -> Self {
        let origin = Self::holding_back(file).await;
        origin.open();
        origin
    }

    /// One that answers nothing until it is opened.
    pub(crate) async fn holding_back(file: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gate = Arc::new(Semaphore::new(0));
        let origin = Self { address: listener.local_addr().unwrap(), heads: Arc::default(), gate };
        let (heads, gate, file) = (Arc::clone(&origin.heads), Arc::clone(&origin.gate), Arc::new(file));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (heads, gate, file) = (Arc::clone(&heads), Arc::clone(&gate), Arc::clone(&file));
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        head.push(stream.read_u8().await.unwrap_or(b'\n'));
                    }
                    let head = String::from_utf8(head).unwrap();
                    let path = path(&head).to_owned();
                    heads.lock().unwrap().push(head);
                    if path.starts_with("/slow") {
                        return std::future::pending().await;
                    }
                    drop(gate.acquire().await);
                    let status = match hop(&path) {
                        Some(next) => format!("302 Found\r\nlocation: {next}"),
                        None if path.starts_with("/missing") => "404 Not Found".to_owned(),
                        None => "200 OK".to_owned(),
                    };
                    let head =
                        format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", file.len());
                    // The server may have gone, which is its right.
                    drop(stream.write_all(&[head.as_bytes(), &file].concat()).await);
                });
            }
        });
        origin
    }

    /// Answers from now on, those that wait, too.
    pub(crate) fn open(&self) {
        self.gate.close(); // whoever waits goes on
    }

    /// Paths that were asked for so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.heads().iter().map(|head| path(head).to_owned()).collect()
    }

    /// Heads of all requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// The path that a request is for.
fn path(head: &str) -> &str {
    head.split(' ').nth(1).unwrap()
}

/// Where a path leads on to.
fn hop(path: &str) -> Option<String> {
    let (count, rest) = path.strip_prefix("/hops/")?.split_once('/')?;
    let left = count.parse::<u32>().ok()?.checked_sub(1)?;
    Some(format!("/hops/{left}/{rest}"))
}
