//! Thumbor's metrics for a `StatsD` server, over UDP, for those who have dashboards of them.
//!
//! Lines are written and sent by a task. Whoever has something to tell never waits: what does not fit into the queue is
//! dropped.

use super::events::{Answered, Fetched};
use crate::config::StatsdConfig;
use std::fmt::{self, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::OnceLock;
use std::time::Duration;
use tokio::net::{UdpSocket, lookup_host};
use tokio::sync::mpsc;
use tokio::time::sleep;
use tracing::{debug, info, warn};

/// Events that may wait to be sent.
const WAITING: usize = 8192;
/// Packets stay below what every network carries in one piece.
const MAX_PACKET_BYTES: usize = 1400;
/// Rest before the server's name is looked up again.
const REST: Duration = Duration::from_secs(30);

static POST: OnceLock<mpsc::Sender<Event>> = OnceLock::new();

/// Something that Thumbor would tell.
#[derive(Debug)]
pub(super) enum Event {
    Answered { status: u16, extension: &'static str, bytes: u64, time: Duration, smart: Option<bool> },
    Fetched { status: u16, host: Box<str>, bytes: Option<u64>, time: Duration },
    Original { found: bool },
    ResultRead { bytes: Option<u64>, time: Duration },
    ResultWritten { bytes: u64 },
}

/// Tells the server, if there is one and the queue has room.
pub(super) fn tell(event: impl FnOnce() -> Event) {
    if let Some(post) = POST.get() {
        // Losing some is what UDP may do, too.
        drop(post.try_send(event()));
    }
}

/// The way to a server of `StatsD`.
#[derive(Debug)]
pub(crate) struct Statsd;

impl Statsd {
    /// Tells the server of these settings from now on, if they name one. Counts once in a process, and needs a runtime.
    pub(crate) fn start(config: &StatsdConfig) {
        let Some(host) = config.host.clone() else { return };
        let (post, events) = mpsc::channel(WAITING);
        if POST.set(post).is_ok() {
            info!(host, port = config.port, "metrics go to StatsD");
            let prefix = config.prefix.as_deref().unwrap_or_default().trim_end_matches('.').to_owned();
            tokio::spawn(send(host, config.port, prefix, events));
        }
    }
}

/// Sends events as long as the process lives.
async fn send(host: String, port: u16, prefix: String, mut events: mpsc::Receiver<Event>) {
    let socket = loop {
        match connected(&host, port).await {
            Ok(socket) => break socket,
            Err(error) => warn!(host, port, %error, "StatsD cannot be reached, trying again"),
        }
        sleep(REST).await;
    };
    let (mut lines, mut packet) = (Lines::new(&prefix), String::new());
    while let Some(event) = events.recv().await {
        lines.write(&event);
        while let Ok(event) = events.try_recv() {
            lines.write(&event);
            if lines.text.len() > MAX_PACKET_BYTES {
                break;
            }
        }
        for line in lines.text.lines() {
            if !packet.is_empty() && packet.len() + 1 + line.len() > MAX_PACKET_BYTES {
                post(&socket, &mut packet).await;
            }
            packet.push_str(if packet.is_empty() { "" } else { "\n" });
            packet.push_str(line);
        }
        lines.text.clear();
        post(&socket, &mut packet).await;
    }
}

async fn post(socket: &UdpSocket, packet: &mut String) {
    if let Err(error) = socket.send(packet.as_bytes()).await {
        debug!(%error, "StatsD did not take a packet");
    }
    packet.clear();
}

async fn connected(host: &str, port: u16) -> std::io::Result<UdpSocket> {
    let unknown = || std::io::Error::other("the name has no address");
    let server = lookup_host((host, port)).await?.next().ok_or_else(unknown)?;
    let any: SocketAddr =
        if server.is_ipv4() { (Ipv4Addr::UNSPECIFIED, 0).into() } else { (Ipv6Addr::UNSPECIFIED, 0).into() };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    Ok(socket)
}

impl Event {
    pub(super) fn answered(answer: &Answered<'_>, format: &str) -> Self {
        Self::Answered {
            status: answer.status.parse().unwrap_or(0),
            extension: extension(format),
            bytes: answer.bytes,
            time: answer.time,
            smart: answer.smart,
        }
    }

    /// A fetch over HTTP. Dots part names, and colons end them.
    pub(super) fn fetched(fetch: &Fetched<'_>, host: &str) -> Self {
        let host = host.replace(['.', ':'], "_").into_boxed_str();
        Self::Fetched { status: fetch.status, host, bytes: fetch.bytes, time: fetch.time }
    }
}

/// What Thumbor appends to names for a format.
fn extension(format: &str) -> &'static str {
    match format {
        "jpeg" => ".jpg",
        "png" => ".png",
        "webp" => ".webp",
        "gif" => ".gif",
        "avif" => ".avif",
        "mp4" => ".mp4",
        "webm" => ".webm",
        "svg" => ".svg",
        "tiff" => ".tiff",
        _ => "",
    }
}

/// Lines of events under Thumbor's names.
struct Lines<'a> {
    prefix: &'a str,
    text: String,
}

