//! A client of few words: sends exactly the bytes it is given and reads one answer at a time.

use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// No answer takes longer in a test that passes.
const DEADLINE: Duration = Duration::from_secs(20);

/// One connection. Dropping it hangs up.
pub(crate) struct Client {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case, in the order they came.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self { stream, unread: Vec::new() }
    }

    /// A connection to a server that may be gone.
    pub(crate) async fn try_connect(address: SocketAddr) -> Option<Self> {
        Some(Self { stream: TcpStream::connect(address).await.ok()?, unread: Vec::new() })
    }

    /// Asks a server that may be gone, and reads its answer.
    pub(crate) async fn try_get(&mut self, target: &str) -> Option<Answer> {
        let head = format!("GET {target} HTTP/1.1\r\nHost: test\r\n\r\n");
        self.stream.write_all(head.as_bytes()).await.ok()?;
        timeout(DEADLINE, self.read_answer("GET")).await.expect("an answer or none in time")
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Sends a request head; `more` are header lines, each ended by CRLF.
    pub(crate) async fn ask(&mut self, method: &str, target: &str, more: &str) {
        self.send(format!("{method} {target} HTTP/1.1\r\nHost: test\r\n{more}\r\n")).await;
    }

    /// Reads an answer to `method`.
    pub(crate) async fn answer(&mut self, method: &str) -> Answer {
        timeout(DEADLINE, self.read_answer(method)).await.expect("an answer in time").expect("a whole answer")
    }

    /// Waits until the server hangs up, and gives what it said before.
    pub(crate) async fn goodbye(&mut self) -> Vec<u8> {
        let mut said = std::mem::take(&mut self.unread);
        // A reset is a goodbye too.
        timeout(DEADLINE, self.stream.read_to_end(&mut said)).await.expect("the server hangs up in time").ok();
        said
    }

    async fn read_answer(&mut self, method: &str) -> Option<Answer> {
        let end = loop {
            if let Some(at) = self.unread.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            self.read_more().await?;
        };
        let head = String::from_utf8(self.unread.drain(..end).collect()).unwrap();
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let mut answer = Answer { status, headers, body: Vec::new() };
        if method != "HEAD" && status != 304 && status != 204 {
            let length = answer.header("content-length").expect("a length").parse().unwrap();
            while self.unread.len() < length {
                self.read_more().await?;
            }
            answer.body = self.unread.drain(..length).collect();
        }
        Some(answer)
    }

    async fn read_more(&mut self) -> Option<()> {
        let read = self.stream.read_buf(&mut self.unread).await.ok()?;
        (read > 0).then_some(())
    }
}

impl Answer {
    /// The first header of this name, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// The entity tag: strong, and of the one length that all have.
    pub(crate) fn etag(&self) -> String {
        let etag = self.header("etag").expect("a tag");
        assert!(etag.len() == 42 && etag.starts_with('"') && etag.ends_with('"'), "{etag}");
        etag.to_owned()
    }

    /// The body read as a picture by a program that is not ours.
    pub(crate) fn picture(&self) -> image::RgbaImage {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        image::load_from_memory(&self.body).unwrap().into_rgba8()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}
