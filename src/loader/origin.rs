//! A host on loopback that answers as each test scripts it.

use super::conformance;
use percent_encoding::percent_decode_str;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// When all originals were changed.
const CHANGED: &str = "Tue, 15 Nov 1994 08:12:31 GMT";

/// A server whose every answer is a script: it gets the connection after the request head was read.
pub(super) struct Origin {
    pub(super) address: SocketAddr,
    requests: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Origin {
    pub(super) async fn start<F, S>(script: S) -> Self
    where
        F: Future<Output = ()> + Send,
        S: Fn(TcpStream, String) -> F + Clone + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Self { address: listener.local_addr().unwrap(), requests: Arc::default(), heads: Arc::default() };
        let (requests, heads) = (Arc::clone(&origin.requests), Arc::clone(&origin.heads));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (script, requests, heads) = (script.clone(), Arc::clone(&requests), Arc::clone(&heads));
                tokio::spawn(async move {
                    let head = read_head(&mut stream).await;
                    requests.fetch_add(1, Ordering::SeqCst);
                    heads.lock().unwrap().push(head.clone());
                    script(stream, head).await;
                });
            }
        });
        origin
    }

    /// An origin that gives the same bytes to everyone and closes.
    pub(super) async fn saying(answer: impl Into<String>) -> Self {
        let answer = answer.into();
        Self::start(move |stream, _| say(stream, answer.clone())).await
    }

    pub(super) fn id(&self, path: &str) -> String {
        conformance::quote(&self.url(path))
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    /// An origin that takes connections and never answers.
    pub(super) async fn silent() -> Self {
        Self::start(|stream, _| async move {
            let _open = stream;
            std::future::pending::<()>().await;
        })
        .await
    }

    /// An origin with all originals of the conformance suite below a path.
    pub(super) async fn of_originals(below: &'static str) -> Self {
        let files: Arc<HashMap<_, _>> = Arc::new(conformance::originals().into_iter().collect());
        Self::start(move |stream, head| {
            let path = path_of(&head);
            let name = percent_decode_str(path.strip_prefix(below).unwrap_or_default()).decode_utf8_lossy();
            let body = files.get(name.as_ref()).map(|body| String::from_utf8(body.to_vec()).unwrap());
            let known = |line: &str| head.to_ascii_lowercase().contains(&line.to_ascii_lowercase());
            let tagged = known("if-none-match");
            let unchanged =
                known("if-none-match: \"tag\"") || !tagged && known(&format!("if-modified-since: {CHANGED}"));
            let validators = format!("etag: \"tag\"\r\nlast-modified: {CHANGED}\r\n");
            say(
                stream,
                match body {
                    None => whole("404 Not Found", "", "no"),
                    Some(_) if unchanged => {
                        format!("HTTP/1.1 304 Not Modified\r\n{validators}connection: close\r\n\r\n")
                    }
                    Some(body) => whole("200 OK", &validators, &body),
                },
            )
        })
        .await
    }

    /// The heads of all requests so far.
    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    pub(super) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

pub(super) async fn say(mut stream: TcpStream, answer: String) {
    // The client may have gone, which is its right.
    let _ = stream.write_all(answer.as_bytes()).await;
}

pub(super) fn whole(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

pub(super) fn path_of(head: &str) -> String {
    head.split(' ').nth(1).unwrap_or_default().to_owned()
}
