//! The whole service made of settings as operators write them, on a free port of this machine.

use super::client::{Answer, Client};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tintype::config::Sources;
use tintype::server;
use tintype::service::Service;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A running service with a folder of its own. Dropping it stops it without waiting.
pub(crate) struct Configured {
    pub(crate) address: SocketAddr,
    /// What the operator is told at the start.
    pub(crate) notices: Vec<String>,
    folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

impl Configured {
    /// One with these originals, and these settings over those that give it a folder and let everybody in.
    pub(crate) async fn start(originals: &[(&str, Vec<u8>)], settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name).display().to_string();
        for name in ["originals", "stored", "results"] {
            std::fs::create_dir(place(name)).unwrap();
        }
        for (name, file) in originals {
            std::fs::write(folder.path().join("originals").join(name), file).unwrap();
        }
        std::fs::write(place("tintype.toml"), "").unwrap(); // or else one that lies around would be read
        let usual = [
            ("ALLOW_UNSAFE_URL", "true".to_owned()),
            ("ALLOW_PRIVATE_SOURCES", "127.0.0.0/8".to_owned()),
            ("FILE_LOADER_ROOT_PATH", place("originals")),
            ("FILE_STORAGE_ROOT_PATH", place("stored")),
            ("RESULT_STORAGE_FILE_STORAGE_ROOT_PATH", place("results")),
        ];
        let given = settings.iter().map(|&(name, value)| (name, value.to_owned()));
        let environment = usual.into_iter().chain(given).map(|(name, value)| (name.to_owned(), value)).collect();
        let file = Some(place("tintype.toml").into());
        let loaded = Sources { file, environment, ..Sources::default() }.load().unwrap();
        let notices = loaded.notices.clone();
        let service = Service::start(loaded).unwrap();
        let (live, config) = (service.live(), service.config().server.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            let _service = service;
            server::serve(listener, live, &config, async { drop(stopped.await) }).await;
        });
        Self { address, notices, folder, stop: Some(stop), running }
    }

    /// Asks on a connection of its own.
    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.request("GET", target, "").await
    }

    /// The same with a method and header lines, each ended by CRLF.
    pub(crate) async fn request(&self, method: &str, target: &str, more: &str) -> Answer {
        let mut client = Client::connect(self.address).await;
        client.ask(method, target, more).await;
        client.answer(method).await
    }

    /// Sends a body, too.
    pub(crate) async fn send(&self, method: &str, target: &str, more: &str, body: &[u8]) -> Answer {
        let mut client = Client::connect(self.address).await;
        let head = format!("{method} {target} HTTP/1.1\r\nHost: test\r\n{more}Content-Length: {}\r\n\r\n", body.len());
        client.send(head).await;
        client.send(body).await;
        client.answer(method).await
    }

    /// All files below one of its folders: `originals`, `stored` or `results`.
    pub(crate) fn files(&self, folder: &str) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { walk(&path, found) } else { found.push(path) }
            }
        }
        let mut found = Vec::new();
        walk(&self.folder.path().join(folder), &mut found);
        found
    }

    /// Whether one of its folders holds a whole PNG: what belongs to a picture is written before the picture.
    pub(crate) fn holds_png(&self, folder: &str) -> bool {
        // What is being written may be gone by now.
        self.files(folder).iter().any(|path| std::fs::read(path).is_ok_and(|file| file.starts_with(b"\x89PNG")))
    }

    /// Gives the signal to stop; the handle ends when the service has.
    pub(crate) fn stop(&mut self) -> &mut JoinHandle<()> {
        self.stop.take().unwrap().send(()).unwrap();
        &mut self.running
    }
}