impl<'a> Lines<'a> {
    fn new(prefix: &'a str) -> Self {
        Self { prefix, text: String::new() }
    }

    fn count(&mut self, name: impl fmt::Display, number: u64) {
        self.line(format_args!("{name}:{number}|c"));
    }

    fn time(&mut self, name: impl fmt::Display, time: Duration) {
        self.line(format_args!("{name}:{:.3}|ms", time.as_secs_f64() * 1e3));
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        let dot = if self.prefix.is_empty() { "" } else { "." };
        writeln!(self.text, "{}{dot}{line}", self.prefix).expect("a string takes any text");
    }

    fn write(&mut self, event: &Event) {
        match event {
            Event::Answered { status, extension, bytes, time, smart } => {
                self.count("response.count", 1);
                self.time("response.time", *time);
                self.count(format_args!("response.status.{status}"), 1);
                self.time(format_args!("response.time.{status}"), *time);
                if !extension.is_empty() {
                    self.time(format_args!("response.time{extension}"), *time);
                    self.count(format_args!("response.format{extension}"), 1);
                    self.count(format_args!("response.bytes{extension}"), *bytes);
                }
                // Thumbor has two names for requests without.
                let names: &[&str] = match smart {
                    Some(true) => &["smart"],
                    Some(false) => &["not_smart", "none_smart"],
                    None => &[],
                };
                for name in names {
                    self.count(format_args!("response.{name}.count"), 1);
                    self.time(format_args!("response.{name}.latency"), *time);
                }
            }
            Event::Fetched { status, host, bytes, time } => {
                self.time(format_args!("original_image.fetch.latency.{status}.{host}"), *time);
                self.count(format_args!("original_image.fetch.count.{status}.{host}"), 1);
                self.count(format_args!("original_image.status.{status}"), 1);
                self.count(format_args!("original_image.status.{status}.{host}"), 1);
                if let Some(bytes) = bytes {
                    self.count("original_image.response_bytes", *bytes);
                }
            }
            Event::Original { found } => self.count(if *found { "storage.hit" } else { "storage.miss" }, 1),
            Event::ResultRead { bytes: None, .. } => self.count("result_storage.miss", 1),
            Event::ResultRead { bytes: Some(bytes), time } => {
                self.count("result_storage.hit", 1);
                self.count("result_storage.bytes_read", *bytes);
                self.time("result_storage.incoming_time", *time);
            }
            Event::ResultWritten { bytes } => self.count("result_storage.bytes_written", *bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_thumbor() {
        let check = |prefix: &str, event: Event, expected: &[&str]| {
            let mut lines = Lines::new(prefix);
            lines.write(&event);
            assert_eq!(lines.text.lines().collect::<Vec<_>>(), expected);
        };
        let time = Duration::from_micros(12_500);
        check(
            "pics",
            Event::Answered { status: 200, extension: ".jpg", bytes: 9, time, smart: Some(true) },
            &[
                "pics.response.count:1|c",
                "pics.response.time:12.500|ms",
                "pics.response.status.200:1|c",
                "pics.response.time.200:12.500|ms",
                "pics.response.time.jpg:12.500|ms",
                "pics.response.format.jpg:1|c",
                "pics.response.bytes.jpg:9|c",
                "pics.response.smart.count:1|c",
                "pics.response.smart.latency:12.500|ms",
            ],
        );
        let fetch = Fetched { source: "http", outcome: "late", status: 599, host: None, bytes: None, time };
        check(
            "",
            Event::fetched(&fetch, "img.example.com:8080"),
            &[
                "original_image.fetch.latency.599.img_example_com_8080:12.500|ms",
                "original_image.fetch.count.599.img_example_com_8080:1|c",
                "original_image.status.599:1|c",
                "original_image.status.599.img_example_com_8080:1|c",
            ],
        );
        check("", Event::Original { found: false }, &["storage.miss:1|c"]);
        check("", Event::ResultRead { bytes: None, time }, &["result_storage.miss:1|c"]);
        check("", Event::ResultWritten { bytes: 7 }, &["result_storage.bytes_written:7|c"]);
    }
}
