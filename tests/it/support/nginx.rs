//! A real nginx on a free port of this machine, with all its files in a folder that goes away.

use super::client::{Answer, Client};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;

/// One process, which is this test's and nobody else's.
const CONF: &str = "daemon off;
master_process off;
pid nginx.pid;
error_log stderr emerg;
events {}
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  BODY
}
";

/// A running nginx; dropping it ends it.
pub(crate) struct Nginx {
    pub(crate) address: SocketAddr,
    process: Child,
    folder: TempDir,
}

impl Nginx {
    /// One with this in its `server` block, and an empty folder `files` beside its configuration.
    pub(crate) async fn start(body: &str) -> Self {
        let cache = "proxy_cache_path cache keys_zone=pictures:1m;";
        Self::serving(&format!("{cache} server {{ listen 8080; {body} }}")).await
    }

    /// One with this in its `http` block, which listens on 8080, as it says, but here on a free port of this machine.
    pub(crate) async fn serving(http: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("files")).unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let http = http.replace("listen 8080;", &format!("listen {address};"));
        let conf = CONF.replace("BODY", &http);
        fs::write(folder.path().join("nginx.conf"), conf).unwrap();
        let mut command = Command::new(program());
        command.arg("-p").arg(folder.path()).args(["-e", "stderr", "-c", "nginx.conf"]);
        let process = command.stdout(Stdio::null()).spawn().unwrap();
        let mut nginx = Self { address, process, folder };
        nginx.wait_until_it_listens().await;
        nginx
    }

    /// The folder from which it can serve files.
    pub(crate) fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    pub(crate) async fn request(&self, method: &str, target: &str, more: &str) -> Answer {
        let mut client = Client::connect(self.address).await;
        client.ask(method, target, more).await;
        client.answer(method).await
    }

    async fn wait_until_it_listens(&mut self) {
        for _ in 0..5000 {
            if TcpStream::connect(self.address).await.is_ok() {
                return;
            }
            if let Some(status) = self.process.try_wait().unwrap() {
                panic!("nginx ended with {status}");
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("nginx does not listen");
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have gone already, which is as good.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A configuration that is in the tree for operators.
pub(crate) fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docker/nginx").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Debian keeps it where only root looks.
fn program() -> PathBuf {
    let folders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
    let found = folders.iter().map(|folder| Path::new(folder).join("nginx")).find(|path| path.is_file());
    found.expect("nginx is missing: `.ci/deps test` installs it")
}
