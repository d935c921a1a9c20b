//! A server on loopback that keeps what it is sent, and answers when a test lets it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Answers every request with the same body. Dropping it does not stop it.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    letters: Arc<Mutex<Vec<Letter>>>,
    open: watch::Sender<bool>,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) path: String,
    /// In lower case.
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Letter {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

impl Receiver {
    /// One that answers at once.
    pub(crate) async fn answering(body: Vec<u8>) -> Self {
        let receiver = Self::holding(body).await;
        receiver.release();
        receiver
    }

    /// One that holds its answers back.
    pub(crate) async fn holding(body: Vec<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (open, opened) = watch::channel(false);
        let (letters, body) = (Arc::<Mutex<Vec<Letter>>>::default(), Arc::new(body));
        let receiver = Self { address, letters: Arc::clone(&letters), open };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (letters, body, mut opened) = (Arc::clone(&letters), Arc::clone(&body), opened.clone());
                tokio::spawn(async move {
                    let mut stream = stream;
                    while let Some(letter) = read(&mut stream).await {
                        letters.lock().unwrap().push(letter);
                        if opened.wait_for(|open| *open).await.is_err() {
                            return;
                        }
                        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                        // Whoever asked may have gone, which is its right.
                        drop(stream.write_all(&[head.as_bytes(), &body].concat()).await);
                    }
                });
            }
        });
        receiver
    }

    /// Lets all answers go, those to come too.
    pub(crate) fn release(&self) {
        self.open.send_replace(true);
    }

    /// What has come so far.
    pub(crate) fn letters(&self) -> Vec<Letter> {
        self.letters.lock().unwrap().clone()
    }
}

async fn read(stream: &mut TcpStream) -> Option<Letter> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1)?.to_owned();
    let mut letter = Letter { path, head: head.to_lowercase(), body: Vec::new() };
    let bytes = letter.header("content-length").map_or(0, |bytes| bytes.trim().parse().unwrap());
    letter.body = vec![0; bytes];
    stream.read_exact(&mut letter.body).await.ok()?;
    Some(letter)
}
