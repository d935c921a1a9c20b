//! A real `wrk`, which keeps a server under load until it is told to stop.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use tempfile::NamedTempFile;

/// Connections that ask at a time.
const CONNECTIONS: &str = "8";

/// What sends requests at last, one path after the other, and tells in numbers what became of them.
const SCRIPT: &str = "
local at = 0
request = function()
  at = at % #paths + 1
  return wrk.format('GET', paths[at])
end
done = function(summary)
  local e = summary.errors
  io.write(string.format('counted %d %d %d\\n', summary.requests, e.status, e.connect + e.read + e.write + e.timeout))
end
";

/// A running `wrk`; dropping it ends it.
pub(crate) struct Wrk {
    process: Child,
    _script: NamedTempFile,
}

/// What became of the requests.
#[derive(Debug)]
pub(crate) struct Report {
    /// Answers.
    pub(crate) requests: usize,
    /// Answers that are neither 2xx nor 3xx.
    pub(crate) failures: usize,
    /// Connections that could not be made, broke, or gave no answer in time.
    pub(crate) connections_lost: usize,
}

impl Wrk {
    /// One that asks for these paths in turn.
    ///
    /// # Panics
    /// If there is no `wrk`.
    pub(crate) fn start(server: SocketAddr, paths: &[String]) -> Self {
        let mut script = String::from("paths = {\n");
        for path in paths {
            writeln!(script, "  '{path}',").unwrap();
        }
        script += "}\n";
        script += SCRIPT;
        let file = NamedTempFile::new().unwrap();
        std::fs::write(file.path(), script).unwrap();
        let process = Command::new("wrk")
            .args(["--threads", "1", "--connections", CONNECTIONS, "--duration", "10m", "--script"])
            .arg(file.path())
            .arg(format!("http://{server}/"))
            .stdout(Stdio::piped())
            .spawn()
            .expect("there is a wrk; `.ci/deps test` installs it");
        Self { process, _script: file }
    }

    /// Ends the load as Ctrl-C does.
    pub(crate) fn stop(mut self) -> Report {
        let pid = self.process.id().to_string();
        assert!(Command::new("sh").args(["-c", "kill -s INT \"$0\"", &pid]).status().unwrap().success());
        let output = std::io::read_to_string(self.process.stdout.take().unwrap()).unwrap();
        let line = output.lines().find_map(|line| line.strip_prefix("counted ")).unwrap_or_else(|| panic!("{output}"));
        let counts: Vec<_> = line.split(' ').map(|count| count.parse().unwrap()).collect();
        let [requests, failures, connections_lost] = counts[..] else { panic!("{output}") };
        Report { requests, failures, connections_lost }
    }
}

impl Drop for Wrk {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
